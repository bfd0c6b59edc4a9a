/** Numbers and operators as formulas mean them: over the reals, where 0.1 is 1/10. */
import type { Expr } from "../../ir/expr.js";
import { OPERATORS, type Row } from "../functions.js";
import { literalFrom } from "../literals.js";
import { type Reason } from "../place.js";
import { createPartial, type Comparison, type Partial } from "../partial.js";
import { globals } from "./globals.js";
import type { Expression, ExpressionOf } from "./syntax.js";
import type { Value } from "./values.js";

/** The meaning of names, numbers and operators. */
export interface Dialect {
  readonly names: ReadonlyMap<string, Value>;
  readonly number: (text: string) => Expr | Reason;
  readonly negative: (operand: Expr) => Expr;
  /** Operators between two numbers. */
  readonly binary: ReadonlyMap<string, Row>;
  /** Spellings of one operation by several. */
  readonly idiom?: (expression: ExpressionOf<"binary">, read: (part: Expression) => Expr) => Expr | undefined;
  /** Where expressions are real, for comparisons with what may be NaN; nothing where NaN is a number like others. */
  readonly partial?: Partial;
}

/** JavaScript's operators by the names of their rows. */
const SPELLINGS: Readonly<Record<string, string>> = {
  "+": "add",
  "-": "subtract",
  "*": "multiply",
  "/": "divide",
  "**": "pow",
  "<": "smaller",
  "<=": "smallerEq",
  ">": "larger",
  ">=": "largerEq",
  "===": "equal",
  "==": "equal",
  "!==": "unequal",
  "!=": "unequal",
};

/** Comparisons, those that say "unequal" by what they deny. */
export const COMPARISONS: Readonly<Record<string, Comparison>> = {
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
  "==": "==",
  "===": "==",
  "!=": "==",
  "!==": "==",
};

/** A literal of JavaScript. */
const exactNumber = (text: string): Expr | Reason => (/^0_?\d/.test(text) ? OCTAL : literalFrom(text));

const OCTAL: Reason = { message: "a number that begins with 0 may be octal", hint: "write it without the 0" };

const BINARY: ReadonlyMap<string, Row> = new Map(
  Object.entries(SPELLINGS).map(([operator, name]) => [operator, OPERATORS.get(name)!]),
);

export function reals(): Dialect {
  const partial = createPartial();
  return {
    names: globals(partial),
    number: exactNumber,
    negative: OPERATORS.get("unaryMinus")!.build,
    binary: BINARY,
    partial,
  };
}
