/**
 * One case of the parameters: the line of inputs is cut into cells in which every condition is decided. In each both sides
 * become fractions over kernels, equal exactly when the numerator of their difference is empty; then the boundaries between
 * the cells are looked at one by one.
 */
import { constant } from "../../ir/build.js";
import { variableOf, variables, type Expr } from "../../ir/expr.js";
import { formulaText } from "../../ir/print.js";
import { normalForm } from "../simplify.js";
import { valuesAt, type Neighbour } from "./boundary.js";
import { SHORT, type Findings, type Gap } from "./findings.js";
import type { Fraction } from "./fraction.js";
import type { Kernels } from "./kernels.js";
import { Normalizer, type Side } from "./normalize.js";
import { Exhausted } from "./polynomial.js";
import { boundText, casesText, cut, exactly, regionText, type Region } from "./region.js";
import { Resolver } from "./resolve.js";
import { CaseSplit, Restart, Split, Undecided } from "./signs.js";
import type { Task } from "./task.js";

const MOST_CELLS = 200;
const MOST_RESTARTS = 60;

interface Cell {
  readonly region: Region;
  /** The formula in this cell; absent where it has no value. */
  readonly formula: Neighbour;
}

export class Line {
  private restarts = 0;

  constructor(
    private readonly task: Task,
    private readonly kernels: Kernels,
    private readonly findings: Findings,
  ) {}

  /** Throws a CaseSplit where the parameters decide. */
  prove({ facts, equalities }: Pick<Region, "facts" | "equalities">): void {
    const [least, most] = variableOf(this.task.input).range;
    const whole: Region = {
      facts,
      equalities,
      // An input promised to be positive has the smallest number as the end of its range.
      ...(least > -Infinity && { low: exactly(constant(least === Number.MIN_VALUE ? 0 : least)) }),
      ...(most < Infinity && { high: exactly(constant(most)) }),
    };
    const pending = [whole];
    const settled: Cell[] = [];
    for (let count = 0; pending.length > 0; count++) {
      const region = pending.shift()!;
      if (count > MOST_CELLS) {
        this.findings.gaps.push({ reason: "too many cells", goal: regionText(region) });
        return;
      }
      const outcome = this.attempt(region, () => this.proveCell(region));
      if (outcome instanceof Split) pending.unshift(...cut(region, outcome.bounds));
      else settled.push(outcome ?? { region, formula: undefined });
    }
    for (let i = 1; i < settled.length; i++) {
      const [left, right] = [settled[i - 1]!, settled[i]!];
      const at: Region = { at: right.region.low!, facts, equalities };
      this.attempt(at, () => this.proveBoundary(at, left.formula, right.formula));
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
        this.findings.gaps.push(gap);
        this.findings.report(region, [this.task.expected, this.task.claim], "open");
        // Nobody has looked at the kinks in here, so inputs that may be some are passed over.
        if (region.at === undefined)
          this.findings.refute({ ...this.task, actual: this.task.claim }, region, { avoidTies: true });
        return undefined;
      }
  }

  private proveCell(region: Region): Cell {
    const { task, findings } = this;
    const n = new Normalizer(this.kernels, region);
    const formula = n.side(() => new Resolver(n).resolve(task.formula));
    let expected = formula && n.side(() => task.withGradient(task.differentiate(formula.expr, task.order)));
    const actual = n.side(() => new Resolver(n).resolve(task.claim));
    if (formula === undefined || expected === undefined) {
      findings.report(region, [task.formula, task.claim], "undefined");
      if (task.order === 0 && actual !== undefined) this.onlyOneSide(region, actual.expr, task.formula, "the formula");
      return { region, formula: undefined };
    }
    if (actual === undefined) {
      findings.report(region, [expected.expr, task.claim], "undefined");
      this.onlyOneSide(region, expected.expr, task.claim, "the claim");
      return { region, formula: formula.expr };
    }
    let difference = n.field.subtract(expected.value, actual.value);
    const isKink = region.equalities.some((sides) => variables(...sides).includes(task.variable));
    if (isKink || (!n.field.isZero(difference) && region.equalities.length > 0)) {
      // Where kinks meet for special parameters, what the formula's own comparison selects is right as well.
      const selected = n.side(() => new Resolver(n).resolve(task.expected));
      const gap = selected && n.field.subtract(selected.value, actual.value);
      // By a parameter this is a single point: there the comparison alone says what is right.
      if (gap !== undefined && (isKink || n.field.isZero(gap))) [expected, difference] = [selected!, gap];
    }
    const equal = n.field.isZero(difference);
    const exprs = [expected.expr, actual.expr] as const;
    if (equal) this.compareDomains(n, [formula, expected], actual);
    findings.compared += 1;
    findings.report(region, exprs, equal ? "equal" : "different", [n.field, equal ? expected.value : difference]);
    if (!equal && !findings.refute({ ...task, expected: exprs[0], actual: exprs[1] }, region))
      findings.gaps.push({
        reason: "the two sides have different normal forms, but no input was found at which they differ",
        goal: `${formulaText(n.field.expression(difference), SHORT)} = 0 where ${regionText(region)}`,
      });
    return { region, formula: formula.expr };
  }

  /** In a whole cell only one of the sides has a value. */
  private onlyOneSide(region: Region, valued: Expr, other: Expr, side: "the formula" | "the claim"): void {
    const { task, findings } = this;
    if (region.equalities.length > 0) {
      // Only for special parameters: an exception, as a single input is.
      const [expected, actual] = side === "the claim" ? ["a number", "undefined"] : ["undefined", "a number"];
      const at = regionText(region);
      findings.except({ at, expected, actual }, region, task.parameters);
      return;
    }
    const sides = { ...task, expected: valued, actual: other };
    if (task.order > 0 && findings.refute(sides, region, { undefinedToo: true })) return;
    findings.gaps.push({ reason: `${side} has no value where ${regionText(region)}` });
    if (side === "the claim") findings.oneSided.push({ sides, region });
  }

  /** What one side needs to have a value has to be what the other needs as well, or known to hold. */
  private compareDomains(n: Normalizer, given: readonly (Side | undefined)[], claimed: Side): void {
    const assumed = new Map(given.flatMap((side) => [...(side?.obligations ?? [])]));
    const missing = [...claimed.obligations.values()].filter(({ key }) => !assumed.has(key));
    if (this.task.order === 0)
      missing.push(...[...assumed.values()].filter(({ key }) => !claimed.obligations.has(key)));
    for (const { subject, allowed } of missing) {
      const value = n.fraction(subject);
      // The sign of one factor at a time becomes a case distinction.
      if (!this.kernels.fractionDepends(value)) n.reasoner.sign(value);
      this.findings.gaps.push({
        reason: "a domain stays open",
        goal: `${formulaText(subject, SHORT)} ${SIGN_TEXTS[allowed]}`,
      });
    }
  }

  private proveBoundary(region: Region, before: Neighbour, after: Neighbour): void {
    const n = new Normalizer(this.kernels, region);
    const values = valuesAt(this.task, n, before, after);
    if (values === undefined) return;
    const { expected, actual, expectedExpr, actualExpr, selected, sides } = values;
    const isActual = (value: Fraction | undefined): boolean =>
      value !== undefined && actual !== undefined && n.field.isZero(n.field.subtract(value, actual));
    const equal = isActual(expected) || isActual(selected);
    const exprs = [expectedExpr, actualExpr] as const;
    this.findings.report(region, exprs, equal ? "equal" : "different", equal ? [n.field, actual!] : undefined);
    if (equal) return this.compareDomains(n, [sides.formula], sides.claim!);
    if (region.at?.kind === "isolated") throw new Undecided(region.at.root);
    const text = (value: Fraction | undefined): string =>
      value === undefined ? "undefined" : formulaText(normalForm(n.field.expression(value)), SHORT);
    const at = exceptionText(region);
    this.findings.except({ at, expected: text(expected), actual: text(actual) }, region, this.task.parameters);
  }
}

/** The input alone, and for which parameters when not for all. */
const exceptionText = ({ at, equalities }: Region): string =>
  boundText(at!) + (equalities.length === 0 ? "" : `, ${casesText([], equalities)}`);

const SIGN_TEXTS: Readonly<Record<number, string>> = { 4: "> 0", 5: "is not 0", 6: ">= 0" };

function gapOf(error: unknown, region: Region): Gap | undefined {
  const where = regionText(region);
  if (error instanceof Undecided)
    return {
      reason: "the sign of an expression stays open",
      goal: `${formulaText(error.subject, SHORT)} where ${where}`,
    };
  if (error instanceof Exhausted || error instanceof Restart)
    return { reason: error.message || "the exponents do not settle", goal: where, tooLarge: true };
  return error instanceof Split ? { reason: "a boundary lies on another", goal: where } : undefined;
}
