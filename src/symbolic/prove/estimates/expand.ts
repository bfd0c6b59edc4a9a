/**
 * Kernels written as what they nearly are plus a rest of known size: far out erf(v) = ±(1 - erfc|v|), √(x² + c) = |x| + ρ,
 * near 1 log(1 + r) = r + ρ. These are equalities, so what is leading cancels exactly, which no estimate could see.
 */
import { rational, type Rational } from "../../../ir/rational.js";
import type { Fraction } from "../algebra/fraction.js";
import type { Kernels } from "../algebra/kernels.js";
import { integerRoot } from "../integers.js";
import type { Algebra, Generator, Monomial, Polynomial } from "../algebra/polynomial.js";
import { Sizes, type Box, type Rest, type Terrain } from "./estimate.js";
import {
  ONE,
  PER_BIT,
  ends,
  inverse,
  logOfInteger,
  power,
  product,
  size,
  sizeOfRational,
  sum,
  type Size,
} from "./size.js";

/** The powers of two by which a leading term exceeds the others, at least. */
const LEADING = 2 * PER_BIT;

/** A number between 0 and 1. */
const FRACTION: Size = { sign: 1, low: -Infinity, high: 0 };

interface Expansion {
  readonly polynomial: Polynomial;
  readonly generator: Generator;
  readonly rest: Rest;
}

/** The terms of a polynomial, the one apart that leads throughout the box: every other over it is small. */
function leadingTerm(
  p: Polynomial,
  sizes: Sizes,
): { lead: readonly [Monomial, bigint]; others: Polynomial } | undefined {
  const { algebra } = sizes.terrain.kernels;
  const lead = [...p].find(([monomial, coefficient]) => {
    const inverted = algebra.inverse(monomial);
    const most = logOfInteger(coefficient) - LEADING;
    return [...p].every(
      ([other, own]) => other === monomial || sizes.term(algebra.times(other, inverted), own).high <= most,
    );
  });
  return lead && { lead, others: new Map([...p].filter((entry) => entry[0] !== lead[0])) };
}

/** main + factor·rest */
function withRest(
  of: Generator,
  algebra: Algebra,
  main: Polynomial,
  rest: Rest,
  factor: Polynomial = algebra.one,
): Expansion {
  const unknown = algebra.generator(() => of.meaning());
  const polynomial = algebra.add(main, algebra.multiply(factor, algebra.of(algebra.power(unknown, 1))));
  return { polynomial, generator: unknown, rest };
}

/** √q as m·(1 + ρ), where m² is the term that leads in q. */
function rootOf(q: Polynomial, sizes: Sizes): { readonly main: Polynomial; readonly rest: Rest } | undefined {
  const { kernels } = sizes.terrain;
  const { algebra } = kernels;
  const found = leadingTerm(q, sizes);
  if (found === undefined || found.others.size === 0) return undefined;
  const [{ generators, exponents }, coefficient] = found.lead;
  const root = integerRoot(coefficient);
  const hasRoot = (generator: Generator, exponent: number): boolean =>
    exponent % 2 === 0 || kernels.kind(generator)?.kind === "exponential";
  if (root === undefined || !generators.every((generator, i) => hasRoot(generator, exponents[i]!))) return undefined;
  const halves = algebra.monomial(
    generators,
    exponents.map((exponent) => exponent / 2),
  );
  const { sign } = sizes.term(halves, root);
  if (sign === 0 || halves.reducible) return undefined;
  const main = algebra.of(halves, BigInt(sign) * root);
  // q = m²·(1 + r), and √(1 + r) - 1 = r/(√(1 + r) + 1)
  const others = shifted(algebra, found.others, algebra.inverse(found.lead[0]));
  const rest: Rest = (there) => {
    const r = product(there.polynomial(others), sizeOfRational(rational(1n, coefficient)));
    return product(r, inverse(sum([power(sum([ONE, r]), 0.5), ONE])));
  };
  return { main, rest };
}

function expansionOf(generator: Generator, sizes: Sizes): Expansion | undefined {
  const { kernels } = sizes.terrain;
  const { algebra } = kernels;
  const kernel = kernels.kind(generator);
  const make = (main: Polynomial, rest: Rest, factor?: Polynomial): Expansion =>
    withRest(generator, algebra, main, rest, factor);
  switch (kernel?.kind) {
    case "erf": {
      const { sign, low } = sizes.fraction(kernel.argument);
      if (sign === 0 || low < 0) return undefined;
      const side = algebra.constant(BigInt(sign));
      return make(side, (there) => complement(there.fraction(kernel.argument)), algebra.scale(side, -1n));
    }
    case "root": {
      const root = rootOf(kernel.radicand, sizes);
      return root && make(root.main, root.rest, root.main);
    }
    case "logarithm": {
      if (kernel.of.denominator !== 1n || kernel.of.factors.size > 0) return undefined;
      const found = leadingTerm(kernel.of.numerator, sizes);
      const logarithm = found && logarithmOf(found.lead, kernels);
      if (found === undefined || logarithm === undefined || found.others.size === 0) return undefined;
      const others = shifted(algebra, found.others, algebra.inverse(found.lead[0]));
      if (sizes.polynomial(others).high > -LEADING) return undefined;
      // log(m·(1 + r)) = log(m) + r - θ·r² with 0 < θ < 1 for |r| < 1/2
      const square = algebra.multiply(others, others);
      return make(algebra.add(logarithm, others), () => FRACTION, algebra.scale(square, -1n));
    }
    case "exponential": {
      const { monomial, factors } = kernel.exponent;
      if (!isOfExponential(generator, kernels) || kernel.scale !== 1n || factors.size > 0) return undefined;
      const exponent = algebra.of(monomial, kernel.multiple);
      if (sizes.polynomial(exponent).high > -LEADING) return undefined;
      // e^r = 1 + r + θ·r² with 0 < θ < 1 for |r| < 1
      const square = algebra.multiply(exponent, exponent);
      return make(algebra.add(algebra.one, exponent), () => FRACTION, square);
    }
    default:
      return undefined;
  }
}

/** Whether it is the exponential of something in which another stands. */
function isOfExponential(generator: Generator, kernels: Kernels): boolean {
  const kernel = kernels.kind(generator);
  return (
    kernel?.kind === "exponential" &&
    kernel.exponent.monomial.generators.some((inside) => kernels.kind(inside)?.kind === "exponential")
  );
}

/** The logarithm of a product of exponentials. */
function logarithmOf(
  [{ generators, exponents }, coefficient]: readonly [Monomial, bigint],
  kernels: Kernels,
): Polynomial | undefined {
  let sumOfExponents: Polynomial = new Map();
  for (const [i, generator] of generators.entries()) {
    const [kernel, exponent] = [kernels.kind(generator), exponents[i]!];
    if (kernel?.kind !== "exponential" || kernel.scale !== 1n || kernel.exponent.factors.size > 0) return undefined;
    if (!Number.isInteger(exponent)) return undefined;
    const own = kernels.algebra.of(kernel.exponent.monomial, BigInt(exponent));
    sumOfExponents = kernels.algebra.add(sumOfExponents, own);
  }
  return coefficient === 1n ? sumOfExponents : undefined;
}

/** erfc|v| for |v| >= 1: between exp(-v²)/(2|v|) · 2/√π · ½ and exp(-v²). */
function complement(argument: Size): Size {
  const [low, high] = ends(power({ ...argument, sign: 1 }, 2));
  return size(1, -high * Math.LOG2E * PER_BIT - argument.high - LEADING, -low * Math.LOG2E * PER_BIT);
}

/** Numerators and factors with their kernels expanded, and what is known of the rests. */
export class Expanded {
  readonly terrain: Terrain;
  private readonly expansions = new Map<Generator, Expansion | undefined>();
  private readonly roots = new Map<Generator, Expansion | undefined>();
  private readonly rests = new Map<Generator, Rest>();
  private readonly done = new Map<Polynomial, Polynomial>();
  private readonly whole: Sizes;

  constructor(terrain: Omit<Terrain, "rests">, box: Box) {
    this.terrain = { ...terrain, rests: this.rests };
    this.whole = new Sizes(this.terrain, box);
  }

  private get kernels(): Kernels {
    return this.terrain.kernels;
  }

  polynomial(p: Polynomial): Polynomial {
    let result = this.done.get(p);
    if (result === undefined) this.done.set(p, (result = this.expand(p)));
    return result;
  }

  private expand(p: Polynomial): Polynomial {
    const { algebra } = this.kernels;
    let result = p;
    for (const generator of new Set([...p.keys()].flatMap(({ generators }) => generators))) {
      const exponentOf = (monomial: Monomial): number => exponentIn(monomial, generator);
      // Only powers of it and of its root can be multiplied out.
      const exponents = [...result.keys()].map(exponentOf);
      if (exponents.some((exponent) => exponent < 0 || !Number.isInteger(2 * exponent))) continue;
      const expansion = this.expansionOf(generator);
      const hasRoot = exponents.some((exponent) => !Number.isInteger(exponent));
      const root = hasRoot ? this.rootExpansionOf(generator) : undefined;
      if (expansion === undefined || (hasRoot && root === undefined)) continue;
      let sumOfTerms: Polynomial = new Map();
      for (const [monomial, coefficient] of result) {
        const exponent = exponentOf(monomial);
        const rest = algebra.of(algebra.times(monomial, algebra.power(generator, -exponent)), coefficient);
        const whole = algebra.multiply(rest, algebra.raise(expansion.polynomial, Math.floor(exponent)));
        const isWhole = Number.isInteger(exponent);
        sumOfTerms = algebra.add(sumOfTerms, isWhole ? whole : algebra.multiply(whole, root!.polynomial));
      }
      result = sumOfTerms;
    }
    return result;
  }

  private expansionOf(generator: Generator): Expansion | undefined {
    return this.remembered(this.expansions, generator, () =>
      this.terrain.coordinated.has(generator) ? undefined : expansionOf(generator, this.whole),
    );
  }

  /** The root of a generator, as the root of its expansion. */
  private rootExpansionOf(generator: Generator): Expansion | undefined {
    return this.remembered(this.roots, generator, () => {
      const expansion = this.expansionOf(generator);
      const root = expansion && rootOf(expansion.polynomial, this.whole);
      return root && withRest(generator, this.kernels.algebra, root.main, root.rest, root.main);
    });
  }

  private remembered(
    known: Map<Generator, Expansion | undefined>,
    generator: Generator,
    make: () => Expansion | undefined,
  ): Expansion | undefined {
    if (!known.has(generator)) {
      const expansion = make();
      known.set(generator, expansion);
      if (expansion !== undefined) this.rests.set(expansion.generator, expansion.rest);
    }
    return known.get(generator);
  }

  /** A fraction ready to be estimated. */
  prepared({ numerator, denominator, factors }: Fraction): Prepared {
    const powers = [...factors].map(([{ polynomial }, exponent]) => [polynomial, exponent] as const);
    return this.leadingOut(numerator, rational(1n, denominator), powers);
  }

  /** a/b likewise, and with it what is leading in b. */
  quotient(a: Fraction, b: Fraction): Prepared {
    const powers = new Map<Polynomial, number>([[b.numerator, -1]]);
    for (const [factors, side] of [[a.factors, 1] as const, [b.factors, -1] as const])
      for (const [{ polynomial }, exponent] of factors)
        powers.set(polynomial, (powers.get(polynomial) ?? 0) + side * exponent);
    return this.leadingOut(a.numerator, rational(b.denominator, a.denominator), [...powers]);
  }

  /** Expanded kernels that stand below 1 in a sum, as in 1/√L + √L, stand in factors of their own after this. */
  private withoutInverses(numerator: Polynomial, powers: readonly Power[]): Product {
    const { algebra } = this.kernels;
    const own: Power[] = [];
    const raised = (p: Polynomial, exponent: number): Polynomial => {
      let result = p;
      for (const generator of new Set([...p.keys()].flatMap(({ generators }) => generators))) {
        const least = Math.min(...[...p.keys()].map((monomial) => exponentIn(monomial, generator)));
        if (least >= 0 || !isSpread(generator, this.kernels)) continue;
        result = shifted(algebra, result, algebra.power(generator, -least));
        own.push([algebra.of(algebra.power(generator, 1)), least * exponent]);
      }
      return result;
    };
    const kept = powers.map(([factor, exponent]): Power => [raised(factor, exponent), exponent]);
    return { numerator: raised(numerator, 1), powers: [...kept, ...own] };
  }

  /**
   * The term that leads in a factor throughout the cell is divided out of it and multiplied onto the numerator, so that
   * of E/(1 + E) with a huge E only 1/(1/E + 1) is left.
   */
  private leadingOut(given: Polynomial, coefficient: Rational, others: readonly Power[]): Prepared {
    const { algebra } = this.kernels;
    const { numerator, powers } = this.withoutInverses(given, others);
    let shift = algebra.unit;
    const factors = powers.map(([polynomial, exponent]): Power => {
      const factor = this.polynomial(polynomial);
      const found = leadingTerm(factor, this.whole);
      if (found === undefined) return [factor, exponent];
      const [lead] = found.lead;
      shift = algebra.times(shift, powerOfMonomial(algebra, lead, exponent));
      return [shifted(algebra, factor, algebra.inverse(lead)), exponent];
    });
    return { numerator: shifted(algebra, this.polynomial(numerator), shift), coefficient, factors };
  }
}

type Power = readonly [Polynomial, exponent: number];

type Product = Readonly<{ numerator: Polynomial; powers: readonly Power[] }>;

const isSpread = (generator: Generator, kernels: Kernels): boolean =>
  kernels.kind(generator)?.kind === "logarithm" || isOfExponential(generator, kernels);

const exponentIn = ({ generators, exponents }: Monomial, generator: Generator): number =>
  exponents[generators.indexOf(generator)] ?? 0;

export interface Prepared {
  readonly numerator: Polynomial;
  readonly coefficient: Rational;
  readonly factors: readonly Power[];
}

export function sizeOf({ numerator, coefficient, factors }: Prepared, sizes: Sizes): Size {
  let result = product(sizes.polynomial(numerator), sizeOfRational(coefficient));
  for (const [factor, exponent] of factors)
    if (exponent !== 0) result = product(result, power(sizes.polynomial(factor), exponent));
  return result;
}

const powerOfMonomial = (algebra: Algebra, { generators, exponents }: Monomial, exponent: number): Monomial =>
  algebra.monomial(
    generators,
    exponents.map((own) => own * exponent),
  );

/** Relations between generators are not applied: what is estimated next are the terms as they stand. */
const shifted = (algebra: Algebra, p: Polynomial, by: Monomial): Polynomial =>
  new Map([...p].map(([monomial, coefficient]) => [algebra.times(monomial, by), coefficient]));
