/**
 * Exact sums of terms c·|x|^k·exp(E)·Π b^n, sorted by how fast they grow on one side of the line. What is 1 + r with an r
 * that falls to 0 stands as one factor b, and is opened only where the 1 cancels: so nothing is lost and nothing is left out.
 */
import { add, constant, expm1, fraction, log1p, mul, sqrt } from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import { createFacts } from "../facts.js";
import { normalForm } from "../simplify.js";
import { Assumptions } from "./assumptions.js";
import { coefficientForm, exponentForm, exponentOf, powerForm, withoutNumber } from "./coefficient.js";
import { Probe, UNIT, powerOfSize, timesSize, type Size } from "./side.js";
import { NO_FACTORS, ONE, ZERO, factorOf, inverse, keyOf, product, times, type Term, type Terms } from "./term.js";
import { written } from "./write.js";

const MOST_TERMS = 24;
const MOST_OPENINGS = 12;

/** An expression that this arithmetic cannot expand. */
export class Unexpandable extends Error {}

/** A factor b: its size, its sign, and the r of b = 1 + r where it is of that kind. */
interface Base {
  readonly size: Size;
  readonly sign: number;
  readonly rest?: Terms;
}

export class TermArithmetic {
  private readonly bases = new Map<Expr, Base>();
  /** Where they do not hold, the sums are not what was expanded. */
  readonly assumptions = new Assumptions();

  constructor(
    readonly input: Expr,
    readonly probe: Probe,
    /** Whether factors are opened where parameters can make coefficients cancel, not only where they always do. */
    private readonly isCareful: boolean,
  ) {}

  /** A number, or an expression of parameters. */
  constant(coefficient: Expr): Terms {
    const value = coefficientForm(coefficient);
    if (value === ZERO) return [];
    const size = this.sizeOf(value);
    if (size === undefined) throw new Unexpandable();
    return [{ coefficient: value, power: 0, exponent: ZERO, factors: NO_FACTORS, size }];
  }

  /** The size of what has no input in it; a parameter whose value is 0 may have others. */
  private sizeOf(coefficient: Expr): Size | undefined {
    return this.probe.size(coefficient) ?? (coefficient.closed ? undefined : UNIT);
  }

  /** x = ±|x|. */
  get variable(): Terms {
    const { sign } = this.probe.side;
    const size = this.probe.size(this.input)!;
    return [{ coefficient: constant(sign), power: 1, exponent: ZERO, factors: NO_FACTORS, size }];
  }

  /** A factor of which no more is known than its size and its sign: 0 of a wave, and no float may tell that of what falls to 0. */
  opaque(given: Expr, size = this.probe.size(given), known?: number): Terms {
    if (size === undefined) throw new Unexpandable();
    const expr = normalForm(given);
    if (expr.op === "neg") return this.scaled(this.opaque(expr.args[0]!, size, known && -known), constant(-1));
    const sign = known ?? this.probe.sign(expr);
    if (known === undefined && Math.abs(sign) !== 1) throw new Unexpandable();
    return this.base(expr, { size, sign });
  }

  /** A factor that is 1 + rest. */
  unit(expr: Expr, rest: Terms): Terms {
    return rest.length === 0 ? this.constant(ONE) : this.base(expr, { size: UNIT, sign: 1, rest });
  }

  private base(expr: Expr, base: Base): Terms {
    if (!this.bases.has(expr)) this.bases.set(expr, base);
    return [{ coefficient: ONE, power: 0, exponent: ZERO, factors: new Map([[expr, 1]]), size: base.size }];
  }

  /** exp of an expression that grows, or has no limit. */
  exponential(exponent: Expr): Terms {
    const normal = normalForm(exponent);
    const size = this.probe.exponent(normal);
    if (Number.isNaN(size.near) || Number.isNaN(size.far)) throw new Unexpandable();
    return [{ coefficient: ONE, power: 0, exponent: normal, factors: NO_FACTORS, size }];
  }

  sum(...parts: readonly Terms[]): Terms {
    let terms = this.merged(parts.flat());
    for (let count = 0; ; count++) {
      const cancelling = [...this.grouped(terms).values()].find((group) => group.length > 1 && this.vanishes(group));
      const opened = cancelling === undefined ? undefined : this.openedGroup(cancelling);
      if (opened === undefined) break;
      if (count > MOST_OPENINGS) throw new Unexpandable();
      terms = this.merged([...terms.filter((term) => !cancelling!.includes(term)), ...opened]);
    }
    if (terms.length > MOST_TERMS) throw new Unexpandable();
    return terms.sort(byGrowth);
  }

  /** Terms that grow alike: with the same powers of x, of e and of factors that are not nearly 1. */
  private growthOf({ exponent, power, factors }: Term): string {
    const others = [...factors].filter(([base]) => this.bases.get(base)!.rest === undefined);
    return `${exponent.id}:${power}:${keyOf(others)}`;
  }

  private grouped(terms: Terms): Map<string, Term[]> {
    const groups = new Map<string, Term[]>();
    for (const term of terms) {
      const key = this.growthOf(term);
      groups.set(key, [...(groups.get(key) ?? []), term]);
    }
    return groups;
  }

  private merged(terms: Terms): Term[] {
    const found = new Map<string, Term>();
    for (const term of terms) {
      const key = `${term.exponent.id}:${term.power}:${keyOf([...term.factors])}`;
      const other = found.get(key);
      const coefficient =
        other === undefined ? term.coefficient : coefficientForm(add(other.coefficient, term.coefficient));
      found.set(key, { ...(other ?? term), coefficient });
    }
    return [...found.values()].filter(({ coefficient }) => coefficient !== ZERO);
  }

  private vanishes(group: Terms): boolean {
    const coefficients = group.map(({ coefficient }) => coefficient);
    const sum = coefficientForm(coefficients.reduce((all, each) => add(all, each)));
    if (sum === ZERO) return true;
    if (!this.isCareful || sum.closed || createFacts()(sum).nonzero) return false;
    // Of multiples of one coefficient the sum is 0 only where they all are.
    return new Set(coefficients.map(withoutNumber)).size > 1;
  }

  /** Terms of one growth whose coefficients add up to 0: factors that not all of them have are opened, one step each. */
  private openedGroup(group: Terms): Terms | undefined {
    const shared = (base: Expr): number => {
      const exponents = group.map(({ factors }) => factors.get(base) ?? 0);
      const [least, most] = [Math.min(...exponents), Math.max(...exponents)];
      return least > 0 ? least : most < 0 ? most : 0;
    };
    let isOpened = false;
    const result = group.flatMap((term): Terms => {
      const excess = [...term.factors].find(
        ([base, exponent]) => exponent !== shared(base) && this.bases.get(base)!.rest !== undefined,
      );
      if (excess === undefined) return [term];
      isOpened = true;
      return this.opened(term, excess[0]);
    });
    return isOpened ? result : undefined;
  }

  /** b = 1 + r, and 1/b = 1 - r/b, in one of the powers of b; b^q = 1 + expm1(q·log1p(r)) for what is less than one. */
  private opened(term: Term, base: Expr): Terms {
    const { rest } = this.bases.get(base)!;
    const exponent = term.factors.get(base)!;
    if (Math.abs(exponent) < 1) {
      const part = expm1(mul(exponentForm(exponent), log1p(this.write(rest!))));
      const alone = times(term, factorOf(base, -exponent));
      const [first] = rest!;
      return [alone, ...product([alone], this.opaque(part, first!.size, Math.sign(exponent) * this.signOf(first!)))];
    }
    const without: Terms = [times(term, factorOf(base, exponent > 0 ? -1 : 1))];
    const more = exponent > 0 ? without : this.scaled([term], constant(-1));
    return [...without, ...product(more, rest!)];
  }

  /** Every factor that is 1 + r opened as long as its 1 stands alone in a term. */
  opening(terms: Terms): Terms {
    let result = terms;
    for (let count = 0; count < MOST_OPENINGS; count++) {
      const isPlain = ({ exponent, power }: Term): boolean => exponent === ZERO && power === 0;
      const next = result.find(
        (term) => isPlain(term) && [...term.factors.keys()].some((base) => this.bases.get(base)!.rest !== undefined),
      );
      if (next === undefined) return result;
      const base = [...next.factors.keys()].find((each) => this.bases.get(each)!.rest !== undefined)!;
      result = this.sum(
        result.filter((term) => term !== next),
        this.opened(next, base),
      );
    }
    throw new Unexpandable();
  }

  product(a: Terms, b: Terms): Terms {
    if (a.length * b.length > 4 * MOST_TERMS) throw new Unexpandable();
    return this.sum(product(a, b));
  }

  scaled(terms: Terms, factor: Expr): Terms {
    return terms.flatMap((term) => {
      const coefficient = coefficientForm(mul(factor, term.coefficient));
      if (coefficient === ZERO) return [];
      const more = this.sizeOf(factor);
      if (more === undefined) throw new Unexpandable();
      return [{ ...term, coefficient, size: timesSize(term.size, more) }];
    });
  }

  /** The fastest term, and the others over it. */
  split(terms: Terms): { readonly lead: Term; readonly rest: Terms } {
    const [first] = terms;
    if (first === undefined) throw new Unexpandable();
    // Terms that grow alike are one only when their factors are opened.
    const alike = this.grouped(terms).get(this.growthOf(first))!;
    if (alike.length === 1) return { lead: first, rest: product(terms.slice(1), [inverse(first)]) };
    for (const term of alike)
      for (const base of term.factors.keys())
        if (this.bases.get(base)!.rest !== undefined) {
          const others = terms.filter((other) => other !== term);
          return this.split(this.sum(others, this.opened(term, base)));
        }
    throw new Unexpandable();
  }

  /** 1/(lead·(1 + rest)). */
  inverse(terms: Terms): Terms {
    const { lead, rest } = this.split(terms);
    this.assumptions.nonzero(lead.coefficient);
    if (rest.length === 0) return [inverse(lead)];
    const sum = add(ONE, this.write(rest));
    const [unit] = this.unit(sum, this.sum(rest));
    return [times(inverse(lead), { ...unit!, factors: new Map([[sum, -1]]) })];
  }

  /** √(lead·(1 + rest)), the lead being positive. */
  root(terms: Terms): Terms {
    const { lead, rest } = this.split(terms);
    if (!this.isPositive(lead)) throw new Unexpandable();
    this.assumptions.positive(lead.coefficient);
    const half = fraction(1, 2);
    const rooted: Term = {
      coefficient: coefficientForm(sqrt(lead.coefficient)),
      power: lead.power / 2,
      exponent: normalForm(mul(half, lead.exponent)),
      factors: new Map([...lead.factors].map(([base, exponent]) => [base, exponent / 2])),
      size: powerOfSize(lead.size, 0.5),
    };
    if (rest.length === 0) return [rooted];
    // r = √(1 + ρ) is 1 + ρ/(r + 1), and (r + 1)/2 is 1 + ρ/4/((r + 1)/2).
    const root = sqrt(add(ONE, this.write(rest)));
    const mean = mul(half, add(root, ONE));
    const overMean = factorOf(mean, -1);
    const part = (scale: Expr): Terms => product(this.scaled(rest, scale), [overMean]);
    this.unit(mean, part(fraction(1, 4)));
    return [times(rooted, this.unit(root, part(half))[0]!)];
  }

  /** (lead·(1 + rest))^q, the lead being positive: one base 1 + rest for all powers of it. */
  power(terms: Terms, q: number): Terms {
    const { lead, rest } = this.split(terms);
    if (exponentOf(q) !== q || !this.isPositive(lead)) throw new Unexpandable();
    this.assumptions.positive(lead.coefficient);
    const raised: Term = {
      coefficient: powerForm(lead.coefficient, q),
      power: exponentOf(lead.power * q),
      exponent: normalForm(mul(exponentForm(q), lead.exponent)),
      factors: new Map([...lead.factors].map(([base, exponent]) => [base, exponentOf(exponent * q)])),
      size: powerOfSize(lead.size, q),
    };
    if (rest.length === 0) return [raised];
    const sum = add(ONE, this.write(rest));
    this.unit(sum, this.sum(rest));
    return [times(raised, factorOf(sum, q))];
  }

  /** Whether a term and all of its factors are: then any power of it is the product of theirs. */
  private isPositive(term: Term): boolean {
    return this.signOf(term) === 1 && [...term.factors.keys()].every((base) => this.bases.get(base)!.sign === 1);
  }

  signOf({ coefficient, factors }: Term): number {
    let sign = this.probe.sign(coefficient);
    for (const [base, exponent] of factors) if (exponent % 2 !== 0) sign *= this.bases.get(base)!.sign;
    return sign;
  }

  restOf(base: Expr): Terms | undefined {
    return this.bases.get(base)!.rest;
  }

  /** The sum as an expression. */
  write(terms: Terms): Expr {
    return written(terms, this.input, this.probe);
  }
}

const byGrowth = (a: Term, b: Term): number => b.size.far - a.size.far || a.exponent.hash - b.exponent.hash;
