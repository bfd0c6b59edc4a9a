/** What speaks against a verdict: evaluation with MPFR at a witness, and on a grid with kinks and their neighbours. */
import { parseFormula } from "../../src/frontends/formula.js";
import * as b from "../../src/ir/build.js";
import { columnEvaluator, evaluate } from "../../src/ir/evaluate.js";
import { substitute, topological, variableOf, variables, type Expr } from "../../src/ir/expr.js";
import { rationalToNumber, type Rational } from "../../src/ir/rational.js";
import type { OperationName } from "../../src/ir/ops.js";
import type { Oracle, Point } from "../../src/symbolic/oracle.js";
import type { Exception, Goal, Verdict, Witness } from "../../src/symbolic/prove/verdict.js";

export interface Contradiction {
  readonly kind: "false accept" | "false refute" | "false exception" | "incomplete witness";
  readonly at: Point;
  readonly right: number;
  readonly claimed: number;
}

export interface Right {
  /** The right side in the input, the parameters and the gradient from above. */
  readonly expr: Expr;
  /** It is right at kinks as well. A formula differentiated through its comparisons is not, where its kinks cancel. */
  readonly atKinks: boolean;
}

export interface Judge {
  /** What contradicts the verdict, if anything does. */
  readonly contradiction: (goal: Goal, right: Right, verdict: Verdict) => Promise<Contradiction | undefined>;
  /** The values of expressions at a point. */
  readonly at: (exprs: readonly Expr[], point: Point) => readonly Value[];
  /** Certainly not equal at a point: by their values or, where these are close, by the sign of the difference. */
  readonly apart: (right: Expr, claimed: Expr, point: Point) => boolean;
}

/** A value to about 106 bits. */
export interface Value {
  readonly high: number;
  readonly low: number;
}

/** The oracle vouches for 72 bits: a gap beyond them is certain. */
const differ = (a: Value, c: Value): boolean =>
  Math.abs(a.high - c.high + (a.low - c.low)) > 1e-20 * Math.max(Math.abs(a.high), Math.abs(c.high));

/** The claim in the input alone: the output written as the formula. */
export const claimOf = ({ claim, formula }: Pick<Goal, "claim" | "formula">): Expr =>
  substitute(claim, new Map([[b.y, formula]]));

const isInput = (variable: Expr): boolean => variableOf(variable).role === "input";

const DENSE = Array.from({ length: 97 }, (_, i) => (i - 48) / 4 + 1 / 64);
const FAR = Array.from({ length: 43 }, (_, i) => (i - 21) * 2.37 + 0.03);
const SIZES = [0.75, 1.5, 2.25, 0.375, 3.5, 0.5, 1.25];
const SETS = 6;
const FAR_OUT = 49;

/** How many of the points that float64 cannot tell apart, and of those that it does, MPFR is asked about. */
const CLOSE = 12;
const APART = 24;

/** Parameter sets with every sign that the first three parameters may have, and no two values alike. */
export function parameterSets(parameters: readonly Expr[]): Point[] {
  return Array.from({ length: parameters.length === 0 ? 1 : SETS }, (_, turn) =>
    Object.fromEntries(
      parameters.map((parameter, i) => {
        const { name, range } = variableOf(parameter);
        const size = SIZES[(turn * 2 + i) % SIZES.length]!;
        const value = (turn >> i) % 2 === 1 ? -size : size;
        return [name, value < range[0] || value > range[1] ? size : value];
      }),
    ),
  );
}

/** Inputs: a dense grid, far ones, and where the numbers and parameters say that a kink may lie, with neighbours. */
export function gridPoints(exprs: readonly Expr[]): Point[] {
  const free = variables(...exprs).filter((variable) => !isInput(variable));
  const input = variables(...exprs).find(isInput);
  const from = input === undefined ? -Infinity : variableOf(input).range[0];
  const numbers = topological(exprs)
    .filter(({ op }) => op === "rational")
    .map(({ payload }) => rationalToNumber(payload as Rational))
    .filter((value) => Math.abs(value) < 60)
    .slice(0, 8);
  return parameterSets(free).flatMap((set) => {
    const values = Object.values(set);
    const special = [0, Math.LN2, ...numbers, ...values];
    special.push(...values.flatMap((p) => [...values, 2].map((q) => p / q)));
    const kinks = [...special, ...special.map((value) => -value)];
    const near = kinks.flatMap((kink) => [kink - 1e-3, kink - 1e-7, kink, kink + 1e-7, kink + 1e-3]);
    return [...new Set([...DENSE, ...FAR, ...near])].filter((x) => x >= from).map((x) => ({ ...set, x }));
  });
}

export function createJudge(oracle: Oracle): Judge {
  const at: Judge["at"] = (exprs, point) =>
    oracle.evaluate(exprs, [point]).map(({ high, low }) => ({ high: high[0]!, low: low[0]! }));

  const apart: Judge["apart"] = (right, claimed, point) => {
    const [a, c] = at([right, claimed], point) as [Value, Value];
    if (Number.isNaN(a.high) || Number.isNaN(c.high)) return false;
    if (differ(a, c)) return true;
    const [gap] = at([b.sub(right, claimed)], point);
    return gap!.high !== 0 && !Number.isNaN(gap!.high);
  };

  const againstAcceptance = (
    goal: Goal,
    { expr, atKinks }: Right,
    points: readonly Point[],
  ): Contradiction | undefined => {
    const claimed = claimOf(goal);
    for (const point of points) {
      if (!hasValues([goal.formula, expr, claimed], point)) continue;
      const [a, c, value] = at([expr, claimed, goal.formula], point) as [Value, Value, Value];
      if (Number.isNaN(value.high) || !Number.isFinite(a.high) || !Number.isFinite(c.high)) continue;
      // Far out a saturated function hides what it leaves out: there the sign of the difference is asked for.
      if (!differ(a, c) && !(Math.abs(point["x"]!) > FAR_OUT && apart(expr, claimed, point))) continue;
      const around = [-1e-6, 1e-6].map((step) => ({ ...point, x: point["x"]! + step }));
      if (atKinks || around.some((neighbour) => apart(expr, claimed, neighbour)))
        return { kind: "false accept", at: point, right: a.high, claimed: c.high };
    }
    return undefined;
  };

  const againstRefutation = (
    right: Expr,
    claimed: Expr,
    { x, parameters, actual }: Witness,
  ): Contradiction | undefined => {
    const point = { ...parameters, x };
    const sides = [right, claimed];
    if (variables(...sides).some((variable) => !(variableOf(variable).name in point)))
      return { kind: "incomplete witness", at: point, right: NaN, claimed: NaN };
    if (apart(right, claimed, point)) return undefined;
    const [a, c] = at(sides, point).map(({ high }) => high) as [number, number];
    if (Number.isNaN(c) && Number.isNaN(actual) && !Number.isNaN(a)) return undefined;
    // MPFR cannot decide a comparison such as 1/3 < 1/3, and its max(x, log(x)) is x: the word of float64 is taken.
    const [near, other] = sides.map((side) => evaluate(side, point)) as [number, number];
    const unclear = Number.isNaN(a) || Number.isNaN(c) || Number.isNaN(other);
    if (unclear && !(Math.abs(near - other) <= 1e-6 * Math.abs(near)) && !Number.isNaN(near)) return undefined;
    return { kind: "false refute", at: point, right: a, claimed: c };
  };

  /** Whether the sides may differ at an input, for some parameters; false only when their difference is exactly 0. */
  const differsSomewhere = (right: Expr, claimed: Expr, input: Expr, grid: readonly Point[]): boolean => {
    const inputs = variables(right, claimed).filter(isInput);
    const there = substitute(b.sub(right, claimed), new Map(inputs.map((variable) => [variable, input])));
    const sets = new Map(grid.map(({ x: _, ...set }) => [JSON.stringify(set), set]));
    return [...sets.values()].some((set) => at([there], set)[0]!.high !== 0 || !hasValues([there], set));
  };

  const contradiction: Judge["contradiction"] = async (goal, right, verdict) => {
    const claimed = claimOf(goal);
    if (verdict.verdict === "unknown") return undefined;
    if (verdict.verdict === "refuted") return againstRefutation(right.expr, claimed, verdict.witness);
    const grid = gridPoints([right.expr, claimed, goal.formula]);
    const excepted = verdict.verdict === "equal-except" ? await inputsOf(verdict.at) : [];
    if (right.atKinks)
      for (const input of excepted)
        if (!differsSomewhere(right.expr, claimed, input, grid))
          return { kind: "false exception", at: { ...grid[0]!, x: evaluate(input, grid[0]!) }, right: 0, claimed: 0 };
    const points = grid.filter(
      (point) => !excepted.some((input) => Math.abs(evaluate(input, point) - point["x"]!) < 1e-12),
    );
    return againstAcceptance(goal, right, worthAsking(right.expr, claimed, points));
  };
  return { contradiction, at, apart };
}

const POLES = new Set<OperationName>(["log", "log1p", "div", "pow"]);

/** False where a value is missing or may be: MPFR decides on comparisons with nothing, and log(0) is -Infinity to it. */
function hasValues(exprs: readonly Expr[], point: Point): boolean {
  const column = columnEvaluator(1, (name) => Float64Array.of(point[name]!));
  const value = (expr: Expr): number => column(expr)[0]!;
  const isPole = (expr: Expr): boolean =>
    POLES.has(expr.op) && Math.abs(value(expr)) === Infinity && expr.args.every((arg) => Number.isFinite(value(arg)));
  return exprs.every((expr) => !Number.isNaN(value(expr))) && !topological(exprs).some(isPole);
}

/** The inputs that exceptions name; what is no formula is about special parameters, which no grid has. */
async function inputsOf(exceptions: readonly Exception[]): Promise<Expr[]> {
  const inputs: Expr[] = [];
  for (const { at } of exceptions)
    try {
      inputs.push((await parseFormula(at)).expr);
    } catch {
      continue;
    }
  return inputs;
}

/** Where float64 sees a difference, the largest first; and some of the rest, for what it cannot see. */
function worthAsking(right: Expr, claimed: Expr, points: readonly Point[]): Point[] {
  const column = columnEvaluator(points.length, (name) => Float64Array.from(points, (point) => point[name]!));
  const [a, c] = [column(right), column(claimed)];
  const gaps = points.map((point, i) => {
    const size = Math.max(Math.abs(a[i]!), Math.abs(c[i]!));
    return { point, gap: a[i] === c[i] ? 0 : Math.abs(a[i]! - c[i]!) / size };
  });
  const rank = ({ gap }: { gap: number }): number => (Number.isNaN(gap) ? 1e-3 : gap);
  const apart = gaps.filter((entry) => !(entry.gap <= 1e-10)).sort((p, q) => rank(q) - rank(p));
  const close = gaps.filter((entry) => entry.gap <= 1e-10).sort((p, q) => q.gap - p.gap);
  const step = Math.max(1, Math.floor(close.length / CLOSE));
  const ends = [-1, 1].flatMap((sign) => gaps.filter(({ point }) => sign * point["x"]! > FAR_OUT).slice(0, 1));
  return [...apart.slice(0, APART), ...close.filter((_, i) => i % step === 0), ...ends].map(({ point }) => point);
}
