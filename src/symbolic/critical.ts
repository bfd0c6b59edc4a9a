/**
 * The inputs at which a formula's own parts overflow, vanish, saturate or cancel: they are read off the formula, so that
 * what goes wrong there is measured whatever the formula is.
 */
import { variableOf, topological, type Expr } from "../ir/expr.js";
import { columnEvaluator, type Column } from "../ir/evaluate.js";
import { isFunction, type OperationName } from "../ir/ops.js";
import type { Point } from "./oracle.js";
import type { Precision } from "./arithmetic.js";

/** Arguments at which exponentials and what is made of them overflow, vanish, or leave nothing beside 1. */
const THRESHOLDS: Readonly<Record<Precision, readonly number[]>> = {
  float64: [1e-9, 1, 19, 37.5, 360, 709, 711, 718, 733, 746],
  float32: [1e-4, 1, 8.7, 17.5, 44, 88, 89.5, 95, 104.5],
};
/** Steps to a factor of two in the grid that is searched, and its exponents. */
const STEPS = 2;
const EXPONENTS: Readonly<Record<Precision, number>> = { float64: 340, float32: 126 };
/** A sum this much smaller than its terms has lost half of the digits. */
const CANCELLED: Readonly<Record<Precision, number>> = { float64: 2 ** -26, float32: 2 ** -12 };
/** Inputs far out at which the reference still has values of exponentials of exponentials. */
const FAR = [2e4, 1e6, 1e8];
const BESIDE = [1, 1 - 2 ** -7, 1 + 2 ** -7];
/** Bisections are done a few at a time: values at all inputs that they may come by are cheaper than one after the other. */
const [ROUNDS, AT_A_TIME] = [3, 4];
/** Beyond an edge this part of its magnitude counts as beside it, and this one as right beside it. */
const [NEAR, NEXT] = [1 / 8, 2 ** -9];
const MOST = 120;

function gridOf(precision: Precision): Float64Array {
  const most = EXPONENTS[precision];
  const positive: number[] = [];
  for (let i = -40 * STEPS; i <= 12 * STEPS; i++) positive.push(2 ** (i / STEPS));
  for (let i = 16; i <= most; i += 4) positive.push(2 ** i);
  return Float64Array.from([...[...positive].reverse().map((value) => -value), ...positive]);
}

/** Values of expressions at inputs. */
export type ColumnsAt = (inputs: Float64Array) => (expr: Expr) => Column;
type Test = (at: (node: Expr) => Column, i: number) => boolean;

/** The ends of an interval, and what halving it again and again gives between them. */
function halved(low: number, high: number): Float64Array {
  const parts = new Float64Array(2 ** AT_A_TIME + 1);
  parts[0] = low;
  parts[parts.length - 1] = high;
  for (let step = parts.length - 1; step > 1; step /= 2)
    for (let i = step / 2; i < parts.length; i += step) parts[i] = (parts[i - step / 2]! + parts[i + step / 2]!) / 2;
  return parts;
}

/** The steps of the grid in which a test of a node's values changes, made narrow: the input before, and the one after. */
function* crossings(node: Expr, test: Test, grid: Float64Array, columnsAt: ColumnsAt, onGrid: (node: Expr) => Column) {
  onGrid(node);
  for (let i = 0; i + 1 < grid.length; i++) {
    const before = test(onGrid, i);
    if (before === test(onGrid, i + 1)) continue;
    let [low, high] = [grid[i]!, grid[i + 1]!];
    for (let round = 0; round < ROUNDS; round++) {
      const parts = halved(low, high);
      const at = columnsAt(parts);
      at(node);
      let [from, to] = [0, parts.length - 1];
      while (to - from > 1) {
        const middle = (from + to) / 2;
        if (test(at, middle) === before) from = middle;
        else to = middle;
      }
      [low, high] = [parts[from]!, parts[to]!];
    }
    yield { low, high, before };
  }
}

/** Results that the operands do not explain: infinity of finite numbers, 0 of others than 0. */
const isBroken =
  (node: Expr): Test =>
  (at, i) => {
    const value = at(node)[i]!;
    const args = node.args.map((arg) => at(arg)[i]!);
    if (!args.every(Number.isFinite)) return false;
    return value === 0 ? !args.includes(0) : !Number.isFinite(value);
  };
const NUMERIC = new Set<OperationName>(["add", "sub", "mul", "div", "pow", "exp", "sigmoid", "erfc", "sinh", "cosh"]);

/**
 * Inputs at which a form's own products, powers and exponentials overflow or vanish: beyond them it may be wrong though the
 * function is far from its limits. In ascending order; none at which `isKnown` says that something is measured already.
 */
export function breakingInputs(
  form: Expr,
  columnsAt: ColumnsAt,
  precision: Precision,
  isKnown: (from: number, to: number) => boolean,
): number[] {
  const grid = gridOf(precision);
  const onGrid = columnsAt(grid);
  const found = new Set<number>();
  for (const node of topological([form])) {
    if (node.closed || !NUMERIC.has(node.op)) continue;
    for (const { low, high, before } of crossings(node, isBroken(node), grid, columnsAt, onGrid)) {
      const [edge, out] = before ? [low, -1] : [high, 1];
      for (const near of [NEXT, NEAR]) {
        const beyond = edge + out * Math.abs(edge) * near;
        if (!isKnown(Math.min(edge, beyond), Math.max(edge, beyond))) found.add((edge + beyond) / 2);
      }
    }
  }
  return thinned(found);
}

/** At most a fixed number of inputs that are not next to each other, in ascending order. */
function thinned(found: Iterable<number>): number[] {
  const sorted = [...found].filter(Number.isFinite).sort((a, b) => a - b);
  const apart = sorted.filter((value, i) => i === 0 || value - sorted[i - 1]! > Math.abs(value) * 2 ** -12);
  const stride = Math.max(1, apart.length / MOST);
  return Array.from({ length: Math.min(MOST, apart.length) }, (_, i) => apart[Math.floor(i * stride)]!);
}

/** At most a fixed number of inputs, in ascending order. */
export function criticalInputs(expr: Expr, input: Expr, parameters: Point, precision: Precision): number[] {
  const grid = gridOf(precision);
  const columns: ColumnsAt = (inputs) =>
    columnEvaluator(inputs.length, (name) =>
      name === variableOf(input).name ? inputs : new Float64Array(inputs.length).fill(parameters[name] ?? NaN),
    );
  const onGrid = columns(grid);
  const found = new Set(FAR.flatMap((value) => [-value, value]));
  const cross = (node: Expr, test: Test): void => {
    for (const { high } of crossings(node, test, grid, columns, onGrid))
      for (const part of BESIDE) found.add(high * part);
  };
  const levels = THRESHOLDS[precision];
  for (const node of topological([expr])) {
    if (node.closed) continue;
    const [u, v] = node.args;
    if (isFunction(node.op) && !u!.closed)
      for (const level of levels) cross(u!, (at, i) => Math.abs(at(u!)[i]!) > level);
    if (node.op === "add" || node.op === "sub")
      cross(node, (at, i) => {
        const largest = Math.max(Math.abs(at(u!)[i]!), Math.abs(at(v!)[i]!));
        return Math.abs(at(node)[i]!) < CANCELLED[precision] * largest;
      });
  }
  return thinned(found);
}
