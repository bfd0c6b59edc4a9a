/** Sets of signs, and the ways in which an argument about signs ends early. */
import type { Expr } from "../../../ir/expr.js";
import type { Interval } from "../../../ir/interval.js";
import type { Bound } from "../regions/region.js";

export type Sign = -1 | 0 | 1;

/** A set of signs that a number may have. */
export type Signs = number;
export const NEGATIVE = 1;
export const ZERO_SIGN = 2;
export const POSITIVE = 4;
export const ANY_SIGN = 7;
export const NONZERO = NEGATIVE | POSITIVE;
export const NONNEGATIVE = ZERO_SIGN | POSITIVE;
export const NONPOSITIVE = NEGATIVE | ZERO_SIGN;

/** An empty set, which only a contradiction gives, is within nothing. */
export const isWithin = (signs: Signs, set: Signs): boolean => signs !== 0 && (signs & ~set) === 0;

export const negated = (signs: Signs): Signs =>
  (signs & ZERO_SIGN) | (signs & NEGATIVE ? POSITIVE : 0) | (signs & POSITIVE ? NEGATIVE : 0);

export function productOfSigns(a: Signs, b: Signs): Signs {
  let result = 0;
  if ((a | b) & ZERO_SIGN) result |= ZERO_SIGN;
  if (a & POSITIVE) result |= b & NONZERO;
  if (a & NEGATIVE) result |= negated(b) & NONZERO;
  return result;
}

export function sumOfSigns(a: Signs, b: Signs): Signs {
  const either = a | b;
  if ((either & NONZERO) === NONZERO) return ANY_SIGN;
  // Of one sign at most: 0 only where both are.
  return (either & NONZERO) | (a & b & ZERO_SIGN);
}

export function signsOfInterval({ low, high, nonzero }: Interval): Signs {
  let signs = ANY_SIGN;
  if (low >= 0) signs &= NONNEGATIVE;
  if (high <= 0) signs &= NONPOSITIVE;
  if (low > 0) signs &= POSITIVE;
  if (high < 0) signs &= NEGATIVE;
  if (nonzero) signs &= NONZERO;
  return signs === 0 ? ANY_SIGN : signs;
}

/** The one sign in the set: -1, 0 or 1. */
export function onlySign(signs: Signs): Sign | undefined {
  if (signs === NEGATIVE) return -1;
  if (signs === ZERO_SIGN) return 0;
  return signs === POSITIVE ? 1 : undefined;
}

/** The cell has to be cut at these inputs first. */
export class Split extends Error {
  constructor(readonly bounds: readonly Bound[]) {
    super("a cell has to be split");
  }
}

/** The sign of an expression of the parameters decides. */
export class CaseSplit extends Error {
  constructor(
    readonly subject: Expr,
    readonly signs: Signs,
  ) {
    super("a case distinction is needed");
  }
}

/** An exponential needs a finer scale: what was computed so far is void. */
export class Restart extends Error {}

/** The expression has no value here. */
export class Undefined extends Error {}

/** Nothing decides the sign of this expression. */
export class Undecided extends Error {
  constructor(readonly subject: Expr) {
    super("no rule decides a sign");
  }
}
