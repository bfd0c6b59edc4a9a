/** Where an expression of the parameters is 0 or has a sign: its zeros in one of them, in terms of the others. */
import { constant, variable } from "../../../ir/build.js";
import { substitute, variableOf, variables, type Expr } from "../../../ir/expr.js";
import { normalForm } from "../../simplify.js";
import type { Case } from "./cases.js";
import { Kernels } from "../algebra/kernels.js";
import { Normalizer } from "../algebra/normalize.js";
import { Algebra, Exhausted } from "../algebra/polynomial.js";
import { cut, exactly, type CaseFact, type Region } from "./region.js";
import {
  CaseSplit,
  Restart,
  Split,
  Undecided,
  Undefined,
  type Sign,
  type Signs,
  NEGATIVE,
  POSITIVE,
} from "../signs/signs.js";

const FUEL = 20_000;
const [MOST_CELLS, MOST_RESTARTS] = [60, 20];

/** All that happens to the sign of an expression along the range of one parameter. */
export interface Chart {
  readonly parameter: Expr;
  /** The values of the parameter at which the expression is 0. */
  readonly zeros: readonly Expr[];
  /** The other signs that occur. */
  readonly signs: Signs;
}

/** A chart, or what has to be distinguished first; undefined when the expression cannot be solved for any parameter. */
export function chartOf(subject: Expr, current: Case, { algebra }: Kernels): Chart | CaseSplit | undefined {
  let first: CaseSplit | undefined;
  for (const parameter of variables(subject)) {
    const own = new Algebra(FUEL, algebra.isLate);
    const chart = new Axis(parameter, current, own).chart(subject);
    // All charts of a goal together cost what the goal may cost.
    algebra.spend(FUEL - Math.max(0, own.left));
    if (chart instanceof CaseSplit) first ??= chart;
    else if (chart !== undefined) return chart;
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

  chart(subject: Expr): Chart | CaseSplit | undefined {
    try {
      const pending = [this.whole];
      const places: Expr[] = [...this.ends];
      let signs: Signs = 0;
      for (let count = 0; pending.length > 0; count++) {
        if (count > MOST_CELLS) return undefined;
        const region = pending.shift()!;
        const found = this.signIn(region, subject);
        if (found instanceof Split) {
          // A place that is no expression cannot be put in for the parameter.
          if (found.bounds.some(({ kind }) => kind !== "exact")) return undefined;
          pending.unshift(...cut(region, found.bounds));
        } else {
          // An expression that is 0 throughout a cell has no zeros that could be listed.
          if (found === 0) return undefined;
          if (found !== undefined) signs |= found < 0 ? NEGATIVE : POSITIVE;
          if (region.low?.kind === "exact" && region.low !== this.whole.low) places.push(normalForm(region.low.expr));
        }
      }
      const zeros: Expr[] = [];
      for (const place of places) {
        const found = this.signIn({ ...this.whole, at: exactly(place) }, subject);
        if (found === 0) zeros.push(place);
        else if (typeof found === "number") signs |= found < 0 ? NEGATIVE : POSITIVE;
      }
      return { parameter: this.parameter, zeros, signs };
    } catch (error) {
      if (error instanceof CaseSplit) return error;
      if (error instanceof Exhausted || error instanceof Undecided || error instanceof Restart) return undefined;
      throw error;
    }
  }

  /** The sign of the subject in a region, or where that changes; undefined where it has no value or a fact excludes the region. */
  private signIn({ at, low, high, ...rest }: Region, subject: Expr): Sign | Split | undefined {
    // At a single place that is no wider than the place: its ends say nothing more.
    const region: Region =
      at !== undefined
        ? { ...rest, at }
        : { ...rest, ...(low !== undefined && { low }), ...(high !== undefined && { high }) };
    for (let count = 0; ; count++)
      try {
        const n = new Normalizer(this.kernels, region);
        const signOf = (expr: Expr): Sign =>
          n.reasoner.sign(n.fraction(substitute(expr, new Map([[this.parameter, this.input]]))));
        for (const fact of this.own) {
          const sign = this.unless(() => signOf(fact.subject));
          if (sign !== undefined && sign !== fact.sign) return undefined;
        }
        return signOf(subject);
      } catch (error) {
        if (error instanceof Split) return error;
        if (error instanceof Undefined) return undefined;
        if (!(error instanceof Restart) || count > MOST_RESTARTS) throw error;
      }
  }

  /** What cannot be told of a fact excludes nothing. */
  private unless(find: () => Sign): Sign | undefined {
    try {
      return find();
    } catch (error) {
      if (error instanceof Undecided || error instanceof CaseSplit || error instanceof Undefined) return undefined;
      throw error;
    }
  }
}
