/**
 * Reasoning about one region: it finds the sign of every fraction that the region decides. Where a sign changes inside
 * the region it asks for the region to be split, where it depends on the parameters for a case distinction.
 */
import { sub } from "../../../ir/build.js";
import type { Expr } from "../../../ir/expr.js";
import type { Facts } from "../../facts.js";
import { rangeOf, signsFromAssumptions } from "./assumptions.js";
import { splitAtRoot } from "../algebra/conjugate.js";
import { polynomialExpression, type Fraction } from "../algebra/fraction.js";
import type { Kernels } from "../algebra/kernels.js";
import type { Generator, Monomial, Polynomial } from "../algebra/polynomial.js";
import { Ended, unless } from "../outcome.js";
import { factsIn } from "../regions/ranges.js";
import type { Bound, Isolated, Region } from "../regions/region.js";
import {
  ANY_SIGN,
  NEGATIVE,
  NONNEGATIVE,
  NONPOSITIVE,
  NONZERO,
  POSITIVE,
  ZERO_SIGN,
  isWithin,
  negated,
  onlySign,
  productOfSigns,
  signsOfInterval,
  sumOfSigns,
  type Sign,
  type Signs,
} from "./signs.js";
import { decideByDerivative, splitWhereSlopeTurns } from "./monotone.js";
import { withoutExponentials, withoutLogarithm } from "./plainer.js";
import { numerically, solve } from "./solve.js";

/** The cost of a search for a sign change, in multiplications of terms. */
const DECISION = 100;

/** Roots that are eliminated one after the other. */
const MOST_SQUARINGS = 3;
/** Exponentials and logarithms likewise. */
const MOST_STEPS = 2;

export class Reasoner {
  readonly facts: Facts;
  private readonly known = new Map<Polynomial, Signs>();
  private readonly ofGenerators = new Map<Generator, Signs>();
  private readonly assumed: Polynomial[] = [];
  private readonly deciding = new Set<string>();
  private squarings = 0;
  private steps = 0;
  /** How many derivatives deep a sign is being decided. */
  depth = 0;

  constructor(
    readonly kernels: Kernels,
    readonly region: Region,
    /** Expressions without conditions as fractions. */
    readonly fraction: (expr: Expr) => Fraction,
  ) {
    this.facts = factsIn(region, kernels.input);
  }

  /** The case's facts as polynomials that are positive; to be called once `fraction` works. */
  assume(): void {
    for (const { subject, sign } of this.region.facts)
      // A fact about what has no value says nothing; what it was asked for has no value either.
      unless(["undefined"], () => {
        const { numerator, factors } = this.fraction(subject);
        if (factors.size === 0) this.assumed.push(this.kernels.algebra.scale(numerator, BigInt(sign)));
      });
  }

  /** Every sign that the fraction may have here. */
  signs(a: Fraction, expr?: Expr): Signs {
    if (a.numerator.size === 0) return ZERO_SIGN;
    let signs = this.signsOfPolynomial(a.numerator);
    for (const [{ polynomial }, exponent] of a.factors) {
      let factor = this.signsOfPolynomial(polynomial);
      if (exponent < 0) factor &= NONZERO;
      signs = productOfSigns(signs, exponent % 2 === 0 ? (factor & ZERO_SIGN) | POSITIVE : factor);
    }
    return expr === undefined || onlySign(signs) !== undefined ? signs : signs & signsOfInterval(this.facts(expr));
  }

  /** The sign of a fraction, the same everywhere in the region. */
  sign(a: Fraction, expr?: Expr): Sign {
    const known = onlySign(this.signs(a, expr));
    if (known !== undefined) return known;
    let sign = this.signOfPolynomial(a.numerator);
    for (const [{ polynomial }, exponent] of a.factors)
      if (exponent % 2 !== 0) sign = (sign * this.signOfPolynomial(polynomial)) as Sign;
      else if (exponent > 0 && this.signOfPolynomial(polynomial) === 0) return 0;
    return sign;
  }

  signsOfPolynomial(p: Polynomial): Signs {
    const found = this.known.get(p);
    if (found !== undefined) return found;
    const signs = this.judge(p);
    this.known.set(p, signs);
    return signs;
  }

  private judge(p: Polynomial): Signs {
    if (p.size === 0) return ZERO_SIGN;
    const { algebra } = this.kernels;
    const { coefficient, monomial, primitive } = algebra.content(p);
    const outside = productOfSigns(coefficient < 0n ? NEGATIVE : POSITIVE, this.signsOfMonomial(monomial));
    return primitive.size === 1 ? outside : productOfSigns(outside, this.signsOfPrimitive(primitive));
  }

  private signsOfPrimitive(p: Polynomial): Signs {
    let sum = ZERO_SIGN;
    for (const [monomial, coefficient] of p)
      sum = sumOfSigns(
        sum,
        coefficient < 0n ? negated(this.signsOfMonomial(monomial)) : this.signsOfMonomial(monomial),
      );
    if (onlySign(sum) !== undefined) return sum;
    sum &= this.fromAssumptions(p);
    if (onlySign(sum) !== undefined) return sum;
    const at = this.region.at;
    if (at?.kind === "isolated" && at.root === polynomialExpression(p, this.kernels.algebra)) return ZERO_SIGN;
    sum &= signsOfInterval(rangeOf(p, this.facts, this.kernels.algebra));
    if (onlySign(sum) !== undefined) return sum;
    sum &= this.byPlainer(p, (plainer) => this.signs(plainer)) ?? ANY_SIGN;
    return onlySign(sum) !== undefined ? sum : sum & this.signsWithRoot(p);
  }

  /** Knowledge of a fraction of the same sign with a transcendental function less; undefined when there is none. */
  private byPlainer<Result>(p: Polynomial, know: (plainer: Fraction) => Result): Result | undefined {
    if (this.steps >= MOST_STEPS) return undefined;
    this.steps += 1;
    try {
      const plainer = withoutExponentials(p, this) ?? withoutLogarithm(p, this);
      return plainer && know(plainer);
    } finally {
      this.steps -= 1;
    }
  }

  private signsOfMonomial({ generators, exponents }: Monomial): Signs {
    let signs = POSITIVE;
    generators.forEach((generator, i) => {
      const exponent = exponents[i]!;
      // A generator in the denominator of a fraction is not 0; one in the numerator may be.
      const here = this.signsOfGenerator(generator) & (exponent < 0 ? NONZERO : ANY_SIGN);
      // Even powers forget the sign; fractional powers are of positive generators only.
      const isEven = Number.isInteger(exponent) && exponent % 2 === 0;
      signs = productOfSigns(signs, isEven ? (here & ZERO_SIGN) | POSITIVE : here);
    });
    return signs;
  }

  signsOfGenerator(generator: Generator): Signs {
    let signs = this.ofGenerators.get(generator);
    if (signs === undefined) {
      // A generator that asks for its own sign on the way learns nothing.
      this.ofGenerators.set(generator, ANY_SIGN);
      signs = this.judgeGenerator(generator);
      this.ofGenerators.set(generator, signs);
    }
    return signs;
  }

  private judgeGenerator(generator: Generator): Signs {
    const { at } = this.region;
    if (at?.kind === "isolated" && at.root === generator.meaning()) return ZERO_SIGN;
    const kernel = this.kernels.kind(generator);
    const { algebra } = this.kernels;
    switch (kernel.kind) {
      case "constant":
        return POSITIVE;
      case "exponential":
        return this.signsOfExponential(kernel.exponent.monomial);
      case "parity":
        return NONZERO;
      case "variable":
        if (kernel.expr === this.kernels.input) return this.signsOfInput();
        return signsOfInterval(this.facts(kernel.expr)) & this.fromAssumptions(algebra.of(algebra.power(generator, 1)));
      case "root":
        return this.signsOfPolynomial(kernel.radicand) & ZERO_SIGN ? NONNEGATIVE : POSITIVE;
      case "erf":
      case "atan":
        return this.signs(kernel.argument);
      case "logarithm": {
        const { field } = this.kernels;
        const magnitude = this.signs(kernel.of);
        if (magnitude === POSITIVE) return this.signs(field.subtract(kernel.of, field.one));
        if (magnitude === NEGATIVE) return negated(this.signs(field.add(kernel.of, field.one)));
        return ANY_SIGN;
      }
      case "opaque":
        return signsOfInterval(this.facts(generator.meaning()));
      case "sine":
      case "cosine":
        return this.fromAssumptions(algebra.of(algebra.power(generator, 1)));
    }
  }

  /** exp(v·log|u|) stands for |u|^v as well, which is 0 where u is. */
  private signsOfExponential({ generators }: Monomial): Signs {
    const vanishes = generators.some((generator) => {
      const kernel = this.kernels.kind(generator);
      return kernel.kind === "logarithm" && (this.signs(kernel.of) & ZERO_SIGN) !== 0;
    });
    return vanishes ? NONNEGATIVE : POSITIVE;
  }

  private signsOfInput(): Signs {
    const { low, high } = this.region;
    if (low?.kind === "exact" && isWithin(this.signs(this.fraction(low.expr)), NONNEGATIVE)) return POSITIVE;
    if (high?.kind === "exact" && isWithin(this.signs(this.fraction(high.expr)), NONPOSITIVE)) return NEGATIVE;
    return signsOfInterval(this.facts(this.kernels.input));
  }

  private fromAssumptions(p: Polynomial): Signs {
    return signsFromAssumptions(p, this.assumed, this.kernels.algebra, (monomial) => this.signsOfMonomial(monomial));
  }

  private signsWithRoot(p: Polynomial): Signs {
    // Squaring may bring back a root that was eliminated before.
    if (this.squarings >= MOST_SQUARINGS) return ANY_SIGN;
    const parts = splitAtRoot(p, this.kernels);
    if (parts === undefined) return ANY_SIGN;
    this.squarings += 1;
    const [a, c] = [this.signsOfPolynomial(parts.a), this.signsOfPolynomial(parts.c)];
    const difference = this.signsOfPolynomial(parts.difference);
    this.squarings -= 1;
    let signs = 0;
    for (const first of [NEGATIVE, ZERO_SIGN, POSITIVE])
      for (const second of [NEGATIVE, ZERO_SIGN, POSITIVE]) {
        if (!(a & first) || !(c & second)) continue;
        if (first === second) signs |= first;
        else if (first === ZERO_SIGN || second === ZERO_SIGN) signs |= first | second;
        else signs |= first === POSITIVE ? difference : negated(difference);
      }
    return signs;
  }

  private signOfPolynomial(p: Polynomial): Sign {
    const known = onlySign(this.signsOfPolynomial(p));
    if (known !== undefined) return known;
    const { coefficient, monomial, primitive } = this.kernels.algebra.content(p);
    let sign: Sign = coefficient < 0n ? -1 : 1;
    monomial.generators.forEach((generator, i) => {
      const exponent = monomial.exponents[i]!;
      const here = this.signOfGenerator(generator, exponent);
      sign = (sign * (Number.isInteger(exponent) && exponent % 2 === 0 ? here * here : here)) as Sign;
    });
    if (primitive.size > 1) sign = (sign * this.decide(primitive)) as Sign;
    this.known.set(p, sign < 0 ? NEGATIVE : sign > 0 ? POSITIVE : ZERO_SIGN);
    return sign;
  }

  private signOfGenerator(generator: Generator, exponent: number): Sign {
    const signs = this.signsOfGenerator(generator) & (exponent < 0 ? NONZERO : ANY_SIGN);
    const known = onlySign(signs);
    if (known !== undefined) return known;
    const kernel = this.kernels.kind(generator);
    const { field, algebra } = this.kernels;
    if (kernel.kind === "erf" || kernel.kind === "atan") return this.sign(kernel.argument);
    if (kernel.kind === "root") return this.signOfPolynomial(kernel.radicand);
    if (kernel.kind === "logarithm" && this.sign(kernel.of) > 0) return this.sign(field.subtract(kernel.of, field.one));
    return this.decide(algebra.of(algebra.power(generator, 1)));
  }

  /** The sign of a polynomial of which the terms alone do not tell it. */
  private decide(p: Polynomial): Sign {
    const known = onlySign(this.signsOfPolynomial(p));
    if (known !== undefined) return known;
    const plainer = this.byPlainer(p, (plainer) => this.sign(plainer));
    if (plainer !== undefined) return plainer;
    const subject = polynomialExpression(p, this.kernels.algebra);
    if (subject.closed) throw new Ended({ kind: "undecided", subject });
    if (!this.kernels.polynomialDepends(p))
      throw new Ended({ kind: "cases", subject, signs: this.signsOfPolynomial(p) });
    this.kernels.algebra.spend(DECISION);
    const key = this.kernels.algebra.key(p);
    if (this.deciding.has(key)) throw new Ended({ kind: "undecided", subject });
    this.deciding.add(key);
    try {
      const sign =
        solve(p, this) ?? this.decideWithRoot(p) ?? decideByDerivative(subject, this) ?? numerically(p, this);
      if (sign === undefined) {
        splitWhereSlopeTurns(subject, this);
        throw new Ended({ kind: "undecided", subject });
      }
      return sign;
    } finally {
      this.deciding.delete(key);
    }
  }

  private decideWithRoot(p: Polynomial): Sign | undefined {
    if (this.deciding.size > MOST_SQUARINGS) return undefined;
    const parts = splitAtRoot(p, this.kernels);
    if (parts === undefined) return undefined;
    const [a, c] = [this.signOfPolynomial(parts.a), this.signOfPolynomial(parts.c)];
    if (a === c || c === 0) return a;
    if (a === 0) return c;
    return (a * this.signOfPolynomial(parts.difference)) as Sign;
  }

  /** Negative, zero or positive as the first bound lies before, at or after the second. */
  compareBounds(a: Bound, b: Bound): Sign {
    if (a.kind === "exact" && b.kind === "exact")
      return this.sign(this.kernels.field.subtract(this.fraction(a.expr), this.fraction(b.expr)), sub(a.expr, b.expr));
    const range = (bound: Bound): { low: number; high: number } =>
      bound.kind === "exact" ? this.facts(bound.expr) : bound;
    const [p, q] = [range(a), range(b)];
    if (p.high < q.low) return -1;
    if (q.high < p.low) return 1;
    if (a.kind === "isolated" && b.kind === "isolated" && a.root === b.root) return 0;
    throw new Ended({ kind: "undecided", subject: a.kind === "isolated" ? a.root : (b as Isolated).root });
  }
}
