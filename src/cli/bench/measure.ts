/** Times that are fair to all candidates, which take turns, and errors at float32 numbers of every size. */
import { spacing } from "../../symbolic/score.js";
import type { Candidates, LoopModule } from "./modules.js";

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
/** Numbers that a measurement is about at least: short arrays are computed more than once. */
const ENOUGH = 1e6;
/** Every so many bit patterns of float32 one is tried. */
const STRIDE = 40_503;

export function measure(candidates: Candidates, length: number): ReadonlyMap<string, Figures> {
  const given = uniform(length);
  const calls = [...candidates].map(([name, module]) => ({ name, module, ...callsOf(module, given) }));
  const times = new Map(calls.map(({ name }) => [name, { forward: [] as number[], backward: [] as number[] }]));
  for (let round = -WARM_UPS; round < ROUNDS; round++)
    for (const { name, ...call } of calls)
      for (const direction of ["forward", "backward"] as const) {
        const time = timeOf(call[direction], length);
        if (round >= 0) times.get(name)![direction].push(time);
      }
  return new Map(
    calls.map(({ name, module }) => {
      const { forward, backward } = times.get(name)!;
      return [
        name,
        { forward: median(forward), backward: median(backward), ...worstOf(module, candidates.get("js")!) },
      ];
    }),
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

function timeOf(call: () => void, length: number): number {
  const repeats = Math.max(1, Math.round(ENOUGH / length));
  const start = performance.now();
  for (let i = 0; i < repeats; i++) call();
  return ((performance.now() - start) * 1e6) / (repeats * length);
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

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

/** Numbers from a fixed seed, in an order that no processor foresees. */
function uniform(length: number): Float32Array {
  let state = 1;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state / 2 ** 31 - 1) * BOUND;
  });
}
