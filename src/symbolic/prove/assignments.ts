/** Sets of numbers for the parameters that a case allows, the simplest first. */
import { fromRational } from "../../ir/build.js";
import { substitute, variableOf, variables, type Expr } from "../../ir/expr.js";
import type { Interval } from "../../ir/interval.js";
import { rationalFromNumber, type Rational } from "../../ir/rational.js";
import { createFacts } from "../facts.js";
import { exactValue } from "./certificates/exact.js";
import type { CaseFact, Region } from "./regions/region.js";

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

/** Numbers for the parameters, and what replaced ones are equal to. */
export interface Assignment {
  readonly numbers: ReadonlyMap<Expr, Rational>;
  readonly closed: ReadonlyMap<Expr, Expr>;
  readonly known: ReadonlyMap<Expr, Interval>;
}

/** Sets of parameters that the region's case allows, the simplest first. */
export function* assignments(parameters: readonly Expr[], region: Region): Generator<Assignment> {
  let found = 0;
  for (const values of parameters.length === 0 ? [[]] : PARAMETERS) {
    const known = assignment(parameters, values, region);
    if (known === undefined || !holds(factsOfParameters(parameters, region), known.known)) continue;
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
    if (known === undefined || !holds(factsOfParameters(parameters, region), known.known)) continue;
    found += 1;
    yield known;
  }
}

/** The parameters at a row of values; undefined when one is out of its range. */
function assignment(
  parameters: readonly Expr[],
  values: readonly number[],
  { equalities }: Region,
): Assignment | undefined {
  const closed = new Map<Expr, Expr>();
  for (const [i, parameter] of parameters.entries()) {
    const [low, high] = variableOf(parameter).range;
    let value = values[i % values.length]!;
    if (value < low || value > high) {
      // A range far from the usual values: its ends are the simplest that it has.
      if (values.length > 1 || (low <= 1 && 1 <= high)) return undefined;
      value = Number.isFinite(low) ? low : high;
    }
    closed.set(parameter, fromRational(rationalFromNumber(value)));
  }
  const free = new Map(closed);
  for (const [parameter, value] of equalities) closed.set(parameter, substitute(value, free));
  const facts = createFacts();
  const exact = new Map<Expr, Rational | undefined>();
  const [numbers, known] = [new Map<Expr, Rational>(), new Map<Expr, Interval>()];
  for (const [parameter, value] of closed) {
    const [number, fact] = [exactValue(value, exact), facts(value)];
    const [low, high] = variableOf(parameter).range;
    if (!fact.defined || fact.low < low || fact.high > high) return undefined;
    known.set(parameter, fact);
    if (number !== undefined) numbers.set(parameter, number);
  }
  return { numbers, closed, known };
}

/** Facts of a part of a cell are about the input as well; what is found there is read by the letter anyway. */
const factsOfParameters = (parameters: readonly Expr[], { facts }: Region): readonly CaseFact[] =>
  facts.filter(({ subject }) => variables(subject).every((variable) => parameters.includes(variable)));

function holds(facts: readonly CaseFact[], known: ReadonlyMap<Expr, Interval>): boolean {
  const at = createFacts(known);
  return facts.every(({ subject, sign }) => (sign > 0 ? at(subject).low > 0 : at(subject).high < 0));
}
