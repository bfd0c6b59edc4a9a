/** Operators: what they make of numbers, truths, text, undefined and null, as JavaScript takes them for each other. */
import { constant } from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import { isSafe, type Rational } from "../../ir/rational.js";
import { MAYBE_INFINITE } from "../interpreter/refusals.js";
import type { Machine } from "../interpreter/machine.js";
import { powerOf } from "../functions.js";
import type { Reason, Span } from "../place.js";
import { askedToBe } from "./choices.js";
import { truthOf as truthOfNumber } from "./globals.js";
import { COMPARISONS, type Dialect } from "./reals.js";
import type { Expression } from "./syntax.js";
import { MIXED, OPERATOR_REASONS, TEXT, UNKNOWN } from "./unreadable.js";
import {
  FALSE,
  TRUE,
  asNumber,
  asTruth,
  isReason,
  isTruth,
  opposite,
  valueOf,
  type Truth,
  type Value,
} from "./values.js";

export interface Operand {
  readonly place: Expression;
  readonly value: () => Value;
}

/** `written`: as a message shows it. */
interface Parts extends Pick<Machine<Value>, "refuse" | "written" | "branches" | "choices"> {
  readonly dialect: Dialect;
  readonly standIn: (argument: Expr, value: () => Value) => void;
}

export interface Operators {
  /** `left operator right`; the right side is only looked at where it counts. */
  readonly combine: (place: Span, operator: string, left: Operand, right: Operand) => Value;
  readonly unary: (place: Span, operator: string, operand: Operand) => Value;
  readonly number: (operand: Operand) => Expr;
  readonly noNumber: (place: Span, value: Value) => never;
  readonly truthOf: (place: Span, value: Value) => Truth;
  /** The value, unless it is refused. */
  readonly settle: (place: Span, result: Value | Reason) => Value;
  /** The value of either way of an expression that decides. */
  readonly select: (place: Span, condition: Truth, yes: () => Value, no: () => Value) => Value;
}

/** The value of `&&` when its left side is a number that counts as false, and not NaN. */
const ZERO: Value = valueOf(constant(0));

/** The types of values, as "typeof" says them. */
const TYPES: ReadonlyMap<Value["kind"], string> = new Map([
  ["number", "number"],
  ["infinite", "number"],
  ["truth", "boolean"],
  ["condition", "boolean"],
  ["text", "string"],
  ["function", "function"],
  ["nothing", "undefined"],
  ["null", "object"],
  ["elements", "object"],
  ["array", "object"],
]);

/** Classes are functions, and everything else that the file makes is an object. */
const ofRecord = ({ record }: Extract<Value, { readonly kind: "record" }>): Value["kind"] =>
  record.kind === "class" ? "function" : "array";

/** A whole number that floats have as it is. */
const isWhole = ({ op, payload }: Expr): boolean => {
  if (op !== "rational") return false;
  const { numerator, denominator } = payload as Rational;
  return denominator === 1n && isSafe(numerator);
};

export function createOperators({ dialect, refuse, written, ...machine }: Parts): Operators {
  const noNumber = (place: Span, value: Value): never =>
    value.kind === "infinite"
      ? refuse(value.place ?? place, value.reason)
      : value.kind === "nothing" || value.kind === "null"
        ? refuse(place, { message: `${written(place)} has no value here`, hint: "give it a number on every path" })
        : value.kind === "text"
          ? refuse(place, TEXT)
          : refuse(place, {
              message: `${written(place)} is not a number`,
              hint: "call it, or name one of its members",
            });
  const number = ({ place, value }: Operand): Expr => {
    const result = value();
    return asNumber(result) ?? noNumber(place, result);
  };
  const { partial } = dialect;
  /** NaN is as good as false. */
  const truthOf = (place: Span, value: Value): Truth => {
    if (value.kind !== "number" || partial === undefined) return asTruth(value) ?? noNumber(place, value);
    return { kind: "condition", expr: truthOfNumber(partial, value.expr) ?? refuse(place, MAYBE_INFINITE) };
  };
  const settle = (place: Span, result: Value | Reason): Value =>
    isReason(result) ? refuse(place, result) : result.kind === "refused" ? refuse(place, result.reason) : result;
  const select: Operators["select"] = (place, ...ways) => settle(place, machine.branches.value(...ways));

  /** `===` with undefined or null, which only `==` takes for each other: a number is neither. */
  const isNothing = (left: Value, right: Value, strict: boolean): Truth | undefined => {
    const [a, b] = [left, right].map(({ kind }) => (kind === "nothing" || kind === "null" ? kind : undefined));
    if (a === undefined && b === undefined) return undefined;
    return a !== undefined && b !== undefined && (a === b || !strict) ? TRUE : FALSE;
  };

  /** The result of `===` (of `==` unless `strict`) where it does not depend on the values of numbers. */
  const isSame = (a: Value, b: Value, strict: boolean): Truth | undefined => {
    const isAlways = a.kind === "number" && partial !== undefined && partial.isReal(a.expr) === undefined;
    if (isAlways && b.kind === "number" && a.expr === b.expr) return TRUE;
    if (isAlways && b.kind === "number" && isWhole(a.expr) && isWhole(b.expr)) return FALSE;
    if (a.kind === "infinite" && b.kind === "infinite") return a.isNegative === b.isNegative ? TRUE : FALSE;
    const [finite, infinite] = a.kind === "infinite" ? [b, a] : [a, b];
    if (infinite.kind === "infinite" && finite.kind === "number" && partial?.isReal(finite.expr) === undefined)
      return FALSE;
    if (a.kind === "text" && b.kind === "text") return a.text === b.text ? TRUE : FALSE;
    return isNothing(a, b, strict) ?? (strict && isTruth(a) !== isTruth(b) ? FALSE : undefined);
  };

  const equality = (place: Span, operator: string, left: Operand, right: Operand): Value => {
    const [a, b] = [left.value(), right.value()];
    if (operator.length === 3 && [a, b].some((side) => side.kind === "number" && side.isMixed === true))
      refuse(place, MIXED);
    const same =
      isSame(a, b, operator.length === 3) ??
      askedToBe(machine.choices, { value: a, written: left.place }, { value: b, written: right.place });
    if (same !== undefined) return operator.startsWith("!") ? opposite(same) : same;
    return arithmetic(place, operator, { place: left.place, value: () => a }, { place: right.place, value: () => b });
  };

  const arithmetic = (place: Span, operator: string, left: Operand, right: Operand): Value => {
    const row = operator === "**" && partial !== undefined ? powerOf(partial) : dialect.binary.get(operator);
    if (row === undefined) return refuse(place, OPERATOR_REASONS.get(operator) ?? UNKNOWN);
    const [u, v] = [number(left), number(right)];
    const comparison = COMPARISONS[operator];
    if (comparison !== undefined && partial !== undefined) {
      const expr = partial.compare(comparison, u, v) ?? refuse(place, MAYBE_INFINITE);
      const told: Truth = { kind: "condition", expr };
      return operator.startsWith("!") ? opposite(told) : told;
    }
    return settle(place, row.refuse?.(u, v) ?? valueOf(row.build(u, v)));
  };

  /** `kind || "relu"`: what it is where it is left out is one of its kinds. */
  const isLeftOut = (left: Value, written: Expression): boolean =>
    written.kind === "text" &&
    askedToBe(machine.choices, { value: left, written }, { value: written, written }) === FALSE;
  const LOGIC: Readonly<Record<string, (place: Span, left: Value, right: () => Value, written: Expression) => Value>> =
    {
      "&&": (place, left, right) => {
        const condition = truthOf(place, left);
        if (condition === FALSE || condition === TRUE) return condition === TRUE ? right() : left;
        // A number that is as good as false is 0, unless it is NaN.
        const isZero = left.kind === "number" && partial?.isReal(left.expr) === undefined;
        const ended = isZero ? ZERO : left.kind === "number" ? left : FALSE;
        return select(place, condition, right, () => ended);
      },
      "||": (place, left, right, written) => {
        if (isLeftOut(left, written)) return left;
        const condition = truthOf(place, left);
        if (condition === FALSE || condition === TRUE) return condition === TRUE ? left : right();
        return select(place, condition, () => (left.kind === "condition" ? TRUE : left), right);
      },
      "??": (_, left, right, written) => {
        if (isLeftOut(left, written)) return left;
        if (left.kind === "nothing" || left.kind === "null") return right();
        if (left.kind === "number" && left.expr.op === "variable") machine.standIn(left.expr, right);
        return left;
      },
    };

  const combine: Operators["combine"] = (place, operator, left, right) => {
    const logic = LOGIC[operator];
    if (logic !== undefined) return logic(left.place, left.value(), right.value, right.place);
    return (/^[!=]==?$/.test(operator) ? equality : arithmetic)(place, operator, left, right);
  };

  const UNARY: Readonly<Record<string, (operand: Operand) => Value>> = {
    "-": (operand) => {
      const value = operand.value();
      if (value.kind === "infinite") return { ...value, isNegative: !value.isNegative };
      return valueOf(dialect.negative(number({ ...operand, value: () => value })));
    },
    "+": (operand) => ({ kind: "number", expr: number(operand) }),
    "!": ({ place, value }) => opposite(truthOf(place, value())),
    typeof: ({ place, value }) => {
      const found = value();
      // It may turn out to be an object, or a truth.
      const isSure = found.kind !== "number" || (found.member === undefined && found.isMixed !== true);
      const text = isSure ? TYPES.get(found.kind === "record" ? ofRecord(found) : found.kind) : undefined;
      return text === undefined ? refuse(place, TEXT) : { kind: "text", text };
    },
  };
  const unary: Operators["unary"] = (place, operator, operand) =>
    (UNARY[operator] ?? (() => refuse(place, OPERATOR_REASONS.get(operator) ?? UNKNOWN)))(operand);

  return { combine, unary, number, noNumber, truthOf, settle, select };
}
