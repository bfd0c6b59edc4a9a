/**
 * erf by its series of positive terms, erf(z) = 2/sqrt(pi)·exp(-z²)·Σ 2^n·z^(2n+1)/(1·3·…·(2n+1)): at many bits MPFR's own
 * does not return for some arguments (sqrt(3) at 1100 bits), and this takes as many steps as the bits ask for.
 */
import { DOWN, NEAREST, UP, type Binding, type Pointer } from "./mpfr-binding.js";

/** MPFR's own erf is taken up to these bits, and where |z| is so large that it is done at once. */
const [MOST_BITS, LARGEST] = [500, 40];

type Bound = (out: Pointer, z: Pointer, rounding: number) => unknown;

/** Bounds for erf and erfc; `t` are four scratch numbers at the working precision. */
export function errorFunctions(m: Binding, t: readonly Pointer[]): { readonly erf: Bound; readonly erfc: Bound } {
  const [size, square, sum, term] = t as [Pointer, Pointer, Pointer, Pointer];
  const opposite = (rounding: number): number => (rounding === UP ? DOWN : UP);
  const isOurs = (z: Pointer): boolean =>
    m.mpfr_get_prec(z) > MOST_BITS && m.mpfr_regular_p(z) !== 0 && Math.abs(m.mpfr_get_d(z, NEAREST)) < LARGEST;

  /** erf(size) for size > 0, rounded one way throughout. */
  const ofPositive = (out: Pointer, rounding: number): void => {
    const bits = m.mpfr_get_prec(out);
    m.mpfr_mul(square, size, size, rounding);
    const twice = 2 * m.mpfr_get_d(square, UP);
    m.mpfr_set(sum, size, rounding);
    m.mpfr_set(term, size, rounding);
    for (let n = 0; ; n++) {
      m.mpfr_mul(term, term, square, rounding);
      m.mpfr_mul_2ui(term, term, 1, rounding);
      m.mpfr_div_ui(term, term, 2 * n + 3, rounding);
      m.mpfr_add(sum, sum, term, rounding);
      const isSmall = m.mpfr_get_exp(term) < m.mpfr_get_exp(sum) - bits - 4;
      if (isSmall && 2 * twice < 2 * n + 5) break;
    }
    // From here on each term is less than half of the one before.
    if (rounding === UP) m.mpfr_add(sum, sum, term, UP);
    m.mpfr_mul(square, size, size, opposite(rounding));
    m.mpfr_neg(square, square, NEAREST);
    m.mpfr_exp(square, square, rounding);
    m.mpfr_mul(sum, sum, square, rounding);
    m.mpfr_const_pi(square, opposite(rounding));
    m.mpfr_sqrt(square, square, opposite(rounding));
    m.mpfr_div(sum, sum, square, rounding);
    m.mpfr_mul_2ui(out, sum, 1, rounding);
  };
  const erf: Bound = (out, z, rounding) => {
    if (!isOurs(z)) return m.mpfr_erf(out, z, rounding);
    const isNegative = m.mpfr_sgn(z) < 0;
    m.mpfr_abs(size, z, NEAREST);
    ofPositive(out, isNegative ? opposite(rounding) : rounding);
    return isNegative ? m.mpfr_neg(out, out, NEAREST) : undefined;
  };
  const erfc: Bound = (out, z, rounding) => {
    if (!isOurs(z)) return m.mpfr_erfc(out, z, rounding);
    erf(out, z, opposite(rounding));
    return m.mpfr_ui_sub(out, 1, out, rounding);
  };
  return { erf, erfc };
}
