/** Exponentials, waves, and the functions that activations are made of. */
import { sphericalBesselFloat, sphericalBesselLowering, type Order } from "../bessel.js";
import * as b from "../build.js";
import {
  erfFloat,
  erfLowering,
  erfcFloat,
  erfcLowering,
  erfcxFloat,
  erfcxLowering,
  i2erfcxFloat,
  i2erfcxLowering,
  ierfcxFloat,
  ierfcxLowering,
} from "../erf.js";
import type { Expr } from "../expr.js";
import { increasing, interval, widened, type Interval } from "../interval.js";
import { logarithmInterval } from "./inverses.js";
import { lowered, primitive } from "./row.js";

/** Angles beyond this are not reduced, nor intervals wider than this followed. */
const [LARGEST_ANGLE, WIDEST] = [2 ** 30, 0.5];

/** sin, cos and what is made of them like sinc change no faster than their argument. */
const waveInterval =
  (f: (value: number) => number) =>
  ({ low, high, defined }: Interval): Interval => {
    const width = high - low;
    if (!(width <= WIDEST) || Math.abs(low) > LARGEST_ANGLE) return interval(-1, 1, defined);
    const reach = width + 2 ** -48;
    return interval(Math.max(-1, f(low) - reach), Math.min(1, f(low) + reach), defined);
  };

const TWO_OVER_SQRT_PI = b.div(2, b.sqrt(b.pi));

function sigmoidFloat(a: number): number {
  const e = Math.exp(-Math.abs(a));
  return a < 0 ? e / (1 + e) : 1 / (1 + e);
}

const softplusFloat = (a: number): number => Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a)));

const sphericalBessel = (order: Order, derivative: (self: Expr, u: Expr) => readonly Expr[]) =>
  lowered({
    arity: 1,
    evaluate: sphericalBesselFloat(order),
    interval: waveInterval(sphericalBesselFloat(order)),
    derivative,
    lowering: sphericalBesselLowering(order),
    laws: [order === 1 ? "odd" : "even"],
    cost: 16 + 12 * order,
  });

export const FUNCTIONS = {
  exp: primitive({
    arity: 1,
    evaluate: (a) => Math.exp(a),
    interval: increasing(Math.exp, { nonzero: true }),
    derivative: (self) => [self],
    laws: ["increasing"],
    cost: 12,
  }),
  expm1: primitive({
    arity: 1,
    evaluate: (a) => Math.expm1(a),
    interval: increasing(Math.expm1, { keepsZero: true }),
    derivative: (_, u) => [b.exp(u)],
    laws: ["increasing"],
    cost: 14,
  }),
  log: primitive({
    arity: 1,
    evaluate: (a) => Math.log(a),
    interval: logarithmInterval(Math.log),
    derivative: (_, u) => [b.div(1, u)],
    laws: ["increasing"],
    cost: 12,
  }),
  log1p: primitive({
    arity: 1,
    evaluate: (a) => Math.log1p(a),
    interval: (a) =>
      widened(
        a.low > -1 ? Math.log1p(a.low) : -Infinity,
        a.high > -1 ? Math.log1p(a.high) : Infinity,
        a.defined && a.low > -1,
        a.nonzero,
      ),
    derivative: (_, u) => [b.div(1, b.add(1, u))],
    laws: ["increasing"],
    cost: 14,
  }),
  sin: primitive({
    arity: 1,
    evaluate: (a) => Math.sin(a),
    interval: waveInterval(Math.sin),
    derivative: (_, u) => [b.cos(u)],
    laws: ["odd"],
    cost: 12,
  }),
  cos: primitive({
    arity: 1,
    evaluate: (a) => Math.cos(a),
    interval: waveInterval(Math.cos),
    derivative: (_, u) => [b.neg(b.sin(u))],
    laws: ["even"],
    cost: 12,
  }),
  sinh: primitive({
    arity: 1,
    evaluate: (a) => Math.sinh(a),
    interval: increasing(Math.sinh, { keepsZero: true }),
    derivative: (_, u) => [b.cosh(u)],
    laws: ["odd", "increasing"],
    cost: 18,
  }),
  cosh: primitive({
    arity: 1,
    evaluate: (a) => Math.cosh(a),
    interval: (a) => interval(1, Infinity, a.defined),
    derivative: (_, u) => [b.sinh(u)],
    laws: ["even"],
    cost: 18,
  }),
  tanh: primitive({
    arity: 1,
    evaluate: (a) => Math.tanh(a),
    interval: increasing(Math.tanh, { keepsZero: true }),
    derivative: (self) => [b.sub(1, b.mul(self, self))],
    laws: ["odd", "increasing"],
    cost: 18,
  }),
  sigmoid: lowered({
    arity: 1,
    evaluate: sigmoidFloat,
    interval: increasing(sigmoidFloat, { nonzero: true }),
    derivative: (self) => [b.mul(self, b.sub(1, self))],
    lowering: (u) => {
      const e = b.exp(b.neg(b.abs(u)));
      return b.select(b.lt(u, 0), b.div(e, b.add(1, e)), b.div(1, b.add(1, e)));
    },
    laws: ["increasing"],
    cost: 16,
  }),
  softplus: lowered({
    arity: 1,
    evaluate: softplusFloat,
    interval: increasing(softplusFloat, { nonzero: true }),
    derivative: (_, u) => [b.sigmoid(u)],
    lowering: (u) => b.add(b.max(u, 0), b.log1p(b.exp(b.neg(b.abs(u))))),
    laws: ["increasing"],
    cost: 24,
  }),
  erf: lowered({
    arity: 1,
    evaluate: erfFloat,
    interval: increasing(erfFloat, { keepsZero: true }),
    derivative: (_, u) => [b.mul(TWO_OVER_SQRT_PI, b.exp(b.neg(b.mul(u, u))))],
    lowering: erfLowering,
    laws: ["odd", "increasing"],
    cost: 30,
  }),
  erfc: lowered({
    arity: 1,
    evaluate: erfcFloat,
    interval: (a) => interval(0, 2, a.defined, true),
    derivative: (_, u) => [b.neg(b.mul(TWO_OVER_SQRT_PI, b.exp(b.neg(b.mul(u, u)))))],
    lowering: erfcLowering,
    cost: 30,
  }),
  /** exp(u²)·erfc(u). The lowering and the float meaning are for u >= 0; below, the function overflows soon. */
  erfcx: lowered({
    arity: 1,
    evaluate: erfcxFloat,
    interval: (a) => interval(0, a.low >= 0 ? 1 : Infinity, a.defined, true),
    derivative: (_, u) => [b.mul(-2, b.ierfcx(u))],
    lowering: erfcxLowering,
    cost: 20,
  }),
  /** exp(u²)·ierfc(u) and exp(u²)·i2erfc(u), for u >= 0 likewise. */
  ierfcx: lowered({
    arity: 1,
    evaluate: ierfcxFloat,
    interval: (a) => interval(0, a.low >= 0 ? 1 : Infinity, a.defined, true),
    derivative: (_, u) => [b.mul(-4, b.i2erfcx(u))],
    lowering: ierfcxLowering,
    cost: 20,
  }),
  i2erfcx: lowered({
    arity: 1,
    evaluate: i2erfcxFloat,
    interval: (a) => interval(0, a.low >= 0 ? 1 : Infinity, a.defined, true),
    // Third derivatives are for the compiler alone: in floats this one cancels far out.
    derivative: (self, u) => [b.sub(b.mul(b.mul(2, u), self), b.ierfcx(u))],
    lowering: i2erfcxLowering,
    cost: 20,
  }),
  /** sin(u)/u, and 1 at 0. */
  sinc: sphericalBessel(0, (_, u) => [b.neg(b.sphericalBessel1(u))]),
  sphericalBessel1: sphericalBessel(1, (_, u) => [
    b.mul(b.fraction(1, 3), b.sub(b.sinc(u), b.mul(2, b.sphericalBessel2(u)))),
  ]),
  /** Third derivatives are for the compiler alone: in floats this one loses two bits near 0. */
  sphericalBessel2: sphericalBessel(2, (self, u) => [
    b.select(b.eq(u, 0), 0, b.sub(b.sphericalBessel1(u), b.div(b.mul(3, self), u))),
  ]),
};
