/** Times that are fair to all candidates, which take turns, and errors at float32 numbers of every size. */
import { spacing } from "../../symbolic/score.js";
import type { Candidates, LoopModule } from "./modules.js";
import { interleaved, median, uniform } from "./timing.js";

export interface Figures {
  /** Nanoseconds for each number: the median over all rounds. */
  readonly forward: number;
  readonly backward: number;
  /** The largest error of forward in ULP of float32, and where; Infinity for NaN or an infinity that is none. */
  readonly ulp: number;
  readonly at: number;
}

/** Numbers are in [-BOUND, BOUND). */
export const BOUND = 8;
export const ROUNDS = 15;
const WARM_UPS = 8;
const SEED = 1;
/** Numbers that a measurement is about at least: short arrays are computed more than once. */
const ENOUGH = 1e6;
/** Every so many bit patterns of float32 one is tried. */
const STRIDE = 40_503;

export function measure(candidates: Candidates, length: number): ReadonlyMap<string, Figures> {
  const given = uniform(length, BOUND, SEED);
  const repeats = Math.max(1, Math.round(ENOUGH / length));
  const repeated = (call: () => void) => (): void => {
    for (let i = 0; i < repeats; i++) call();
  };
  const calls = [...candidates.values()].map((module) => callsOf(module, given));
  const times = interleaved(
    calls.flatMap(({ forward, backward }) => [repeated(forward), repeated(backward)]),
    ROUNDS,
    WARM_UPS,
  ).map((each) => (median(each) * 1e6) / (repeats * length));
  return new Map(
    [...candidates].map(([name, module], i) => [
      name,
      { forward: times[2 * i]!, backward: times[2 * i + 1]!, ...worstOf(module, candidates.get("js")!) },
    ]),
  );
}

/** The calls of a module, on arrays of its own where it has such. */
function callsOf(
  module: LoopModule,
  given: Float32Array,
): { readonly forward: () => void; readonly backward: () => void } {
  const [x, y, dy, dx] = Array.from(
    { length: 4 },
    () => module.allocate?.(given.length) ?? new Float32Array(given.length),
  )
    // The memory may have grown meanwhile.
    .map((array) => module.renew?.(array) ?? array) as [Float32Array, Float32Array, Float32Array, Float32Array];
  x.set(given);
  dy.set(given.map((value) => value / BOUND));
  module.forward(x, y);
  const saved = module.saves === "input" ? x : y;
  return { forward: () => void module.forward(x, y), backward: () => void module.backward(dy, saved, dx) };
}

/** The largest error of a module against the function in float64 that another one has. */
function worstOf(module: LoopModule, { value }: LoopModule): { readonly ulp: number; readonly at: number } {
  const patterns = Uint32Array.from({ length: Math.floor(2 ** 32 / STRIDE) }, (_, i) => i * STRIDE);
  const inputs = new Float32Array(patterns.buffer).filter(Number.isFinite);
  const got = module.forward(inputs);
  let worst = { ulp: 0, at: 0 };
  inputs.forEach((at, i) => {
    const right = value(at);
    const isInfinite = !Number.isFinite(Math.fround(right)) && Object.is(Math.fround(right), got[i]);
    const error = isInfinite ? 0 : Math.abs(got[i]! - right) / spacing(right, "float32");
    const ulp = Number.isNaN(error) ? Infinity : error;
    if (ulp > worst.ulp) worst = { ulp, at };
  });
  return worst;
}
