/**
 * Functions that jump between whole numbers: they are read where what they are given is between 0.1 and 0.4, and not beyond. Of
 * what is never outside of 0 and 1 they are steps, which are conditions like others.
 */
import { and, constant, decimal, fraction, ge, gt, lt, select } from "../../ir/build.js";
import { leafValue } from "../../ir/evaluate.js";
import type { Expr } from "../../ir/expr.js";
import type { Rational } from "../../ir/rational.js";
import { createPartial } from "../partial.js";
import { row, type Row } from "./rows.js";

const BETWEEN = [decimal("0.1"), decimal("0.4")] as const;
/** Their values there. */
const VALUES: Readonly<Record<string, number>> = { round: 0, rint: 0, floor: 0, trunc: 0, fix: 0, ceil: 1 };
const PATH = /^(?:torch|Tensor|numpy|tensorflow|tensorflow\.math|keras\.ops)\.(\w+?)$/;

const isLarge = (u: Expr): Expr => ge(u, 1);
const isPastHalf = (u: Expr): Expr => gt(u, fraction(1, 2));
/** Where they are 1, of numbers from 0 to 1. */
const STEPS: Readonly<Record<string, (u: Expr) => Expr>> = {
  round: isPastHalf,
  rint: isPastHalf,
  floor: isLarge,
  trunc: isLarge,
  fix: isLarge,
  ceil: (u) => gt(u, 0),
};

const isWhole = ({ op, payload }: Expr): boolean => op === "rational" && (payload as Rational).denominator === 1n;

type Bounds = ReadonlyMap<Expr, readonly [low: number, high: number]>;
const DEEPEST = 6;

/** The bounds of numbers where a comparison with a whole number holds, or does not. */
function bounded(bounds: Bounds, { op, args: [a, c] }: Expr, holds: boolean): Bounds {
  if (op !== "lt" && op !== "le") return bounds;
  const isUpper = c!.op === "rational" ? holds : !holds;
  const [u, literal] = c!.op === "rational" ? [a!, c!] : [c!, a!];
  if (!isWhole(literal)) return bounds;
  const [value, [low, high]] = [leafValue(literal), bounds.get(u) ?? [-Infinity, Infinity]];
  return new Map([...bounds, [u, isUpper ? [low, Math.min(high, value)] : [Math.max(low, value), high]]]);
}

/** The jump of what is a whole number or between 0 and 1, in whichever branch; nothing where it may be beyond. */
function stepOf(name: string, u: Expr, bounds: Bounds = new Map(), depth = DEEPEST): Expr | undefined {
  if (isWhole(u)) return u;
  if (u.op === "select" && depth > 0) {
    const [condition, ...sides] = u.args as [Expr, Expr, Expr];
    const [yes, no] = sides.map((side, i) => stepOf(name, side, bounded(bounds, condition, i === 0), depth - 1));
    return yes && no && select(condition, yes, no);
  }
  const [low, high] = bounds.get(u) ?? [-Infinity, Infinity];
  const range = createPartial().range(u);
  const isStep = Math.max(low, range.low) >= 0 && Math.min(high, range.high) <= 1;
  return isStep ? select(STEPS[name]!(u), 1, 0) : undefined;
}

const ROWS: ReadonlyMap<string, Row> = new Map(
  Object.entries(VALUES).map(([name, value]) => [
    name,
    {
      ...row(`${name}(input)`, ({ number }) => stepOf(name, number("input")) ?? constant(value)),
      isJump: (u: Expr) => stepOf(name, u) === undefined,
    },
  ]),
);

export const jumpOf = (path: string): Row | undefined => ROWS.get(PATH.exec(path)?.[1] ?? "");

/** Where a jump of this is one number. */
export const regionOf = (operand: Expr): Expr => and(lt(BETWEEN[0], operand), lt(operand, BETWEEN[1]));
