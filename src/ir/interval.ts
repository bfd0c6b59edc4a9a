/**
 * Known facts about an expression's real values: an interval, whether 0 is excluded, and whether it is defined at all.
 * Guards read them and take "not known" for "no".
 */
export interface Interval {
  readonly low: number;
  readonly high: number;
  /** Never 0: `exp(x)` lies in (0, inf) although its lower end is 0. */
  readonly nonzero: boolean;
  /** A real number for every value of the variables: no division by 0, no logarithm of what is not positive. */
  readonly defined: boolean;
}

const DOWN = 1 - 2 ** -50;
const UP = 1 + 2 ** -50;
const TINY = Number.MIN_VALUE;

/** An end moved outwards; 0 stands for 0 itself, as what rounds to 0 is given as the smallest number. */
const below = (value: number): number => (value > 0 ? value * DOWN - TINY : value < 0 ? value * UP - TINY : value);
const above = (value: number): number => -below(-value);

/** [low, high]; an end that is NaN (0 · inf, inf - inf) means that nothing is known on that side. */
export function interval(low: number, high: number, defined = true, nonzero = false): Interval {
  // No real number is infinite: an end that overflowed stands for something beyond the largest float.
  const l = Number.isNaN(low) ? -Infinity : Math.min(low, Number.MAX_VALUE);
  const h = Number.isNaN(high) ? Infinity : Math.max(high, -Number.MAX_VALUE);
  return { low: l, high: h, defined, nonzero: nonzero || l > 0 || h < 0 };
}

/** The interval widened outwards by more than the rounding of one elementary function. */
export const widened = (low: number, high: number, defined = true, nonzero = false): Interval =>
  interval(below(low), above(high), defined, nonzero);

export const EVERYTHING = interval(-Infinity, Infinity);
export const UNKNOWN = interval(-Infinity, Infinity, false);

/** Truth values are numbers: 1, 0, and [0, 1] for "it depends". */
export const truth = (surely: boolean, impossible: boolean, defined: boolean): Interval =>
  interval(surely ? 1 : 0, impossible ? 0 : 1, defined);

/** The image under an increasing function; `domain` says where it is defined. */
export const increasing =
  (f: (value: number) => number, options: { nonzero?: boolean; keepsZero?: boolean } = {}) =>
  (a: Interval): Interval =>
    widened(
      f(a.low),
      // A positive function that rounds to 0 is not 0.
      options.nonzero === true ? Math.max(f(a.high), TINY) : f(a.high),
      a.defined,
      options.nonzero === true || (options.keepsZero === true && a.nonzero),
    );

export const addIntervals = (a: Interval, b: Interval): Interval =>
  widened(
    a.low + b.low,
    a.high + b.high,
    a.defined && b.defined,
    (a.low >= 0 && b.low >= 0 && (a.nonzero || b.nonzero)) || (a.high <= 0 && b.high <= 0 && (a.nonzero || b.nonzero)),
  );

export const negateInterval = (a: Interval): Interval => interval(-a.high, -a.low, a.defined, a.nonzero);

/**
 * 0 · inf is 0 here: an infinite end stands for arbitrarily large reals, and 0 times those is 0. A product that rounds to
 * 0 is the smallest number of its sign.
 */
const times = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : a * b || (a > 0 === b > 0 ? TINY : -TINY));

export function multiplyIntervals(a: Interval, b: Interval): Interval {
  const products = [times(a.low, b.low), times(a.low, b.high), times(a.high, b.low), times(a.high, b.high)];
  return widened(Math.min(...products), Math.max(...products), a.defined && b.defined, a.nonzero && b.nonzero);
}

export function squareInterval(a: Interval): Interval {
  const [l, h] = [times(a.low, a.low), times(a.high, a.high)];
  const contains0 = a.low <= 0 && a.high >= 0;
  return widened(contains0 ? 0 : Math.min(l, h), Math.max(l, h), a.defined, a.nonzero);
}

export function invertInterval(a: Interval): Interval {
  if (a.low >= 0 && a.nonzero) return widened(1 / a.high, a.low === 0 ? Infinity : 1 / a.low, a.defined, true);
  if (a.high <= 0 && a.nonzero) return widened(a.high === 0 ? -Infinity : 1 / a.high, 1 / a.low, a.defined, true);
  return interval(-Infinity, Infinity, a.defined && a.nonzero, true);
}

/** a^exponent; a fractional exponent is for an interval without negative numbers. */
export function powerOfInterval(a: Interval, exponent: number): Interval {
  if (exponent < 0) return invertInterval(powerOfInterval(a, -exponent));
  if (!Number.isInteger(exponent)) {
    const low = Math.max(a.low, 0) ** exponent;
    const high = a.high > 0 ? Math.max(a.high ** exponent, TINY) : 0;
    return widened(low, high, a.defined && a.low >= 0, a.nonzero);
  }
  if (exponent === 1) return a;
  const half = squareInterval(powerOfInterval(a, Math.floor(exponent / 2)));
  return exponent % 2 === 0 ? half : multiplyIntervals(half, a);
}

export const unionIntervals = (a: Interval, b: Interval): Interval =>
  interval(Math.min(a.low, b.low), Math.max(a.high, b.high), a.defined && b.defined, a.nonzero && b.nonzero);

export const isPositive = (a: Interval): boolean => a.low > 0 || (a.low === 0 && a.nonzero);
export const isNegative = (a: Interval): boolean => a.high < 0 || (a.high === 0 && a.nonzero);
export const isNonnegative = (a: Interval): boolean => a.low >= 0;
