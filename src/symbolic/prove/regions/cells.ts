/**
 * One case of the parameters: the line of inputs is cut into cells in which every condition is decided. In each both sides
 * become fractions over kernels, equal exactly when the numerator of their difference is empty; then the boundaries between
 * the cells are looked at one by one.
 */
import { constant } from "../../../ir/build.js";
import { variableOf } from "../../../ir/expr.js";
import { formulaText } from "../../../ir/print.js";
import { derivative } from "../../derivative.js";
import { normalForm } from "../../simplify.js";
import { SHORT, type Described, type Findings, type Gap } from "../findings.js";
import type { Fraction } from "../algebra/fraction.js";
import type { Kernels } from "../algebra/kernels.js";
import { occursIn } from "../algebra/germs-of.js";
import { Normalizer, type Side } from "../algebra/normalize.js";
import { allowedBy, missing, signsText, simplicity, type Obligation } from "../algebra/obligations.js";
import { Ended, attempt, type Cases, type Ending, type Outcome } from "../outcome.js";
import { boundText, casesText, cut, exactly, regionText, type Bound, type Region } from "./region.js";
import { factsIn } from "./ranges.js";
import { Resolver } from "./resolve.js";
import { ANY_SIGN, NONNEGATIVE, NONPOSITIVE, POSITIVE, ZERO_SIGN } from "../signs/signs.js";
import type { Task } from "../task.js";
import { truthIn, type Neighbour, type Truth } from "./truth.js";

const MOST_CELLS = 200;
const MOST_RESTARTS = 60;
/** Functions in one cell whose signs stay open. */
const MOST_SIGNS = 2;

/** A cell, and the formula in it without its conditions. */
interface Cell {
  readonly region: Region;
  readonly formula: Neighbour;
}

/** The formulas before and after an input. */
type Beside = readonly [before: Neighbour, after: Neighbour];

/** The outcome of a cell or an input; what stays open in it is a gap by then. */
type Settled = Extract<Outcome<Neighbour>, { readonly kind: "done" | "split" | "cases" }>;

export class Line {
  private restarts = 0;

  constructor(
    private readonly task: Task,
    private readonly kernels: Kernels,
    private readonly findings: Findings,
  ) {}

  /** Proves what it can; the cases that come first where the parameters decide. */
  prove({ facts, equalities }: Pick<Region, "facts" | "equalities">): Cases | undefined {
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
        return undefined;
      }
      if (this.isDecided()) return undefined;
      const outcome = this.settle(region, () => this.proveCell(region, 0));
      if (outcome.kind === "cases") return outcome;
      if (outcome.kind === "split") pending.unshift(...cut(region, outcome.bounds));
      else settled.push({ region, formula: outcome.value });
    }
    const places: (readonly [Bound, Beside])[] = [];
    for (const [i, { region, formula }] of settled.entries())
      if (i > 0) places.push([region.low!, [settled[i - 1]!.formula, formula]]);
    // Beyond the ends of a range the formula goes on.
    const beyond = [this.task.formula, this.task.formula] as const;
    if (least > -Infinity && least !== Number.MIN_VALUE) places.push([whole.low!, beyond]);
    if (most < Infinity) places.push([whole.high!, beyond]);
    for (const [place, beside] of places) {
      if (this.isDecided()) return undefined;
      const at: Region = { at: place, facts, equalities };
      const outcome = this.settle(at, () => attempt(() => this.proveRegion(at, beside)));
      if (outcome.kind === "cases") return outcome;
    }
    this.findings.lines.push({ facts, equalities, cells: settled.map(({ region }) => region) });
    return undefined;
  }

  /** A witness is found, and half of the work is done: that a simpler one comes is not worth the rest. */
  private isDecided(): boolean {
    return this.findings.isDecided && this.kernels.algebra.isHalfSpent;
  }

  /** Runs a part of the proof, again when a finer scale is needed; what cannot be done becomes a gap. */
  private settle(region: Region, prove: () => Outcome<Neighbour>): Settled {
    for (;;) {
      const outcome = prove();
      if (outcome.kind === "done" || outcome.kind === "cases") return outcome;
      if (outcome.kind === "split" && region.at === undefined) return outcome;
      if (outcome.kind === "restart" && ++this.restarts <= MOST_RESTARTS) continue;
      this.findings.gaps.push(gapOf(outcome, region));
      this.findings.report(region, [this.task.expected, this.task.claim], "open");
      if (region.at === undefined) this.findings.refute({ ...this.task, actual: this.task.claim }, region);
      return { kind: "done", value: undefined };
    }
  }

  /** A cell as a whole, or where the sign of a function stays open, where it is positive, negative and 0. */
  private proveCell(region: Region, depth: number): Outcome<Neighbour> {
    const goBack = this.findings.checkpoint();
    const outcome = attempt(() => this.proveRegion(region));
    if (outcome.kind !== "undecided" || depth >= MOST_SIGNS || !occursIn(this.task.input, outcome.subject))
      return outcome;
    goBack();
    const { subject } = outcome;
    const part = (sign: -1 | 1): Outcome<Neighbour> =>
      this.proveCell({ ...region, facts: [...region.facts, { subject, sign }] }, depth + 1);
    const negative = part(-1);
    if (negative.kind !== "done") return negative;
    const positive = part(1);
    if (positive.kind !== "done") return positive;
    const { low: _, high: __, ...rest } = region;
    const { low, high } = factsIn(region, this.task.input)(this.task.input);
    const at: Bound = { kind: "isolated", root: subject, low, high, every: true };
    const zeros = attempt(() => this.proveRegion({ ...rest, at }, [negative.value, positive.value]));
    // Its conditions are decided anew beside each end of the cell.
    return zeros.kind === "done" ? { kind: "done", value: this.task.formula } : zeros;
  }

  /** Compares what is right with what is claimed, in a cell or at an input between two; the formula there. */
  private proveRegion(region: Region, neighbours?: Beside): Neighbour {
    const { task, findings } = this;
    const n = new Normalizer(this.kernels, region);
    let resolved: { readonly claim: Side | undefined } | undefined;
    // After the formula, whose cases come first.
    const claimed = (): Side | undefined =>
      (resolved ??= { claim: n.side(() => new Resolver(n).resolve(task.claim)) }).claim;
    const truth = truthIn(task, n, neighbours, () => claimed()?.value);
    const claim = claimed();
    const right = truth?.right;
    if (right === undefined) {
      if (region.at === undefined) findings.report(region, [task.formula, task.claim], "undefined");
      if (task.order === 0 && claim !== undefined) this.onlyOneSide(region, claim, "the formula");
      return truth?.formula.expr;
    }
    if (claim === undefined) {
      findings.report(region, [right.expr, task.claim], "undefined");
      this.onlyOneSide(region, right, "the claim");
      return truth!.formula.expr;
    }
    const gapTo = ({ value }: Pick<Side, "value">): Fraction => n.field.subtract(value, claim.value);
    const isEqual = (side: Pick<Side, "value"> | undefined): boolean =>
      side !== undefined && (n.field.isZero(gapTo(side)) || this.vanishes(n, gapTo(side)));
    const equal = isEqual(right) || isEqual(truth!.selected());
    if (equal) this.compareDomains(n, truth!, claim);
    const exprs = [right.expr, claim.expr] as const;
    findings.report(region, exprs, equal ? "equal" : "different", [n.field, equal ? claim.value : gapTo(right)]);
    if (region.at === undefined) findings.compared += 1;
    if (!equal) this.differ(n, right, claim);
    return truth!.formula.expr;
  }

  /** At the zeros of a function what is a multiple of it is 0. */
  private vanishes({ region, reasoner }: Normalizer, gap: Fraction): boolean {
    return region.at?.kind === "isolated" && reasoner.signs(gap) === ZERO_SIGN;
  }

  /** The two sides have different normal forms: a witness where a whole cell differs, else an exception. */
  private differ(n: Normalizer, right: Pick<Side, "expr" | "value">, claim: Side): void {
    const { task, findings } = this;
    const { region, field } = n;
    const sides = { ...task, expected: right.expr, actual: claim.expr };
    const isWhole = region.at === undefined;
    if (isWhole && findings.refute(sides, region)) return;
    if (!isWhole || region.equalities.length > 0) {
      const at = isWhole ? regionText(region) : exceptionText(region);
      // At once: a finer scale of the exponents would give the fractions another meaning.
      const [wanted, given] = [field.expression(right.value), field.expression(claim.value)];
      const describe = (): Described => {
        const [expected, actual] = [normalForm(wanted), normalForm(given)];
        return { expected: formulaText(expected, SHORT), actual: formulaText(actual, SHORT), right: expected };
      };
      if (findings.except(at, describe, sides, region)) return;
    }
    findings.gaps.push({
      reason: "the two sides have different normal forms, but no input was found at which they differ",
      goal: `${formulaText(field.expression(field.subtract(right.value, claim.value)), SHORT)} = 0 where ${regionText(region)}`,
    });
  }

  /** Only one of the sides has a value in the region. */
  private onlyOneSide(region: Region, valued: Pick<Side, "expr">, missing: "the formula" | "the claim"): void {
    const { task, findings } = this;
    const other = missing === "the claim" ? task.claim : task.formula;
    const sides = { ...task, expected: valued.expr, actual: other };
    const isWhole = region.at === undefined;
    if (isWhole && region.equalities.length === 0) {
      if (task.order > 0 && findings.refute(sides, region, { undefinedToo: true })) return;
      findings.gaps.push({ reason: `${missing} has no value where ${regionText(region)}` });
      if (missing === "the claim") findings.oneSided.push({ sides, region });
      return;
    }
    // A single input, or only special parameters.
    const at = isWhole ? regionText(region) : exceptionText(region);
    const describe = (): Described => {
      const value = isWhole ? undefined : normalForm(valued.expr);
      const text = value === undefined ? "a number" : formulaText(value, SHORT);
      if (missing === "the formula") return { expected: "undefined", actual: text };
      return { expected: text, actual: "undefined", ...(value !== undefined && { right: value }) };
    };
    if (!findings.except(at, describe, sides, region, { undefinedToo: true }))
      findings.gaps.push({ reason: `${missing} may have no value where ${regionText(region)}` });
  }

  /** Conditions for one side to have a value have to be conditions of the other as well, or known to hold. */
  private compareDomains(n: Normalizer, { formula, derived }: Truth, claim: Side): void {
    const { order } = this.task;
    const given = [...formula.obligations.values()];
    const open = missing(claim.obligations, given).filter(
      (needed) => order === 0 || derived === undefined || !this.isNeeded(n, needed, formula, derived),
    );
    if (order === 0) open.push(...missing(formula.obligations, claim.obligations.values()));
    for (const { subject, allowed } of open) {
      const value = n.fraction(subject);
      // The sign of one factor at a time becomes a case distinction.
      if (!this.kernels.fractionDepends(value)) n.reasoner.sign(value);
      this.findings.gaps.push({
        reason: "a domain stays open",
        goal: `${formulaText(subject, SHORT)} ${signsText(allowed)}`,
      });
    }
  }

  /**
   * Where it does not hold the function has no derivative: the derivative's expression needs it as well, and at a simple
   * zero of its subject the function has no value on one side.
   */
  private isNeeded(n: Normalizer, needed: Obligation, formula: Side, derived: Side): boolean {
    if (missing(new Map([["", needed]]), [...formula.obligations.values(), ...derived.obligations.values()]).length > 0)
      return false;
    const left = allowedBy(formula.obligations.values(), needed.about, ANY_SIGN);
    if (left !== NONNEGATIVE && left !== NONPOSITIVE) return false;
    const [value, slope] = [needed.subject, derivative(needed.subject, this.task.variable)].map((expr) =>
      n.fraction(expr),
    );
    return n.reasoner.signs(simplicity(value!, slope!, n.field)) === POSITIVE;
  }
}

/** The input alone, and for which parameters when not for all. */
const exceptionText = ({ at, equalities }: Region): string =>
  boundText(at!) + (equalities.length === 0 ? "" : `, ${casesText([], equalities)}`);

/** The gap that is left where an argument ended early. */
function gapOf(ending: Exclude<Ending, Cases>, region: Region): Gap {
  const where = regionText(region);
  switch (ending.kind) {
    case "undecided":
      return {
        reason: "the sign of an expression stays open",
        goal: `${formulaText(ending.subject, SHORT)} where ${where}`,
      };
    case "exhausted":
      return { reason: ending.reason, goal: where, tooLarge: true };
    case "restart":
      return { reason: "the exponents do not settle", goal: where, tooLarge: true };
    case "split":
      return { reason: "a boundary lies on another", goal: where };
    case "undefined":
      throw new Ended(ending);
  }
}
