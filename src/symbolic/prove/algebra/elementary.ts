/** Exponentials, logarithms, roots and waves of fractions, taken apart until equal values look equal. */
import { rational, rationalFromNumber, multiplyRational, type Rational } from "../../../ir/rational.js";
import { splitAtRoot } from "./conjugate.js";
import type { Fraction, Factor } from "./fraction.js";
import type { Atom } from "./kernels.js";
import { primeFactors } from "../integers.js";
import type { Generator, Monomial, Polynomial } from "./polynomial.js";
import { Ended } from "../outcome.js";
import type { Reasoner } from "../signs/reasoner.js";
import { squareRootOf } from "./square-root.js";
import { NEGATIVE, NONNEGATIVE, POSITIVE } from "../signs/signs.js";

const NO_FACTORS: ReadonlyMap<Factor, number> = new Map();

/** u as Σ rational · atom, with what a single factor in the denominator divides taken out of it. */
function atomsOf(u: Fraction, { kernels }: Reasoner): (readonly [Atom, Rational])[] {
  const { field, algebra } = kernels;
  const { terms, factors } = field.terms(u);
  const [first] = factors;
  if (factors.size === 1 && first![1] === -1) {
    const top: Polynomial = new Map(
      terms.map(([monomial, { numerator, denominator }]) => [monomial, (numerator * u.denominator) / denominator]),
    );
    const { coefficient, monomial, primitive } = algebra.content(top);
    const divided = algebra.divide(primitive, first![0].polynomial);
    if (divided !== undefined && !monomial.reducible) {
      const outside = (m: Monomial): Monomial => algebra.times(m, monomial);
      const over = (c: bigint): Rational => rational(c * coefficient, u.denominator);
      return [
        ...[...divided.quotient].map(([m, c]) => [{ monomial: outside(m), factors: NO_FACTORS }, over(c)] as const),
        ...[...divided.remainder].map(([m, c]) => [{ monomial: outside(m), factors }, over(c)] as const),
      ];
    }
  }
  return terms.map(([monomial, coefficient]) => [{ monomial, factors }, coefficient] as const);
}

/** exp(u) = Π exp(atom)^rational, and exp(c·log|g|) = |g|^c. */
export function exponential(reasoner: Reasoner, u: Fraction): Fraction {
  const { field, algebra } = reasoner.kernels;
  let result = field.one;
  for (const [atom, { numerator, denominator }] of atomsOf(u, reasoner)) {
    const [generator] = atom.monomial.generators;
    const kernel = generator === undefined ? undefined : reasoner.kernels.kind(generator);
    const plain = atom.factors.size === 0 && atom.monomial.generators.length === 1 && atom.monomial.exponents[0] === 1;
    if (plain && kernel?.kind === "logarithm" && denominator <= 2n && numerator < 200n && numerator > -200n) {
      const base =
        denominator === 1n
          ? magnitude(reasoner, kernel.of, numerator)
          : squareRoot(reasoner, magnitude(reasoner, kernel.of, 1n));
      result = field.multiply(result, field.power(base, Number(numerator)));
    } else {
      const power = reasoner.kernels.exponential(atom, numerator, denominator);
      result = field.multiply(result, field.monomial(power));
    }
  }
  algebra.spend(1);
  return result;
}

/** |a|, where an even power follows just a. */
function magnitude(reasoner: Reasoner, a: Fraction, exponent: bigint): Fraction {
  if (exponent % 2n === 0n) return a;
  return reasoner.sign(a) < 0 ? reasoner.kernels.field.negate(a) : a;
}

/** log|u| = Σ exponent · log|factor|. */
export function logarithm(reasoner: Reasoner, u: Fraction): Fraction {
  const { kernels } = reasoner;
  const { field, algebra } = kernels;
  let sum = field.zero;
  const include = (log: Fraction, exponent: Rational): void => {
    sum = field.add(sum, field.multiply(field.rational(exponent), log));
  };
  const whole = (exponent: number): Rational => rational(BigInt(exponent));
  const ofInteger = (value: bigint, exponent: number): void => {
    for (const [prime, count] of primeFactors(value))
      include(
        field.monomial(algebra.power(kernels.logarithm(field.rational(rational(prime)), `p${prime}`, true), 1)),
        whole(exponent * count),
      );
  };
  const ofGenerator = (generator: Generator, exponent: number): void => {
    const kernel = kernels.kind(generator);
    if (kernel.kind === "exponential") {
      const { monomial, factors } = kernel.exponent;
      const inner: Fraction = { numerator: algebra.of(monomial, kernel.multiple), denominator: kernel.scale, factors };
      include(inner, rationalFromNumber(exponent));
    } else if (kernel.kind === "root")
      include(
        logarithm(reasoner, field.polynomial(kernel.radicand)),
        multiplyRational(rationalFromNumber(exponent), rational(1n, 2n)),
      );
    else if (kernel.kind !== "parity") {
      const of = field.monomial(algebra.power(generator, 1));
      include(
        field.monomial(algebra.power(kernels.logarithm(of, `g${generator.id}`, kernel.kind === "constant"), 1)),
        rationalFromNumber(exponent),
      );
    }
  };
  const isNegative = (p: Polynomial): boolean => p.size > 0 && p.get(algebra.leading(p))! < 0n;
  const ofPrimitive = (p: Polynomial, exponent: number): void => {
    const root = squareRootOf(p, algebra, kernels.isExponential);
    if (root !== undefined) return ofPolynomial(root, 2 * exponent);
    // (a + c√v)(a - c√v) = a² - c²v: of two conjugates one has a logarithm of its own.
    const parts = splitAtRoot(p, kernels);
    if (parts !== undefined && parts.difference.size === 1 && isNegative(parts.a) !== isNegative(parts.c)) {
      const conjugate = algebra.add(parts.a, algebra.scale(algebra.add(p, algebra.scale(parts.a, -1n)), -1n));
      ofPolynomial(parts.difference, exponent);
      return ofPolynomial(conjugate, -exponent);
    }
    const factor = field.factor(p);
    include(
      field.monomial(
        algebra.power(kernels.logarithm(field.polynomial(p), `f${factor.id}`, kernels.isSurelyPositive(p)), 1),
      ),
      whole(exponent),
    );
  };
  const ofPolynomial = (p: Polynomial, exponent: number): void => {
    const { coefficient, monomial, primitive } = algebra.content(p);
    ofInteger(coefficient, exponent);
    monomial.generators.forEach((generator, i) => ofGenerator(generator, monomial.exponents[i]! * exponent));
    if (primitive.size > 1) ofPrimitive(primitive, exponent);
  };
  ofPolynomial(u.numerator, 1);
  ofInteger(u.denominator, -1);
  for (const [{ polynomial }, exponent] of u.factors) ofPrimitive(polynomial, exponent);
  return sum;
}

function halfOf(exponent: number): number {
  const half = exponent / 2;
  if (half * 2 !== exponent || half === 0) throw new Ended({ kind: "exhausted", reason: "an exponent is too small" });
  return half;
}

/** √u for u >= 0: √|g|^e for each factor, g known by its sign; what has none stays together under one root. */
export function squareRoot(reasoner: Reasoner, u: Fraction): Fraction {
  const { kernels } = reasoner;
  const { field, algebra } = kernels;
  if (field.isZero(u)) return field.zero;
  let result = field.one;
  let together = algebra.one;
  let sign = 1n;
  const times = (a: Fraction): void => {
    result = field.multiply(result, a);
  };
  const root = (radicand: Polynomial): Fraction => field.monomial(algebra.power(kernels.root(radicand), 1));
  /** √|g^e| for a polynomial g and a whole e. */
  const include = (g: Polynomial, exponent: number): void => {
    const half = Math.floor(exponent / 2);
    const value = field.polynomial(g);
    if (half !== 0) times(field.power(half % 2 === 0 ? value : magnitude(reasoner, value, 1n), half));
    if (exponent % 2 === 0) return;
    const signs = reasoner.signsOfPolynomial(g);
    if (signs === POSITIVE) times(root(g));
    else if (signs === NEGATIVE) {
      times(root(algebra.scale(g, -1n)));
      sign = -sign;
    } else together = algebra.multiply(together, g);
  };
  /** The root of a power of it is half the power. */
  const isRooted = (generator: Generator): boolean => {
    const signs = reasoner.signsOfGenerator(generator);
    return signs === POSITIVE || (signs === NONNEGATIVE && kernels.kind(generator).kind === "exponential");
  };
  const ofPrimitive = (p: Polynomial, exponent: number): void => {
    const half = exponent % 2 === 0 ? undefined : squareRootOf(p, algebra, kernels.isExponential);
    if (half === undefined) include(p, exponent);
    else times(field.power(magnitude(reasoner, field.polynomial(half), 1n), exponent));
  };
  const { coefficient, monomial, primitive } = algebra.content(u.numerator);
  const integer = (coefficient < 0n ? -coefficient : coefficient) * u.denominator;
  if (coefficient < 0n) sign = -sign;
  times(field.rational(rational(1n, u.denominator)));
  for (const [prime, count] of primeFactors(integer)) {
    times(field.rational(rational(prime ** BigInt(Math.floor(count / 2)))));
    if (count % 2 === 1) times(root(algebra.constant(prime)));
  }
  monomial.generators.forEach((generator, i) => {
    const exponent = monomial.exponents[i]!;
    const g = algebra.of(algebra.power(generator, 1));
    if (generator.square === undefined && isRooted(generator))
      times(field.monomial(algebra.power(generator, halfOf(exponent))));
    else if (!Number.isInteger(exponent))
      throw new Ended({ kind: "exhausted", reason: "a root of a fractional power" });
    else include(g, exponent);
  });
  if (primitive.size > 1) ofPrimitive(primitive, 1);
  for (const [{ polynomial }, exponent] of u.factors) ofPrimitive(polynomial, exponent);
  return together === algebra.one ? result : field.multiply(result, root(algebra.scale(together, sign)));
}

const LARGEST_MULTIPLE = 64n;

/** Sine and cosine of u by the addition formulas over its atoms. */
export function wave(reasoner: Reasoner, u: Fraction): { readonly sine: Fraction; readonly cosine: Fraction } {
  const { kernels } = reasoner;
  const { field, algebra } = kernels;
  let [sine, cosine] = [field.zero, field.one];
  const turn = (s: Fraction, c: Fraction): void => {
    [sine, cosine] = [
      field.add(field.multiply(sine, c), field.multiply(cosine, s)),
      field.subtract(field.multiply(cosine, c), field.multiply(sine, s)),
    ];
  };
  for (const [atom, { numerator, denominator }] of atomsOf(u, reasoner)) {
    const { generators, exponents } = atom.monomial;
    const isPi =
      atom.factors.size === 0 && generators.length === 1 && generators[0] === kernels.pi && exponents[0] === 1;
    if (isPi && denominator <= 2n) {
      const quarter = ((((numerator * 2n) / denominator) % 4n) + 4n) % 4n;
      const number = (value: number): Fraction => field.rational(rational(BigInt(value)));
      turn(number([0, 1, 0, -1][Number(quarter)]!), number([1, 0, -1, 0][Number(quarter)]!));
      continue;
    }
    const { sine: s, cosine: c, multiple } = kernels.angle(atom, numerator, denominator);
    if (multiple > LARGEST_MULTIPLE || multiple < -LARGEST_MULTIPLE)
      throw new Ended({ kind: "exhausted", reason: "an angle has too large a multiple" });
    const sign = rational(multiple < 0n ? -1n : 1n);
    const one = {
      sine: field.multiply(field.rational(sign), field.monomial(algebra.power(s, 1))),
      cosine: field.monomial(algebra.power(c, 1)),
    };
    for (let k = multiple < 0n ? -multiple : multiple; k > 0n; k--) turn(one.sine, one.cosine);
  }
  return { sine, cosine };
}
