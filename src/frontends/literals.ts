/** Numbers as people write them: over the reals, where 0.1 is 1/10. */
import { decimal, fromRational } from "../ir/build.js";
import type { Expr } from "../ir/expr.js";
import { rational, rationalToNumber, type Rational } from "../ir/rational.js";
import { quote, reason, type Reason } from "./place.js";

const LONGEST_NUMBER = 500;

export const reasonAgainstLength = ({ length }: string): Reason | undefined =>
  length > LONGEST_NUMBER
    ? reason(
        `this number has ${length} digits, and ${LONGEST_NUMBER} are allowed`,
        "a float64 has 17 significant digits",
      )
    : undefined;

export const outOfRange = (written: string): Reason =>
  reason(`${written} is outside what a float64 can hold`, "use numbers between 5e-324 and 1.7e308 in magnitude, or 0");

export function isOutOfRange({ op, payload }: Expr): boolean {
  if (op !== "rational") return false;
  const value = rationalToNumber(payload as Rational);
  return !Number.isFinite(value) || (value === 0 && (payload as Rational).numerator !== 0n);
}

/** A literal of a program: a decimal, or an integer in another base; digits may be grouped with "_". */
export function literalFrom(text: string): Expr | Reason {
  const plain = text.replaceAll("_", "");
  const why = reasonAgainstLength(plain);
  if (why !== undefined) return why;
  try {
    const expr = /^0[xob]/i.test(plain) ? fromRational(rational(BigInt(plain))) : decimal(plain);
    return isOutOfRange(expr) ? outOfRange(quote(text)) : expr;
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError) return outOfRange(quote(text));
    throw error;
  }
}
