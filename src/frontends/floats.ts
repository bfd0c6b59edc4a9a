/** Numbers as emitted code means them: each literal is the float that it rounds to, and NaN is a number. */
import * as b from "../ir/build.js";
import type { Expr } from "../ir/expr.js";
import { negateRational, rational, rationalFromNumber, type Rational } from "../ir/rational.js";

export const rationalOf = (expr: Expr | undefined): Rational | undefined =>
  expr?.op === "rational" ? (expr.payload as Rational) : undefined;

export const floatOf = (value: number): Expr =>
  Number.isFinite(value) && !Object.is(value, -0) ? b.fromRational(rationalFromNumber(value)) : b.constant(value);

/** -3 is a number, as 3 is. */
export function negative(operand: Expr): Expr {
  if (operand.op === "float") return b.constant(-(operand.payload as number));
  const value = rationalOf(operand);
  if (value === undefined) return b.neg(operand);
  return value.numerator === 0n ? b.constant(-0) : b.fromRational(negateRational(value));
}

/** Powers of two are how far numbers are written. */
export function power(base: Expr, exponent: Expr): Expr {
  const [p, q] = [rationalOf(base), rationalOf(exponent)];
  if (p?.numerator !== 2n || p.denominator !== 1n || q?.denominator !== 1n || q.numerator ** 2n > 1074n ** 2n)
    return b.pow(base, exponent);
  const { numerator: n } = q;
  return b.fromRational(n < 0n ? rational(1n, 2n ** -n) : rational(2n ** n));
}
