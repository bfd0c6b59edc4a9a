/** Errors of computed values against the high-precision reference. */
import type { Point } from "../../src/symbolic/oracle.js";

export interface Format {
  readonly digits: number;
  readonly lowest: number;
  readonly largest: number;
  readonly round: (value: number) => number;
  /** What errors may come to near a zero of the function, where a relative bound means nothing. */
  readonly nearZero: number;
}

export const FLOAT64: Format = {
  digits: 52,
  lowest: -1022,
  largest: Number.MAX_VALUE,
  round: (value) => value,
  nearZero: 2 ** -50,
};
export const FLOAT32: Format = {
  digits: 23,
  lowest: -126,
  largest: 2 ** 128 - 2 ** 104,
  round: Math.fround,
  nearZero: 2 ** -22,
};

/** The distance between neighbouring floats of this size. */
export function unit(value: number, { digits, lowest, largest }: Format): number {
  const magnitude = Math.min(Math.abs(value), largest);
  // log2 may round up to the next power of two; the comparison puts that right.
  let exponent = magnitude === 0 ? lowest : Math.max(lowest, Math.floor(Math.log2(magnitude)));
  if (exponent > lowest && 2 ** exponent > magnitude) exponent -= 1;
  return 2 ** (exponent - digits);
}

/** The error of `got` in units in the last place of the exact value high + low; infinite when one is NaN. */
export function ulps(got: number, high: number, low: number, format: Format): number {
  const wanted = format.round(high);
  if (Object.is(got, wanted) || (got === wanted && !Number.isFinite(got))) return 0;
  if (Number.isNaN(got) || Number.isNaN(wanted)) return Infinity;
  // Beyond the largest float, infinity and the largest float are neighbours.
  const bounded = Number.isFinite(got) ? got : Math.sign(got) * format.largest;
  if (!Number.isFinite(high)) return high === wanted && bounded === Math.sign(high) * format.largest ? 1 : Infinity;
  const error = Math.abs(bounded - high - low) / unit(high, format);
  return Number.isFinite(got) ? error : error + 1;
}

/** Values smaller than this are near a zero when the sign changes within NEARBY. */
const SMALL = 0.05;
const NEARBY = 0.25;

/**
 * Whether x is near a zero of a function other than 0 itself, where all digits are kept. Only the signs of the computed
 * values are used, and those are right everywhere but at the zero.
 */
export function nearZero(f: (x: number) => number, x: number, value: number): boolean {
  if (!(Math.abs(value) < SMALL) || !(Math.abs(x) < 2 ** 50)) return false;
  let [low, high] = [x - NEARBY, x + NEARBY];
  const sign = Math.sign(f(low));
  if (!(sign * f(high) < 0)) return false;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (Math.sign(f(middle)) === sign) low = middle;
    else high = middle;
  }
  return Math.abs(high) > 1e-9;
}

export interface Miss {
  readonly point: Point;
  readonly got: number;
  readonly expected: number;
  readonly error: string;
}
