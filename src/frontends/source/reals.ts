/** Numbers and operators as formulas mean them: over the reals, where 0.1 is 1/10. */
import { decimal, fromRational } from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import { rational, rationalToNumber, type Rational } from "../../ir/rational.js";
import { OPERATORS, type Row } from "../functions.js";
import { quote, type Reason } from "../place.js";
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

const LONGEST_NUMBER = 500;

/** A literal of JavaScript: a decimal, or an integer in another base; digits may be grouped with "_". */
function exactNumber(text: string): Expr | Reason {
  const plain = text.replaceAll("_", "");
  if (/^0\d/.test(plain)) return OCTAL;
  if (plain.length > LONGEST_NUMBER)
    return {
      message: `this number has ${plain.length} digits, and ${LONGEST_NUMBER} are allowed`,
      hint: "a float64 has 17 significant digits",
    };
  try {
    const expr = /^0[xob]/i.test(plain) ? fromRational(rational(BigInt(plain))) : decimal(plain);
    return isOutOfRange(expr) ? outOfRange(text) : expr;
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError) return outOfRange(text);
    throw error;
  }
}

const OCTAL: Reason = { message: "a number that begins with 0 may be octal", hint: "write it without the 0" };

const outOfRange = (text: string): Reason => ({
  message: `${quote(text)} is outside what a float64 can hold`,
  hint: "use numbers between 5e-324 and 1.7e308 in magnitude, or 0",
});

function isOutOfRange(expr: Expr): boolean {
  const exact = expr.payload as Rational;
  const value = rationalToNumber(exact);
  return !Number.isFinite(value) || (value === 0 && exact.numerator !== 0n);
}

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
