/** Errors of computed values against the high-precision reference. */
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

/**
 * The error of `got` in units in the last place of the exact value high + low. Infinite when only one of them is NaN, and
 * for an infinity where the nearest float is finite: nothing may overflow on the way.
 */
export function ulps(got: number, high: number, low: number, format: Format): number {
  const wanted = format.round(high);
  if (Object.is(got, wanted) || (got === wanted && !Number.isFinite(got))) return 0;
  if (Number.isNaN(got) || Number.isNaN(wanted) || !Number.isFinite(got)) return Infinity;
  // Where the exact value is beyond the format's largest float, that float is one step from infinity.
  if (!Number.isFinite(wanted)) return got === Math.sign(wanted) * format.largest ? 1 : Infinity;
  return Math.abs(got - high - low) / unit(high, format);
}

/** Values smaller than this are near a zero when the sign changes nearby. */
const SMALL = 0.125;
/** A zero that a function touches: values are this small there, and that many times larger on both sides. */
const TOUCHED = { value: 2 ** -10, times: 8, aside: 2 ** -7 };

/**
 * Whether x is near a zero of a function other than 0 itself, where all digits are kept: one at which the sign changes, or
 * one that the function touches. Of changes only the signs of the computed values are used, and those are right everywhere
 * but at the zero. How near is near grows with x, because a parameter that stretches the function along x moves its zeros
 * outwards; one that squeezes it is why small steps are tried too.
 */
export function nearZero(f: (x: number) => number, x: number, value: number): boolean {
  const reach = Math.max(0.25, Math.abs(x) / 4);
  const sign = Math.sign(value);
  const { times, aside } = TOUCHED;
  const isLarger = (other: number): boolean => f(other) * sign > times * Math.abs(value);
  if (Math.abs(value) < TOUCHED.value && isLarger(x * (1 - aside)) && isLarger(x * (1 + aside))) return true;
  if (!(Math.abs(value) < SMALL) || !(reach < 2 ** 10)) return false;
  // In steps, for functions that have several zeros within reach.
  for (let step = -16; step <= 16; step++)
    for (const other of [x + (step / 16) * reach, x + (step / 64) * x])
      if (Math.sign(f(other)) * sign < 0 && Math.abs(zeroBetween(f, x, other)) > Math.abs(x) / 1024) return true;
  return false;
}

function zeroBetween(f: (x: number) => number, from: number, to: number): number {
  const sign = Math.sign(f(from));
  let [here, there] = [from, to];
  for (;;) {
    const middle = here / 2 + there / 2;
    if (middle === here || middle === there) return there;
    if (Math.sign(f(middle)) === sign) here = middle;
    else there = middle;
  }
}
