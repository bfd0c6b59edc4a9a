/** Numbers as Python writes them. */
import { decimal, fromRational } from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import { rational, rationalToNumber, type Rational } from "../../ir/rational.js";

const LONGEST_NUMBER = 500;

/** The number that a literal is; nothing for complex ones, and for those that no float can be. */
export function numberFrom(text: string): Expr | undefined {
  const plain = text.replaceAll("_", "");
  if (plain.length > LONGEST_NUMBER || /j$/i.test(plain)) return undefined;
  try {
    const expr = /^0[xob]/i.test(plain) ? fromRational(rational(BigInt(plain))) : decimal(plain);
    const exact = expr.payload as Rational;
    const value = rationalToNumber(exact);
    return Number.isFinite(value) && (value !== 0 || exact.numerator === 0n) ? expr : undefined;
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
