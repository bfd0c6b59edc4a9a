/** Comparisons, logic, the piecewise node, and what is short for it: abs, sign, min, max. */
import * as b from "../build.js";
import { variableOf, variables, type Expr } from "../expr.js";
import {
  addIntervals,
  interval,
  isPositive,
  negateInterval,
  truth,
  unionIntervals,
  type Interval,
} from "../interval.js";
import { lowered, primitive } from "./row.js";

const isNaN2 = (a: number, c: number): boolean => a !== a || c !== c;
const compare =
  (test: (a: number, c: number) => boolean) =>
  (a: number, c: number): number =>
    isNaN2(a, c) ? NaN : test(a, c) ? 1 : 0;

/** When a touches its end only from inside, a value equal to that end is impossible: exp(x) > 0. */
function apart(lower: Interval, upper: Interval): boolean {
  return (upper.low === 0 && upper.nonzero) || (lower.high === 0 && lower.nonzero);
}

function partialsOfSelect(_: Expr, condition: Expr): readonly (Expr | null)[] {
  return [null, b.select(condition, 1, 0), b.select(condition, 0, 1)];
}

/** At a tie the operand that does not depend on the input wins, so relu = max(x, 0) has the derivative 0 at 0. */
function tied(wins: (a: Expr, c: Expr) => Expr, u: Expr, v: Expr): readonly Expr[] {
  const fixed = variables(u).every((variable) => variableOf(variable).role === "parameter");
  const first = fixed ? b.not(wins(v, u)) : wins(u, v);
  return [b.select(first, 1, 0), b.select(first, 0, 1)];
}

export const CONDITIONS = {
  abs: lowered({
    arity: 1,
    evaluate: (a) => Math.abs(a),
    interval: (a) =>
      a.low >= 0 ? a : interval(Math.max(a.low, -a.high, 0), Math.max(-a.low, a.high), a.defined, a.nonzero),
    derivative: (_, u) => [b.sign(u)],
    lowering: (u) => b.select(b.lt(u, 0), b.neg(u), u),
    laws: ["even"],
    cost: 0.5,
  }),
  sign: lowered({
    arity: 1,
    evaluate: (a) => (a === 0 || a !== a ? a : a < 0 ? -1 : 1),
    interval: (a) => interval(isPositive(a) ? 1 : -1, a.high <= 0 && a.nonzero ? -1 : 1, a.defined, a.nonzero),
    derivative: () => [null],
    lowering: (u) => b.select(b.lt(0, u), 1, b.select(b.lt(u, 0), -1, u)),
    laws: ["odd"],
    cost: 2,
  }),
  min: lowered({
    arity: 2,
    evaluate: (a, c) => Math.min(a, c),
    interval: (a, c) =>
      interval(Math.min(a.low, c.low), Math.min(a.high, c.high), a.defined && c.defined, a.nonzero && c.nonzero),
    derivative: (_, u, v) => tied(b.lt, u, v),
    lowering: (u, v) => b.select(b.lt(v, u), v, u),
    laws: ["commutative"],
    cost: 2,
  }),
  max: lowered({
    arity: 2,
    evaluate: (a, c) => Math.max(a, c),
    interval: (a, c) =>
      interval(Math.max(a.low, c.low), Math.max(a.high, c.high), a.defined && c.defined, a.nonzero && c.nonzero),
    derivative: (_, u, v) => tied(b.gt, u, v),
    lowering: (u, v) => b.select(b.lt(u, v), v, u),
    laws: ["commutative"],
    cost: 2,
  }),
  lt: primitive({
    arity: 2,
    evaluate: compare((a, c) => a < c),
    interval: (a, c) => {
      const gap = addIntervals(c, negateInterval(a));
      const surely = a.high < c.low || (a.high === c.low && (isPositive(gap) || apart(a, c)));
      return truth(surely, a.low >= c.high, a.defined && c.defined);
    },
    cost: 1,
  }),
  le: primitive({
    arity: 2,
    evaluate: compare((a, c) => a <= c),
    interval: (a, c) =>
      truth(a.high <= c.low, a.low > c.high || (a.low === c.high && apart(c, a)), a.defined && c.defined),
    cost: 1,
  }),
  eq: primitive({
    arity: 2,
    evaluate: compare((a, c) => a === c),
    interval: (a, c) =>
      truth(
        a.low === a.high && c.low === c.high && a.low === c.low,
        a.high < c.low || c.high < a.low || (c.low === 0 && c.high === 0 && a.nonzero),
        a.defined && c.defined,
      ),
    laws: ["commutative"],
    cost: 1,
  }),
  and: primitive({
    arity: 2,
    evaluate: (a, c) => (a !== a || c !== c ? NaN : a !== 0 && c !== 0 ? 1 : 0),
    interval: (a, c) => truth(a.low === 1 && c.low === 1, a.high === 0 || c.high === 0, a.defined && c.defined),
    laws: ["commutative"],
    cost: 0.5,
  }),
  or: primitive({
    arity: 2,
    evaluate: (a, c) => (a !== a || c !== c ? NaN : a !== 0 || c !== 0 ? 1 : 0),
    interval: (a, c) => truth(a.low === 1 || c.low === 1, a.high === 0 && c.high === 0, a.defined && c.defined),
    laws: ["commutative"],
    cost: 0.5,
  }),
  not: primitive({
    arity: 1,
    evaluate: (a) => (a !== a ? NaN : a !== 0 ? 0 : 1),
    interval: (a) => truth(a.high === 0, a.low === 1, a.defined),
    cost: 0.5,
  }),
  select: primitive({
    arity: 3,
    evaluate: (c, u, v) => (c !== c ? NaN : c !== 0 ? u : v),
    interval: (c, u, v) => {
      const chosen = c.low === 1 ? u : c.high === 0 ? v : unionIntervals(u, v);
      return { ...chosen, defined: chosen.defined && c.defined };
    },
    derivative: partialsOfSelect,
    cost: 2,
  }),
};
