/** Powers as fractions over kernels: whole ones, roots, and u^v = exp(v·log(u)) by the sign of the base. */
import { mul, pi, sin } from "../../../ir/build.js";
import type { Expr } from "../../../ir/expr.js";
import { rational, type Rational } from "../../../ir/rational.js";
import { exponential, logarithm, squareRoot } from "./elementary.js";
import type { Fraction } from "./fraction.js";
import type { Normalizer } from "./normalize.js";
import { Ended } from "../outcome.js";
import { NONNEGATIVE, NONZERO, POSITIVE, ZERO_SIGN } from "../signs/signs.js";

/** Exponents up to this are multiplied out; a single term bears more. */
const [LARGEST_POWER, LARGEST_OF_TERM] = [200, 1_000_000];

/** u^v; the expression is for what intervals know of its operands. */
export function power(n: Normalizer, base: Fraction, exponent: Fraction, expr: Expr): Fraction {
  const constant = n.field.asRational(exponent);
  return constant === undefined
    ? symbolicPower(n, base, exponent, expr)
    : rationalPower(n, base, exponent, constant, expr);
}

function rationalPower(n: Normalizer, base: Fraction, exponent: Fraction, constant: Rational, expr: Expr): Fraction {
  const { field, reasoner } = n;
  const { numerator: p, denominator: q } = constant;
  const u = expr.args[0]!;
  const size = Number(p < 0n ? -p : p);
  if (p < 0n) n.require(base, NONZERO, u);
  if (q === 1n) {
    const isTerm = base.numerator.size <= 1 && base.factors.size === 0;
    if (size <= (isTerm ? LARGEST_OF_TERM : LARGEST_POWER)) return field.power(base, Number(p));
    const sign = reasoner.sign(base, u);
    if (sign === 0) return field.zero;
    const value = exponentialOf(n, exponent, base);
    return sign < 0 && size % 2 === 1 ? field.negate(value) : value;
  }
  n.require(base, p > 0n ? NONNEGATIVE : POSITIVE, u);
  if (q === 2n && size <= LARGEST_POWER) return field.power(squareRoot(reasoner, base), Number(p));
  return reasoner.signs(base, u) === ZERO_SIGN ? field.zero : exponentialOf(n, exponent, base);
}

/** exp(v·log|u|) */
const exponentialOf = ({ field, reasoner }: Normalizer, exponent: Fraction, base: Fraction): Fraction =>
  exponential(reasoner, field.multiply(exponent, logarithm(reasoner, base)));

/** By the sign of the base; 0^v is 0, 1 or nothing as v is positive, 0 or negative. */
function symbolicPower(n: Normalizer, base: Fraction, exponent: Fraction, expr: Expr): Fraction {
  const { field, reasoner } = n;
  const [u, v] = expr.args as [Expr, Expr];
  const sign = reasoner.sign(base, u);
  if (sign > 0) return exponentialOf(n, exponent, base);
  if (sign < 0) return powerOfNegative(n, base, exponent, v);
  const side = reasoner.sign(exponent, v);
  if (side < 0) throw new Ended({ kind: "undefined" });
  return side > 0 ? field.zero : field.one;
}

/** (-1)^v·|u|^v, which has a value where v is whole. */
function powerOfNegative(n: Normalizer, base: Fraction, exponent: Fraction, v: Expr): Fraction {
  const { field, kernels } = n;
  if (kernels.fractionDepends(exponent)) throw new Ended({ kind: "undecided", subject: v });
  const { algebra } = kernels;
  const own = field.terms(exponent);
  const number = own.factors.size > 0 ? undefined : own.terms.find(([monomial]) => monomial === algebra.unit)?.[1];
  const whole = number === undefined ? 0n : floor(number);
  const rest = field.subtract(exponent, field.rational(rational(whole)));
  n.demand(`whole ${field.key(rest)}`, sin(mul(pi, field.expression(rest))), ZERO_SIGN);
  const parity = field.monomial(algebra.power(kernels.parity(rest), 1));
  const value = field.multiply(parity, exponentialOf(n, exponent, base));
  return whole % 2n === 0n ? value : field.negate(value);
}

const floor = ({ numerator, denominator }: Rational): bigint =>
  numerator >= 0n ? numerator / denominator : -((-numerator + denominator - 1n) / denominator);
