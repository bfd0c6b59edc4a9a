/**
 * Fractions of polynomials: numerator / denominator · Π factor^exponent with an integer denominator. Factors stay factored
 * and no common divisor is computed; a fraction is 0 exactly when its numerator is the empty polynomial.
 */
import {
  gcd,
  invertRational,
  multiplyRational,
  rational,
  rationalFromNumber,
  type Rational,
} from "../../../ir/rational.js";
import {
  add,
  constant,
  div,
  exp,
  fraction,
  fromRational,
  mul,
  naturalPower,
  neg,
  pow,
  sqrt,
  sub,
} from "../../../ir/build.js";
import type { Expr } from "../../../ir/expr.js";
import { Ended } from "../outcome.js";
import { Algebra, LARGEST_COEFFICIENT, ZERO, type Monomial, type Polynomial } from "./polynomial.js";

/** A primitive polynomial of two terms or more, with a positive leading coefficient. */
export interface Factor {
  readonly id: number;
  readonly polynomial: Polynomial;
}

export interface Fraction {
  readonly numerator: Polynomial;
  readonly denominator: bigint;
  /** Exponents are whole and never 0. */
  readonly factors: ReadonlyMap<Factor, number>;
}

const NO_FACTORS: ReadonlyMap<Factor, number> = new Map();

/** Beyond this many terms a common factor is not looked for. */
const DIVISIBLE = 60;

export class Field {
  private readonly factors = new Map<string, Factor>();
  readonly zero: Fraction = { numerator: ZERO, denominator: 1n, factors: NO_FACTORS };
  readonly one: Fraction;

  constructor(readonly algebra: Algebra) {
    this.one = this.polynomial(algebra.one);
  }

  polynomial(numerator: Polynomial): Fraction {
    return { numerator, denominator: 1n, factors: NO_FACTORS };
  }

  rational({ numerator, denominator }: Rational): Fraction {
    return { numerator: this.algebra.constant(numerator), denominator, factors: NO_FACTORS };
  }

  monomial(monomial: Monomial): Fraction {
    return this.polynomial(this.algebra.of(monomial));
  }

  factor(primitive: Polynomial): Factor {
    const key = this.algebra.key(primitive);
    let found = this.factors.get(key);
    if (found === undefined) this.factors.set(key, (found = { id: this.factors.size, polynomial: primitive }));
    return found;
  }

  isZero = ({ numerator }: Fraction): boolean => numerator.size === 0;

  add(a: Fraction, b: Fraction): Fraction {
    if (this.isZero(a)) return b;
    if (this.isZero(b)) return a;
    const common = new Map<Factor, number>();
    for (const [factor, exponent] of a.factors) {
      const least = Math.min(exponent, b.factors.get(factor) ?? 0);
      if (least !== 0) common.set(factor, least);
    }
    for (const [factor, exponent] of b.factors)
      if (exponent < 0 && !a.factors.has(factor)) common.set(factor, exponent);
    const divisor = gcd(a.denominator, b.denominator);
    const numerator = this.algebra.add(
      this.algebra.scale(this.over(a, common), b.denominator / divisor),
      this.algebra.scale(this.over(b, common), a.denominator / divisor),
    );
    return this.cancelled({ numerator, denominator: (a.denominator / divisor) * b.denominator, factors: common });
  }

  /** The numerator over the common factors. */
  private over({ numerator, factors }: Fraction, common: ReadonlyMap<Factor, number>): Polynomial {
    let result = numerator;
    for (const factor of new Set([...factors.keys(), ...common.keys()])) {
      const excess = (factors.get(factor) ?? 0) - (common.get(factor) ?? 0);
      if (excess > 0) result = this.algebra.multiply(result, this.algebra.raise(factor.polynomial, excess));
    }
    return result;
  }

  negate({ numerator, denominator, factors }: Fraction): Fraction {
    return { numerator: this.algebra.scale(numerator, -1n), denominator, factors };
  }

  subtract(a: Fraction, b: Fraction): Fraction {
    return this.add(a, this.negate(b));
  }

  multiply(a: Fraction, b: Fraction): Fraction {
    if (this.isZero(a) || this.isZero(b)) return this.zero;
    const factors = new Map(a.factors);
    for (const [factor, exponent] of b.factors) {
      const sum = (factors.get(factor) ?? 0) + exponent;
      if (sum === 0) factors.delete(factor);
      else factors.set(factor, sum);
    }
    return this.cancelled({
      numerator: this.algebra.multiply(a.numerator, b.numerator),
      denominator: a.denominator * b.denominator,
      factors,
    });
  }

  power(base: Fraction, exponent: number): Fraction {
    let result = this.one;
    const factor = exponent < 0 ? this.inverse(base) : base;
    for (let n = Math.abs(exponent), square = factor; n > 0; n = Math.floor(n / 2)) {
      if (n % 2 === 1) result = this.multiply(result, square);
      if (n > 1) square = this.multiply(square, square);
    }
    return result;
  }

  /** 1/a for an a that is not 0. */
  inverse(a: Fraction): Fraction {
    const { coefficient, monomial, primitive } = this.algebra.content(a.numerator);
    const factors = new Map([...a.factors].map(([factor, exponent]) => [factor, -exponent]));
    const sign = coefficient < 0n ? -1n : 1n;
    let result: Fraction = {
      numerator: this.algebra.constant(sign * a.denominator),
      denominator: sign * coefficient,
      factors,
    };
    monomial.generators.forEach((generator, i) => {
      const exponent = monomial.exponents[i]!;
      // 1/g = g/g² keeps g to the first power.
      const inverse =
        generator.square === undefined
          ? this.monomial(this.algebra.power(generator, -exponent))
          : this.multiply(
              this.monomial(this.algebra.power(generator, 1)),
              this.inverse(this.polynomial(generator.square)),
            );
      result = this.multiply(result, inverse);
    });
    if (primitive.size === 1) return result;
    const bottom = { numerator: this.algebra.one, denominator: 1n, factors: new Map([[this.factor(primitive), -1]]) };
    return this.multiply(result, bottom);
  }

  divide(a: Fraction, b: Fraction): Fraction {
    return this.multiply(a, this.inverse(b));
  }

  /** Factors that divide the numerator taken out of it, the integers reduced. */
  private cancelled(a: Fraction): Fraction {
    if (a.numerator.size === 0) return this.zero;
    let { numerator, denominator } = a;
    if (denominator > LARGEST_COEFFICIENT)
      throw new Ended({ kind: "exhausted", reason: "the coefficients of the normal form are too large" });
    let factors: Map<Factor, number> | undefined;
    for (const [factor, exponent] of a.factors) {
      if (exponent > 0 || numerator.size > DIVISIBLE || numerator.size < factor.polynomial.size) continue;
      for (let left = exponent; left < 0; left++) {
        const quotient = this.exactQuotient(numerator, factor.polynomial);
        if (quotient === undefined) break;
        numerator = quotient;
        factors ??= new Map(a.factors);
        if (left === -1) factors.delete(factor);
        else factors.set(factor, left + 1);
      }
    }
    if (denominator !== 1n) {
      let common = denominator;
      for (const coefficient of numerator.values()) {
        common = gcd(common, coefficient);
        if (common === 1n) break;
      }
      if (common !== 1n) {
        numerator = new Map([...numerator].map(([monomial, coefficient]) => [monomial, coefficient / common]));
        denominator /= common;
      }
    }
    return { numerator, denominator, factors: factors ?? a.factors };
  }

  private exactQuotient(numerator: Polynomial, divisor: Polynomial): Polynomial | undefined {
    const { algebra } = this;
    const { coefficient, monomial, primitive } = algebra.content(numerator);
    if (primitive.size < divisor.size || monomial.reducible) return undefined;
    const divided = algebra.divide(primitive, divisor);
    if (divided === undefined || divided.remainder.size > 0) return undefined;
    return algebra.multiply(divided.quotient, algebra.of(monomial, coefficient));
  }

  /** The terms of the numerator with their rational coefficients, positive powers of factors multiplied out. */
  terms(a: Fraction): {
    readonly terms: readonly (readonly [Monomial, Rational])[];
    readonly factors: ReadonlyMap<Factor, number>;
  } {
    const bottom = new Map([...a.factors].filter(([, exponent]) => exponent < 0));
    const numerator = bottom.size === a.factors.size ? a.numerator : this.over(a, bottom);
    return {
      terms: [...numerator].map(([monomial, coefficient]) => [monomial, rational(coefficient, a.denominator)] as const),
      factors: bottom,
    };
  }

  /** The rational number that a fraction is. */
  asRational(a: Fraction): Rational | undefined {
    if (a.numerator.size === 0) return rational(0n);
    const coefficient = a.numerator.get(this.algebra.unit);
    return a.factors.size > 0 || a.numerator.size > 1 || coefficient === undefined
      ? undefined
      : rational(coefficient, a.denominator);
  }

  /** The same text for fractions that were brought to the same form. */
  key({ numerator, denominator, factors }: Fraction): string {
    const powers = [...factors].map(([{ id }, exponent]) => `${id}^${exponent}`).sort();
    return `${this.algebra.key(numerator)}/${denominator}*${powers.join("*")}`;
  }

  /** The fraction as an expression. */
  expression(a: Fraction): Expr {
    let top = polynomialExpression(a.numerator, this.algebra);
    let bottom: Expr | undefined = a.denominator === 1n ? undefined : fraction(a.denominator);
    for (const [factor, exponent] of a.factors) {
      const power = naturalPower(polynomialExpression(factor.polynomial, this.algebra), Math.abs(exponent));
      if (exponent > 0) top = mul(top, power);
      else bottom = bottom === undefined ? power : mul(bottom, power);
    }
    return bottom === undefined ? top : div(top, bottom);
  }
}

/** Σ coefficient · Π generator^exponent, the leading terms first. */
export function polynomialExpression(p: Polynomial, algebra: Algebra): Expr {
  let sum: Expr | undefined;
  for (const [monomial, coefficient] of [...p].sort(([a], [b]) => algebra.compare(b, a))) {
    const magnitude = coefficient < 0n ? -coefficient : coefficient;
    const term = monomialExpression(monomial, magnitude);
    if (sum === undefined) sum = coefficient < 0n ? neg(term) : term;
    else sum = coefficient < 0n ? sub(sum, term) : add(sum, term);
  }
  return sum ?? constant(0);
}

function monomialExpression({ generators, exponents }: Monomial, coefficient: bigint): Expr {
  let [top, bottom]: [Expr | undefined, Expr | undefined] = [
    coefficient === 1n ? undefined : fraction(coefficient),
    undefined,
  ];
  const times = (a: Expr | undefined, b: Expr): Expr => (a === undefined ? b : mul(a, b));
  generators.forEach((generator, i) => {
    const exponent = exponents[i]!;
    const meaning = generator.meaning();
    if (meaning.op === "exp") top = times(top, exp(scaled(meaning.args[0]!, exponent)));
    else if (exponent > 0) top = times(top, powerExpression(meaning, exponent));
    else bottom = times(bottom, powerExpression(meaning, -exponent));
  });
  return bottom === undefined ? (top ?? constant(1)) : div(top ?? constant(1), bottom);
}

/** c·u, the constant taken together with one that stands in front, or beneath, already. */
function scaled(u: Expr, factor: number): Expr {
  const [first, second] = u.args;
  let [coefficient, rest]: [Rational, Expr | undefined] = [rationalFromNumber(factor), u];
  const take = (constant: Rational, other: Expr | undefined): void => {
    [coefficient, rest] = [multiplyRational(coefficient, constant), other];
  };
  if (u.op === "rational") take(u.payload as Rational, undefined);
  else if (u.op === "mul" && first!.op === "rational") take(first!.payload as Rational, second!);
  else if (u.op === "div" && second!.op === "rational") take(invertRational(second!.payload as Rational), first!);
  if (rest === undefined) return fromRational(coefficient);
  if (coefficient.numerator === coefficient.denominator) return rest;
  return coefficient.numerator === -coefficient.denominator ? neg(rest) : mul(fromRational(coefficient), rest);
}

function powerExpression(base: Expr, exponent: number): Expr {
  if (Number.isInteger(exponent) && exponent <= 64) return naturalPower(base, exponent);
  return exponent === 0.5 ? sqrt(base) : pow(base, fromRational(rationalFromNumber(exponent)));
}
