/** Python's operators between values: tensors, numbers, truths, tuples, and None. */
import { eq, not } from "../../ir/build.js";
import { leafValue } from "../../ir/evaluate.js";
import { compareRational } from "../../ir/rational.js";
import type { Expr } from "../../ir/expr.js";
import { reason, type Span, type Refuse } from "../place.js";
import { ARITHMETIC, LOGIC, negative, truthOf as isTrue } from "./arithmetic.js";
import type { Choices } from "../interpreter/choices.js";
import { askedToBe } from "./choices.js";
import type { Calls } from "./calls.js";
import { isKnown } from "./library.js";
import { isInfinite } from "./rows.js";
import { DATA_DEPENDENT, INFINITE, JUMPS, MATRIX, NO_NUMBER, REDUCTION, TEXT, UNKNOWN } from "./unreadable.js";
import {
  FALSE,
  PLUMBING,
  TRUE,
  asConditionExpr,
  asNumber,
  isTruth,
  isTruths,
  literalOf,
  opposite,
  truthOf,
  wholeOf,
  type Truth,
  type Value,
} from "./values.js";

const BITS = reason("bit operations on numbers are not read", "use &, | and ~ for conditions, such as x > 0");
const NO_DIFFERENCE = reason("torch does not subtract truths", "write mask.float(), or mask.to(x.dtype)");
const TOO_MANY = reason("this makes a long list, which is not read", "write its elements out");
const MOST_ITEMS = 100;

const REASONS = new Map([
  ["@", MATRIX],
  ["%", JUMPS],
  ["//", JUMPS],
]);

export interface Operators {
  readonly binary: (place: Span, operator: string, left: Value, right: Value) => Value;
  readonly unary: (place: Span, operator: string, operand: Value) => Value;
  readonly truth: (place: Span, value: Value) => Truth;
}

/** A symbol, which stands for finite numbers, or such a number. */
const isLeaf = (value: Value): boolean => {
  const expr = asNumber(value);
  return typeof expr === "object" && (expr.op === "variable" || expr.op === "rational");
};
/** The infinity that a value is. */
const beyondOf = (value: Value): number | undefined => {
  const number = value.kind === "number" && value.expr.op === "float" ? leafValue(value.expr) : 0;
  return Math.abs(number) === Infinity ? number : undefined;
};
/** Texts and members of enumerations, none of which is a text. */
const isName = ({ kind }: Value): boolean => kind === "text" || kind === "member";
const areAlike = (left: Value, right: Value): boolean =>
  left.kind !== "member" || right.kind !== "member" || left.numberOf === right.numberOf;
const nameIn = (value: Value): string =>
  value.kind === "text" ? `'${value.text}'` : value.kind === "member" ? value.path : "";

export function createOperators(
  calls: Calls,
  refuse: Refuse,
  unknownTruth: (place: Span) => Truth,
  choices: Choices<Value>,
): Operators {
  const COMPARE: Readonly<Record<string, (order: number) => boolean>> = {
    "<": (order) => order < 0,
    "<=": (order) => order <= 0,
    ">": (order) => order > 0,
    ">=": (order) => order >= 0,
    "==": (order) => order === 0,
    "!=": (order) => order !== 0,
  };

  /** The truth of a comparison that no symbol decides: of None, of text, and of numbers that are written out. */
  const known = (operator: string, left: Value, right: Value): Truth | undefined => {
    const isNegated = operator.startsWith("!") || operator === "is not";
    const told = (same: boolean): Truth => truthOf(same !== isNegated);
    const isEquality = /^(?:[!=]=|is|is not)$/.test(operator);
    if (isEquality && (left.kind === "none" || right.kind === "none")) return told(left.kind === right.kind);
    if (isEquality && isName(left) && isName(right) && areAlike(left, right))
      return told(nameIn(left) === nameIn(right));
    if (
      /^(?:not )?in$/.test(operator) &&
      isName(left) &&
      right.kind === "tuple" &&
      right.items.every((item) => isName(item) && areAlike(left, item))
    )
      return truthOf(right.items.some((item) => nameIn(item) === nameIn(left)) === (operator === "in"));
    if (isEquality && left.kind === "truth" && right.kind === "truth") return told(left.value === right.value);
    if (isEquality && isTruth(left) && right.kind === "truth") return right.value !== isNegated ? left : opposite(left);
    const [beyond, other] = beyondOf(left) === undefined ? [beyondOf(right), left] : [beyondOf(left), right];
    if (isEquality && beyond !== undefined && (isLeaf(other) || beyondOf(other) !== undefined))
      return told(beyondOf(other) === beyond);
    const [a, b] = [literalOf(left), literalOf(right)];
    const compare = COMPARE[operator];
    return a !== undefined && b !== undefined && compare !== undefined
      ? truthOf(compare(compareRational(a, b)))
      : undefined;
  };

  const tuples = (place: Span, operator: string, left: Value, right: Value): Value | undefined => {
    if (operator === "+" && left.kind === "tuple" && right.kind === "tuple")
      return { kind: "tuple", items: [...left.items, ...right.items] };
    const [list, times] = left.kind === "tuple" ? [left, wholeOf(right)] : [right, wholeOf(left)];
    if (operator !== "*" || list.kind !== "tuple" || times === undefined) return undefined;
    if (list.items.length * times > MOST_ITEMS) return refuse(place, TOO_MANY);
    return { kind: "tuple", items: Array.from({ length: Math.max(0, times) }, () => list.items).flat() };
  };

  const conditionOf = (value: Value): Expr | undefined => {
    if (value.kind === "condition") return value.expr;
    if (value.kind === "truth") return value.value ? not(eq(1, 0)) : eq(1, 0);
    return isTruths(value) && value.kind === "tensor" ? asConditionExpr(value.memory.content) : undefined;
  };

  const binary: Operators["binary"] = (place, operator, left, right) => {
    const answer =
      known(operator, left, right) ?? askedToBe(choices, operator, left, right) ?? tuples(place, operator, left, right);
    if (answer !== undefined) return answer;
    if (left.kind === "plumbing" || right.kind === "plumbing") return PLUMBING;
    const why = REASONS.get(operator);
    if (why !== undefined) return refuse(place, why);
    const logic = LOGIC.get(operator);
    const areTensors = isTruths(left) && isTruths(right);
    if (logic !== undefined && (areTensors || "&|^".includes(operator))) {
      const [p, q] = [conditionOf(left), conditionOf(right)];
      return p === undefined || q === undefined
        ? refuse(place, BITS)
        : calls.compute([left, right], place, () => logic(p, q));
    }
    if (areTensors && operator === "-") return refuse(place, NO_DIFFERENCE);
    const build = ARITHMETIC.get(operator);
    if (build === undefined) return refuse(place, UNKNOWN);
    const [u, v] = [finite(place, left), finite(place, right)];
    return calls.compute([left, right], place, () => build(u, v), operator);
  };

  const finite = (place: Span, value: Value): Expr => {
    const expr = number(place, value);
    return isInfinite(expr) ? refuse(place, INFINITE) : expr;
  };
  const number = (place: Span, value: Value): Expr =>
    value.kind === "sum"
      ? refuse(value.place, REDUCTION)
      : (asNumber(value) ??
        refuse(place, value.kind === "text" ? TEXT : value.kind === "refused" ? value.reason : NO_NUMBER));

  const truth: Operators["truth"] = (place, value) => {
    switch (value.kind) {
      case "truth":
      case "condition":
        return value;
      case "number":
      case "tensor": {
        const literal = literalOf(value);
        if (literal !== undefined) return truthOf(literal.numerator !== 0n);
        if (value.kind === "tensor" && !value.memory.single) return refuse(place, DATA_DEPENDENT);
        return {
          kind: "condition",
          expr: asCondition(place, value.kind === "number" ? value.expr : value.memory.content),
        };
      }
      case "none":
        return FALSE;
      case "text":
        return truthOf(value.text !== "");
      case "tuple":
        return truthOf(value.items.length > 0);
      case "plumbing":
        return unknownTruth(place);
      case "path":
        // `typing.TYPE_CHECKING`: what it is, is known to its library.
        return isKnown(value.path) ? TRUE : unknownTruth(place);
      case "sum":
        return refuse(value.place, REDUCTION);
      case "refused":
        return refuse(place, value.reason);
      default:
        return TRUE;
    }
  };

  const asCondition = (place: Span, expr: Expr): Expr => {
    const told = calls.compute([], place, () => isTrue(expr));
    return told.kind === "condition" ? told.expr : refuse(place, NO_NUMBER);
  };

  return {
    binary,
    truth,
    unary: (place, operator, operand) => {
      if (operand.kind === "plumbing") return PLUMBING;
      if (operator === "not") return opposite(truth(place, operand));
      if (operator === "~") {
        const condition = conditionOf(operand);
        return condition === undefined
          ? refuse(place, BITS)
          : calls.compute([operand], place, () => (condition.op === "not" ? condition.args[0]! : not(condition)));
      }
      if (isTruths(operand)) refuse(place, NO_DIFFERENCE);
      // `+x` is x itself, and not a copy.
      if (operator === "+" && operand.kind === "tensor") return operand;
      const u = number(place, operand);
      return calls.compute([operand], place, () => (operator === "-" ? negative(u) : u));
    },
  };
}
