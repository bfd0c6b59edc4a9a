/** Products and quotients of intervals of MPFR numbers. */
import { DOWN, NEAREST, UP, type Binding, type Cell, type Pointer, type Step } from "./mpfr-binding.js";

type Binary = (out: Pointer, a: Pointer, b: Pointer, rounding: number) => unknown;
/** It says by 0 that its result is exact. */
type Rounded = (out: Pointer, a: Pointer, b: Pointer, rounding: number) => number;
type Ends = readonly [Pointer, Pointer];

export interface Products {
  /** The hull of an operation at the four corners, whatever their signs are. */
  readonly corners: (f: Binary, out: Cell, a: Cell, b: Cell) => void;
  readonly multiply: Step;
  /** No number where the divisor may be 0. */
  readonly divide: Step;
  /** Of a positive base. */
  readonly power: Step;
}

/** The first three of the scratch numbers are used. */
export function products(m: Binding, t: readonly Pointer[]): Products {
  const set = (out: Pointer, a: Pointer): unknown => m.mpfr_set(out, a, NEAREST);
  const sign = (a: Pointer): number => m.mpfr_sgn(a);
  const isPoint = (a: Cell): boolean => m.mpfr_equal_p(a.low, a.high) !== 0;

  /** The hull of f at the four corners; 0·inf counts as 0, as it does for intervals. */
  const corners = (f: Binary, out: Cell, a: Cell, b: Cell): void => {
    const [low, high, value] = [t[0]!, t[1]!, t[2]!];
    let first = true;
    for (const p of [a.low, a.high])
      for (const q of [b.low, b.high]) {
        for (const rounding of [DOWN, UP]) {
          f(value, p, q, rounding);
          if (m.mpfr_nan_p(value) && !m.mpfr_nan_p(p) && !m.mpfr_nan_p(q)) m.mpfr_set_zero(value, 1);
          if (rounding === DOWN && (first || m.mpfr_less_p(value, low) || m.mpfr_nan_p(value))) set(low, value);
          if (rounding === UP && (first || m.mpfr_greater_p(value, high) || m.mpfr_nan_p(value))) set(high, value);
        }
        first = false;
      }
    set(out.low, low);
    set(out.high, high);
  };

  /** Whether an interval is finite and all of one sign: then the signs tell which ends give which bound. */
  const isPlain = (a: Cell): boolean =>
    m.mpfr_regular_p(a.low) !== 0 && m.mpfr_regular_p(a.high) !== 0 && sign(a.low) === sign(a.high);
  /** f between its values at two pairs of ends, or at a point, where the bounds are neighbours. */
  const between = (f: Rounded, out: Cell, low: Ends, high: Ends, atPoint: boolean): void => {
    const ternary = f(t[0]!, ...low, DOWN);
    if (atPoint) set(out.high, t[0]!);
    else f(out.high, ...high, UP);
    if (atPoint && ternary !== 0) m.mpfr_nextabove(out.high);
    set(out.low, t[0]!);
  };

  const multiply: Step = (out, a, b) => {
    if (isPlain(a!) && isPlain(b!)) {
      // Of a negative factor the upper end gives the product its lower one.
      const [least, most] = sign(b!.low) > 0 ? [a!.low, a!.high] : [a!.high, a!.low];
      const [lower, upper] = sign(a!.low) > 0 ? [b!.low, b!.high] : [b!.high, b!.low];
      between(m.mpfr_mul, out, [least, lower], [most, upper], isPoint(a!) && isPoint(b!));
    } else if (a === b) {
      // A square: its least value is 0 when the interval contains 0.
      corners(m.mpfr_mul, out, a!, a!);
      if (sign(a!.low) <= 0 && sign(a!.high) >= 0) m.mpfr_set_zero(out.low, 1);
    } else corners(m.mpfr_mul, out, a!, b!);
  };

  const divide: Step = (out, a, b) => {
    if (sign(b!.low) <= 0 && sign(b!.high) >= 0) {
      m.mpfr_set_nan(out.low);
      m.mpfr_set_nan(out.high);
      return;
    }
    if (!isPlain(a!) || !isPlain(b!)) return corners(m.mpfr_div, out, a!, b!);
    const [least, most] = sign(b!.low) > 0 ? [a!.low, a!.high] : [a!.high, a!.low];
    const [lower, upper] = sign(a!.low) > 0 ? [b!.high, b!.low] : [b!.low, b!.high];
    between(m.mpfr_div, out, [least, lower], [most, upper], isPoint(a!) && isPoint(b!));
  };

  const power: Step = (out, a, b) => {
    if (!isPlain(a!) || !isPlain(b!)) return corners(m.mpfr_pow, out, a!, b!);
    // It rises with the base where the exponent is positive, and with the exponent where the base is above 1.
    const [least, most] = sign(b!.low) > 0 ? [a!.low, a!.high] : [a!.high, a!.low];
    const isAboveOne = (base: Pointer): boolean => m.mpfr_cmp_d(base, 1) >= 0;
    const lower = isAboveOne(least) ? b!.low : b!.high;
    const upper = isAboveOne(most) ? b!.high : b!.low;
    between(m.mpfr_pow, out, [least, lower], [most, upper], isPoint(a!) && isPoint(b!));
  };

  return { corners, multiply, divide, power };
}
