/** Sets of signs, and their arithmetic. */
import type { Interval } from "../../../ir/interval.js";

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
