/** The activations of libraries; their comparisons select the gradients that the libraries give at kinks. */
import * as b from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import { rationalToNumber, type Rational } from "../../ir/rational.js";

const half = b.fraction(1, 2);
const SELU_ALPHA = b.decimal("1.6732632423543772848170429916717");
const SELU_SCALE = b.decimal("1.0507009873554804934193349852946");

export const relu = (u: Expr): Expr => b.select(b.gt(u, 0), u, 0);
export const leakyRelu = (u: Expr, slope: Expr): Expr => b.select(b.gt(u, 0), u, b.mul(slope, u));
export const square = (u: Expr): Expr => b.naturalPower(u, 2);
export const silu = (u: Expr, beta?: Expr): Expr => b.mul(u, b.sigmoid(beta === undefined ? u : b.mul(beta, u)));
export const mish = (u: Expr): Expr => b.mul(u, b.tanh(b.softplus(u)));
export const softsign = (u: Expr): Expr => b.div(u, b.add(1, b.abs(u)));
export const logSigmoid = (u: Expr): Expr => b.neg(b.softplus(b.neg(u)));
export const tanhShrink = (u: Expr): Expr => b.sub(u, b.tanh(u));
export const threshold = (u: Expr, least: Expr, value: Expr): Expr => b.select(b.gt(u, least), u, value);

/** With the gradient 0 at both ends. */
export const hardTanh = (u: Expr, low: Expr, high: Expr): Expr =>
  b.select(b.le(u, low), low, b.select(b.ge(u, high), high, u));
export const relu6 = (u: Expr): Expr => hardTanh(u, b.constant(0), b.constant(6));
export const hardSigmoid = (u: Expr): Expr =>
  b.select(b.le(u, -3), 0, b.select(b.ge(u, 3), 1, b.add(b.div(u, 6), half)));
export const hardSwish = (u: Expr): Expr =>
  b.select(b.le(u, -3), 0, b.select(b.ge(u, 3), u, b.div(b.mul(u, b.add(u, 3)), 6)));

export const elu = (u: Expr, alpha: Expr): Expr => b.select(b.gt(u, 0), u, b.mul(alpha, b.expm1(u)));
export const celu = (u: Expr, alpha: Expr): Expr => b.select(b.gt(u, 0), u, b.mul(alpha, b.expm1(b.div(u, alpha))));
export const selu = (u: Expr): Expr => b.mul(SELU_SCALE, elu(u, SELU_ALPHA));
/** TensorFlow takes the other side at 0. */
export const seluFromZero = (u: Expr): Expr =>
  b.mul(SELU_SCALE, b.select(b.lt(u, 0), b.mul(SELU_ALPHA, b.expm1(u)), u));

export const hardShrink = (u: Expr, lambd: Expr): Expr =>
  b.select(b.gt(u, lambd), u, b.select(b.lt(u, b.neg(lambd)), u, 0));
export const softShrink = (u: Expr, lambd: Expr): Expr =>
  b.select(b.gt(u, lambd), b.sub(u, lambd), b.select(b.lt(u, b.neg(lambd)), b.add(u, lambd), 0));

export const geluErf = (u: Expr): Expr => b.mul(b.mul(half, u), b.add(1, b.erf(b.div(u, b.sqrt(2)))));
export const geluTanh = (u: Expr): Expr => {
  const inner = b.add(u, b.mul(b.decimal("0.044715"), b.naturalPower(u, 3)));
  return b.mul(b.mul(half, u), b.add(1, b.tanh(b.mul(b.sqrt(b.div(2, b.pi)), inner))));
};

/** A threshold from here on only keeps exp from overflowing: what it cuts off is less than a float32 holds. */
const NO_THRESHOLD = 20;

export function softplus(u: Expr, beta: Expr, threshold: Expr): Expr {
  const isOne = beta === b.constant(1);
  const scaled = isOne ? u : b.mul(beta, u);
  const smooth = isOne ? b.softplus(u) : b.div(b.softplus(scaled), beta);
  const limit = threshold.op === "rational" ? rationalToNumber(threshold.payload as Rational) : -Infinity;
  return limit >= NO_THRESHOLD ? smooth : b.select(b.gt(scaled, threshold), u, smooth);
}

const isLess = (low: Expr, high: Expr): boolean =>
  low.op === "rational" &&
  high.op === "rational" &&
  rationalToNumber(low.payload as Rational) <= rationalToNumber(high.payload as Rational);

/** With the gradient 1 at both ends. */
export function clamp(u: Expr, low: Expr | undefined, high: Expr | undefined): Expr {
  const below = (inner: Expr): Expr => (low === undefined ? inner : b.select(b.lt(u, low), low, inner));
  if (high === undefined) return below(u);
  if (low === undefined || isLess(low, high)) return below(b.select(b.gt(u, high), high, u));
  // Where the bounds cross the upper one counts.
  return b.select(b.gt(below(u), high), high, below(u));
}

export const heaviside = (u: Expr, atZero: Expr): Expr => b.select(b.gt(u, 0), 1, b.select(b.lt(u, 0), 0, atZero));
/** sinc as libraries of arrays have it: sin(pi·u)/(pi·u). */
export const normalisedSinc = (u: Expr): Expr => b.sinc(b.mul(b.pi, u));
export const tan = (u: Expr): Expr => b.div(b.sin(u), b.cos(u));
export const logit = (u: Expr): Expr => b.log(b.div(u, b.sub(1, u)));
export const normalCdf = (u: Expr): Expr => b.div(b.erfc(b.neg(b.div(u, b.sqrt(2)))), 2);
/** 0 for u = 0, whatever v is. */
export const timesLog = (u: Expr, v: Expr): Expr => b.select(b.eq(u, 0), 0, b.mul(u, b.log(v)));
export const hypot = (u: Expr, v: Expr): Expr => b.sqrt(b.add(square(u), square(v)));
export const logAddExp = (u: Expr, v: Expr): Expr => b.add(v, b.softplus(b.sub(u, v)));
