/**
 * Exact sums of terms c·|x|^k·exp(E)·Π b^n, sorted by how fast they grow on one side of the line. What is 1 + r with an r
 * that falls to 0 stands as one factor b, and is opened only where the 1 cancels: so nothing is lost and nothing is left out.
 */
import { abs, add, constant, div, exp, fraction, mul, naturalPower, neg, sqrt, sub } from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import type { Rational } from "../../ir/rational.js";
import { normalForm } from "../simplify.js";
import { coefficientForm } from "./coefficient.js";
import { Probe, UNIT, powerOfSize, timesSize, trend, type Size } from "./side.js";

export interface Term {
  /** Without the input. */
  readonly coefficient: Expr;
  /** Of |x|. */
  readonly power: number;
  /** Of e. */
  readonly exponent: Expr;
  readonly factors: ReadonlyMap<Expr, number>;
  readonly size: Size;
}

/** No two with the same powers; the fastest first. */
export type Terms = readonly Term[];

export const ZERO = constant(0);
export const ONE = constant(1);
const MOST_TERMS = 14;
const MOST_OPENINGS = 12;
const NO_FACTORS: ReadonlyMap<Expr, number> = new Map();

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

  constructor(
    readonly input: Expr,
    readonly probe: Probe,
  ) {}

  /** A number, or an expression of parameters. */
  constant(coefficient: Expr): Terms {
    const value = coefficientForm(coefficient);
    if (value === ZERO) return [];
    const size = this.probe.size(value);
    if (size === undefined) throw new Unexpandable();
    return [{ coefficient: value, power: 0, exponent: ZERO, factors: NO_FACTORS, size }];
  }

  /** x = ±|x|. */
  get variable(): Terms {
    const { sign } = this.probe.side;
    const size = this.probe.size(this.input)!;
    return [{ coefficient: constant(sign), power: 1, exponent: ZERO, factors: NO_FACTORS, size }];
  }

  /** A factor of which no more is known than its size. */
  opaque(given: Expr, size = this.probe.size(given)): Terms {
    if (size === undefined) throw new Unexpandable();
    const expr = normalForm(given);
    if (expr.op === "neg") return this.scaled(this.opaque(expr.args[0]!, size), constant(-1));
    const sign = this.probe.sign(expr);
    if (!(Math.abs(sign) === 1)) throw new Unexpandable();
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
    let terms = merged(parts.flat());
    for (let count = 0; ; count++) {
      const cancelling = [...grouped(terms).values()].find((group) => group.length > 1 && vanishes(group));
      const opened = cancelling === undefined ? undefined : this.openedGroup(cancelling);
      if (opened === undefined) break;
      if (count > MOST_OPENINGS) throw new Unexpandable();
      terms = merged([...terms.filter((term) => !cancelling!.includes(term)), ...opened]);
    }
    if (terms.length > MOST_TERMS) throw new Unexpandable();
    return terms.sort(byGrowth);
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

  /** b = 1 + r, and 1/b = 1 - r/b, in one of the powers of b. */
  private opened(term: Term, base: Expr): Terms {
    const { rest } = this.bases.get(base)!;
    const exponent = term.factors.get(base)!;
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
        (term) =>
          isPlain(term) && [...term.factors.keys()].some((base) => this.bases.get(base)!.rest !== undefined),
      );
      if (next === undefined) return result;
      const base = [...next.factors.keys()].find((each) => this.bases.get(each)!.rest !== undefined)!;
      result = this.sum(result.filter((term) => term !== next), this.opened(next, base));
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
      const more = this.probe.size(factor);
      return coefficient === ZERO || more === undefined
        ? []
        : [{ ...term, coefficient, size: timesSize(term.size, more) }];
    });
  }

  /** The fastest term, and the others over it. */
  split(terms: Terms): { readonly lead: Term; readonly rest: Terms } {
    const [first] = terms;
    if (first === undefined) throw new Unexpandable();
    // Terms that grow alike are one only when their factors are opened.
    const alike = grouped(terms).get(growthOf(first))!;
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
    if (rest.length === 0) return [inverse(lead)];
    const sum = add(ONE, this.write(rest));
    const [unit] = this.unit(sum, this.sum(rest));
    return [times(inverse(lead), { ...unit!, factors: new Map([[sum, -1]]) })];
  }

  /** √(lead·(1 + rest)), the lead being positive. */
  root(terms: Terms): Terms {
    const { lead, rest } = this.split(terms);
    if (this.signOf(lead) !== 1 || ![...lead.factors.values()].every((exponent) => exponent % 2 === 0))
      throw new Unexpandable();
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

  signOf({ coefficient, factors }: Term): number {
    let sign = this.probe.sign(coefficient);
    for (const [base, exponent] of factors) if (exponent % 2 !== 0) sign *= this.bases.get(base)!.sign;
    return sign;
  }

  restOf(base: Expr): Terms | undefined {
    return this.bases.get(base)!.rest;
  }

  /** The sum as an expression: what decays as a square of half of it where it is multiplied by what grows. */
  write(terms: Terms, halving = false): Expr {
    let result: Expr | undefined;
    for (const each of terms) {
      const term = this.inInput(each);
      const isNegative = this.probe.sign(term.coefficient) < 0 && isSigned(term.coefficient);
      const written = this.writeTerm(
        isNegative ? { ...term, coefficient: coefficientForm(neg(term.coefficient)) } : term,
        halving,
      );
      if (result === undefined) result = isNegative ? neg(written) : written;
      else result = isNegative ? sub(result, written) : add(result, written);
    }
    return result ?? ZERO;
  }

  /** |x|^k for an odd k with the sign in the coefficient: it is written as x^k. */
  private inInput(term: Term): Term {
    const isOdd = Math.abs(term.power % 2) === 1 && this.probe.side.sign < 0;
    return isOdd ? { ...term, coefficient: coefficientForm(neg(term.coefficient)) } : term;
  }

  private writeTerm({ coefficient, power, exponent, factors }: Term, halving: boolean): Expr {
    const [tops, bottoms]: [Expr[], Expr[]] = [[], []];
    const put = (base: Expr, count: number): void => {
      const whole = Math.floor(Math.abs(count));
      const side = count > 0 ? tops : bottoms;
      if (whole > 0) side.push(naturalPower(base, whole));
      if (whole !== Math.abs(count)) side.push(sqrt(abs(base)));
    };
    put(this.input, power);
    for (const [base, count] of factors) put(base, count);
    const scale = coefficient === ONE ? [] : [coefficient];
    if (exponent === ZERO) return quotient([...scale, ...tops], bottoms);
    const isScaled = power > 0 && trend(this.probe.exponent(exponent)) < 0;
    if (halving && isScaled) {
      const root = exp(withoutFactor(mul(fraction(1, 2), exponent)));
      return mul(quotient([...scale, ...tops, root], bottoms), root);
    }
    // What decays comes first, so that no power overflows before it.
    return quotient([exp(withoutFactor(exponent)), ...scale, ...powersOf(tops)], bottoms);
  }
}

/** 2x - 6E as 2(x - 3E): so the largest input does not overflow before something else does. */
function withoutFactor(exponent: Expr): Expr {
  const normal = normalForm(exponent);
  const terms: Expr[] = [normal];
  while (terms[0]!.op === "add" || terms[0]!.op === "sub") terms.unshift(terms[0]!.args[0]!);
  const [first] = terms;
  if (first === normal || first!.op !== "mul" || first!.args[0]!.op !== "rational") return normal;
  const factor = first!.args[0]!;
  return mul(factor, normalForm(div(normal, factor)));
}

/** x·x as two factors: each is multiplied on its own. */
const powersOf = (factors: readonly Expr[]): Expr[] =>
  factors.flatMap((factor) => (factor.op === "mul" && factor.args[0] === factor.args[1] ? [...factor.args] : [factor]));

const isSigned = (coefficient: Expr): boolean =>
  coefficient.op === "neg" ||
  (coefficient.op === "rational" && (coefficient.payload as Rational).numerator < 0n) ||
  (coefficient.op === "mul" && isSigned(coefficient.args[0]!));

function quotient(tops: readonly Expr[], bottoms: readonly Expr[]): Expr {
  const top = tops.length === 0 ? ONE : tops.reduce((all, factor) => mul(all, factor));
  return bottoms.length === 0 ? top : div(top, bottoms.reduce((all, factor) => mul(all, factor)));
}

export const factorOf = (base: Expr, exponent: number): Term => ({
  coefficient: ONE,
  power: 0,
  exponent: ZERO,
  factors: new Map([[base, exponent]]),
  size: UNIT,
});

function times(a: Term, b: Term): Term {
  const factors = new Map(a.factors);
  for (const [base, exponent] of b.factors) {
    const sum = (factors.get(base) ?? 0) + exponent;
    if (sum === 0) factors.delete(base);
    else factors.set(base, sum);
  }
  return {
    coefficient: coefficientForm(mul(a.coefficient, b.coefficient)),
    power: a.power + b.power,
    exponent: normalForm(add(a.exponent, b.exponent)),
    factors,
    size: timesSize(a.size, b.size),
  };
}

const product = (a: Terms, b: Terms): Terms => a.flatMap((left) => b.map((right) => times(left, right)));

const inverse = ({ coefficient, power, exponent, factors, size }: Term): Term => ({
  coefficient: coefficientForm(div(ONE, coefficient)),
  power: -power,
  exponent: normalForm(neg(exponent)),
  factors: new Map([...factors].map(([base, own]) => [base, -own])),
  size: powerOfSize(size, -1),
});

/** Terms with the same powers of x and e. */
const growthOf = ({ exponent, power }: Term): string => `${exponent.id}:${power}`;

const grouped = (terms: Terms): Map<string, Term[]> => {
  const groups = new Map<string, Term[]>();
  for (const term of terms) groups.set(growthOf(term), [...(groups.get(growthOf(term)) ?? []), term]);
  return groups;
};

const vanishes = (group: Terms): boolean =>
  coefficientForm(group.map(({ coefficient }) => coefficient).reduce((sum, each) => add(sum, each))) === ZERO;

function merged(terms: Terms): Term[] {
  const found = new Map<string, Term>();
  for (const term of terms) {
    const factors = [...term.factors].sort(([a], [b]) => a.id - b.id).map(([base, exponent]) => `${base.id}^${exponent}`);
    const key = `${growthOf(term)}:${factors.join(",")}`;
    const other = found.get(key);
    if (other === undefined) found.set(key, term);
    else found.set(key, { ...other, coefficient: coefficientForm(add(other.coefficient, term.coefficient)) });
  }
  return [...found.values()].filter(({ coefficient }) => coefficient !== ZERO);
}

const byGrowth = (a: Term, b: Term): number => b.size.far - a.size.far || a.exponent.hash - b.exponent.hash;
