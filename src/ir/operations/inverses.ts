/** Inverses of waves, hyperbolic functions and powers, and logarithms to other bases. */
import * as b from "../build.js";
import type { Expr } from "../expr.js";
import { increasing, interval, isNegative, isPositive, widened, type Interval } from "../interval.js";
import { lowered, primitive } from "./row.js";

/** Between the two forms of log(1 - exp(u)) neither loses digits. */
const HALF = b.fraction(-45, 64);

/** A logarithm of what is positive. */
export const logarithmInterval =
  (f: (value: number) => number) =>
  (a: Interval): Interval =>
    widened(a.low > 0 ? f(a.low) : -Infinity, a.high > 0 ? f(a.high) : Infinity, a.defined && isPositive(a));

const log1mexpFloat = (a: number): number => (a < -0.703125 ? Math.log1p(-Math.exp(a)) : Math.log(-Math.expm1(a)));

/** a³ = |u| by one step of Newton's iteration after a power, whose exponent is rounded; 0, 1 and Infinity are their own roots. */
function cubeRoot(u: Expr): Expr {
  const size = b.abs(u);
  const near = b.pow(size, b.fraction(1, 3));
  const step = b.div(b.sub(b.div(size, b.mul(near, near)), near), 3);
  return b.mul(b.sign(u), b.select(b.eq(near, size), near, b.add(near, step)));
}

export const INVERSES = {
  atan: primitive({
    arity: 1,
    evaluate: (a) => Math.atan(a),
    interval: increasing(Math.atan, { keepsZero: true }),
    derivative: (_, u) => [b.div(1, b.add(b.mul(u, u), 1))],
    laws: ["odd", "increasing"],
    cost: 16,
  }),
  asinh: lowered({
    arity: 1,
    evaluate: (a) => Math.asinh(a),
    interval: increasing(Math.asinh, { keepsZero: true }),
    derivative: (_, u) => [b.div(1, b.sqrt(b.add(b.mul(u, u), 1)))],
    // asinh(a) = log1p(a + a²/(1 + √(a² + 1))) = log(a) + log1p(√(1 + 1/a²))
    lowering: (u) => {
      const a = b.abs(u);
      const square = b.mul(a, a);
      const near = b.log1p(b.add(a, b.div(square, b.add(b.sqrt(b.add(square, 1)), 1))));
      const inverse = b.div(1, a);
      const far = b.add(b.log(a), b.log1p(b.sqrt(b.add(b.mul(inverse, inverse), 1))));
      return b.mul(b.sign(u), b.select(b.lt(2, a), far, near));
    },
    laws: ["odd", "increasing"],
    cost: 20,
  }),
  acosh: lowered({
    arity: 1,
    evaluate: (a) => Math.acosh(a),
    interval: (a) =>
      widened(Math.acosh(Math.max(a.low, 1)), Math.acosh(Math.max(a.high, 1)), a.defined && a.low >= 1, a.low > 1),
    derivative: (_, u) => [b.div(1, b.sqrt(b.mul(b.sub(u, 1), b.add(u, 1))))],
    // acosh(1 + t) = log1p(t + √(t·(t + 2))), which is real below -1, too; acosh(u) = log(u) + log1p(√(1 - 1/u²))
    lowering: (u) => {
      const [t, inverse] = [b.sub(u, 1), b.div(1, u)];
      const near = b.log1p(b.add(t, b.sqrt(b.mul(t, b.add(t, 2)))));
      const far = b.add(b.log(u), b.log1p(b.sqrt(b.sub(1, b.mul(inverse, inverse)))));
      return b.select(b.lt(u, 1), NaN, b.select(b.lt(2, u), far, near));
    },
    laws: ["increasing"],
    cost: 20,
  }),
  atanh: lowered({
    arity: 1,
    evaluate: (a) => Math.atanh(a),
    interval: (a) =>
      widened(
        a.low > -1 ? Math.atanh(Math.min(a.low, 1)) : -Infinity,
        a.high < 1 ? Math.atanh(Math.max(a.high, -1)) : Infinity,
        a.defined && a.low > -1 && a.high < 1,
        a.nonzero,
      ),
    derivative: (_, u) => [b.div(1, b.mul(b.sub(1, u), b.add(u, 1)))],
    lowering: (u) => b.mul(b.fraction(1, 2), b.sub(b.log1p(u), b.log1p(b.neg(u)))),
    laws: ["odd", "increasing"],
    cost: 20,
  }),
  /** Of a negative number the negative root. */
  cbrt: lowered({
    arity: 1,
    evaluate: (a) => Math.cbrt(a),
    interval: increasing(Math.cbrt, { keepsZero: true }),
    // Quotients of what grows no faster than the root: their derivatives have no 0·inf.
    derivative: (self) => [b.div(b.div(b.fraction(1, 3), self), self)],
    lowering: cubeRoot,
    laws: ["odd", "increasing"],
    cost: 16,
  }),
  log2: lowered({
    arity: 1,
    evaluate: (a) => Math.log2(a),
    interval: logarithmInterval(Math.log2),
    derivative: (_, u) => [b.div(1, b.mul(u, b.log(2)))],
    lowering: (u) => b.div(b.log(u), b.log(2)),
    laws: ["increasing"],
    cost: 12,
  }),
  log10: lowered({
    arity: 1,
    evaluate: (a) => Math.log10(a),
    interval: logarithmInterval(Math.log10),
    derivative: (_, u) => [b.div(1, b.mul(u, b.log(10)))],
    lowering: (u) => b.div(b.log(u), b.log(10)),
    laws: ["increasing"],
    cost: 14,
  }),
  /** log(1 - exp(u)), for u < 0. */
  log1mexp: lowered({
    arity: 1,
    evaluate: log1mexpFloat,
    interval: (a) =>
      interval(
        ...([
          widened(a.high < 0 ? log1mexpFloat(a.high) : -Infinity, 0).low,
          Math.min(0, a.low < 0 ? widened(log1mexpFloat(a.low), 0).high : 0),
        ] as const),
        a.defined && isNegative(a),
        true,
      ),
    derivative: (_, u) => [b.div(b.exp(u), b.expm1(u))],
    lowering: (u) => b.select(b.lt(u, HALF), b.log1p(b.neg(b.exp(u))), b.log(b.neg(b.expm1(u)))),
    cost: 28,
  }),
};
