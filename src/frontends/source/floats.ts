/** Numbers and operators as emitted modules mean them. */
import * as b from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import { floatOf, negative, power, rationalOf } from "../floats.js";
import { FUNCTIONS, type Row } from "../functions.js";
import { SHARED, builtin, namespace } from "./globals.js";
import type { Dialect } from "./reals.js";
import type { Expression, ExpressionOf } from "./syntax.js";
import { OPERATOR_REASONS } from "./unreadable.js";
import { asNumber, asTruth, valueOf, type Builtin, type Value } from "./values.js";

const row = (build: (a: Expr, c: Expr) => Expr): Row => ({ count: 2, build });
const unary = (build: (a: Expr) => Expr): Row => ({ count: 1, build });

/** The condition that was made a number: bit operators join them without a jump. */
const conditionOf = (expr: Expr | undefined): Expr | undefined =>
  expr?.op === "select" && expr.args[1] === b.constant(1) && expr.args[2] === b.constant(0) ? expr.args[0] : undefined;
const isZero = (expr: Expr | undefined): boolean => rationalOf(expr)?.numerator === 0n;

/** `&` and `|` of conditions; `condition | 0` is the condition as a number. */
const bits = (operator: string, build: (p: Expr, q: Expr) => Expr): Row => ({
  count: 2,
  build: (u, v) => (isZero(v) ? u : build(conditionOf(u)!, conditionOf(v)!)),
  refuse: (u, v) =>
    conditionOf(u) !== undefined && (conditionOf(v) !== undefined || (operator === "|" && isZero(v)))
      ? undefined
      : OPERATOR_REASONS.get(operator),
});

const BINARY: ReadonlyMap<string, Row> = new Map(
  Object.entries<Row>({
    "+": row(b.add),
    "-": row(b.sub),
    "*": row(b.mul),
    "/": row(b.div),
    "**": row(power),
    "<": row(b.lt),
    "<=": row(b.le),
    ">": row(b.gt),
    ">=": row(b.ge),
    "===": row(b.eq),
    "!==": row((u, v) => b.not(b.eq(u, v))),
    "&": bits("&", b.and),
    "|": bits("|", b.or),
  }),
);

/** Where float64 has no fraction bits left: adding and subtracting it rounds. */
const ROUNDER = "6755399441055744";
const isNumber = (part: Expression, text: string): boolean => part.kind === "number" && part.text === text;
type Binary = ExpressionOf<"binary">;
const asBinary = (part: Expression, operator: string): Binary | undefined =>
  part.kind === "binary" && part.operator === operator ? part : undefined;
const elementOf = (part: Expression, array: string): Expression | undefined =>
  part.kind === "element" && part.object.kind === "name" && part.object.name === array ? part.index : undefined;

/** `a + ROUNDER - ROUNDER`, and `POWERS[(k >> 7) + 1075] * STEPS[k & 127]`. */
function idiom(at: Binary, read: (part: Expression) => Expr): Expr | undefined {
  if (at.operator === "-" && isNumber(at.right, ROUNDER)) {
    const sum = asBinary(at.left, "+");
    if (sum !== undefined && isNumber(sum.right, ROUNDER)) return b.round(read(sum.left));
  }
  if (at.operator !== "*") return undefined;
  const [power, step] = [elementOf(at.left, "POWERS"), elementOf(at.right, "STEPS")];
  if (power === undefined || step === undefined) return undefined;
  const [offset, fraction] = [asBinary(power, "+"), asBinary(step, "&")];
  const whole = offset === undefined || !isNumber(offset.right, "1075") ? undefined : asBinary(offset.left, ">>");
  if (whole === undefined || !isNumber(whole.right, "7")) return undefined;
  if (fraction === undefined || !isNumber(fraction.right, "127")) return undefined;
  const [k, same] = [read(whole.left), read(fraction.left)];
  return k === same ? b.exp2Steps(k) : undefined;
}

const CHOOSE: Builtin = {
  kind: "builtin",
  count: 3,
  apply: ([condition, yes, no]) => {
    const [truth, u, v] = [asTruth(condition!), asNumber(yes!), asNumber(no!)];
    return truth?.kind === "condition" && u !== undefined && v !== undefined
      ? valueOf(b.select(truth.expr, u, v))
      : undefined;
  },
};

/** The functions that modules bring with them, as the operations that they compute. */
const HELPERS: readonly (readonly [string, Value])[] = [
  ["choose", CHOOSE],
  ["erf", builtin(unary(b.erf))],
  ["erfc", builtin(unary(b.erfc))],
  ["erfcx", builtin(unary(b.erfcx))],
  ["ierfcx", builtin(unary(b.ierfcx))],
  ["i2erfcx", builtin(unary(b.i2erfcx))],
  ["log1mexp", builtin(unary(b.log1mexp))],
  ["sinc", builtin(unary(b.sinc))],
  ["sphericalBessel1", builtin(unary(b.sphericalBessel1))],
  ["sphericalBessel2", builtin(unary(b.sphericalBessel2))],
  ["productError", builtin(row(b.productError))],
  ["sumError", builtin(row(b.sumError))],
  ["expSingle", builtin(unary(b.expSingle))],
  ["expm1Single", builtin(unary(b.expm1Single))],
];

const MATH: ReadonlyMap<string, Value> = new Map<string, Value>([
  ...SHARED.map((name) => [name, builtin(FUNCTIONS.get(name)!)] as const),
  ["pow", builtin(row(b.pow))],
]);

export const FLOATS: Dialect = {
  names: new Map<string, Value>([
    ...HELPERS,
    ["Math", namespace("Math", MATH)],
    ["Number", namespace("Number", new Map([["MAX_VALUE", valueOf(floatOf(Number.MAX_VALUE))]]))],
    ["NaN", valueOf(b.constant(NaN))],
    ["Infinity", valueOf(b.constant(Infinity))],
  ]),
  number: (text) => floatOf(Number(text.replaceAll("_", ""))),
  negative,
  binary: BINARY,
  idiom,
};
