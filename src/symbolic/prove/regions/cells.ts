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
import { SHORT, type Findings, type Gap } from "../findings.js";
import type { Fraction } from "../algebra/fraction.js";
import type { Kernels } from "../algebra/kernels.js";
import { occursIn } from "../algebra/germs-of.js";
import { Normalizer, type Side } from "../algebra/normalize.js";
import { allowedBy, missing, signsText, simplicity, type Obligation } from "../algebra/obligations.js";
import { Exhausted } from "../algebra/polynomial.js";
import { boundText, casesText, cut, exactly, regionText, type Bound, type Region } from "./region.js";
import { factsIn } from "./ranges.js";
import { Resolver } from "./resolve.js";
import {
  ANY_SIGN,
  CaseSplit,
  NONNEGATIVE,
  NONPOSITIVE,
  POSITIVE,
  Restart,
  Split,
  Undecided,
  ZERO_SIGN,
} from "../signs/signs.js";
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
      const outcome = this.attempt(region, () => this.proveCell(region, 0));
      if (outcome instanceof Split) pending.unshift(...cut(region, outcome.bounds));
      else settled.push({ region, formula: outcome });
    }
    const proveAt = (place: Bound, neighbours: readonly [Neighbour, Neighbour]): void => {
      const at: Region = { at: place, facts, equalities };
      this.attempt(at, () => this.proveRegion(at, neighbours));
    };
    for (const [i, { region, formula }] of settled.entries())
      if (i > 0) proveAt(region.low!, [settled[i - 1]!.formula, formula]);
    // Beyond the ends of a range the formula goes on.
    const beyond = [this.task.formula, this.task.formula] as const;
    if (least > -Infinity && least !== Number.MIN_VALUE) proveAt(whole.low!, beyond);
    if (most < Infinity) proveAt(whole.high!, beyond);
    this.findings.lines.push({ facts, equalities, cells: settled.map(({ region }) => region) });
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
        if (region.at === undefined) this.findings.refute({ ...this.task, actual: this.task.claim }, region);
        return undefined;
      }
  }

  /** A cell as a whole, or where the sign of a function stays open, where it is positive, negative and 0. */
  private proveCell(region: Region, depth: number): Neighbour {
    const goBack = this.findings.checkpoint();
    try {
      return this.proveRegion(region);
    } catch (error) {
      if (!(error instanceof Undecided) || depth >= MOST_SIGNS || !occursIn(this.task.input, error.subject))
        throw error;
      goBack();
      const { subject } = error;
      const part = (sign: -1 | 1): Neighbour =>
        this.proveCell({ ...region, facts: [...region.facts, { subject, sign }] }, depth + 1);
      const beside = [part(-1), part(1)] as const;
      const { low: _, high: __, ...rest } = region;
      const { low, high } = factsIn(region, this.task.input)(this.task.input);
      this.proveRegion({ ...rest, at: { kind: "isolated", root: subject, low, high, every: true } }, beside);
      // Its conditions are decided anew beside each end of the cell.
      return this.task.formula;
    }
  }

  /** Compares what is right with what is claimed, in a cell or at an input between two; the formula there. */
  private proveRegion(region: Region, neighbours?: readonly [Neighbour, Neighbour]): Neighbour {
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
      const text = ({ value }: Pick<Side, "value">): string => formulaText(normalForm(field.expression(value)), SHORT);
      const at = isWhole ? regionText(region) : exceptionText(region);
      if (findings.except({ at, expected: text(right), actual: text(claim) }, sides, region)) return;
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
    const value = isWhole ? "a number" : formulaText(normalForm(valued.expr), SHORT);
    const [expected, actual] = missing === "the claim" ? [value, "undefined"] : ["undefined", value];
    const at = isWhole ? regionText(region) : exceptionText(region);
    if (!findings.except({ at, expected, actual }, sides, region, { undefinedToo: true }))
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
