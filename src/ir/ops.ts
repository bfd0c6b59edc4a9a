/**
 * Every operation, one row each: what it means on float64 and on intervals, its derivative, how to write it with
 * simpler operations, its laws and its cost. A row is the whole truth about an operation; targets only add its spelling.
 *
 * A derivative gets the operation's own result as `self`, so that `tanh` says 1 - self² and nothing is computed twice.
 * A `null` partial means that the result does not change with that argument (almost everywhere).
 */
import * as b from "./build.js";
import { variableOf, type Expr } from "./expr.js";
import {
  EVERYTHING,
  UNKNOWN,
  addIntervals,
  increasing,
  interval,
  invertInterval,
  isNonnegative,
  isPositive,
  multiplyIntervals,
  negateInterval,
  truth,
  unionIntervals,
  widened,
  type Interval,
} from "./interval.js";
import { erfFloat, erfcFloat, erfcxFloat, erfLowering, erfcLowering, erfcxLowering } from "./erf.js";

export interface Operation {
  readonly arity: number;
  /** The float64 meaning; conditions are 1, 0, or NaN when a NaN was compared. */
  readonly evaluate: (...args: number[]) => number;
  readonly interval: (...args: Interval[]) => Interval;
  /** The partial derivative by each argument. */
  readonly derivative?: (self: Expr, ...args: Expr[]) => readonly (Expr | null)[];
  /** The same function of simpler operations, as good in float64 as the operation itself. */
  readonly lowering?: (...args: Expr[]) => Expr;
  readonly laws?: readonly Law[];
  /** Roughly nanoseconds in a JavaScript loop. */
  readonly cost: number;
}

/** commutative: f(a,b) = f(b,a). odd: f(-a) = -f(a). even: f(-a) = f(a). increasing: strictly, in its only argument. */
export type Law = "commutative" | "odd" | "even" | "increasing";

type Leaf = Operation & { readonly arity: 0 };
type Lowered = Operation & Required<Pick<Operation, "lowering">>;
const leaf = (row: Partial<Operation>): Leaf => ({
  evaluate: () => NaN,
  interval: () => EVERYTHING,
  cost: 0,
  ...row,
  arity: 0,
});
const primitive = (row: Operation): Operation => row;
const lowered = (row: Lowered): Lowered => row;

const isNaN2 = (a: number, c: number): boolean => a !== a || c !== c;
const compare =
  (test: (a: number, c: number) => boolean) =>
  (a: number, c: number): number =>
    isNaN2(a, c) ? NaN : test(a, c) ? 1 : 0;

/** Veltkamp's splitting constant 2^27 + 1: the upper half of a float64 keeps 26 bits; beyond 2^996 it is scaled first. */
const SPLITTER = 134217729;
const SPLITS_UP_TO = 2 ** 996;
const DOWNSCALE = 2 ** -28;

const upperHalf = (a: number): number => {
  const scaled = Math.abs(a) > SPLITS_UP_TO ? a * DOWNSCALE : a;
  const upper = SPLITTER * scaled - (SPLITTER * scaled - scaled);
  return Math.abs(a) > SPLITS_UP_TO ? upper / DOWNSCALE : upper;
};

const productErrorFloat = (a: number, c: number): number => {
  const p = a * c;
  const [ah, ch] = [upperHalf(a), upperHalf(c)];
  const [al, cl] = [a - ah, c - ch];
  return al * cl - (p - ah * ch - al * ch - ah * cl);
};

const sumErrorFloat = (a: number, c: number): number => {
  const s = a + c;
  const v = s - a;
  return a - (s - v) + (c - v);
};

const TWO_OVER_SQRT_PI = b.div(2, b.sqrt(b.pi));

const RAW = {
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
    derivative: (self, u, v) => [b.mul(v, b.pow(u, b.sub(v, 1))), b.mul(self, b.log(u))],
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
    interval: (a) =>
      widened(
        a.low > 0 ? Math.log(a.low) : -Infinity,
        a.high > 0 ? Math.log(a.high) : Infinity,
        a.defined && isPositive(a),
      ),
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
    interval: (a) => interval(-1, 1, a.defined),
    derivative: (_, u) => [b.cos(u)],
    laws: ["odd"],
    cost: 12,
  }),
  cos: primitive({
    arity: 1,
    evaluate: (a) => Math.cos(a),
    interval: (a) => interval(-1, 1, a.defined),
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
    evaluate: (a) => {
      const e = Math.exp(-Math.abs(a));
      return a < 0 ? e / (1 + e) : 1 / (1 + e);
    },
    interval: (a) => interval(0, 1, a.defined, true),
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
    evaluate: (a) => Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a))),
    interval: (a) => interval(Math.max(a.low, 0), Infinity, a.defined, true),
    derivative: (_, u) => [b.sigmoid(u)],
    lowering: (u) => b.add(b.max(u, 0), b.log1p(b.exp(b.neg(b.abs(u))))),
    laws: ["increasing"],
    cost: 28,
  }),
  erf: lowered({
    arity: 1,
    evaluate: erfFloat,
    interval: (a) => interval(a.low >= 0 ? 0 : -1, a.high <= 0 ? 0 : 1, a.defined, a.nonzero),
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
    cost: 35,
  }),
  /** exp(u²)·erfc(u). The lowering and the float meaning are for u >= 0; below, the function overflows soon. */
  erfcx: lowered({
    arity: 1,
    evaluate: erfcxFloat,
    interval: (a) => interval(0, a.low >= 0 ? 1 : Infinity, a.defined, true),
    derivative: (self, u) => [b.sub(b.mul(b.mul(2, u), self), TWO_OVER_SQRT_PI)],
    lowering: erfcxLowering,
    cost: 20,
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

  productError: lowered({
    arity: 2,
    evaluate: productErrorFloat,
    interval: (a, c) => interval(0, 0, a.defined && c.defined),
    derivative: () => [null, null],
    lowering: (u, v) => {
      const upper = (a: Expr): Expr => {
        const huge = b.lt(SPLITS_UP_TO, b.abs(a));
        const scaled = b.select(huge, b.mul(a, DOWNSCALE), a);
        const product = b.mul(SPLITTER, scaled);
        const half = b.sub(product, b.sub(product, scaled));
        return b.select(huge, b.div(half, DOWNSCALE), half);
      };
      const [uh, vh] = [upper(u), upper(v)];
      const [ul, vl] = [b.sub(u, uh), b.sub(v, vh)];
      const rest = b.sub(b.sub(b.sub(b.mul(u, v), b.mul(uh, vh)), b.mul(ul, vh)), b.mul(uh, vl));
      return b.sub(b.mul(ul, vl), rest);
    },
    laws: ["commutative"],
    cost: 16,
  }),
  sumError: lowered({
    arity: 2,
    evaluate: sumErrorFloat,
    interval: (a, c) => interval(0, 0, a.defined && c.defined),
    derivative: () => [null, null],
    lowering: (u, v) => {
      const s = b.add(u, v);
      const rounded = b.sub(s, u);
      return b.add(b.sub(u, b.sub(s, rounded)), b.sub(v, rounded));
    },
    laws: ["commutative"],
    cost: 6,
  }),
  round: primitive({
    arity: 1,
    evaluate: (a) => a + 6755399441055744 - 6755399441055744,
    interval: (a) => interval(Math.floor(a.low), Math.ceil(a.high), a.defined),
    derivative: () => [null],
    laws: ["odd"],
    cost: 2,
  }),
  /** 2^(k/128) for an integer k, held between what float64 can hold: the table behind the fast exponentials. */
  exp2Steps: primitive({
    arity: 1,
    evaluate: (k) => (k !== k ? NaN : 2 ** Math.floor(k / 128) * 2 ** ((k - 128 * Math.floor(k / 128)) / 128)),
    interval: (a) => interval(0, Infinity, a.defined),
    cost: 2,
  }),
};

/** When a touches its end only from inside, a value equal to that end is impossible: exp(x) > 0. */
function apart(lower: Interval, upper: Interval): boolean {
  return (upper.low === 0 && upper.nonzero) || (lower.high === 0 && lower.nonzero);
}

function partialsOfSelect(_: Expr, condition: Expr): readonly (Expr | null)[] {
  return [null, b.select(condition, 1, 0), b.select(condition, 0, 1)];
}

/** At a tie the operand that does not depend on the input wins, so relu = max(x, 0) has the derivative 0 at 0. */
function tied(wins: (a: Expr, c: Expr) => Expr, u: Expr, v: Expr): readonly Expr[] {
  const fixed = u.op === "rational" || (u.op === "variable" && variableOf(u).role === "parameter");
  const first = fixed ? b.not(wins(v, u)) : wins(u, v);
  return [b.select(first, 1, 0), b.select(first, 0, 1)];
}

export type OperationName = keyof typeof RAW;
type Rows = typeof RAW;

/** The operations that a target must be able to write itself. */
export type PrimitiveName = {
  [K in OperationName]: Rows[K] extends { lowering: unknown } | { arity: 0 } ? never : K;
}[OperationName];

export const OPERATIONS: { readonly [K in OperationName]: Operation } = RAW;
export const OPERATION_NAMES = Object.keys(RAW) as readonly OperationName[];

export const hasLaw = (op: OperationName, law: Law): boolean => OPERATIONS[op].laws?.includes(law) ?? false;
export const isCondition = (expr: Expr): boolean =>
  expr.op === "lt" ||
  expr.op === "le" ||
  expr.op === "eq" ||
  expr.op === "and" ||
  expr.op === "or" ||
  expr.op === "not";
