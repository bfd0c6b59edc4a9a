/**
 * Polynomials with integer coefficients over generators: the variables, and kernels such as exp(x) or √2 that behave as
 * variables. Exponents may be negative, and fractions of a power of two where a generator is positive; a generator with a
 * `square` is an algebraic number over the others and occurs to the first power only.
 */
import { gcd } from "../../../ir/rational.js";
import type { Expr } from "../../../ir/expr.js";
import { Ended } from "../outcome.js";

export interface Generator {
  readonly id: number;
  /** The expression that it stands for; of an exponential exp(m/D), with its present scale D. */
  readonly meaning: () => Expr;
  readonly square?: Polynomial;
}

export interface Monomial {
  readonly id: number;
  readonly generators: readonly Generator[];
  /** Never 0. */
  readonly exponents: readonly number[];
  /** A generator with a square has another exponent than 1. */
  readonly reducible: boolean;
}

/** Coefficients by monomial, none of them 0. */
export type Polynomial = ReadonlyMap<Monomial, bigint>;

export const LARGEST_COEFFICIENT = 1n << 6000n;

/** The clock is looked at each time that 2^9 multiplications are done. */
const CLOCK = 9;

export const ZERO: Polynomial = new Map();

/** The interner of monomials, and the arithmetic: one per goal, so that nothing outlives it. */
export class Algebra {
  private readonly monomials = new Map<string, Monomial>();
  private readonly products = new Map<Monomial, Map<Monomial, Monomial>>();
  private readonly generators: Generator[] = [];
  readonly unit = this.monomial([], []);
  readonly one: Polynomial = new Map([[this.unit, 1n]]);

  private readonly full: number;

  /** `fuel` are the multiplications of terms that are left; `isLate` ends the work by a clock. */
  constructor(
    private fuel: number,
    readonly isLate: () => boolean = () => false,
  ) {
    this.full = fuel;
  }

  spend(amount: number): void {
    const before = this.fuel;
    this.fuel -= amount;
    if (this.fuel < 0) throw new Ended({ kind: "exhausted", reason: "the normal form has too many terms" });
    if (before >> CLOCK !== this.fuel >> CLOCK && this.isLate())
      throw new Ended({ kind: "exhausted", reason: "it took too long" });
  }

  /** The multiplications of terms that are left. */
  get left(): number {
    return this.fuel;
  }

  get isHalfSpent(): boolean {
    return 2 * this.fuel < this.full;
  }

  refuel(fuel: number): void {
    this.fuel = fuel;
  }

  generator(meaning: () => Expr, square?: Polynomial): Generator {
    const id = this.generators.length;
    const created: Generator = square === undefined ? { id, meaning } : { id, meaning, square };
    this.generators.push(created);
    return created;
  }

  monomial(generators: readonly Generator[], exponents: readonly number[]): Monomial {
    let key = "";
    for (let i = 0; i < generators.length; i++) key += `${generators[i]!.id}^${exponents[i]!} `;
    let found = this.monomials.get(key);
    if (found === undefined) {
      const reducible = generators.some(({ square }, i) => square !== undefined && exponents[i] !== 1);
      found = { id: this.monomials.size, generators, exponents, reducible };
      this.monomials.set(key, found);
    }
    return found;
  }

  power(generator: Generator, exponent: number): Monomial {
    return exponent === 0 ? this.unit : this.monomial([generator], [exponent]);
  }

  /** a·b, relations not applied. */
  times(a: Monomial, b: Monomial): Monomial {
    if (a === this.unit) return b;
    if (b === this.unit) return a;
    let row = this.products.get(a);
    if (row === undefined) this.products.set(a, (row = new Map()));
    let product = row.get(b);
    if (product === undefined) row.set(b, (product = this.merge(a, b)));
    return product;
  }

  private merge(a: Monomial, b: Monomial): Monomial {
    this.spend(a.generators.length + b.generators.length);
    const generators: Generator[] = [];
    const exponents: number[] = [];
    let [i, j] = [0, 0];
    while (i < a.generators.length || j < b.generators.length) {
      const [p, q] = [a.generators[i], b.generators[j]];
      if (q === undefined || (p !== undefined && p.id < q.id)) {
        generators.push(p!);
        exponents.push(a.exponents[i++]!);
      } else if (p === undefined || q.id < p.id) {
        generators.push(q);
        exponents.push(b.exponents[j++]!);
      } else {
        const sum = exactSum(a.exponents[i++]!, b.exponents[j++]!);
        if (sum !== 0) {
          generators.push(p);
          exponents.push(sum);
        }
      }
    }
    return this.monomial(generators, exponents);
  }

  inverse(a: Monomial): Monomial {
    return this.monomial(
      a.generators,
      a.exponents.map((exponent) => -exponent),
    );
  }

  constant(value: bigint): Polynomial {
    return value === 0n ? ZERO : new Map([[this.unit, value]]);
  }

  of(monomial: Monomial, coefficient = 1n): Polynomial {
    if (coefficient === 0n) return ZERO;
    return monomial.reducible ? this.reduced(monomial, coefficient) : new Map([[monomial, coefficient]]);
  }

  add(a: Polynomial, b: Polynomial): Polynomial {
    if (a.size === 0) return b;
    if (b.size === 0) return a;
    this.spend(b.size + (a.size >> 2));
    const sum = new Map(a);
    for (const [monomial, coefficient] of b) accumulate(sum, monomial, coefficient);
    return sum;
  }

  scale(a: Polynomial, factor: bigint): Polynomial {
    if (factor === 1n) return a;
    if (factor === 0n) return ZERO;
    return new Map([...a].map(([monomial, coefficient]) => [monomial, coefficient * factor]));
  }

  multiply(a: Polynomial, b: Polynomial): Polynomial {
    const product = new Map<Monomial, bigint>();
    this.spend(a.size * b.size);
    for (const [p, u] of a)
      for (const [q, v] of b) {
        const monomial = this.times(p, q);
        const coefficient = u * v;
        if (coefficient > LARGEST_COEFFICIENT || coefficient < -LARGEST_COEFFICIENT)
          throw new Ended({ kind: "exhausted", reason: "the coefficients of the normal form are too large" });
        if (!monomial.reducible) accumulate(product, monomial, coefficient);
        else for (const [m, c] of this.reduced(monomial, coefficient)) accumulate(product, m, c);
      }
    return product;
  }

  /** g² = square, until every such g stands to the power 0 or 1. */
  private reduced(monomial: Monomial, coefficient: bigint): Polynomial {
    const index = monomial.generators.findIndex(({ square }, i) => square !== undefined && monomial.exponents[i] !== 1);
    const [generator, exponent] = [monomial.generators[index]!, monomial.exponents[index]!];
    if (exponent < 0 || !Number.isInteger(exponent))
      throw new Ended({ kind: "exhausted", reason: "a root was not rationalised" });
    const rest = this.times(monomial, this.power(generator, -2 * Math.floor(exponent / 2)));
    return this.multiply(this.of(rest, coefficient), this.raise(generator.square!, Math.floor(exponent / 2)));
  }

  raise(base: Polynomial, exponent: number): Polynomial {
    let result = this.one;
    let square = base;
    for (let n = exponent; n > 0; n = Math.floor(n / 2)) {
      if (n % 2 === 1) result = this.multiply(result, square);
      if (n > 1) square = this.multiply(square, square);
    }
    return result;
  }

  /** p = coefficient · monomial · primitive: no common integer, no common generator, the leading coefficient positive. */
  content(p: Polynomial): { coefficient: bigint; monomial: Monomial; primitive: Polynomial } {
    this.spend(p.size);
    let coefficient = 0n;
    let common: Map<Generator, number> | undefined;
    for (const [monomial, value] of p) {
      coefficient = gcd(coefficient, value);
      const here = new Map(monomial.generators.map((generator, i) => [generator, monomial.exponents[i]!]));
      if (common === undefined) common = here;
      else {
        for (const [generator, exponent] of common) {
          const least = Math.min(exponent, here.get(generator) ?? 0);
          if (least === 0) common.delete(generator);
          else common.set(generator, least);
        }
        // A generator that earlier terms did not have counts when it is in a denominator here.
        for (const [generator, exponent] of here)
          if (exponent < 0 && !common.has(generator)) common.set(generator, exponent);
      }
    }
    const entries = [...(common ?? [])].sort(([a], [b]) => a.id - b.id);
    const monomial = this.monomial(
      entries.map(([generator]) => generator),
      entries.map(([, exponent]) => exponent),
    );
    if (p.get(this.leading(p))! < 0n !== coefficient < 0n) coefficient = -coefficient;
    const inverse = this.inverse(monomial);
    const primitive = new Map([...p].map(([m, c]) => [this.times(m, inverse), c / coefficient]));
    return { coefficient, monomial, primitive };
  }

  /** Lexicographic by generator: an order that multiplication keeps. */
  compare(a: Monomial, b: Monomial): number {
    let [i, j] = [0, 0];
    for (;;) {
      const [p, q] = [a.generators[i], b.generators[j]];
      if (p === undefined && q === undefined) return 0;
      if (q === undefined || (p !== undefined && p.id < q.id)) return a.exponents[i]!;
      if (p === undefined || q.id < p.id) return -b.exponents[j]!;
      if (a.exponents[i] !== b.exponents[j]) return a.exponents[i]! - b.exponents[j]!;
      i += 1;
      j += 1;
    }
  }

  leading(p: Polynomial): Monomial {
    let best: Monomial | undefined;
    for (const monomial of p.keys()) if (best === undefined || this.compare(monomial, best) > 0) best = monomial;
    return best!;
  }

  /** p = quotient·divisor + remainder; for exactness both have no common generator. */
  divide(p: Polynomial, divisor: Polynomial): { quotient: Polynomial; remainder: Polynomial } | undefined {
    const lead = this.leading(divisor);
    const leadCoefficient = divisor.get(lead)!;
    const inverse = this.inverse(lead);
    const quotient = new Map<Monomial, bigint>();
    let rest = p;
    const remainder = new Map<Monomial, bigint>();
    while (rest.size > 0) {
      this.spend(rest.size);
      const top = this.leading(rest);
      const coefficient = rest.get(top)!;
      const ratio = this.times(top, inverse);
      if (ratio.exponents.some((exponent) => exponent < 0) || ratio.reducible) {
        remainder.set(top, coefficient);
        const others = new Map(rest);
        others.delete(top);
        rest = others;
        continue;
      }
      if (coefficient % leadCoefficient !== 0n) return undefined;
      const factor = coefficient / leadCoefficient;
      quotient.set(ratio, factor);
      rest = this.add(rest, this.multiply(this.of(ratio, -factor), divisor));
    }
    return { quotient, remainder };
  }

  /** The same for equal polynomials. */
  key(p: Polynomial): string {
    return [...p]
      .map(([monomial, coefficient]) => [monomial.id, coefficient] as const)
      .sort(([a], [b]) => a - b)
      .map(([id, coefficient]) => `${coefficient}*${id}`)
      .join("+");
  }
}

function accumulate(sum: Map<Monomial, bigint>, monomial: Monomial, coefficient: bigint): void {
  const total = (sum.get(monomial) ?? 0n) + coefficient;
  if (total === 0n) sum.delete(monomial);
  else sum.set(monomial, total);
}

/** Exponents are float64 numbers; a sum that is not exact would be a wrong exponent. */
function exactSum(a: number, b: number): number {
  const sum = a + b;
  if (sum - a !== b || sum - b !== a)
    throw new Ended({ kind: "exhausted", reason: "an exponent of the normal form is too large" });
  return sum;
}
