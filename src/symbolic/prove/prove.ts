/**
 * Proves that one expression is the derivative of another, or finds an input where it is not. The line of inputs is cut
 * into cells in which every condition is decided; there both sides are fractions over kernels, and their difference is 0
 * exactly when its numerator is empty. Between the cells each boundary is looked at by itself. Only exact algebra accepts.
 */
import { constant } from "../../ir/build.js";
import { evaluate } from "../../ir/evaluate.js";
import { substitute, variableOf, type Expr } from "../../ir/expr.js";
import { formulaText } from "../../ir/print.js";
import { createFacts } from "../facts.js";
import type { Oracle } from "../oracle.js";
import { normalForm } from "../simplify.js";
import { valuesAt, type Neighbour } from "./boundary.js";
import type { Fraction } from "./fraction.js";
import { Kernels } from "./kernels.js";
import { isProbable } from "./modular.js";
import { Normalizer, type Obligation } from "./normalize.js";
import { Algebra, Exhausted } from "./polynomial.js";
import { findWitness, type Found } from "./refute.js";
import { boundText, casesText, exactly, regionText, type Bound, type CaseFact, type Region } from "./region.js";
import { Resolver } from "./resolve.js";
import { CaseSplit, NEGATIVE, POSITIVE, Restart, Split, Undecided, Undefined, ZERO_SIGN } from "./signs.js";
import { makeTask, solveFor, type Task } from "./task.js";
import type { CellReport, Exception, Goal, Proof, Verdict } from "./verdict.js";

export type { Goal, Proof, Verdict } from "./verdict.js";

/** What a goal may cost: multiplications of terms, cells, case distinctions, finer scales. */
const FUEL = 400_000;
const MOST_CELLS = 120;
const MOST_CASES = 60;
const MOST_RESTARTS = 60;

/** How long a text of a report may get before what is shared is named. */
const SHORT = 200;

export interface Prover {
  readonly prove: (goal: Goal) => Proof;
}

export const createProver = (oracle: Oracle): Prover => ({ prove: (goal) => new Attempt(goal, oracle).run() });

/** The parameters' side of a region. */
interface Case {
  readonly facts: readonly CaseFact[];
  readonly equalities: Region["equalities"];
}

interface Cell {
  readonly region: Region;
  /** The formula in this cell; absent where it has no value. */
  readonly formula: Neighbour;
}

/** What stopped a part of the proof. */
interface Gap {
  readonly reason: string;
  readonly goal?: string;
}

class Attempt {
  private readonly kernels: Kernels;
  private readonly reports: (() => CellReport)[] = [];
  private readonly exceptions = new Map<string, Exception>();
  private readonly gaps: Gap[] = [];
  private found: Found | undefined;
  private restarts = 0;
  private cells = 0;

  constructor(
    private readonly goal: Goal,
    private readonly oracle: Oracle,
  ) {
    const { input } = makeTask(goal);
    this.kernels = new Kernels(new Algebra(FUEL), input);
  }

  run(): Proof {
    const cases: Case[] = [{ facts: [], equalities: [] }];
    for (let count = 0; cases.length > 0 && this.found === undefined; count++) {
      const current = cases.pop()!;
      if (count >= MOST_CASES) {
        this.gaps.push({ reason: "too many cases of the parameters" });
        break;
      }
      const before = [this.reports.length, this.gaps.length] as const;
      try {
        this.proveCase(current);
      } catch (error) {
        if (!(error instanceof CaseSplit)) throw error;
        this.reports.length = before[0];
        this.gaps.length = before[1];
        cases.push(...this.distinguish(current, error));
      }
    }
    const verdict = this.verdict();
    const { reports } = this;
    return {
      ...verdict,
      get cells() {
        return reports.map((report) => report());
      },
    };
  }

  private verdict(): Verdict {
    if (this.found !== undefined) return { verdict: "refuted", witness: this.found.witness };
    const [gap] = this.gaps;
    if (gap !== undefined) {
      const { expected, claim, input } = makeTask(this.goal);
      if (expected === claim) return { verdict: "proved" };
      const probable = isProbable(expected, claim, input);
      return { verdict: "unknown", ...gap, ...(probable && { probable }) };
    }
    if (this.exceptions.size > 0) return { verdict: "equal-except", at: [...this.exceptions.values()] };
    return { verdict: "proved" };
  }

  /** The case, once for each sign that decides; where the subject is 0, a parameter is replaced. */
  private distinguish(current: Case, { subject, signs }: CaseSplit): Case[] {
    const cases: Case[] = [];
    if (signs & ZERO_SIGN) {
      const solved = solveFor(subject);
      if (solved === undefined)
        this.gaps.push({ reason: "a case stays open", goal: `${formulaText(subject, SHORT)} = 0` });
      else {
        const [parameter, make] = solved;
        const value = make(normalForm);
        const { low, high } = createFacts()(value);
        const [least, most] = variableOf(parameter).range;
        if (high >= least && low <= most) cases.push(this.where(current, parameter, value));
      }
    }
    if (signs & NEGATIVE) cases.push({ ...current, facts: [...current.facts, { subject, sign: -1 }] });
    if (signs & POSITIVE) cases.push({ ...current, facts: [...current.facts, { subject, sign: 1 }] });
    return cases;
  }

  private where({ facts, equalities }: Case, parameter: Expr, value: Expr): Case {
    const replaced = (expr: Expr): Expr => normalForm(substitute(expr, new Map([[parameter, value]])));
    return {
      facts: facts.map(({ subject, sign }) => ({ subject: replaced(subject), sign })),
      equalities: [...equalities.map(([name, other]) => [name, replaced(other)] as const), [parameter, value]],
    };
  }

  private proveCase({ facts, equalities }: Case): void {
    const task = makeTask(this.goal, equalities);
    // A fact that the replaced parameters contradict: there is no such case.
    if (facts.some(({ subject, sign }) => subject.closed && contradicts(subject, sign))) return;
    const range = variableOf(task.input).range;
    const whole: Region = {
      facts,
      equalities,
      ...(range[0] > -Infinity && {
        low: exactly(constant(range[0] <= Number.MIN_VALUE && range[0] > 0 ? 0 : range[0])),
      }),
      ...(range[1] < Infinity && { high: exactly(constant(range[1])) }),
    };
    const pending = [whole];
    const settled: Cell[] = [];
    while (pending.length > 0) {
      const region = pending.shift()!;
      if (++this.cells > MOST_CELLS) {
        this.gaps.push({ reason: "too many cells" });
        return;
      }
      const outcome = this.attempt(region, () => this.proveCell(task, region));
      if (outcome === undefined) settled.push({ region, formula: undefined });
      else if (outcome instanceof Split) pending.unshift(...cut(region, outcome.bounds));
      else settled.push(outcome);
    }
    for (let i = 1; i < settled.length; i++) {
      const [left, right] = [settled[i - 1]!, settled[i]!];
      const at: Region = { at: right.region.low!, facts, equalities };
      this.attempt(at, () => this.proveBoundary(task, at, left.formula, right.formula));
    }
  }

  /** Runs a part of the proof, again when a finer scale is needed; what cannot be done becomes a gap. */
  private attempt<Result>(region: Region, prove: () => Result): Result | Split | undefined {
    for (;;)
      try {
        return prove();
      } catch (error) {
        if (error instanceof Split && region.at === undefined) return error;
        if (error instanceof Restart && ++this.restarts <= MOST_RESTARTS) continue;
        if (error instanceof CaseSplit) throw error;
        const gap = gapOf(error, region);
        if (gap === undefined) throw error;
        this.gaps.push(gap);
        this.reports.push(() => ({
          where: regionText(region),
          expected: "",
          actual: "",
          normalForm: "",
          outcome: "open",
        }));
        if (region.at === undefined) this.refute(makeTask(this.goal, region.equalities), region, false);
        return undefined;
      }
  }

  private proveCell(task: Task, region: Region): Cell {
    const n = new Normalizer(this.kernels, region);
    const resolver = new Resolver(n);
    let formula: Expr;
    let left: ReturnType<Normalizer["withObligations"]>;
    let expected: Expr;
    const assumed = new Map<string, Obligation>();
    try {
      formula = resolver.resolve(task.formula);
      for (const [key, obligation] of n.withObligations(formula).obligations) assumed.set(key, obligation);
      expected = task.withGradient(task.differentiate(formula, task.order));
      left = n.withObligations(expected);
      for (const [key, obligation] of left.obligations) assumed.set(key, obligation);
    } catch (error) {
      if (!(error instanceof Undefined)) throw error;
      this.whereFormulaIsUndefined(task, region, n, resolver);
      return { region, formula: undefined };
    }
    let actual = task.claim;
    try {
      actual = resolver.resolve(task.claim);
      const right = n.withObligations(actual);
      const difference = n.field.subtract(left.value, right.value);
      const equal = n.field.isZero(difference);
      this.report(region, expected, actual, n, equal ? left.value : difference, equal ? "equal" : "different");
      if (!equal) this.differ(task, region, n.field.expression(difference));
      else this.compareDomains(task, n, assumed, right.obligations);
    } catch (error) {
      if (!(error instanceof Undefined)) throw error;
      this.report(region, expected, actual, n, undefined, "undefined");
      this.undefinedClaim(task, region, "the claim");
    }
    return { region, formula };
  }

  private whereFormulaIsUndefined(task: Task, region: Region, n: Normalizer, resolver: Resolver): void {
    this.report(region, task.formula, task.claim, n, undefined, "undefined");
    if (task.order > 0) return;
    try {
      n.fraction(resolver.resolve(task.claim));
      this.undefinedClaim(task, region, "the formula");
    } catch (error) {
      if (!(error instanceof Undefined)) throw error;
    }
  }

  /** One side has no value in a whole cell. */
  private undefinedClaim(task: Task, region: Region, side: string): void {
    if (region.equalities.length > 0) {
      // Only for special parameters: an exception, as a single input is.
      const where = regionText(region);
      this.exceptions.set(where, { at: where, expected: "a number", actual: "undefined" });
    } else if (task.order === 0)
      this.gaps.push({
        reason: `${side} has no value where ${regionText(region)}; elsewhere the two were compared`,
        goal: regionText(region),
      });
    else if (!this.refute(task, region, true))
      this.gaps.push({ reason: `the claim has no value where ${regionText(region)}` });
  }

  private compareDomains(
    task: Task,
    n: Normalizer,
    assumed: ReadonlyMap<string, Obligation>,
    needed: ReadonlyMap<string, Obligation>,
  ): void {
    const missing = [...needed.values()].filter(({ key }) => !assumed.has(key));
    if (task.order === 0) missing.push(...[...assumed.values()].filter(({ key }) => !needed.has(key)));
    for (const { subject, allowed } of missing) {
      const value = n.fraction(subject);
      if (!this.kernels.fractionDepends(value)) throw new CaseSplit(subject, n.reasoner.signs(value, subject));
      this.gaps.push({ reason: "a domain stays open", goal: `${formulaText(subject, SHORT)} ${SIGN_TEXTS[allowed]}` });
    }
  }

  private differ(task: Task, region: Region, difference: Expr): void {
    if (this.refute(task, region, false)) return;
    this.gaps.push({
      reason: "the two sides have different normal forms, but no input was found at which they differ",
      goal: `${formulaText(difference, SHORT)} = 0 where ${regionText(region)}`,
    });
  }

  /** Looks for a witness in a cell; the simplest one of all cells is kept. */
  private refute(task: Task, region: Region, undefinedToo: boolean): boolean {
    const found = findWitness(
      { expected: task.expected, actual: task.claim, input: task.input },
      region,
      this.oracle,
      undefinedToo,
    );
    if (found === undefined) return false;
    const { parameters } = found.witness;
    const others = region.equalities.map(
      ([name, value]) => [variableOf(name).name, evaluate(value, parameters)] as const,
    );
    const witness = { ...found.witness, parameters: { ...parameters, ...Object.fromEntries(others) } };
    if (this.found === undefined || found.rank < this.found.rank) this.found = { witness, rank: found.rank };
    return true;
  }

  private proveBoundary(task: Task, region: Region, left: Neighbour, right: Neighbour): void {
    const n = new Normalizer(this.kernels, region);
    const values = valuesAt(task, n, left, right);
    if (values === undefined) return;
    const { expected, actual, expectedExpr, actualExpr, selected } = values;
    const isActual = (value: Fraction | undefined): boolean =>
      value !== undefined && actual !== undefined && n.field.isZero(n.field.subtract(value, actual));
    const equal = isActual(expected) || isActual(selected);
    this.report(region, expectedExpr, actualExpr, n, equal ? expected : undefined, equal ? "equal" : "different");
    if (equal) return;
    if (region.at!.kind === "isolated") throw new Undecided(region.at!.root);
    const text = (value: Fraction | undefined): string =>
      value === undefined ? "undefined" : formulaText(normalForm(n.field.expression(value)), SHORT);
    const at = exceptionText(region);
    this.exceptions.set(at, { at, expected: text(expected), actual: text(actual) });
  }

  private report(
    region: Region,
    expected: Expr,
    actual: Expr,
    n: Normalizer,
    value: Fraction | undefined,
    outcome: CellReport["outcome"],
  ): void {
    this.reports.push(() => ({
      where: regionText(region),
      expected: formulaText(normalForm(expected), SHORT),
      actual: formulaText(actual, SHORT),
      normalForm: value === undefined ? "" : formulaText(n.field.expression(value), SHORT),
      outcome,
    }));
  }
}

/** The input alone, and for which parameters when not for all. */
const exceptionText = ({ at, equalities }: Region): string =>
  boundText(at!) + (equalities.length === 0 ? "" : `, ${casesText([], equalities)}`);

const SIGN_TEXTS: Readonly<Record<number, string>> = { 4: "> 0", 5: "is not 0", 6: ">= 0" };

function contradicts(subject: Expr, sign: -1 | 1): boolean {
  const { low, high } = createFacts()(subject);
  return sign > 0 ? high <= 0 : low >= 0;
}

function cut(region: Region, bounds: readonly Bound[]): Region[] {
  const { low, high, ...rest } = region;
  const ends = [low, ...bounds, high];
  return ends.slice(1).map((end, i) => ({
    ...rest,
    ...(ends[i] !== undefined && { low: ends[i] }),
    ...(end !== undefined && { high: end }),
  }));
}

function gapOf(error: unknown, region: Region): Gap | undefined {
  const where = regionText(region);
  if (error instanceof Undecided)
    return {
      reason: "the sign of an expression stays open",
      goal: `${formulaText(error.subject, SHORT)} where ${where}`,
    };
  if (error instanceof Exhausted || error instanceof Restart)
    return { reason: error.message || "the exponents do not settle", goal: where };
  return error instanceof Split ? { reason: "a boundary lies on another", goal: where } : undefined;
}
