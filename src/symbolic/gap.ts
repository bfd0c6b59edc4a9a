/** The largest difference of two functions of one number, found numerically with the oracle. */
import { sub } from "../ir/build.js";
import type { Expr } from "../ir/expr.js";
import type { Oracle } from "./oracle.js";
import { spacing } from "./score.js";

export interface Gap {
  /** Infinity where the difference grows without bound. */
  readonly size: number;
  /** The inputs at which it is reached, or towards which it is approached. */
  readonly at: readonly number[];
  /** Whether rounding to float32 leaves any of it. */
  readonly isVisible: boolean;
}

const WIDTH = 40;
const STEPS = 1600;
/** Far out, where a difference that still grows has no bound. */
const FAR = [1e3, 1e6, 1e9, 1e12] as const;
const ROUNDS = 12;
const FINER = 20;
const MOST_PLACES = 4;

/** The largest gap between f and g, which are expressions of x alone; nothing where none is seen. */
export function largestGap(f: Expr, g: Expr, kinks: readonly number[], oracle: Oracle): Gap | undefined {
  const difference = sub(f, g);
  const measure = (inputs: readonly number[]): { readonly x: number; readonly size: number }[] => {
    const [reference] = oracle.evaluate(
      [difference],
      inputs.map((x) => ({ x })),
    );
    return inputs.map((x, i) => ({ x, size: Math.abs(reference!.high[i]!) })).filter(({ size }) => !Number.isNaN(size));
  };
  const grid = Array.from({ length: STEPS + 1 }, (_, i) => -WIDTH + (2 * WIDTH * i) / STEPS);
  const far = FAR.flatMap((value) => [-value, value]);
  const places = [...new Set([...grid, ...kinks, ...far])].sort((a, b) => a - b);
  const measured = measure(places);
  const largest = Math.max(0, ...measured.map(({ size }) => size));
  if (largest === 0) return undefined;
  const isVisible = visible(f, g, places, oracle);
  const unbounded = [-1, 1].filter((sign) => growsTowards(sign, measured));
  if (unbounded.length > 0) return { size: Infinity, at: unbounded.map((sign) => sign * Infinity), isVisible };

  const peaks = measured.filter(({ size }) => size >= largest * (1 - 1e-3));
  const refined = peaks.map((peak) => refine(peak, measure, (2 * WIDTH) / STEPS));
  const size = Math.max(...refined.map((peak) => peak.size));
  const at = [...new Set(refined.filter((peak) => peak.size >= size * (1 - 1e-9)).map((peak) => tidy(peak.x)))];
  return { size, at: outermost(at), isVisible };
}

/** A difference that is the larger the further out. */
function growsTowards(sign: number, measured: readonly { readonly x: number; readonly size: number }[]): boolean {
  const sizes = FAR.map((value) => measured.find(({ x }) => x === sign * value)?.size ?? 0);
  return sizes.every((size, i) => size > 0 && (i === 0 || size > 2 * sizes[i - 1]!));
}

/** Steps around a peak, finer and finer. */
function refine(
  peak: { readonly x: number; readonly size: number },
  measure: (inputs: readonly number[]) => { readonly x: number; readonly size: number }[],
  step: number,
): { readonly x: number; readonly size: number } {
  if (Math.abs(peak.x) > WIDTH) return { x: Math.sign(peak.x) * Infinity, size: peak.size };
  let best = peak;
  for (let round = 0, width = step; round < ROUNDS; round++, width /= FINER / 2) {
    const around = Array.from({ length: 2 * FINER + 1 }, (_, i) => best.x + (width * (i - FINER)) / FINER);
    for (const candidate of measure(around)) if (candidate.size > best.size) best = candidate;
  }
  return best;
}

/** Is the difference anywhere more than half a unit of the last place of float32? */
function visible(f: Expr, g: Expr, inputs: readonly number[], oracle: Oracle): boolean {
  const [first, second] = oracle.evaluate(
    [f, g],
    inputs.map((x) => ({ x })),
  );
  return inputs.some((_, i) => {
    const [a, b] = [first!.high[i]!, second!.high[i]!];
    return Math.abs(a - b) > spacing(Math.max(Math.abs(a), Math.abs(b)), "float32") / 2;
  });
}

/** The number to 8 digits: a short number again, where refining left one slightly off. */
const tidy = (x: number): number => (Number.isFinite(x) ? Number(x.toPrecision(8)) : x);

/** Of many places that share the largest gap the first and the last ones. */
const outermost = (at: readonly number[]): readonly number[] =>
  at.length <= MOST_PLACES ? at : [at[0]!, at[at.length - 1]!];
