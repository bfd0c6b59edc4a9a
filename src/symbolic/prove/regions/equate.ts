/** Where an expression of the parameters is 0 or has a sign: its zeros in one of them, in terms of the others. */
import { constant, variable } from "../../../ir/build.js";
import { substitute, variableOf, variables, type Expr } from "../../../ir/expr.js";
import { normalForm } from "../../simplify.js";
import type { Case } from "./cases.js";
import { Kernels } from "../algebra/kernels.js";
import { Normalizer } from "../algebra/normalize.js";
import { Algebra } from "../algebra/polynomial.js";
import { Ended, attempt, unless, type Cases, type Outcome } from "../outcome.js";
import { cut, exactly, type CaseFact, type Region } from "./region.js";
import { type Sign, type Signs, NEGATIVE, POSITIVE } from "../signs/signs.js";

const FUEL = 20_000;
const [MOST_CELLS, MOST_RESTARTS] = [60, 20];

/** All that happens to the sign of an expression along the range of one parameter. */
export interface Chart {
  readonly kind: "chart";
  readonly parameter: Expr;
  /** The values of the parameter at which the expression is 0. */
  readonly zeros: readonly Expr[];
  /** The other signs that occur. */
  readonly signs: Signs;
}

/** A chart, or what has to be distinguished first; undefined when the expression cannot be solved for any parameter. */
export function chartOf(subject: Expr, current: Case, { algebra }: Kernels): Chart | Cases | undefined {
  let first: Cases | undefined;
  for (const parameter of variables(subject)) {
    const own = new Algebra(FUEL, algebra.isLate);
    const chart = new Axis(parameter, current, own).chart(subject);
    // All charts of a goal together cost what the goal may cost.
    algebra.spend(FUEL - Math.max(0, own.left));
    if (chart?.kind === "chart") return chart;
    first ??= chart;
  }
  return first;
}

/** The line of one parameter, the others being as the case has them. */
class Axis {
  private readonly kernels: Kernels;
  private readonly input: Expr;
  /** Facts about this parameter alone are looked at cell by cell; those without it hold on the whole line. */
  private readonly own: readonly CaseFact[];
  private readonly whole: Region;
  private readonly ends: readonly Expr[];

  constructor(
    private readonly parameter: Expr,
    { facts }: Case,
    algebra: Algebra,
  ) {
    const { name, range } = variableOf(parameter);
    // Its range has ends, which a cell's own variable has not.
    this.input = variable("parameter", name);
    this.kernels = new Kernels(algebra, this.input);
    const mentions = ({ subject }: CaseFact): boolean => variables(subject).includes(parameter);
    this.own = facts.filter((fact) => mentions(fact) && variables(fact.subject).length === 1);
    const [low, high] = range;
    const isOpen = low === Number.MIN_VALUE;
    this.whole = {
      facts: facts.filter((fact) => !mentions(fact)),
      equalities: [],
      ...(low > -Infinity && { low: exactly(constant(isOpen ? 0 : low)) }),
      ...(high < Infinity && { high: exactly(constant(high)) }),
    };
    this.ends = [...(isOpen ? [] : [low]), high].filter(Number.isFinite).map(constant);
  }

  /** The chart, or the cases that come first; undefined where the argument ends in another way. */
  chart(subject: Expr): Chart | Cases | undefined {
    const pending = [this.whole];
    const places: Expr[] = [...this.ends];
    let signs: Signs = 0;
    for (let count = 0; pending.length > 0; count++) {
      if (count > MOST_CELLS) return undefined;
      const region = pending.shift()!;
      const found = this.signIn(region, subject);
      if (found.kind === "cases") return found;
      if (found.kind === "split") {
        // A place that is no expression cannot be put in for the parameter.
        if (found.bounds.some(({ kind }) => kind !== "exact")) return undefined;
        pending.unshift(...cut(region, found.bounds));
        continue;
      }
      // An expression that is 0 throughout a cell has no zeros that could be listed.
      if (found.kind === "done" ? found.value === 0 : found.kind !== "undefined") return undefined;
      if (found.kind === "done") signs |= found.value < 0 ? NEGATIVE : POSITIVE;
      if (region.low?.kind === "exact" && region.low !== this.whole.low) places.push(normalForm(region.low.expr));
    }
    const zeros: Expr[] = [];
    for (const place of places) {
      const found = this.signIn({ ...this.whole, at: exactly(place) }, subject);
      if (found.kind === "cases") return found;
      if (found.kind === "split" || found.kind === "undefined") continue;
      if (found.kind !== "done") return undefined;
      if (found.value === 0) zeros.push(place);
      else signs |= found.value < 0 ? NEGATIVE : POSITIVE;
    }
    return { kind: "chart", parameter: this.parameter, zeros, signs };
  }

  /** The sign of the subject in a region; undefined as well where a fact excludes the region. */
  private signIn({ at, low, high, ...rest }: Region, subject: Expr): Outcome<Sign> {
    // At a single place that is no wider than the place: its ends say nothing more.
    const region: Region =
      at !== undefined
        ? { ...rest, at }
        : { ...rest, ...(low !== undefined && { low }), ...(high !== undefined && { high }) };
    for (let count = 0; ; count++) {
      const outcome = attempt(() => this.signOnce(region, subject));
      if (outcome.kind !== "restart" || count > MOST_RESTARTS) return outcome;
    }
  }

  private signOnce(region: Region, subject: Expr): Sign {
    const n = new Normalizer(this.kernels, region);
    const signOf = (expr: Expr): Sign =>
      n.reasoner.sign(n.fraction(substitute(expr, new Map([[this.parameter, this.input]]))));
    for (const fact of this.own) {
      // A fact whose sign cannot be told excludes nothing.
      const sign = unless(["undecided", "cases", "undefined"], () => signOf(fact.subject));
      if (sign !== undefined && sign !== fact.sign) throw new Ended({ kind: "undefined" });
    }
    return signOf(subject);
  }
}
