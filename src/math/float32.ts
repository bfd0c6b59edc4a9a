/**
 * Functions in double arithmetic that are only right to float32, for loops over Float32Array: within 2^-30, so that the
 * one rounding at the store decides. A multiplication, a power of two and a short polynomial in place of a call.
 */
import * as b from "../ir/build.js";
import {
  abs,
  add,
  div,
  exp2Steps,
  expSingle,
  expm1Single,
  lt,
  max,
  min,
  mul,
  neg,
  polynomial,
  round,
  select,
  sub,
} from "../ir/build.js";
import type { Expr } from "../ir/expr.js";
import type { OperationName } from "../ir/ops.js";
import {
  ERFCX_FLOAT32,
  ERFCX_FLOAT32_DENOMINATOR,
  ERFCX_FLOAT32_NUMERATOR,
  ERF_NEAR_ZERO_FLOAT32,
  EXP2M1_FLOAT32,
  LOG1P_FLOAT32,
} from "../ir/polynomials.js";
import { rationalFromNumber } from "../ir/rational.js";

export type Lowering = (...args: Expr[]) => Expr;
export type Lowerings = { readonly [K in OperationName]?: Lowering };

export const float = (value: number): Expr => b.fromRational(rationalFromNumber(value));
export const floats = (values: readonly number[]): Expr[] => values.map(float);
const hold = (u: Expr, low: number, high: number): Expr => min(max(u, float(low)), float(high));

/** How a machine has exponentials. */
export interface Exponentials {
  /** exp(u), and exp(u) - 1 with its digits near 0. */
  readonly exp: Lowering;
  readonly expm1: Lowering;
  /** The same for u within [least, 709], where exp is a normal number. */
  readonly growth: (u: Expr) => Expr;
  readonly growthMinusOne: (u: Expr) => Expr;
  /** exp(u) for u from 0 on, where a choice between two numbers takes no longer than a sum, as in vectors. */
  readonly rise?: (u: Expr) => Expr;
  /** exp(-u^2) is a normal number, up to this. */
  readonly widest: number;
  /** How polynomials are added up. */
  readonly sum: (coefficients: readonly Expr[], u: Expr) => Expr;
}

/**
 * A polynomial in pairs (Estrin): c0 + c1·u and c2 + c3·u do not wait for each other, and are a pair again, in u². Vectors
 * have room for a few multiplications more, and Horner's rule makes them wait.
 */
export function inPairs(coefficients: readonly Expr[], u: Expr): Expr {
  let [terms, power] = [coefficients, u];
  for (; terms.length > 1; power = mul(power, power))
    terms = terms.flatMap((term, i) =>
      i % 2 === 1 ? [] : [i + 1 < terms.length ? add(mul(terms[i + 1]!, power), term) : term],
    );
  return terms[0]!;
}

/** Functions of the module, which has a table of 128 steps. */
export const NAMED: Exponentials = {
  exp: expSingle,
  expm1: expm1Single,
  growth: expSingle,
  growthMinusOne: expm1Single,
  widest: 26.8,
  sum: polynomial,
};

/** The bits of an exponent: all of them 0 for 0, all of them 1 for Infinity. */
const [ZERO_BITS, INFINITE_BITS] = [-1023, 1024];
const LEAST = -708;

/** 2^t = 2^k (1 + rest), |t - k| <= 1/2, with 2^k by its bits. */
function partsOf(t: Expr): { readonly scale: Expr; readonly rest: Expr } {
  const k = round(t);
  const f = sub(t, k);
  return { scale: exp2Steps(mul(128, k)), rest: mul(f, inPairs(floats(EXP2M1_FLOAT32), f)) };
}
/** The factor is near 1, so that it is a number, too, where the scale is 0 or Infinity. */
function power(t: Expr): Expr {
  const { scale, rest } = partsOf(t);
  return mul(scale, add(1, rest));
}
const inPowers = (u: Expr): Expr => (u.op === "neg" ? mul(float(-Math.LOG2E), u.args[0]!) : mul(float(Math.LOG2E), u));
/** This order keeps -0. */
function growthMinusOne(u: Expr): Expr {
  const { scale, rest } = partsOf(inPowers(u));
  return sub(mul(scale, rest), sub(1, scale));
}

/** Powers of two by their bits, and a polynomial. */
export const WHOLE: Exponentials = {
  exp: (u) => power(hold(inPowers(u), ZERO_BITS, INFINITE_BITS)),
  expm1: (u) => growthMinusOne(hold(u, LEAST, 709)),
  growth: (u) => power(inPowers(u)),
  growthMinusOne,
  rise: (u) => power(min(inPowers(u), float(INFINITE_BITS))),
  widest: 26.6,
  sum: inPairs,
};

/** The functions, with the exponentials of a machine. */
export function float32Lowerings(machine: Exponentials): Lowerings {
  const { exp, expm1, growth, growthMinusOne, rise, widest, sum } = machine;
  /**
   * exp(-u²)·erfcx(|u|), and what it is less than 2 for u < 0, which is the number 1 or 0 where a choice would be a branch that is
   * mispredicted.
   */
  const complementary = (u: Expr): Expr => {
    const d = min(abs(u), widest);
    const ratio = div(sum(floats(ERFCX_FLOAT32_NUMERATOR), d), sum(floats(ERFCX_FLOAT32_DENOMINATOR), d));
    const tail = mul(growth(neg(mul(d, d))), ratio);
    if (rise !== undefined) return select(lt(u, 0), sub(2, tail), tail);
    const reflected = select(lt(u, 0), 1, 0);
    return add(mul(tail, sub(1, mul(2, reflected))), mul(2, reflected));
  };
  return {
    exp,
    expm1,
    // Exactly 0 far out, where it may be multiplied by something huge.
    sigmoid: (u) => {
      if (rise === undefined) return div(1, add(1, exp(neg(u))));
      // sigmoid(-|u|), of which sigmoid(-u) is made, too: exactly 0 far out.
      const smaller = div(1, add(1, rise(abs(u.op === "neg" ? u.args[0]! : u))));
      return select(lt(u, 0), smaller, sub(1, smaller));
    },
    tanh: (u) => {
      const m = growthMinusOne(mul(2, hold(u, -20, 20)));
      return div(m, add(m, 2));
    },
    softplus: (u) => {
      // max(u, 0) + log1p(e) with e = exp(-|u|), log1p(e) = s·P(s²), s = e/(2 + e).
      const w = max(u, float(-1e300));
      const e = growth(neg(min(abs(w), 700)));
      const s = div(e, add(e, 2));
      return add(mul(b.fraction(1, 2), add(w, abs(w))), mul(s, sum(floats(LOG1P_FLOAT32), mul(s, s))));
    },
    erfc: complementary,
    erf: (u) => {
      const far = sub(1, complementary(abs(u)));
      const near = mul(u, sum(floats(ERF_NEAR_ZERO_FLOAT32), mul(u, u)));
      return select(lt(abs(u), 1), near, select(lt(u, 0), neg(far), far));
    },
    erfcx: (u) => {
      const q = div(1, add(u, 3));
      return mul(q, sum(floats(ERFCX_FLOAT32), q));
    },
  };
}
