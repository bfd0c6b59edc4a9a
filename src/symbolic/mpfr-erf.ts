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

/** From here on continued fractions converge in fewer steps than there are bits. */
const FAR = 8;

/**
 * Bounds for exp(z²)·iⁿerfc(z), n = 0, 1, 2. Near 0 by exp and erfc, and I_1 = 1/√π - z·I_0, I_2 = (I_0/2 - z·I_1)/2, of which
 * every step is rounded so that the result is a bound. Far out by continued fractions: r_n = I_n/I_(n-1) = 1/(2·(z + (n + 1)·r_(n+1))),
 * I_(-1) = 2/√π, which is above 0 and below 1/(2z): each step turns a bound above into one below. `t` are four scratch numbers.
 */
export function scaledIntegrals(m: Binding, erfc: Bound, t: readonly Pointer[]) {
  const [result, zeroth, first, part] = t as [Pointer, Pointer, Pointer, Pointer];
  const opposite = (rounding: number): number => (rounding === UP ? DOWN : UP);

  const inverseRootOfPi = (out: Pointer, rounding: number): void => {
    m.mpfr_const_pi(out, opposite(rounding));
    m.mpfr_rec_sqrt(out, out, rounding);
  };
  /** I_0 by its definition. */
  const byErfc = (out: Pointer, z: Pointer, rounding: number): void => {
    m.mpfr_mul(out, z, z, rounding);
    m.mpfr_exp(out, out, rounding);
    erfc(part, z, rounding);
    m.mpfr_mul(out, out, part, rounding);
  };
  /** I_1 or I_2 from bounds of the ones before. */
  const byRecurrence = (order: 1 | 2, out: Pointer, z: Pointer, rounding: number): void => {
    const away = m.mpfr_sgn(z) < 0 ? rounding : opposite(rounding);
    if (order === 1) {
      byErfc(out, z, away);
      m.mpfr_mul(out, out, z, opposite(rounding));
      inverseRootOfPi(part, rounding);
    } else {
      byRecurrence(1, first, z, away);
      m.mpfr_mul(out, first, z, opposite(rounding));
      byErfc(zeroth, z, rounding);
      m.mpfr_div_2ui(part, zeroth, 1, rounding);
    }
    m.mpfr_sub(out, part, out, rounding);
    if (order === 2) m.mpfr_div_2ui(out, out, 1, rounding);
  };
  /** r_n, from bounds of a ratio so far up that the bound no longer matters. */
  const ratio = (out: Pointer, n: number, z: Pointer, rounding: number): void => {
    const size = m.mpfr_get_d(z, NEAREST);
    // n steps gain about 2·z·√(2n) nats.
    const steps = Math.ceil(((m.mpfr_get_prec(out) + 8) / (2 * size)) ** 2 / 2) + 4;
    let way = steps % 2 === 0 ? rounding : opposite(rounding);
    m.mpfr_set_zero(out, 1);
    if (way === UP) {
      m.mpfr_mul_2ui(out, z, 1, DOWN);
      m.mpfr_ui_div(out, 1, out, UP);
    }
    for (let k = n + steps; k > n; k--) {
      // From r_k to r_(k-1), which falls as r_k grows.
      m.mpfr_mul_ui(out, out, k, way);
      m.mpfr_add(out, out, z, way);
      m.mpfr_mul_2ui(out, out, 1, way);
      way = opposite(way);
      m.mpfr_ui_div(out, 1, out, way);
    }
  };
  return (order: 0 | 1 | 2, out: Pointer, z: Pointer, rounding: number): void => {
    if (m.mpfr_nan_p(z) !== 0 || m.mpfr_cmp_d(z, FAR) < 0) {
      if (order === 0) byErfc(result, z, rounding);
      else byRecurrence(order, result, z, rounding);
      m.mpfr_set(out, result, rounding);
      return;
    }
    // I_n = 2/√π · r_0 · … · r_n
    inverseRootOfPi(result, rounding);
    m.mpfr_mul_2ui(result, result, 1, rounding);
    for (let n = 0; n <= order; n++) {
      ratio(part, n, z, rounding);
      m.mpfr_mul(result, result, part, rounding);
    }
    m.mpfr_set(out, result, rounding);
  };
}
