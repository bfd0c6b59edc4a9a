/**
 * The simplest input at which two expressions differ: small whole numbers first, then halves and tenths. Outward-rounded
 * intervals separate the two sides, and MPFR confirms it.
 */
import { topological, variableOf, variables, type Expr } from "../../ir/expr.js";
import { interval, type Interval } from "../../ir/interval.js";
import { createFacts, type Facts } from "../facts.js";
import type { Oracle } from "../oracle.js";
import type { Bound, CaseFact, Region } from "./region.js";
import type { Witness } from "./verdict.js";

export interface Sides {
  readonly expected: Expr;
  readonly actual: Expr;
  readonly input: Expr;
}

const SIMPLE = [
  1, -1, 2, -2, 0.5, -0.5, 3, -3, 4, -4, 1.5, -1.5, 5, -5, 6, -6, 10, -10, 0.25, -0.25, 20, -20, 0.1, -0.1,
];
const INPUTS = [
  ...SIMPLE,
  2.5,
  -2.5,
  3.5,
  -3.5,
  0.75,
  -0.75,
  7,
  -7,
  8,
  -8,
  30,
  -30,
  50,
  -50,
  100,
  -100,
  0.01,
  -0.01,
  1e-3,
  -1e-3,
  1000,
  -1000,
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
  [25],
  [1.5, 40, 3],
];

/** Where the whole number line is asked about, this many inputs are tried; between two bounds a few more. */
const BETWEEN = [0.5, 0.25, 0.75, 0.1, 0.9, 0.01, 0.99];

/** The witness and how far down the list of simple inputs it stands. */
export interface Found {
  readonly witness: Witness;
  readonly rank: number;
}

/** With `undefinedToo`, an input at which only the right side has a value is a witness as well. */
export function findWitness(sides: Sides, region: Region, oracle: Oracle, undefinedToo: boolean): Found | undefined {
  const parameters = variables(sides.expected, sides.actual).filter((variable) => variable !== sides.input);
  const nodes = topological([sides.expected, sides.actual]);
  const unclear: { readonly x: number; readonly known: ReadonlyMap<Expr, Interval>; readonly rank: number }[] = [];
  let rank = 0;
  for (const values of parameters.length === 0 ? [[]] : PARAMETERS) {
    const known = assignment(parameters, values);
    if (known === undefined || !holds(region.facts, known)) continue;
    const [low, high] = ends(sides.input, region, known);
    const most = unclear.length + MOST_UNCLEAR;
    for (const x of inputsBetween(low, high)) {
      rank += 1;
      const facts = createFacts(new Map(known).set(sides.input, point(x)));
      if (isTie(nodes, facts)) continue;
      const [expected, actual] = [facts(sides.expected), facts(sides.actual)];
      const apart = expected.defined && (expected.low > actual.high || actual.low > expected.high) && actual.defined;
      if (!apart) {
        if (unclear.length < most) unclear.push({ x, known, rank });
        continue;
      }
      const witness = confirmed(sides, x, known, oracle, undefinedToo);
      if (witness !== undefined) return { witness, rank };
    }
  }
  // What float64 intervals cannot tell apart, MPFR's may.
  for (const { x, known, rank: place } of unclear) {
    const witness = confirmed(sides, x, known, oracle, undefinedToo);
    if (witness !== undefined) return { witness, rank: place };
  }
  return undefined;
}

/** Inputs for each set of parameters that MPFR is asked about. */
const MOST_UNCLEAR = 8;

const point = (value: number): Interval => interval(value, value, true);

/** The parameters at a row of values; undefined when one is out of its range. */
function assignment(parameters: readonly Expr[], values: readonly number[]): Map<Expr, Interval> | undefined {
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

function confirmed(
  { expected, actual }: Sides,
  x: number,
  known: ReadonlyMap<Expr, Interval>,
  oracle: Oracle,
  undefinedToo: boolean,
): Witness | undefined {
  const parameters = Object.fromEntries([...known].map(([variable, { low }]) => [variableOf(variable).name, low]));
  const [right, given] = oracle.evaluate([expected, actual], [{ ...parameters, x }]);
  const [a, b] = [right!.high[0]!, given!.high[0]!];
  if (Number.isNaN(a) || (Number.isNaN(b) && !undefinedToo) || (a === b && right!.low[0] === given!.low[0]))
    return undefined;
  return { x, parameters, expected: a, actual: b };
}
