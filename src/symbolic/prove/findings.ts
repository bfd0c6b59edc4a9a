/** What a proof has found so far: its cells, exceptions, gaps, and the simplest input at which the two sides differ. */
import { evaluate } from "../../ir/evaluate.js";
import { variableOf, type Expr } from "../../ir/expr.js";
import { formulaText } from "../../ir/print.js";
import type { Oracle } from "../oracle.js";
import { normalForm } from "../simplify.js";
import type { Field, Fraction } from "./fraction.js";
import { findWitness, type Found, type Search, type Sides } from "./refute.js";
import { regionText, type Region } from "./region.js";
import type { Task } from "./task.js";
import type { CellReport, Exception, Witness } from "./verdict.js";

/** How long a text of a report may get before what is shared is named. */
export const SHORT = 200;

/** What stopped a part of the proof. */
export interface Gap {
  readonly reason: string;
  readonly goal?: string;
  /** The normal form outgrew its bounds: a test that needs none may still tell something. */
  readonly tooLarge?: boolean;
}

export class Findings {
  readonly reports: (() => CellReport)[] = [];
  readonly exceptions = new Map<string, Exception>();
  readonly gaps: Gap[] = [];
  found: Found | undefined;
  /** Cells in which both sides have a value. */
  compared = 0;
  /** Cells in which only one side has. */
  readonly oneSided: { readonly sides: Sides; readonly region: Region }[] = [];

  constructor(
    /** The goal before any parameter was replaced. */
    private readonly whole: Task,
    private readonly oracle: Oracle,
  ) {}

  /** Remembers the state, and returns what goes back to it: a case that turns out to be several is begun anew. */
  checkpoint(): () => void {
    const [reports, gaps, oneSided, compared] = [
      this.reports.length,
      this.gaps.length,
      this.oneSided.length,
      this.compared,
    ];
    return () => {
      this.reports.length = reports;
      this.gaps.length = gaps;
      this.oneSided.length = oneSided;
      this.compared = compared;
    };
  }

  report(
    region: Region,
    [expected, actual]: readonly [Expr, Expr],
    outcome: CellReport["outcome"],
    value?: readonly [Field, Fraction],
  ): void {
    this.reports.push(() => ({
      where: regionText(region),
      expected: formulaText(normalForm(expected), SHORT),
      actual: formulaText(actual, SHORT),
      normalForm: value === undefined ? "" : formulaText(value[0].expression(value[1]), SHORT),
      outcome,
    }));
  }

  /** Looks for a witness in a region; the simplest one of all regions is kept. */
  refute(sides: Sides, region: Region, search: Search = {}): boolean {
    const found = findWitness(sides, region, this.oracle, search, (witness) => this.holds(witness, search));
    if (found === undefined) return false;
    if (this.found === undefined || found.rank < this.found.rank) this.found = found;
    return true;
  }

  /** The goal as it was asked has the witness's values, whatever was resolved or replaced on the way. */
  private holds({ x, parameters, expected, actual }: Witness, { undefinedToo }: Search): boolean {
    const { input, expected: right, claim } = this.whole;
    const point = { ...parameters, [variableOf(input).name]: x };
    const check = (expr: Expr, value: number): boolean => {
      const certain = this.oracle.evaluate([expr], [point])[0]!.high[0]!;
      // A comparison of two values that are equal is decided at no precision: then floats have to do.
      const seen = Number.isNaN(certain) ? evaluate(expr, point) : certain;
      return Math.abs(seen - value) <= (Number.isNaN(certain) ? 1e-6 : 1e-14) * Math.abs(value) + Number.MIN_VALUE;
    };
    return check(right, expected) && ((undefinedToo === true && Number.isNaN(actual)) || check(claim, actual));
  }
}
