/**
 * Rules that trade an expression for one that floats can bear: equal over the reals, but not simpler. The search applies
 * them where the measured error falls.
 */
import * as b from "../ir/build.js";
import {
  abs,
  add,
  div,
  erfc,
  erfcx,
  exp,
  lt,
  mul,
  naturalPower,
  neg,
  select,
  sigmoid,
  softplus,
  sqrt,
  sub,
  tanh,
} from "../ir/build.js";
import type { Expr } from "../ir/expr.js";
import { invertRational, multiplyRational, type Rational } from "../ir/rational.js";
import { wildcard } from "./match.js";
import { rule, type Rule } from "./rule.js";

const [u, v, w] = [wildcard("u"), wildcard("v"), wildcard("w")];

/** exp(-|u|): at most 1, whatever u is. */
const decay = (a: Expr): Expr => exp(neg(abs(a)));
const square = (a: Expr): Expr => mul(a, a);

/** tanh(softplus(u)) = n/(n + 2) with n = e(e + 2), e = exp(u); for u >= 0 both are divided by e². */
function tanhOfSoftplus(a: Expr): Expr {
  const e = decay(a);
  const small = mul(e, add(e, 2));
  const large = add(mul(2, e), 1);
  return select(lt(a, 0), div(small, add(small, 2)), div(large, add(large, mul(2, square(e)))));
}

/** 1 - tanh(softplus(u))² = 4(1 + e)²/(n + 2)² in the same terms. */
function sechOfSoftplus(a: Expr): Expr {
  const e = decay(a);
  const low = div(add(e, 1), add(mul(e, add(e, 2)), 2));
  const high = div(mul(e, add(e, 1)), add(add(mul(2, e), 1), mul(2, square(e))));
  return mul(4, square(select(lt(a, 0), low, high)));
}

/** 1 - tanh(u)² = 4E/(1 + E)², E = exp(-2|u|). */
function sechSquared(a: Expr): Expr {
  const e = exp(neg(mul(2, abs(a))));
  return div(mul(4, e), square(add(e, 1)));
}

/** erfc as a Gaussian times a slowly varying factor, so that its tail has a relative error. */
function gaussianTail(a: Expr): Expr {
  const tail = (side: Expr): Expr => mul(exp(neg(square(a))), erfcx(side));
  return select(lt(a, 0), sub(2, tail(neg(a))), tail(a));
}

/** Beyond it u² is taken out of roots: no float's square overflows before, and after it few roundings are left. */
const FAR = b.fraction(2 ** 20);

/** √(u² + w) without the overflow of u². */
function scaledRoot(a: Expr, c: Expr): Expr {
  return select(lt(FAR, abs(a)), mul(abs(a), sqrt(add(div(div(c, a), a), 1))), sqrt(add(square(a), c)));
}

/** √((u + c)·(u + d)) without the overflow of the product. */
function scaledRootOfFactors(a: Expr, e: Expr, f: Expr): Expr {
  const far = mul(abs(a), sqrt(mul(add(div(e, a), 1), add(div(f, a), 1))));
  return select(lt(2, abs(a)), far, sqrt(mul(add(a, e), add(a, f))));
}

/** u + √(u² + w) far to the left: w/|u| over √(1 + w/u²) + 1, where nothing overflows. */
function scaledConjugate(a: Expr, c: Expr): Expr {
  const root = scaledRoot(a, c);
  const far = div(div(c, abs(a)), add(sqrt(add(div(div(c, a), a), 1)), 1));
  return select(lt(a, 0), select(lt(a, neg(FAR)), far, div(c, sub(root, a))), add(a, root));
}

/** 1 + u/√(u² + w): w/(√(u² + w)·(√(u² + w) - u)) for u < 0 with u² > w; nearer to 0 the sum loses nothing. */
function conjugateFarLeft(a: Expr, e: Expr): Expr {
  const root = sqrt(add(square(a), e));
  const far = b.and(lt(a, 0), lt(e, square(a)));
  return select(far, div(e, mul(root, sub(root, a))), add(div(a, root), 1));
}

const [c, d] = [wildcard("c"), wildcard("d")];
const isZero = (a: Expr): boolean => (a.payload as Rational).numerator === 0n;
const ratio = (a: Expr, e: Expr): Expr =>
  b.fromRational(multiplyRational(a.payload as Rational, invertRational(e.payload as Rational)));
const rootOfSum = sqrt(add(square(u), w));
const tanhSoftplus = tanh(softplus(u));

/**
 * exp(-c·u²) as exp(-c·h²)·exp(-c·(u - h)(u + h)), equal for any h. With h = u to four binary places h² is exact, in float32 as
 * in float64, and what is left is small: so the error of u² is not multiplied by the exponent.
 */
export function splitSquare(a: Expr, factor: Expr): Expr {
  const h = div(b.round(mul(16, a)), 16);
  // Far out nothing is split: infinity minus infinity is no number.
  const near = lt(abs(a), 1024);
  const most = select(near, square(h), square(a));
  const rest = select(near, mul(sub(a, h), add(a, h)), 0);
  return mul(exp(neg(mul(factor, most))), exp(neg(mul(factor, rest))));
}

/** Where floats are short, and residuals not to be had. */
export const SHORT_FLOAT_RULES: readonly Rule[] = [
  rule("split-square", "real", exp(neg(square(u))), splitSquare(u, b.constant(1))),
  rule("split-scaled-square", "real", exp(neg(mul(c, square(u)))), splitSquare(u, c)),
];

/** Where the terms of a sum may be put together again behind our back: what overflows then is not written as a sum. */
export const SHADER_RULES: readonly Rule[] = [
  rule("mean", "real", mul(b.fraction(1, 2), add(u, v)), add(u, mul(b.fraction(1, 2), sub(v, u)))),
  rule("conjugate-where-terms-cancel", "real", add(div(u, rootOfSum), 1), conjugateFarLeft(u, w)),
  rule("divide-branches", "real", div(select(u, v, w), c), select(u, div(v, c), div(w, c))),
  rule("divide-once", "real", div(div(u, v), w), div(u, mul(v, w))),
];

export const STABLE_RULES: readonly Rule[] = [
  rule("sech-squared", "real", sub(1, mul(tanh(u), tanh(u))), sechSquared(u)),
  rule("tanh-of-softplus", "real", tanhSoftplus, tanhOfSoftplus(u)),
  rule("sech-of-softplus", "real", sub(1, mul(tanhSoftplus, tanhSoftplus)), sechOfSoftplus(u)),
  rule("sigmoid-difference", "real", sub(sigmoid(neg(u)), sigmoid(u)), neg(tanh(mul(b.fraction(1, 2), u)))),
  rule("gaussian-tail", "real", erfc(u), gaussianTail(u)),
  rule("conjugate", "real", add(u, rootOfSum), select(lt(u, 0), div(w, sub(rootOfSum, u)), add(u, rootOfSum))),
  rule("factor-coefficient", "real", add(mul(c, u), d), (m) =>
    isZero(m(c)) ? undefined : mul(c, add(u, ratio(m(d), m(c)))),
  ),
  rule("one-plus-over-root", "real", add(div(u, sqrt(v)), 1), div(add(u, sqrt(v)), sqrt(v))),
  rule("scale-branches", "real", mul(c, select(u, v, w)), select(u, mul(c, v), mul(c, w))),
  rule("scaled-conjugate", "real", add(u, rootOfSum), scaledConjugate(u, w)),
  rule("scale-first", "real", mul(c, mul(u, v)), mul(mul(c, u), v)),
  rule("scale-terms", "real", mul(c, add(u, v)), add(mul(c, u), mul(c, v))),
  rule("double-angle", "real", b.sin(mul(2, u)), mul(mul(2, b.sin(u)), b.cos(u))),
  rule("double-angle-cosine", "real", b.cos(mul(2, u)), sub(square(b.cos(u)), square(b.sin(u)))),
  rule("scaled-root", "real", rootOfSum, scaledRoot(u, w)),
  rule("scaled-root-of-factors", "real", sqrt(mul(add(u, c), add(u, d))), scaledRootOfFactors(u, c, d)),
  rule("divide-in-steps", "real", div(u, mul(v, w)), div(div(u, v), w)),
  rule("divide-first", "real", mul(u, div(v, w)), div(mul(u, v), w)),
  rule("cube-in-steps", "real", div(u, naturalPower(v, 3)), div(div(div(u, v), v), v)),
];
