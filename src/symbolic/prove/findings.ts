/** The findings of a proof so far: its cells, exceptions, gaps, and the simplest input where the two sides differ. */
import { substitute, type Expr } from "../../ir/expr.js";
import { formulaText } from "../../ir/print.js";
import type { Oracle } from "../oracle.js";
import { normalForm } from "../simplify.js";
import type { Certificate, LineRecord } from "./certificates/certificate.js";
import type { Field, Fraction } from "./algebra/fraction.js";
import { lawsFor } from "./algebra/laws.js";
import { differsIn, findWitness, type Budget, type Effort, type Found, type Search, type Sides } from "./refute.js";
import type { Case, Distinction } from "./regions/cases.js";
import { regionText, type Region } from "./regions/region.js";
import type { Task } from "./task.js";
import type { CellReport, Exception, Place } from "./verdict.js";

/** How long a text of a report may get before what is shared is named. */
export const SHORT = 200;

/** The reason why a part of the proof stopped. */
export interface Gap {
  readonly reason: string;
  readonly goal?: string;
  /** The normal form outgrew its bounds: a test that needs none may still tell something. */
  readonly tooLarge?: boolean;
}

/** A step of the argument: the two sides in a region, and the normal form of both, or of their difference. */
export interface CellRecord {
  readonly region: Region;
  readonly sides: readonly [expected: Expr, actual: Expr];
  readonly outcome: CellReport["outcome"];
  readonly value: readonly [Field, Fraction] | undefined;
}

/** The step in words. */
export const reportOf = ({ region, sides, outcome, value }: CellRecord): CellReport => ({
  where: regionText(region),
  expected: formulaText(normalForm(sides[0]), SHORT),
  actual: formulaText(sides[1], SHORT),
  normalForm: value === undefined ? "" : formulaText(value[0].expression(value[1]), SHORT),
  laws: lawsFor(sides),
  outcome,
});

/** Both sides at an exception as text, and the right one as an expression if there is one. */
export interface Described extends Omit<Exception, "at"> {
  readonly right?: Expr;
}

interface PlacedException extends Pick<Exception, "at"> {
  readonly region: Region;
  /** Asked for when everything else is settled: to write a derivative well may take longer than the proof. */
  readonly describe: () => Described;
}

/** The other is about the same input, for more parameters. */
function includes({ region: other }: PlacedException, { region }: PlacedException): boolean {
  if (other.equalities.length >= region.equalities.length) return false;
  const special = new Map(region.equalities);
  const here = (expr: Expr): Expr => normalForm(substitute(expr, special));
  const [place, wider] = [region.at, other.at];
  // Of a cell the text says for which signs of the parameters, of an input it does not.
  if (wider === undefined) return place === undefined && other.facts.length === 0;
  if (place?.kind !== "exact" || wider.kind !== "exact") return false;
  return here(place.expr) === here(wider.expr) && other.equalities.every(([name, value]) => here(name) === here(value));
}

export class Findings {
  readonly records: CellRecord[] = [];
  /** The cases that stand for another. */
  readonly splits = new Map<Case, Distinction>();
  exceptions: ReadonlyMap<string, PlacedException> = new Map();
  readonly gaps: Gap[] = [];
  found: Found | undefined;
  private readonly budget: Budget;
  /** The lines of inputs that were gone through to the end. */
  readonly lines: LineRecord[] = [];
  /** Cells in which both sides have a value. */
  compared = 0;
  /** Cells in which only one side has. */
  readonly oneSided: { readonly sides: Sides; readonly region: Region }[] = [];

  constructor(
    private readonly task: Task,
    private readonly oracle: Oracle,
    private readonly isLate: () => boolean,
    private readonly effort: Effort,
  ) {
    this.budget = { ...effort };
  }

  /** Nothing that comes changes the verdict, or what may is not worth the work. */
  get isDecided(): boolean {
    return this.found !== undefined || (this.gaps.length > 0 && !this.effort.goesOn);
  }

  /** Remembers the state, and returns what goes back to it: a case that turns out to be several is begun anew. */
  checkpoint(): () => void {
    const { exceptions } = this;
    const [records, gaps, oneSided, compared] = [
      this.records.length,
      this.gaps.length,
      this.oneSided.length,
      this.compared,
    ];
    return () => {
      this.exceptions = exceptions;
      this.records.length = records;
      this.gaps.length = gaps;
      this.oneSided.length = oneSided;
      this.compared = compared;
    };
  }

  /** Notes an exception where the two sides are seen to differ for some parameters of the case; else there is none. */
  except(at: string, describe: () => Described, sides: Sides, region: Region, search: Search = {}): boolean {
    // Beside a witness nobody asks for exceptions.
    if (this.found !== undefined) return true;
    if (!this.exceptions.has(at) && !differsIn(sides, region, this.oracle, search)) return false;
    this.exceptions = new Map(this.exceptions).set(at, { at, describe, region });
    return true;
  }

  /** The exceptions and where they are, those left out that are part of another. */
  listed(): { readonly at: readonly Exception[]; readonly places: readonly Place[] } {
    const all = [...this.exceptions.values()];
    const whole = all.filter((exception) => !all.some((other) => includes(other, exception)));
    const described = whole.map(({ describe }) => describe());
    return {
      at: whole.map(({ at }, i) => ({ at, expected: described[i]!.expected, actual: described[i]!.actual })),
      places: whole.map(({ region: { at, equalities } }, i) => ({
        ...(at?.kind === "exact" && { input: at.expr }),
        ...(described[i]!.right !== undefined && { right: described[i]!.right }),
        forSpecialParameters: equalities.length > 0,
      })),
    };
  }

  get certificate(): Certificate {
    return { lines: this.lines, exceptions: [...this.exceptions.values()].map(({ region }) => region) };
  }

  report(
    region: Region,
    sides: readonly [Expr, Expr],
    outcome: CellReport["outcome"],
    value?: readonly [Field, Fraction],
  ): void {
    this.records.push({ region, sides, outcome, value });
  }

  /** Looks for a witness in a region; the simplest one of all regions is kept. */
  refute(sides: Sides, region: Region, search: Search = {}): boolean {
    const found = findWitness(this.task, sides, region, this.oracle, search, this.budget, this.isLate);
    if (found === undefined) return false;
    if (this.found === undefined || found.rank < this.found.rank) this.found = found;
    return true;
  }
}
