/**
 * The checker: no "proved" and no "equal-except" is issued without it. It shares nothing with the search but expressions,
 * rationals and the description of regions. It is content when, at the points that it chooses,
 * - some case of the certificate holds the parameters,
 * - the cells of that case follow one upon the other from one end of the input's range to the other,
 * - inside of every cell, and at every place between two, both sides read by the letter of docs/semantics.md are the same,
 *   the listed places apart.
 * Points are the special values of every case, and for all others numbers of both signs with 0 and 1 among them.
 */
import { fromRational } from "../../../ir/build.js";
import { substitute, variableOf, type Expr } from "../../../ir/expr.js";
import type { Interval } from "../../../ir/interval.js";
import { rational, rationalFromNumber, rationalToNumber, type Rational } from "../../../ir/rational.js";
import { createFacts } from "../../facts.js";
import type { Oracle } from "../../oracle.js";
import type { Certificate, LineRecord } from "./certificate.js";
import { exactValue } from "./exact.js";
import { judge } from "./judge.js";
import { Site, clearly, type Place } from "./literal.js";
import type { Bound, Region } from "../regions/region.js";
import type { Task } from "../task.js";

/** Values for the parameters in turn; what is out of a range is turned round, or stands at its end. */
const ROWS: readonly (readonly Rational[])[] = [
  [rational(2n), rational(3n, 5n), rational(5n), rational(7n, 3n)],
  [rational(-3n, 2n), rational(4n), rational(-1n, 3n), rational(-5n)],
  [rational(0n)],
  [rational(1n)],
  [rational(5n, 2n), rational(-2n), rational(1n, 4n), rational(-7n)],
];
/** Points that are read, at most, for each set of parameters and for all together. */
const [MOST_POINTS, MOST_READINGS] = [4, 12];

/** An objection to the certificate; undefined when nothing is wrong with it. */
export function objection(task: Task, certificate: Certificate, oracle: Oracle): string | undefined {
  if (!certificate.lines.every((line) => isTiled(line, task.input))) return "the cells do not cover the line of inputs";
  let readings = 0;
  for (const parameters of samples(task, certificate)) {
    const line = certificate.lines.find((candidate) => holds(candidate, parameters, oracle));
    if (line === undefined) {
      if (isUnclear(certificate, parameters, oracle)) continue;
      return `no case holds ${textOf(parameters)}`;
    }
    let points = 0;
    for (const place of placesOn(line, parameters, task.input)) {
      if (++points > MOST_POINTS || ++readings > MOST_READINGS) break;
      if (certificate.exceptions.some((exception) => isIn(exception, place, task.input))) continue;
      if (judge(task, place, oracle, "coarse").kind === "differ") return `the two sides differ at ${textOf(place)}`;
    }
  }
  return undefined;
}

const textOf = (place: Place): string =>
  [...place].map(([variable, value]) => `${variableOf(variable).name} = ${rationalToNumber(value)}`).join(", ");

/** The cells run from one end of the range to the other, each beginning where the one before ends. */
function isTiled({ cells }: LineRecord, input: Expr): boolean {
  const [least, most] = variableOf(input).range;
  const [first, last] = [cells[0], cells[cells.length - 1]];
  if (first === undefined || last === undefined) return false;
  const isEnd = (bound: Bound | undefined, end: number): boolean =>
    Number.isFinite(end)
      ? bound?.kind === "exact" && Math.abs(createFacts()(bound.expr).low - end) <= Number.MIN_VALUE
      : bound === undefined;
  const joins = cells.slice(1).every((cell, i) => cell.low !== undefined && cell.low === cells[i]!.high);
  return joins && isEnd(first.low, least) && isEnd(last.high, most);
}

/** Sets of parameters: the rows, and for each case with special values those. */
function* samples(task: Task, { lines }: Certificate): Generator<Place> {
  const rows = task.parameters.length === 0 ? [[]] : ROWS;
  for (const row of rows) yield assigned(task.parameters, row);
  for (const { equalities } of lines) {
    if (equalities.length === 0) continue;
    for (const row of rows.slice(0, 1)) {
      const free = assigned(task.parameters, row);
      const known = new Map<Expr, Rational | undefined>(free);
      const special = equalities.map(([name, value]) => [name, exactValue(value, known)] as const);
      // A special value that is no rational, or out of the range for these parameters, is read nowhere.
      if (special.some(([name, value]) => value === undefined || !isWithinRange(name, value))) continue;
      yield new Map([...free, ...(special as [Expr, Rational][])]);
    }
  }
}

function isWithinRange(parameter: Expr, value: Rational): boolean {
  const [low, high] = variableOf(parameter).range;
  return rationalToNumber(value) >= low && rationalToNumber(value) <= high;
}

function assigned(parameters: readonly Expr[], row: readonly Rational[]): Place {
  return new Map(
    parameters.map((parameter, i): [Expr, Rational] => {
      const value = row[i % row.length]!;
      const opposite = { ...value, numerator: -value.numerator };
      const [low, high] = variableOf(parameter).range;
      const isInside = (candidate: Rational): boolean => isWithinRange(parameter, candidate);
      const end = rationalFromNumber(Number.isFinite(high) ? high : Math.max(low, 1));
      return [parameter, isInside(value) ? value : isInside(opposite) ? opposite : end];
    }),
  );
}

/** Do the facts and equalities of a case hold? What cannot be told does not. */
function holds({ facts, equalities }: LineRecord, parameters: Place, oracle: Oracle): boolean {
  const site = new Site(parameters, oracle);
  const found = clearly(
    () =>
      facts.every(({ subject, sign }) => {
        const reading = site.read(subject);
        return reading !== undefined && site.sign(reading.expr) === sign;
      }) &&
      equalities.every(([name, value]) => {
        const reading = site.read(value);
        return reading !== undefined && site.isSame(name, reading.expr);
      }),
  );
  return found === true;
}

/** Is there a case of which it cannot be told whether it holds? */
function isUnclear({ lines }: Certificate, parameters: Place, oracle: Oracle): boolean {
  const site = new Site(parameters, oracle);
  return lines.some(({ facts, equalities }) => {
    const found = clearly(() => {
      for (const { subject } of facts) {
        const reading = site.read(subject);
        if (reading !== undefined) site.sign(reading.expr);
      }
      for (const [name, value] of equalities) {
        const reading = site.read(value);
        if (reading !== undefined) site.isSame(name, reading.expr);
      }
    });
    return found === "unclear";
  });
}

/** The places between cells, and an input in each cell. */
function* placesOn({ cells }: LineRecord, parameters: Place, input: Expr): Generator<Place> {
  const known = new Map<Expr, Rational | undefined>(parameters);
  const facts = createFacts(
    new Map([...parameters].map(([name, value]) => [name, createFacts()(fromRational(value))])),
  );
  const rangeOf = (bound: Bound): { low: number; high: number } => (bound.kind === "exact" ? facts(bound.expr) : bound);
  for (const { low, high } of cells) {
    const between = inside(low && rangeOf(low).high, high && rangeOf(high).low);
    if (between !== undefined) yield new Map(parameters).set(input, between);
    const place = high?.kind === "exact" ? exactValue(high.expr, known) : undefined;
    if (place !== undefined) yield new Map(parameters).set(input, place);
  }
}

/** A short number between two others, not the first that anybody thinks of. */
function inside(low = -Infinity, high = Infinity): Rational | undefined {
  if (!(low < high)) return undefined;
  const value =
    low === -Infinity
      ? high === Infinity
        ? 0.7
        : high - 0.7
      : high === Infinity
        ? low + 0.7
        : low + 0.4 * (high - low);
  for (let digits = 1; digits < 17; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (low < rounded && rounded < high) return rationalFromNumber(rounded);
  }
  return undefined;
}

/** Does the place lie in the region, as far as intervals tell? */
function isIn({ at, low, high, facts: _, equalities }: Region, place: Place, input: Expr): boolean {
  const closed = new Map([...place].map(([name, value]) => [name, fromRational(value)]));
  const facts = createFacts();
  const valueOf = (bound: Bound): { low: number; high: number } =>
    bound.kind === "exact" ? facts(substitute(bound.expr, closed)) : bound;
  const meets = (a: { low: number; high: number }, c: Interval): boolean => a.low <= c.high && c.low <= a.high;
  const x = facts(closed.get(input)!);
  return (
    equalities.every(([name, value]) => meets(facts(substitute(value, closed)), facts(closed.get(name)!))) &&
    (at === undefined || meets(valueOf(at), x)) &&
    (low === undefined || valueOf(low).low <= x.high) &&
    (high === undefined || valueOf(high).high >= x.low)
  );
}
