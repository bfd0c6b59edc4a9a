/**
 * The simplest input at which two expressions differ: small whole numbers first, then halves and tenths. Outward-rounded
 * intervals separate the two sides, and MPFR confirms it.
 */
import { sub } from "../../ir/build.js";
import { evaluate } from "../../ir/evaluate.js";
import { topological, variableOf, type Expr } from "../../ir/expr.js";
import { interval, type Interval } from "../../ir/interval.js";
import { createFacts, type Facts } from "../facts.js";
import type { Oracle } from "../oracle.js";
import type { Bound, CaseFact, Region } from "./region.js";
import type { Witness } from "./verdict.js";

export interface Sides {
  readonly expected: Expr;
  readonly actual: Expr;
  readonly input: Expr;
  /** Every parameter of the goal: a cell's sides may have lost some that its bounds have. */
  readonly parameters: readonly Expr[];
  /** The sides before anything was resolved. */
  readonly asked: { readonly formula: Expr; readonly expected: Expr; readonly actual: Expr };
}

/** The simplest first. */
const INPUTS = [
  1, -1, 0, 2, -2, 0.5, -0.5, 3, -3, 4, -4, 1.5, -1.5, 5, -5, 6, -6, 10, -10, 0.25, -0.25, 20, -20, 0.1, -0.1, 2.5,
  -2.5, 3.5, -3.5, 0.75, -0.75, 7, -7, 8, -8, 30, -30, 50, -50, 100, -100, 0.01, -0.01, 1e-3, -1e-3, 1000, -1000, 1e-6,
  -1e-6,
];
/** Parameters in turn: all alike first, then each its own, so that none can hide behind another. */
const PARAMETERS = [
  [1],
  [2],
  [0.5],
  [2, 3, 5],
  [3, 2, 0.5],
  [-1],
  [-2, 3, 0.5],
  [2, -1, 3],
  [1, 2, 3, 4],
  [4, 3, 2, 1],
  [0.1, 0.7, 0.3],
  [-0.5, -2, -3],
  [-3, -1, -2],
  [25],
  [1.5, 40, 3],
  [0.4],
];
/** Values to draw from where a case leaves little room, and how often that is tried. */
const VALUES = [
  1, 2, 0.5, -1, 3, -2, -0.5, 0.4, 0.75, 1.2, -3, 5, 0.1, -0.1, 10, 0.01, -0.01, 0.001, -0.001, 30, 100, -30,
];
const MOST_DRAWS = 600;
const ENOUGH = 3;

/** Sets of parameters that the region's case allows, the simplest first. */
function* assignments(parameters: readonly Expr[], region: Region): Generator<Map<Expr, Interval>> {
  let found = 0;
  for (const values of parameters.length === 0 ? [[]] : PARAMETERS) {
    const known = assignment(parameters, values, region);
    if (known === undefined || !holds(region.facts, known)) continue;
    found += 1;
    yield known;
  }
  // A generator with a fixed seed: the same goal has the same witness in every run.
  for (let [draw, state] = [0, 1]; found < ENOUGH && draw < MOST_DRAWS && parameters.length > 0; draw++) {
    const values = parameters.map(() => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return VALUES[Math.floor((state / 2 ** 32) * VALUES.length)]!;
    });
    const known = assignment(parameters, values, region);
    if (known === undefined || !holds(region.facts, known)) continue;
    found += 1;
    yield known;
  }
}

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
  /** Inputs at which a comparison may be a tie are passed over: nobody has looked at the kinks yet. */
  readonly avoidTies?: boolean;
}

export function findWitness(
  sides: Sides,
  region: Region,
  oracle: Oracle,
  search: Search,
  budget: Budget,
): Found | undefined {
  if (budget.evaluations < 0) return undefined;
  const { parameters } = sides;
  const nodes = topological([sides.expected, sides.actual]);
  const unclear: Candidate[] = [];
  const most = Math.max(FEWEST, Math.floor(Math.min(EVALUATIONS, budget.evaluations) / nodes.length));
  let rank = 0;
  for (const known of assignments(parameters, region)) {
    const [low, high] = ends(sides.input, region, known);
    const limit = unclear.length + MOST_UNCLEAR;
    for (const x of inputsBetween(low, high)) {
      if (++rank > most) break;
      budget.evaluations -= nodes.length;
      const facts = createFacts(new Map(known).set(sides.input, point(x)));
      const [expected, actual] = [facts(sides.expected), facts(sides.actual)];
      if (search.avoidTies === true && isTie(nodes, facts)) continue;
      const candidate = { x, known, rank };
      if (expected.defined && actual.defined && (expected.low > actual.high || actual.low > expected.high)) {
        const witness = confirmed(sides, candidate, oracle, search, budget);
        if (witness !== undefined) return { witness, rank };
      } else if (unclear.length < limit) unclear.push(candidate);
    }
  }
  // What float64 intervals cannot tell apart, MPFR's may.
  for (const candidate of unclear.slice(0, Math.floor(PRECISE_EVALUATIONS / nodes.length))) {
    const witness = confirmed(sides, candidate, oracle, search, budget);
    if (witness !== undefined) return { witness, rank: candidate.rank };
  }
  return undefined;
}

interface Candidate {
  readonly x: number;
  readonly known: ReadonlyMap<Expr, Interval>;
  readonly rank: number;
}

/** Evaluations of nodes that the searches for one goal may cost together, in float64 and by MPFR. */
export interface Budget {
  evaluations: number;
  precise: number;
}
export const fullBudget = (): Budget => ({ evaluations: 1_500_000, precise: 40_000 });

/** What one search may take of it, and the inputs that it tries in any case. */
const EVALUATIONS = 300_000;
const PRECISE_EVALUATIONS = 8_000;
const FEWEST = 12;
/** A value that is never decided takes about as long as this many that are at once. */
const UNDECIDED_COST = 20;
/** Inputs for each set of parameters that MPFR is asked about. */
const MOST_UNCLEAR = 8;

const point = (value: number): Interval => interval(value, value, true);

/** The parameters at a row of values; undefined when one is out of its range. */
function assignment(
  parameters: readonly Expr[],
  values: readonly number[],
  { equalities }: Region,
): Map<Expr, Interval> | undefined {
  const known = new Map<Expr, Interval>();
  for (const [i, parameter] of parameters.entries()) {
    const [low, high] = variableOf(parameter).range;
    const value = values[i % values.length]!;
    if (value < low || value > high) {
      // A range far from the usual values: its ends are the simplest that it has.
      const end = Number.isFinite(low) ? low : high;
      if (values.length > 1 || (low <= 1 && 1 <= high)) return undefined;
      known.set(parameter, point(end));
    } else known.set(parameter, point(value));
  }
  if (equalities.length === 0) return known;
  const bound = Object.fromEntries([...known].map(([parameter, { low }]) => [variableOf(parameter).name, low]));
  for (const [parameter, value] of equalities) known.set(parameter, point(evaluate(value, bound)));
  return known;
}

function holds(facts: readonly CaseFact[], known: ReadonlyMap<Expr, Interval>): boolean {
  const at = createFacts(known);
  return facts.every(({ subject, sign }) => (sign > 0 ? at(subject).low > 0 : at(subject).high < 0));
}

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
  const simple = INPUTS.filter((x) => low < x && x < high);
  if (simple.length > 12) return simple;
  if (low === -Infinity) return [...simple, ...[1, 2, 5, 10, 100].map((step) => high - step)];
  if (high === Infinity) return [...simple, ...[1, 2, 5, 10, 100].map((step) => low + step)];
  const inside = BETWEEN.map((part) => shortest(low + part * (high - low), low, high));
  return [...simple, ...inside].filter((x) => low < x && x < high);
}

/** The number with fewest digits near a number that stays between two others. */
function shortest(value: number, low: number, high: number): number {
  for (let digits = 1; digits < 17; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (low < rounded && rounded < high) return rounded;
  }
  return value;
}

/** Is there a set of parameters that the case allows, among those that are tried? */
export const isPossible = (parameters: readonly Expr[], region: Region): boolean =>
  assignments(parameters, region).next().done !== true;

/** Some comparison is between values that may be equal: at a kink the two sides may differ by convention alone. */
function isTie(nodes: readonly Expr[], facts: Facts): boolean {
  return nodes.some(({ op, args: [a, b] }) => {
    if (op === "abs" || op === "sign") return touches(facts(a!), { low: 0, high: 0 });
    if (op === "lt" || op === "le" || op === "eq" || op === "min" || op === "max")
      return a !== b && touches(facts(a!), facts(b!));
    return false;
  });
}

const touches = (a: { low: number; high: number }, b: { low: number; high: number }): boolean =>
  a.low <= b.high && b.low <= a.high;

/**
 * The difference as MPFR is certain of it; values beyond float64 make no readable witness. The goal as it was asked must
 * have the same values, whatever was resolved or replaced on the way.
 */
function confirmed(
  sides: Sides,
  { x, known }: Candidate,
  oracle: Oracle,
  { undefinedToo }: Search,
  budget: Budget,
): Witness | undefined {
  if (budget.precise < 0) return undefined;
  const { expected, actual, asked } = sides;
  const parameters = Object.fromEntries([...known].map(([variable, { low }]) => [variableOf(variable).name, low]));
  const point = { ...parameters, [variableOf(sides.input).name]: x };
  const exprs = [expected, actual, sub(expected, actual), asked.expected, asked.actual, asked.formula];
  const [right, given, difference, first, second, value] = oracle.evaluate(exprs, [point]).map(({ high }) => high[0]!);
  // What MPFR cannot decide it has tried at every precision that it has.
  budget.precise -= topological(exprs).length * (Number.isNaN(difference) ? UNDECIDED_COST : 1);
  if (!Number.isFinite(right) || Number.isNaN(Number.isNaN(value!) ? evaluate(asked.formula, point) : value!))
    return undefined;
  const missing = Number.isNaN(given) && undefinedToo === true;
  if (!missing && !(Number.isFinite(given) && Math.abs(difference!) > 0)) return undefined;
  const agrees = (expr: Expr, seen: number, value: number): boolean => {
    // A comparison of two values that are equal is decided at no precision: then floats have to do.
    const certain = !Number.isNaN(seen);
    const found = certain ? seen : evaluate(expr, point);
    return Math.abs(found - value) <= (certain ? 1e-14 : 1e-6) * Math.abs(value) + Number.MIN_VALUE;
  };
  if (!agrees(asked.expected, first!, right!) || !(missing || agrees(asked.actual, second!, given!))) return undefined;
  return { x, parameters, expected: right!, actual: given! };
}
