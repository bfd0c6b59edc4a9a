/** Leaves, and what fields and roots offer. */
import * as b from "../build.js";
import {
  UNKNOWN,
  addIntervals,
  interval,
  invertInterval,
  isNonnegative,
  isPositive,
  multiplyIntervals,
  negateInterval,
  widened,
} from "../interval.js";
import { leaf, primitive } from "./row.js";

export const ARITHMETIC = {
  rational: leaf({}),
  float: leaf({}),
  pi: leaf({ interval: () => widened(Math.PI, Math.PI), evaluate: () => Math.PI }),
  variable: leaf({}),
  add: primitive({
    arity: 2,
    evaluate: (a, c) => a + c,
    interval: addIntervals,
    derivative: () => [b.constant(1), b.constant(1)],
    laws: ["commutative"],
    cost: 1,
  }),
  sub: primitive({
    arity: 2,
    evaluate: (a, c) => a - c,
    interval: (a, c) => addIntervals(a, negateInterval(c)),
    derivative: () => [b.constant(1), b.constant(-1)],
    cost: 1,
  }),
  mul: primitive({
    arity: 2,
    evaluate: (a, c) => a * c,
    interval: multiplyIntervals,
    derivative: (_, u, v) => [v, u],
    laws: ["commutative"],
    cost: 1,
  }),
  div: primitive({
    arity: 2,
    evaluate: (a, c) => a / c,
    interval: (a, c) => multiplyIntervals(a, invertInterval(c)),
    derivative: (self, _, v) => [b.div(1, v), b.neg(b.div(self, v))],
    cost: 4,
  }),
  neg: primitive({
    arity: 1,
    evaluate: (a) => -a,
    interval: negateInterval,
    derivative: () => [b.constant(-1)],
    laws: ["odd"],
    cost: 0.5,
  }),
  pow: primitive({
    arity: 2,
    evaluate: (a, c) => Math.pow(a, c),
    interval: (a, c) => (isPositive(a) ? interval(0, Infinity, a.defined && c.defined, true) : UNKNOWN),
    derivative: (self, u, v) => {
      const byExponent = b.mul(self, b.log(u));
      // 0 to any positive power is 0, although there is no logarithm of 0.
      return [b.mul(v, b.pow(u, b.sub(v, 1))), u.closed ? byExponent : b.select(b.eq(u, 0), 0, byExponent)];
    },
    cost: 25,
  }),
  sqrt: primitive({
    arity: 1,
    evaluate: (a) => Math.sqrt(a),
    interval: (a) =>
      widened(Math.sqrt(Math.max(a.low, 0)), Math.sqrt(Math.max(a.high, 0)), a.defined && isNonnegative(a), a.nonzero),
    derivative: (self) => [b.div(1, b.mul(2, self))],
    laws: ["increasing"],
    cost: 4,
  }),
};
