/**
 * Functions in double arithmetic that are only right to float32, for loops over Float32Array: within 2^-30, so that the
 * one rounding at the store decides. A multiplication, a table and a short polynomial in place of a call.
 */
import * as b from "../ir/build.js";
import { abs, add, div, exp2Steps, lt, max, min, mul, neg, polynomial, round, select, sub } from "../ir/build.js";
import type { Expr } from "../ir/expr.js";
import type { OperationName } from "../ir/ops.js";
import {
  ERFCX_FLOAT32,
  ERFCX_FLOAT32_DENOMINATOR,
  ERFCX_FLOAT32_NUMERATOR,
  ERF_NEAR_ZERO_FLOAT32,
  EXP2M1_128TH_FLOAT32,
  LOG1P_FLOAT32,
} from "../ir/polynomials.js";
import { rationalFromNumber } from "../ir/rational.js";
import type { Lowering } from "./lower.js";

const float = (value: number): Expr => b.fromRational(rationalFromNumber(value));
const floats = (values: readonly number[]): Expr[] => values.map(float);
const hold = (u: Expr, low: number, high: number): Expr => min(max(u, float(low)), float(high));

/** 128/ln 2: exp(u) = 2^(t/128). */
const STEPS_PER_UNIT = float(128 * Math.LOG2E);

/** From t = 128·u/ln 2, |t| within the table: scale = 2^(k/128), and 2^((t - k)/128) - 1 for the rest. */
function parts(t: Expr): { readonly scale: Expr; readonly rest: Expr } {
  const k = round(t);
  const f = sub(t, k);
  return { scale: exp2Steps(k), rest: mul(f, polynomial(floats(EXP2M1_128TH_FLOAT32), f)) };
}

/** 2^(t/128) for t within the table. The factor is near 1, so that it is a number, too, where the scale is 0 or Infinity. */
function power(t: Expr): Expr {
  const { scale, rest } = parts(t);
  return mul(scale, add(1, rest));
}

/** exp(u) for u within [-745, 709]. */
const growth = (u: Expr): Expr => power(mul(STEPS_PER_UNIT, u));

/** exp(u) - 1 for u within [-745, 709], with its digits near 0; this order keeps -0. */
function growthMinusOne(u: Expr): Expr {
  const { scale, rest } = parts(mul(STEPS_PER_UNIT, u));
  return sub(mul(scale, rest), sub(1, scale));
}

/** Ends of the table: 2^-1075, which is 0, and 2^1024, which is Infinity. */
const [LOWEST, HIGHEST] = [-128 * 1075, 128 * 1024];

/** exp(-u²)·erfcx(|u|), and u < 0 as the number 1 or 0, so that no branch is mispredicted. */
function complementary(u: Expr): Expr {
  const d = min(abs(u), 26.8);
  const ratio = div(polynomial(floats(ERFCX_FLOAT32_NUMERATOR), d), polynomial(floats(ERFCX_FLOAT32_DENOMINATOR), d));
  const tail = mul(growth(neg(mul(d, d))), ratio);
  const reflected = select(lt(u, 0), 1, 0);
  return add(mul(tail, sub(1, mul(2, reflected))), mul(2, reflected));
}

/** 2^(t/128) for any t: 0 and Infinity at the ends of the table. */
const powerOfSteps = (t: Expr): Expr => power(hold(t, LOWEST, HIGHEST));

export const FLOAT32_LOWERINGS: { readonly [K in OperationName]?: Lowering } = {
  exp: (u) => powerOfSteps(mul(STEPS_PER_UNIT, u)),
  expm1: (u) => growthMinusOne(hold(u, -745, 709)),
  // Exactly 0 far out, where it may be multiplied by something huge.
  sigmoid: (u) => div(1, add(1, powerOfSteps(mul(float(-128 * Math.LOG2E), u)))),
  tanh: (u) => {
    const m = growthMinusOne(mul(2, hold(u, -20, 20)));
    return div(m, add(m, 2));
  },
  softplus: (u) => {
    // max(u, 0) + log1p(e) with e = exp(-|u|), log1p(e) = s·P(s²), s = e/(2 + e).
    const w = max(u, float(-1e300));
    const e = growth(neg(min(abs(w), 700)));
    const s = div(e, add(e, 2));
    return add(mul(b.fraction(1, 2), add(w, abs(w))), mul(s, polynomial(floats(LOG1P_FLOAT32), mul(s, s))));
  },
  erfc: complementary,
  erf: (u) => {
    const far = sub(1, complementary(abs(u)));
    const near = mul(u, polynomial(floats(ERF_NEAR_ZERO_FLOAT32), mul(u, u)));
    return select(lt(abs(u), 1), near, select(lt(u, 0), neg(far), far));
  },
  erfcx: (u) => {
    const q = div(1, add(u, 3));
    return mul(q, polynomial(floats(ERFCX_FLOAT32), q));
  },
};
