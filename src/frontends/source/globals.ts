/** The names that JavaScript has by itself, as functions and constants over the reals. */
import * as b from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import { rationalFromNumber } from "../../ir/rational.js";
import { MAYBE_INFINITE } from "../interpreter/refusals.js";
import { FUNCTIONS, powerOf, type Row } from "../functions.js";
import { acos, asin } from "../inverse.js";
import { quote } from "../place.js";
import type { Partial } from "../partial.js";
import { FALSE, NOTHING, TRUE, asNumber, isTruth, valueOf, type Builtin, type Value } from "./values.js";

/** A function of numbers; a condition among the arguments counts as 1 or 0. */
export const builtin = (row: Row): Builtin => ({
  kind: "builtin",
  count: row.count,
  apply: (args) => {
    const operands = args.map(asNumber);
    if (!operands.every((operand) => operand !== undefined)) return undefined;
    return row.refuse?.(...operands) ?? valueOf(row.build(...operands));
  },
});

export const namespace = (global: string, members: ReadonlyMap<string, Value>): Value => ({
  kind: "object",
  member: (name) => members.get(name),
  global,
});

const unary = (build: (a: Expr) => Expr): Row => ({ count: 1, build });
const square = (u: Expr): Expr => b.naturalPower(u, 2);
const extremum = (build: (a: Expr, c: Expr) => Expr): Row => ({
  count: { atLeast: 1 },
  build: (...operands) => operands.reduce((left, right) => build(left, right)),
});

/** The functions that Math and formulas both have. */
export const SHARED =
  "exp log log1p expm1 log2 log10 sqrt cbrt abs sign tanh sinh cosh atanh asinh acosh sin cos atan".split(" ");

/** The functions that only Math has, by what they are. */
const EQUAL_TO: Readonly<Record<string, Row>> = {
  min: extremum(b.min),
  max: extremum(b.max),
  asin: unary(asin),
  acos: unary(acos),
  tan: unary((u) => b.div(b.sin(u), b.cos(u))),
  hypot: {
    count: { atLeast: 1 },
    build: (...sides) => b.sqrt(sides.map(square).reduce((sum, side) => b.add(sum, side))),
  },
  // It rounds to float32; over the reals nothing is rounded.
  fround: unary((u) => u),
};

const CONSTANTS: Readonly<Record<string, Expr>> = {
  PI: b.pi,
  E: b.exp(1),
  SQRT2: b.sqrt(2),
  SQRT1_2: b.sqrt(b.fraction(1, 2)),
  LN2: b.log(2),
  LN10: b.log(10),
  LOG2E: b.div(1, b.log(2)),
  LOG10E: b.div(1, b.log(10)),
};

/** Names that mean something which is no function of real numbers. */
const refused = (names: string, message: string, hint: string): readonly (readonly [string, Value])[] =>
  names.split(" ").map((name) => [name, { kind: "refused", reason: { message: `${quote(name)} ${message}`, hint } }]);

const MATH: ReadonlyMap<string, Value> = new Map<string, Value>([
  ...SHARED.map((name) => [name, builtin(FUNCTIONS.get(name)!)] as const),
  ...Object.entries(EQUAL_TO).map(([name, row]) => [name, builtin(row)] as const),
  ...Object.entries(CONSTANTS).map(([name, expr]) => [name, valueOf(expr)] as const),
  ...refused(
    "floor ceil round trunc clz32 imul",
    "is not read: it jumps between integers",
    "write the function without it",
  ),
  ...refused("atan2", "is not read: it is an angle of two numbers", "leave this function out"),
  ...refused("random", "is not read: it is no function of its arguments", "pass the random number as an argument"),
]);

/** The members of Math. */
export const mathMembers = (partial: Partial): ReadonlyMap<string, Value> =>
  new Map([...MATH, ["pow", builtin(powerOf(partial))]]);

const INFINITE = [
  "is not a number here: formulas are over the reals",
  "leave out the branch or the bound that it stands for",
] as const;
const infinite = (name: string, isNegative: boolean): Value => ({
  kind: "infinite",
  isNegative,
  reason: { message: `${quote(name)} ${INFINITE[0]}`, hint: INFINITE[1] },
});

/** Where a number is NaN, or finite, as far as this can be told. */
const predicate =
  (answer: (partial: Partial, expr: Expr) => Expr | boolean | undefined) =>
  (partial: Partial): Builtin => ({
    kind: "builtin",
    count: 1,
    apply: ([value]) => {
      const expr = asNumber(value!);
      const told = expr === undefined ? undefined : answer(partial, expr);
      if (told === undefined) return MAYBE_INFINITE;
      return typeof told === "boolean" ? (told ? TRUE : FALSE) : { kind: "condition", expr: told };
    },
  });
const isNaN = predicate((partial, expr) => partial.isNaN(expr));
const isFinite = predicate((partial, expr) => partial.isReal(expr) ?? true);

const freeze: Builtin = { kind: "builtin", count: 1, freezes: true, apply: ([value]) => value };

const LISTS: ReadonlySet<Value["kind"]> = new Set(["elements", "array"]);
const isArray: Builtin = {
  kind: "builtin",
  count: 1,
  takesAll: true,
  apply: ([value]) => {
    if (value === undefined || asNumber(value) !== undefined || isTruth(value)) return FALSE;
    return LISTS.has(value.kind) ? TRUE : undefined;
  },
};

const EPSILON = valueOf(b.fraction(1, 2 ** 52));
const MAX_VALUE = valueOf(b.fromRational(rationalFromNumber(Number.MAX_VALUE)));

/** The global names; those that ask for NaN need to know where expressions are real. */
export function globals(partial: Partial): ReadonlyMap<string, Value> {
  const number: ReadonlyMap<string, Value> = new Map<string, Value>([
    ["isNaN", isNaN(partial)],
    ["isFinite", isFinite(partial)],
    ["EPSILON", EPSILON],
    ["MAX_VALUE", MAX_VALUE],
    ["POSITIVE_INFINITY", infinite("POSITIVE_INFINITY", false)],
    ["NEGATIVE_INFINITY", infinite("NEGATIVE_INFINITY", true)],
    ...refused("NaN", ...INFINITE),
  ]);
  const boolean = predicate(truthOf)(partial);
  return new Map<string, Value>([
    ["Math", namespace("Math", mathMembers(partial))],
    ["Number", { ...builtin(unary((u) => u)), member: (name) => number.get(name) }],
    ["Boolean", { ...boolean, apply: ([value]) => (isTruth(value!) ? value : boolean.apply([value!])) }],
    ["Object", namespace("Object", new Map([["freeze", freeze]]))],
    ["Array", namespace("Array", new Map([["isArray", isArray]]))],
    ["isNaN", isNaN(partial)],
    ["isFinite", isFinite(partial)],
    ["undefined", NOTHING],
    ["Infinity", infinite("Infinity", false)],
    ...refused("NaN", ...INFINITE),
  ]);
}

/** Whether a number counts as true: it is neither 0 nor NaN. */
export function truthOf(partial: Partial, expr: Expr): Expr | undefined {
  const isZero = partial.compare("==", expr, b.constant(0));
  const where = partial.isReal(expr);
  if (isZero === undefined) return undefined;
  return where === undefined ? b.not(isZero) : partial.both(where, b.not(b.eq(expr, 0)));
}
