/**
 * Functions in float32 arithmetic for inputs near 0: exponentials are normal numbers there, and nothing has to be held. Each
 * is within 2 ULP of float32, with a fused multiply-add as well as without.
 */
import {
  abs,
  add,
  div,
  double,
  eq,
  exp2Steps,
  lt,
  max,
  min,
  mul,
  neg,
  round,
  select,
  single,
  sub,
} from "../ir/build.js";
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

/**
 * With u + lost = k·ln 2 + h, r = exp(h) - 1 = h + h²/2 + h³·P(h); what h's own rounding loses is added with the small terms.
 * `lost` is what an argument that was rounded to u was more.
 */
function power(u: Expr, lost?: Expr): Power {
  const k = round(mul(float(Math.fround(Math.LOG2E)), u));
  const first = sub(u, mul(k, float(LN2[0])));
  const part = mul(k, float(Math.fround(LN2[1])));
  const second = lost === undefined ? part : sub(part, lost);
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
  exp: (u, lost?: Expr) => {
    const { scale, rest } = power(u, lost);
    return add(scale, rest);
  },
  expm1: (u) => {
    const { scale, rest } = power(u);
    return sub(rest, sub(1, scale));
  },
  sigmoid: (u, lost?: Expr) => div(1, onePlus(power(neg(u), lost && neg(lost))).sum),
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
  sigmoid: (u, lost?: Expr) => {
    const size = abs(u.op === "neg" ? u.args[0]! : u);
    const { scale, rest } = power(neg(size), lost && select(lt(u, 0), lost, neg(lost)));
    const e = add(scale, rest);
    const quotient = div(1, add(1, e));
    return select(lt(u, 0), mul(e, quotient), quotient);
  },
};

/** The same as the lean ones, corrected for the rounding of what is divided by. */
export const CORRECTED: Lowerings = {
  ...LEAN,
  // With q = -1/sum: 1/(sum + lost) = -q - lost·q².
  sigmoid: (u, more?: Expr) => {
    const { sum, lost } = onePlus(power(neg(u), more && neg(more)));
    const quotient = div(-1, sum);
    return sub(mul(neg(lost), mul(quotient, quotient)), quotient);
  },
};

/** An argument in float64 in float32, and what that loses of it. */
export const split = (argument: Expr): readonly [near: Expr, lost: Expr] => {
  const near = single(argument);
  return [near, single(sub(argument, double(near)))];
};

/** The functions of a way that take what is lost of their argument, of arguments in float64. */
export const ofWide = ({ exp, sigmoid }: Lowerings): Lowerings => ({
  exp: (argument) => exp!(...split(argument!)),
  sigmoid: (argument) => sigmoid!(...split(argument!)),
});

/** Functions with results in float64, whose exponentials are in float32: these are exact sums of two numbers there. */
export const DOUBLED: Lowerings = {
  exp: (u, lost?: Expr) => {
    const { scale, rest } = power(u!, lost);
    return add(double(scale), double(rest));
  },
  sigmoid: (u, lost?: Expr) => div(1, add(1, DOUBLED.exp!(neg(u!), ...(lost === undefined ? [] : [neg(lost)])))),
};

/** tanh(log(1 + exp(u))) = w/(w + 2) with w = e² + 2e and e = exp(u), or for u > 0, with e = exp(-u), (1 + 2e)/(1 + 2e + 2e²). */
function tanhOfSoftplus(u: Expr): Expr {
  const e = DOUBLED.exp!(neg(abs(u)));
  const [isFalling, square] = [lt(double(u), 0), mul(e, e)];
  const numerator = add(mul(2, e), select(isFalling, square, 1));
  return div(numerator, add(numerator, select(isFalling, 2, mul(2, square))));
}

/** A function of a function together, in float64, where that loses less; undefined for others. */
export const together = ({ op, args: [inner] }: Expr): Expr | undefined =>
  op === "tanh" && inner!.op === "softplus" ? tanhOfSoftplus(inner!.args[0]!) : undefined;
