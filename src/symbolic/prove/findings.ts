/** What a proof has found so far: its cells, exceptions, gaps, and the simplest input at which the two sides differ. */
import type { Expr } from "../../ir/expr.js";
import { formulaText } from "../../ir/print.js";
import type { Oracle } from "../oracle.js";
import { normalForm } from "../simplify.js";
import type { Field, Fraction } from "./fraction.js";
import { lawsFor } from "./laws.js";
import { findWitness, fullBudget, isPossible, type Found, type Search, type Sides } from "./refute.js";
import { regionText, type Region } from "./region.js";
import type { CellReport, Exception } from "./verdict.js";

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
  exceptions: ReadonlyMap<string, Exception> = new Map();
  readonly gaps: Gap[] = [];
  found: Found | undefined;
  private readonly budget = fullBudget();
  /** Cells in which both sides have a value. */
  compared = 0;
  /** Cells in which only one side has. */
  readonly oneSided: { readonly sides: Omit<Sides, "asked">; readonly region: Region }[] = [];

  constructor(
    private readonly asked: Sides["asked"],
    private readonly oracle: Oracle,
  ) {}

  /** Remembers the state, and returns what goes back to it: a case that turns out to be several is begun anew. */
  checkpoint(): () => void {
    const { exceptions } = this;
    const [reports, gaps, oneSided, compared] = [
      this.reports.length,
      this.gaps.length,
      this.oneSided.length,
      this.compared,
    ];
    return () => {
      this.exceptions = exceptions;
      this.reports.length = reports;
      this.gaps.length = gaps;
      this.oneSided.length = oneSided;
      this.compared = compared;
    };
  }

  /** An exception of a case that may not exist is none. */
  except(exception: Exception, region: Region, parameters: readonly Expr[]): void {
    if (region.facts.length > 1 && !isPossible(parameters, region)) {
      this.gaps.push({ reason: "no parameters were found for a case", goal: regionText(region) });
      return;
    }
    this.exceptions = new Map(this.exceptions).set(exception.at, exception);
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
      laws: lawsFor([expected, actual]),
      outcome,
    }));
  }

  /** Looks for a witness in a region; the simplest one of all regions is kept. */
  refute(sides: Omit<Sides, "asked">, region: Region, search: Search = {}): boolean {
    const found = findWitness({ ...sides, asked: this.asked }, region, this.oracle, search, this.budget);
    if (found === undefined) return false;
    if (this.found === undefined || found.rank < this.found.rank) this.found = found;
    return true;
  }
}
