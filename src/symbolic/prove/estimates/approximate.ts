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
import { Algebra } from "../algebra/polynomial.js";
import { Ended, attempt, type Ending } from "../outcome.js";
import { cut, exactly, joined, regionText, type Region } from "../regions/region.js";
import { truncation } from "./remainder.js";
import { Resolver } from "../regions/resolve.js";

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

/** The end of a comparison: an argument's early end, or something about a cell that is not certain. */
type Interruption = Ending | { readonly kind: "uncertain"; readonly reason: string };

const uncertain = (reason: string): Interruption => ({ kind: "uncertain", reason });

/** `sight` says for which floats. */
export function nearness(before: Expr, after: Expr, input: Expr, sight = DOUBLES): Certificate {
  const sides = [before, after].map((expr) => withNamedHolds(settled(expr, input, sight))) as [Expr, Expr];
  return sides[0] === sides[1] ? EQUAL : new Comparison(sides, input, sight).certificate();
}

function rangeOf(input: Expr, largest: number): Interval {
  const [low, high] = variableOf(input).range;
  return interval(Math.max(low, -largest), Math.min(high, largest));
}

/** The expression without the case distinctions, min and max that the range of finite inputs decides already. */
export function settled(expr: Expr, input: Expr, sight: Sight): Expr {
  const facts: Facts = createFacts(new Map([[input, rangeOf(input, sight.largest)]]));
  return rebuild([expr], (rebuilt) => {
    const [a, b, c] = rebuilt.args;
    if (rebuilt.op === "select") {
      const condition = facts(a!);
      if (!condition.defined) return rebuilt;
      return condition.low === 1 ? b! : condition.high === 0 ? c! : rebuilt;
    }
    if (rebuilt.op !== "min" && rebuilt.op !== "max") return rebuilt;
    const [first, second] = [facts(a!), facts(b!)];
    if (first.high <= second.low) return rebuilt.op === "min" ? a! : b!;
    return second.high <= first.low ? (rebuilt.op === "min" ? b! : a!) : rebuilt;
  }).get(expr)!;
}

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
  /** The region that was looked at last. */
  private where: Region = EVERY_PARAMETER;

  constructor(
    private readonly sides: readonly [Expr, Expr],
    private readonly input: Expr,
    private readonly sight: Sight,
  ) {
    this.kernels = new Kernels(new Algebra(FUEL), input);
    this.parameters = variables(...sides).filter((other) => other !== input);
  }

  certificate(): Certificate {
    const interruption = this.compareCases();
    if (interruption !== undefined)
      return { certified: false, where: regionText(this.where), reason: reasonOf(interruption) };
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

  private compareCases(): Interruption | undefined {
    const cases: Case[] = [EVERY_PARAMETER];
    for (let count = 0; cases.length > 0; count++) {
      if (count > MOST_CASES) return uncertain("too many cases of the parameters");
      const current = cases.pop()!;
      const interruption = this.compareLine(current);
      if (interruption === undefined) continue;
      if (interruption.kind !== "cases") return interruption;
      const outcome = distinguish(current, interruption, this.kernels);
      if (outcome.kind !== "done") return outcome;
      const { cases: others, open } = outcome.value;
      if (open !== undefined) return uncertain(`${formulaText(open)} may be 0`);
      cases.push(...others);
    }
    return undefined;
  }

  /** The cells from left to right, and the inputs between them. */
  private compareLine({ facts, equalities }: Case): Interruption | undefined {
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
      const outcome = attempt(() => this.compare(region));
      const interruption = outcome.kind === "done" ? outcome.value : outcome;
      if (interruption === undefined) {
        if (region.at === undefined && pending.length > 0) pending.unshift({ at: region.high!, facts, equalities });
        continue;
      }
      if (++count > MOST_CUTS) return uncertain("too many cells");
      if (interruption.kind === "restart") pending.unshift(region);
      else if (interruption.kind === "split" && region.at === undefined)
        pending.unshift(...cut(region, interruption.bounds));
      else return interruption;
    }
    return undefined;
  }

  private compare(region: Region): Interruption | undefined {
    this.where = region;
    const n = new Normalizer(this.kernels, region);
    const resolver = new Resolver(n);
    const [before, after] = this.sides.map((side) => n.side(() => resolver.resolve(side)));
    // A form may fill a hole.
    if (before === undefined) return undefined;
    if (after === undefined) return uncertain("it has no value where there was one");
    const needed = compareDomains(n, before, after);
    if (needed !== undefined) return needed;
    const difference = n.field.subtract(after.value, before.value);
    if (n.field.isZero(difference)) return undefined;
    const found =
      this.boundOfSeries(n, before.expr, after.value) ??
      estimateCell(n, difference, before.value, this.parameters, this.sight);
    if (found === undefined) return undefined;
    if ("reason" in found) return uncertain(found.reason);
    this.bounds = weaker(this.bounds, found);
    this.differing.push(region);
    return undefined;
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

/** The obstacle to `after` having a value wherever `before` has one. */
function compareDomains(n: Normalizer, before: Side, after: Side): Interruption | undefined {
  const [subject] = missing(after.obligations, before.obligations.values()).map((needed) => needed.subject);
  if (subject === undefined) return undefined;
  const value = n.fraction(subject);
  if (!n.kernels.fractionDepends(value)) return { kind: "cases", subject, signs: n.reasoner.signs(value, subject) };
  return uncertain(`the sign of ${formulaText(subject, 200)}, on which a value depends, stays open`);
}

function reasonOf(interruption: Interruption): string {
  switch (interruption.kind) {
    case "uncertain":
    case "exhausted":
      return interruption.reason;
    case "undecided":
      return `the sign of ${formulaText(interruption.subject, 200)} stays open`;
    case "split":
      return "a boundary lies on another";
    case "restart":
      return "the exponents do not settle";
    case "cases":
    case "undefined":
      throw new Ended(interruption);
  }
}
