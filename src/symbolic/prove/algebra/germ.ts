/**
 * One-sided germs: what a function is for small h > 0, as a finite sum of c·h^e plus a rest that is O(h^order). The
 * coefficients are exact fractions over kernels, the exponents rational, so limits and one-sided slopes can be read off
 * where the expression itself has no value: of expm1(h)/h, of (h²)^(2/3), of h²·sin(1/h).
 */
import { rational, type Rational } from "../../../ir/rational.js";
import type { Fraction } from "./fraction.js";
import type { Normalizer } from "./normalize.js";
import { Ended } from "../outcome.js";
import type { Sign } from "../signs/signs.js";
import type { Expr } from "../../../ir/expr.js";

/** Exponents are whole multiples of 1/UNIT, so that sums of thirds are exact. */
export const UNIT = 5040;

export interface Germ {
  /** Exponents (in units) and coefficients, the exponents ascending. */
  readonly terms: readonly (readonly [exponent: number, coefficient: Fraction])[];
  /** The rest is O(h^(order/UNIT)); Infinity where there is none. */
  readonly order: number;
  /** The rest is like an unknown power h^e with 0 < e < 1: its slope at 0 is infinite. */
  readonly steep?: true;
}

export interface Lead {
  readonly exponent: number;
  readonly coefficient: Fraction;
  readonly sign: Sign;
}

/** The arithmetic of germs in one region; terms from `reach` on are left out. */
export class GermRing {
  constructor(
    protected readonly n: Normalizer,
    protected readonly reach: number,
    /** The expression that is named when something cannot be decided. */
    private readonly subject: Expr,
  ) {}

  protected get field(): Normalizer["field"] {
    return this.n.field;
  }

  constant(c: Fraction): Germ {
    return this.field.isZero(c) ? ZERO : { terms: [[0, c]], order: Infinity };
  }

  number(value: Rational): Germ {
    return this.constant(this.field.rational(value));
  }

  /** c + direction·h */
  moving(c: Fraction, direction: 1 | -1): Germ {
    const step = this.field.rational(rational(BigInt(direction)));
    return this.cut([[0, c] as const, [UNIT, step] as const], Infinity);
  }

  get zero(): Fraction {
    return this.field.zero;
  }

  get pi(): Germ {
    const { algebra, pi } = this.n.kernels;
    return this.constant(this.field.monomial(algebra.power(pi, 1)));
  }

  undecided(): never {
    throw new Ended({ kind: "undecided", subject: this.subject });
  }

  /** Equal exponents collected, terms beyond the reach or the order left out. */
  private cut(terms: Iterable<readonly [number, Fraction]>, order: number): Germ {
    const sums = new Map<number, Fraction>();
    let rest = order;
    for (const [exponent, coefficient] of terms) {
      if (exponent >= order) continue;
      if (exponent > this.reach) rest = Math.min(rest, exponent);
      else sums.set(exponent, this.field.add(sums.get(exponent) ?? this.field.zero, coefficient));
    }
    const kept = [...sums].filter(([exponent, c]) => exponent < rest && !this.field.isZero(c));
    return { terms: kept.sort(([a], [b]) => a - b), order: rest };
  }

  add(a: Germ, b: Germ): Germ {
    const sum = this.cut([...a.terms, ...b.terms], Math.min(a.order, b.order));
    // Nothing in the other may cancel the unknown power.
    const isSteep = (one: Germ, other: Germ): boolean =>
      one.steep === true && other.order >= UNIT && other.terms.every(([e]) => e === 0 || e >= UNIT);
    return isSteep(a, b) || isSteep(b, a) ? { ...sum, steep: true } : sum;
  }

  negate(a: Germ): Germ {
    return { ...a, terms: a.terms.map(([exponent, c]) => [exponent, this.field.negate(c)] as const) };
  }

  subtract(a: Germ, b: Germ): Germ {
    return this.add(a, this.negate(b));
  }

  multiply(a: Germ, b: Germ): Germ {
    const products: (readonly [number, Fraction])[] = [];
    for (const [e, c] of a.terms) for (const [f, d] of b.terms) products.push([e + f, this.field.multiply(c, d)]);
    const product = this.cut(products, Math.min(a.order + least(b), b.order + least(a)));
    const isSteep = (one: Germ, other: Germ): boolean =>
      one.steep === true && one.terms.length === 0 && other.order >= UNIT && this.lead(other)?.exponent === 0;
    return isSteep(a, b) || isSteep(b, a) ? { ...product, steep: true } : product;
  }

  /** c·h^exponent·a */
  protected shift(a: Germ, c: Fraction, exponent: number): Germ {
    const terms = a.terms.map(([e, d]) => [e + exponent, this.field.multiply(c, d)] as const);
    return this.cut(terms, a.order + exponent);
  }

  /** The first term with its sign; undefined of a germ that is exactly 0. */
  lead(a: Germ): Lead | undefined {
    for (const [exponent, coefficient] of a.terms) {
      const sign = this.n.reasoner.sign(coefficient);
      if (sign !== 0) return { exponent, coefficient, sign };
    }
    if (a.order === Infinity) return undefined;
    // All terms up to the reach cancel: more of them may tell.
    return this.undecided();
  }

  /** Negative, zero or positive for all small h > 0. */
  sign(a: Germ): Sign {
    return this.lead(a)?.sign ?? 0;
  }

  /** a = c·h^e·(1 + r): the r, which tends to 0. */
  protected relative(a: Germ, { exponent, coefficient }: Lead): Germ {
    const rest = { ...a, terms: a.terms.filter(([e]) => e > exponent) };
    return this.shift(rest, this.field.inverse(coefficient), -exponent);
  }

  /** Σ c[n]·r^n for an r that tends to 0; c[n] as long as they are asked for. */
  protected series(r: Germ, coefficient: (n: number) => Fraction): Germ {
    let sum = this.constant(coefficient(0));
    let power = this.number(rational(1n));
    for (let n = 1; ; n++) {
      power = this.multiply(power, r);
      if (power.terms.length === 0 && power.order === Infinity) return sum;
      if (power.terms.length === 0) return this.cut(sum.terms, Math.min(sum.order, power.order));
      const c = coefficient(n);
      if (!this.field.isZero(c)) sum = this.add(sum, this.shift(power, c, 0));
    }
  }

  inverse(a: Germ): Germ {
    const lead = this.lead(a);
    if (lead === undefined) throw new Ended({ kind: "undefined" });
    const ofRelative = this.series(this.relative(a, lead), (n) => this.whole(n % 2 === 0 ? 1 : -1));
    return this.shift(ofRelative, this.field.inverse(lead.coefficient), -lead.exponent);
  }

  protected whole(value: number): Fraction {
    return this.field.rational(rational(BigInt(value)));
  }
}

export const ZERO: Germ = { terms: [], order: Infinity };

/** The smallest exponent that the germ may have. */
export const least = ({ terms, order }: Germ): number => (terms.length > 0 ? Math.min(terms[0]![0], order) : order);
