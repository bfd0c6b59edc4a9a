/**
 * Functions in float32 arithmetic for inputs near 0: exponentials are normal numbers there, and nothing has to be held. Each
 * is within 2 ULP of float32, with a fused multiply-add as well as without.
 */
import { abs, add, div, eq, exp2Steps, lt, max, min, mul, neg, round, select, sub } from "../ir/build.js";
import type { Expr } from "../ir/expr.js";
import { EXP_TAIL, LOG1P_CURVE } from "./coefficients.js";
import { float, floats, inPairs, type Lowerings } from "./float32.js";

/** ln 2 in two parts: products of the first, of 16 bits, with exponents are exact. */
const LN2 = [0.693145751953125, 1.4286068203094172e-6] as const;

interface Power {
  /** s = 2^k and t = s·r, where exp(u) = s (1 + r). */
  readonly scale: Expr;
  readonly rest: Expr;
}

/** With u = k·ln 2 + h, r = exp(h) - 1 = h + h²/2 + h³·P(h); what h's own rounding loses is added with the small terms. */
function power(u: Expr): Power {
  const k = round(mul(float(Math.fround(Math.LOG2E)), u));
  const first = sub(u, mul(k, float(LN2[0])));
  const second = mul(k, float(Math.fround(LN2[1])));
  const h = sub(first, second);
  const curve = add(float(0.5), mul(h, inPairs(floats(EXP_TAIL), h)));
  const scale = exp2Steps(mul(128, k));
  // This order keeps -0.
  return { scale, rest: mul(scale, sub(first, sub(second, mul(mul(h, h), curve)))) };
}

/** 1 + exp(u), and what its rounding lost. */
function onePlus({ scale, rest }: Power): { readonly sum: Expr; readonly lost: Expr } {
  // The smaller of 1 and 2^k first: beside 2^24 there is no 1.
  const [larger, smaller] = [max(1, scale), add(min(1, scale), rest)];
  const sum = add(larger, smaller);
  return { sum, lost: add(sub(larger, sum), smaller) };
}

/** A number that is 0 where u is, with the sign of u. */
const withSign = (u: Expr, size: Expr): Expr => select(lt(u, 0), neg(size), select(eq(u, 0), u, size));

/** Functions in the fewest operations. */
export const LEAN: Lowerings = {
  exp: (u) => {
    const { scale, rest } = power(u);
    return add(scale, rest);
  },
  expm1: (u) => {
    const { scale, rest } = power(u);
    return sub(rest, sub(1, scale));
  },
  sigmoid: (u) => div(1, onePlus(power(neg(u))).sum),
  tanh: (u) => {
    const { scale, rest } = power(mul(-2, abs(u)));
    return withSign(u, div(sub(sub(1, scale), rest), add(add(1, scale), rest)));
  },
  // max(u, 0) + log(1 + e) with e = exp(-|u|) = scale + rest: the small terms first, of which u and the rest cancel near 0.
  softplus: (u) => {
    const { scale, rest } = power(neg(abs(u)));
    const e = add(scale, rest);
    const curve = mul(mul(e, e), inPairs(floats(LOG1P_CURVE), sub(e, float(0.5))));
    return add(scale, add(max(u, 0), sub(rest, curve)));
  },
};

/** sigmoid(u) and sigmoid(-u) by one exponential and one division: e/(1 + e) and 1/(1 + e) with e = exp(-|u|). */
export const SHARED: Lowerings = {
  ...LEAN,
  sigmoid: (u) => {
    const { scale, rest } = power(neg(abs(u.op === "neg" ? u.args[0]! : u)));
    const e = add(scale, rest);
    const quotient = div(1, add(1, e));
    return select(lt(u, 0), mul(e, quotient), quotient);
  },
};

/** The same as the lean ones, corrected for the rounding of what is divided by. */
export const CORRECTED: Lowerings = {
  ...LEAN,
  // With q = -1/sum: 1/(sum + lost) = -q - lost·q².
  sigmoid: (u) => {
    const { sum, lost } = onePlus(power(neg(u)));
    const quotient = div(-1, sum);
    return sub(mul(neg(lost), mul(quotient, quotient)), quotient);
  },
};
