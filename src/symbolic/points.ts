/** The inputs at which accuracy is measured: extremes, kinks and their neighbours, and a spread over all magnitudes. */
import type { Point } from "./oracle.js";
import type { Precision } from "./arithmetic.js";
import { neighbour } from "./score.js";

/** Where formulas are known to break: zeros, underflow, cancellation, overflow, infinities. */
const EXTREMES = [0, 1e-45, 1e-30, 1e-8, 17.5, 20, 88, 89, 104, 710, 1e4, 1e9, 3.4028234663852886e38, Infinity];
const EXTREMES_64 = [Number.MIN_VALUE, 2 ** -1022, 745, 1e155, Number.MAX_VALUE];

/** A generator with a fixed seed: every build measures the same inputs. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** About `count` inputs, the same every time. */
export function sampleInputs(kinks: readonly number[], precision: Precision, count: number): number[] {
  const round = precision === "float32" ? Math.fround : (value: number): number => value;
  const step = (value: number, direction: 1 | -1): number => neighbour(value, direction, precision);
  const inputs = [...EXTREMES, ...(precision === "float64" ? EXTREMES_64 : [])].flatMap((value) => [value, -value]);
  for (const kink of kinks)
    if (Number.isFinite(kink))
      inputs.push(kink, step(kink, 1), step(kink, -1), step(step(kink, 1), 1), step(step(kink, -1), -1));
  const random = generator(20);
  const [lowest, highest] = precision === "float64" ? [-1060, 1020] : [-140, 127];
  const quarter = Math.ceil(count / 8);
  for (let i = 0; i < quarter; i++) {
    const magnitude = 2 ** (lowest + ((highest - lowest) * (i + random())) / quarter);
    inputs.push(magnitude, -magnitude);
    inputs.push((random() - 0.5) * 6, (random() - 0.5) * 80, 2 ** (random() * 12 - 9), -(2 ** (random() * 19 - 9)));
    inputs.push(-random() * (precision === "float64" ? 760 : 110), random() * 40);
  }
  return [...new Set([...inputs.map(round), -0, NaN])];
}

/** Inputs between finite ones, evenly in what floats there are: `parts - 1` of them in each gap. */
export function inputsBetween(inputs: readonly number[], precision: Precision, parts: number): number[] {
  const round = precision === "float32" ? Math.fround : (value: number): number => value;
  const sorted = inputs.filter(Number.isFinite).sort((a, b) => a - b);
  return sorted.slice(1).flatMap((high, i) => {
    const low = sorted[i]!;
    const isGeometric = low * high > 0;
    return Array.from({ length: parts - 1 }, (_, k) => {
      const share = (k + 1) / parts;
      return round(isGeometric ? low * (high / low) ** share : low + (high - low) * share);
    });
  });
}

/** Every input with every set of parameters. */
export const samplePoints = (inputs: readonly number[], parameters: readonly Point[]): Point[] =>
  parameters.flatMap((values) => inputs.map((x) => ({ ...values, x })));
