/**
 * Certificates for the steps that are only as near as floats see: in each cell of the inputs the difference is formed as a
 * fraction, so that all cancels that does, and what is left is estimated over every input and parameter in their ranges.
 */
import { constant, neg, variable } from "../../../ir/build.js";
import { rebuild, variableOf, variables, type Expr } from "../../../ir/expr.js";
import { interval, type Interval } from "../../../ir/interval.js";
import { formulaText } from "../../../ir/print.js";
import type { Rational } from "../../../ir/rational.js";
import { createFacts, type Facts } from "../../facts.js";
import { EVERY_PARAMETER, distinguish, type Case } from "../regions/cases.js";
import { DOUBLES, estimateCell, powerOfTwo, weaker, type Bounds, type Sight } from "./bounds.js";
import type { Fraction } from "../algebra/fraction.js";
import { Kernels } from "../algebra/kernels.js";
import { Normalizer, type Side } from "../algebra/normalize.js";
import { missing } from "../algebra/obligations.js";
import { Algebra, Exhausted } from "../algebra/polynomial.js";
import { cut, exactly, joined, regionText, type Region } from "../regions/region.js";
import { truncation } from "./remainder.js";
import { Resolver } from "../regions/resolve.js";
import { CaseSplit, Restart, Split, Undecided } from "../signs/signs.js";

/** How near one expression is to another at every float input and all parameters in their ranges. */
export interface Nearness {
  /** The inputs at which the two are not equal, as text. */
  readonly where: string;
  /** At each of them |after - before| <= relative · |before| ... */
  readonly relative?: number;
  /** ... or |after - before| <= absolute, far beneath the smallest normal number. */
  readonly absolute?: number;
}

export type Certificate =
  | { readonly certified: true; readonly nearness: Nearness }
  | { readonly certified: false; readonly where: string; readonly reason: string };

const FUEL = 400_000;
const [MOST_CUTS, MOST_CASES] = [160, 60];

const EQUAL: Certificate = { certified: true, nearness: { where: "no input", relative: 0 } };

/** Something about a cell that is not certain. */
class Uncertain extends Error {}

/** `sight` says for which floats. */
export function nearness(before: Expr, after: Expr, input: Expr, sight = DOUBLES): Certificate {
  const facts = createFacts(new Map([[input, rangeOf(input, sight.largest)]]));
  const sides = [before, after].map((expr) => withNamedHolds(settled(expr, facts))) as [Expr, Expr];
  return sides[0] === sides[1] ? EQUAL : new Comparison(sides, input, sight).certificate();
}

function rangeOf(input: Expr, largest: number): Interval {
  const [low, high] = variableOf(input).range;
  return interval(Math.max(low, -largest), Math.min(high, largest));
}

/** What the range of the input decides already. */
const settled = (expr: Expr, facts: Facts): Expr =>
  rebuild([expr], (rebuilt) => {
    const [a, b] = rebuilt.args;
    if (rebuilt.op !== "min" && rebuilt.op !== "max") return rebuilt;
    const [first, second] = [facts(a!), facts(b!)];
    if (first.high <= second.low) return rebuilt.op === "min" ? a! : b!;
    return second.high <= first.low ? (rebuilt.op === "min" ? b! : a!) : rebuilt;
  }).get(expr)!;

/** Powers of two from here on are places at which the input is held. */
const HELD = 30;

/** 2^300 as a variable of that value: an exponent such as c·(h + h³/20) has too many digits for a number. */
const withNamedHolds = (expr: Expr): Expr =>
  rebuild([expr], (rebuilt) => {
    if (rebuilt.op !== "rational") return rebuilt;
    const { numerator, denominator } = rebuilt.payload as Rational;
    const magnitude = numerator < 0n ? -numerator : numerator;
    const exponent = magnitude.toString(2).length - 1;
    if (denominator !== 1n || exponent < HELD || exponent > 1023 || magnitude !== 1n << BigInt(exponent))
      return rebuilt;
    const name = variable("parameter", `2^${exponent}`, [2 ** exponent, 2 ** exponent]);
    return numerator < 0n ? neg(name) : name;
  }).get(expr)!;

class Comparison {
  private readonly kernels: Kernels;
  private readonly parameters: readonly Expr[];
  private readonly differing: Region[] = [];
  private readonly truncations = new Map<string, number | undefined>();
  private bounds: Bounds = {};

  constructor(
    private readonly sides: readonly [Expr, Expr],
    private readonly input: Expr,
    private readonly sight: Sight,
  ) {
    this.kernels = new Kernels(new Algebra(FUEL), input);
    this.parameters = variables(...sides).filter((other) => other !== input);
  }

  certificate(): Certificate {
    const cases: Case[] = [EVERY_PARAMETER];
    let where: Region = cases[0]!;
    const compare = (region: Region): void => {
      where = region;
      this.compare(region);
    };
    try {
      for (let count = 0; cases.length > 0; count++) {
        if (count > MOST_CASES) throw new Uncertain("too many cases of the parameters");
        const current = cases.pop()!;
        try {
          this.compareLine(current, compare);
        } catch (error) {
          if (!(error instanceof CaseSplit)) throw error;
          cases.push(
            ...distinguish(current, error, this.kernels, (subject) => {
              throw new Uncertain(`${formulaText(subject)} may be 0`);
            }),
          );
        }
      }
    } catch (error) {
      return { certified: false, where: regionText(where), reason: reasonOf(error) };
    }
    if (this.differing.length === 0) return EQUAL;
    const { relative, absolute } = this.bounds;
    return {
      certified: true,
      nearness: {
        where: [...new Set(joined(this.differing).map(regionText))].join("; "),
        ...(relative !== undefined && { relative: powerOfTwo(relative) }),
        ...(absolute !== undefined && { absolute: powerOfTwo(absolute) }),
      },
    };
  }

  /** The cells from left to right, and the inputs between them. */
  private compareLine({ facts, equalities }: Case, compare: (region: Region) => void): void {
    const [least, most] = variableOf(this.input).range;
    const pending: Region[] = [
      {
        facts,
        equalities,
        ...(least > -Infinity && { low: exactly(constant(least)) }),
        ...(most < Infinity && { high: exactly(constant(most)) }),
      },
    ];
    for (let count = 0; pending.length > 0;) {
      const region = pending.shift()!;
      try {
        compare(region);
        if (region.at === undefined && pending.length > 0) pending.unshift({ at: region.high!, facts, equalities });
      } catch (error) {
        if (++count > MOST_CUTS) throw new Uncertain("too many cells");
        if (error instanceof Restart) pending.unshift(region);
        else if (error instanceof Split && region.at === undefined) pending.unshift(...cut(region, error.bounds));
        else throw error;
      }
    }
  }

  private compare(region: Region): void {
    const n = new Normalizer(this.kernels, region);
    const resolver = new Resolver(n);
    const [before, after] = this.sides.map((side) => n.side(() => resolver.resolve(side)));
    if (before === undefined && after === undefined) return;
    if (before === undefined || after === undefined) throw new Uncertain("only one of the two has a value");
    compareDomains(n, before, after);
    const difference = n.field.subtract(after.value, before.value);
    if (n.field.isZero(difference)) return;
    const found =
      this.boundOfSeries(n, before.expr, after.value) ??
      estimateCell(n, difference, before.value, this.parameters, this.sight);
    if (found === undefined) return;
    if ("reason" in found) throw new Uncertain(found.reason);
    this.bounds = weaker(this.bounds, found);
    this.differing.push(region);
  }

  /** Around 0 terms cancel that no estimate sees; but there a polynomial can be a Taylor polynomial. */
  private boundOfSeries(n: Normalizer, before: Expr, after: Fraction): Bounds | undefined {
    if (n.region.at !== undefined) return undefined;
    const { low, high } = n.reasoner.facts(this.input);
    const radius = Math.max(-low, high);
    const key = `${before.id}:${n.field.key(after)}:${radius}`;
    // Left and right of 0 the two are often the same.
    if (!this.truncations.has(key)) this.truncations.set(key, truncation(before, after, this.kernels, radius));
    const relative = this.truncations.get(key);
    return relative !== undefined && relative <= this.sight.relative ? { relative } : undefined;
  }
}

/** Wherever `before` has a value, `after` has one. */
function compareDomains(n: Normalizer, before: Side, after: Side): void {
  for (const { subject } of missing(after.obligations, before.obligations.values())) {
    const value = n.fraction(subject);
    if (!n.kernels.fractionDepends(value)) throw new CaseSplit(subject, n.reasoner.signs(value, subject));
    throw new Uncertain(`the sign of ${formulaText(subject, 200)}, on which a value depends, stays open`);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Uncertain || error instanceof Exhausted) return error.message;
  if (error instanceof Undecided) return `the sign of ${formulaText(error.subject, 200)} stays open`;
  if (error instanceof Split) return "a boundary lies on another";
  if (error instanceof Restart) return "the exponents do not settle";
  throw error;
}
