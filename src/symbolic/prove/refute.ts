/**
 * The simplest input at which two expressions differ: small whole numbers first, then halves and tenths. Outward-rounded
 * intervals separate the two sides, and MPFR confirms it.
 */
import { fromRational, sub } from "../../ir/build.js";
import { substitute, topological, variableOf, type Expr } from "../../ir/expr.js";
import { interval, type Interval } from "../../ir/interval.js";
import { isRepresentable, rationalFromNumber, rationalToNumber, type Rational } from "../../ir/rational.js";
import { createFacts, type Facts } from "../facts.js";
import type { Oracle } from "../oracle.js";
import { assignments, type Assignment } from "./assignments.js";
import { exactValue } from "./certificates/exact.js";
import { judge } from "./certificates/judge.js";
import { Site, bound, clearly, type Place } from "./certificates/literal.js";
import type { Bound, Region } from "./regions/region.js";
import type { Task } from "./task.js";
import type { Witness } from "./verdict.js";

export interface Sides {
  readonly expected: Expr;
  readonly actual: Expr;
  readonly input: Expr;
  /** Every parameter of the goal: a cell's sides may have lost some that its bounds have. */
  readonly parameters: readonly Expr[];
}

/** The simplest first. */
const INPUTS = [
  1, -1, 0, 2, -2, 0.5, -0.5, 3, -3, 4, -4, 1.5, -1.5, 5, -5, 6, -6, 10, -10, 0.25, -0.25, 20, -20, 0.1, -0.1, 2.5,
  -2.5, 3.5, -3.5, 0.75, -0.75, 7, -7, 8, -8, 30, -30, 50, -50, 100, -100, 0.01, -0.01, 1e-3, -1e-3, 1000, -1000, 1e-6,
  -1e-6,
];
/** Where the whole number line is asked about, this many inputs are tried; between two bounds a few more. */
const BETWEEN = [0.5, 0.25, 0.75, 0.1, 0.9, 0.01, 0.99];

/** The witness and how far down the list of simple inputs it stands. */
export interface Found {
  readonly witness: Witness;
  readonly rank: number;
}

export interface Search {
  /** Inputs at which only the right side has a value count as well. */
  readonly undefinedToo?: boolean;
}

/** An input and parameters inside their ranges at which the goal's two sides differ as it was asked; undefined when none is found. */
export function findWitness(
  task: Task,
  sides: Sides,
  region: Region,
  oracle: Oracle,
  search: Search,
  budget: Budget,
  isLate: () => boolean,
): Found | undefined {
  if (budget.evaluations < 0 || isLate()) return undefined;
  const { parameters } = sides;
  const nodes = topological([sides.expected, sides.actual]);
  const unclear: Candidate[] = [];
  const most = Math.max(FEWEST, Math.floor(Math.min(EVALUATIONS, budget.evaluations) / nodes.length));
  let rank = 0;
  for (const { known, numbers } of assignments(parameters, region)) {
    // A witness is made of floats.
    if (parameters.some((parameter) => !isFloat(numbers.get(parameter)))) continue;
    const [low, high] = ends(sides.input, region, known);
    const limit = unclear.length + MOST_UNCLEAR;
    for (const x of inputsBetween(low, high)) {
      if (++rank > most) break;
      budget.evaluations -= nodes.length;
      const facts = createFacts(new Map(known).set(sides.input, point(x)));
      if (isOutside(region, facts)) continue;
      const [expected, actual] = [facts(sides.expected), facts(sides.actual)];
      const candidate = { x, numbers, rank };
      if (expected.defined && actual.defined && (expected.low > actual.high || actual.low > expected.high)) {
        const witness = confirmed(task, sides, candidate, oracle, search, budget);
        if (witness !== undefined) return { witness, rank };
      } else if (unclear.length < limit) unclear.push(candidate);
    }
  }
  // Values that float64 intervals cannot tell apart, MPFR's may.
  for (const candidate of unclear.slice(0, Math.floor(PRECISE_EVALUATIONS / nodes.length))) {
    if (isLate()) return undefined;
    const witness = confirmed(task, sides, candidate, oracle, search, budget);
    if (witness !== undefined) return { witness, rank: candidate.rank };
  }
  return undefined;
}

/** Some fact of the region is surely false. */
const isOutside = ({ facts }: Region, at: Facts): boolean =>
  facts.some(({ subject, sign }) => (sign > 0 ? at(subject).high <= 0 : at(subject).low >= 0));

const isFloat = (value: Rational | undefined): boolean => value !== undefined && isRepresentable(value);

/**
 * Does the region hold an input at which the two sides differ, for some parameters of its case? Their special values are
 * taken as they are, floats or not, so this vouches for an exception where no witness can be written down.
 */
export function differsIn(sides: Sides, region: Region, oracle: Oracle, { undefinedToo }: Search): boolean {
  if (region.at?.kind === "isolated") return false;
  let tries = MOST_SEPARATIONS;
  for (const { known, closed, numbers } of assignments(sides.parameters, region)) {
    const inputs =
      region.at === undefined
        ? inputsBetween(...ends(sides.input, region, known)).map((x) => fromRational(rationalFromNumber(x)))
        : [substitute(region.at.expr, closed)];
    for (const input of inputs.slice(0, FEWEST)) {
      if (--tries < 0) return false;
      const place = new Map(closed).set(sides.input, input);
      const [expected, actual] = [sides.expected, sides.actual].map((expr) => substitute(expr, place));
      const [right, left] = oracle.evaluate([expected!, actual!], [{}]).map(({ high }) => high[0]!);
      if (!Number.isFinite(right)) continue;
      const isDifferent = (): boolean => Number.isFinite(left) && areApart(right!, left!, expected!, actual!, oracle);
      if (undefinedToo === true ? hasNoValue(sides, numbers, input, oracle) : isDifferent()) return true;
    }
  }
  return false;
}

/** Values that float64 does not tell apart may differ; but no more bits than a few hundred are spent on that. */
function areApart(right: number, left: number, expected: Expr, actual: Expr, oracle: Oracle): boolean {
  if (Math.abs(right - left) > 2 ** -40 * Math.abs(right)) return true;
  const [gap] = oracle.evaluate([sub(expected, actual)], [{}], TINY);
  return Math.abs(gap!.high[0]!) > TINY;
}
/** At a rational point that is read by the letter; elsewhere the word of the search is taken. */
function hasNoValue(
  { actual, input, parameters }: Sides,
  numbers: Assignment["numbers"],
  at: Expr,
  oracle: Oracle,
): boolean {
  const x = exactValue(at, new Map());
  if (x === undefined || parameters.some((parameter) => !numbers.has(parameter))) return true;
  return clearly(() => new Site(new Map(numbers).set(input, x), oracle).read(actual)) === undefined;
}

interface Candidate {
  readonly x: number;
  readonly numbers: ReadonlyMap<Expr, Rational>;
  readonly rank: number;
}

/** Evaluations of nodes that the searches for one goal may cost together, in float64 and by MPFR. */
export interface Budget {
  evaluations: number;
  precise: number;
}

/** The effort that searches for witnesses take. */
export interface Effort extends Readonly<Budget> {
  /** Whether a proof with a gap goes on to look for one when half of its work is done. */
  readonly goesOn: boolean;
}
export const FULL: Effort = { evaluations: 1_500_000, precise: 40_000, goesOn: true };
/** For goals that were measured at many inputs before: where they differ it was seen there. */
export const MEASURED: Effort = { evaluations: 60_000, precise: 4_000, goesOn: false };

/** The share of the budget that one search may take, and the number of inputs that it tries in any case. */
const EVALUATIONS = 300_000;
const PRECISE_EVALUATIONS = 8_000;
const FEWEST = 12;
/** A difference as small as this is none. */
const TINY = 2 ** -1000;
/** Points at which an exception is vouched for, at most. */
const MOST_SEPARATIONS = 24;
/** A value that is never decided takes about as long as this many that are at once. */
const UNDECIDED_COST = 60;
/** Beyond this many nodes nobody waits for the last bit. */
const LARGEST_SHARP = 400;
/** Inputs for each set of parameters that MPFR is asked about. */
const MOST_UNCLEAR = 8;

const point = (value: number): Interval => interval(value, value, true);

function ends(input: Expr, { low, high }: Region, known: ReadonlyMap<Expr, Interval>): [number, number] {
  const at = createFacts(known);
  const range = (bound: Bound): { readonly low: number; readonly high: number } =>
    bound.kind === "exact" ? at(bound.expr) : bound;
  const [least, most] = variableOf(input).range;
  return [
    low === undefined ? least : Math.max(least, range(low).high),
    high === undefined ? most : Math.min(most, range(high).low),
  ];
}

function inputsBetween(low: number, high: number): number[] {
  const isInside = (x: number): boolean => low < x && x < high;
  const simple = INPUTS.filter(isInside);
  if (simple.length > 12) return simple;
  const steps = [1, 2, 5, 10, 100];
  const others = (): number[] => {
    if (low === -Infinity) return steps.map((step) => high - step);
    if (high === Infinity) return steps.map((step) => low + step);
    return BETWEEN.map((part) => shortest(low + part * (high - low), low, high));
  };
  return [...simple, ...others().filter(isInside)];
}

/** The number with fewest digits near a number that stays between two others. */
function shortest(value: number, low: number, high: number): number {
  for (let digits = 1; digits < 17; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (low < rounded && rounded < high) return rounded;
  }
  return value;
}

/** The difference as the letter of the semantics has it; values beyond float64 make no readable witness. */
function confirmed(
  task: Task,
  sides: Sides,
  { x, numbers }: Candidate,
  oracle: Oracle,
  { undefinedToo }: Search,
  budget: Budget,
): Witness | undefined {
  if (budget.precise < 0) return undefined;
  const place = new Map(numbers).set(task.input, rationalFromNumber(x));
  const size = topological([task.formula, task.expected, task.claim]).length;
  const found = judge(task, place, oracle, size <= LARGEST_SHARP ? "sharp" : "fine");
  // A value that MPFR cannot decide was tried at every precision that it has.
  budget.precise -= size * (found.kind === "unclear" ? UNDECIDED_COST : 1);
  if (found.kind !== "differ" || !Number.isFinite(found.expected)) return undefined;
  const expected = found.exact ? found.expected : limitOf(sides, place, found.expected, oracle);
  const { actual } = found;
  if (expected === undefined) return undefined;
  if (Number.isNaN(actual) ? undefinedToo !== true : !Number.isFinite(actual)) return undefined;
  const parameters = Object.fromEntries(
    [...numbers].map(([parameter, value]) => [variableOf(parameter).name, rationalToNumber(value)]),
  );
  // MPFR keeps the sign of a 0.
  const names = { ...parameters, [variableOf(task.input).name]: x };
  const stated = oracle.evaluate([task.expected, task.claim], [names]).map(({ high }) => high[0]!);
  const as = (value: number, text: number): number => (value === text ? text : value);
  return { x, parameters, expected: as(expected, stated[0]!), actual: as(actual, stated[1]!) };
}

/** The derivative as the cell has it, where it is near what quotients tend to. */
function limitOf({ expected }: Sides, place: Place, limit: number, oracle: Oracle): number | undefined {
  const { exprs, point } = bound([expected], place);
  const value = oracle.evaluate(exprs, [point])[0]!.high[0]!;
  return Math.abs(value - limit) <= 2 ** -16 * Math.max(1, Math.abs(limit)) ? value : undefined;
}
