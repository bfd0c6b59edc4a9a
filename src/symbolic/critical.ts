/**
 * The inputs at which a formula's own parts overflow, vanish, saturate or cancel: they are read off the formula, so that
 * what goes wrong there is measured whatever the formula is.
 */
import { variableOf, topological, type Expr } from "../ir/expr.js";
import { columnEvaluator, type Column } from "../ir/evaluate.js";
import { isFunction } from "../ir/ops.js";
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
const BISECTIONS = 12;
const MOST = 120;

function gridOf(precision: Precision): Float64Array {
  const most = EXPONENTS[precision];
  const positive: number[] = [];
  for (let i = -40 * STEPS; i <= 12 * STEPS; i++) positive.push(2 ** (i / STEPS));
  for (let i = 16; i <= most; i += 4) positive.push(2 ** i);
  return Float64Array.from([...[...positive].reverse().map((value) => -value), ...positive]);
}

/** At most a fixed number of inputs, in ascending order. */
export function criticalInputs(expr: Expr, input: Expr, parameters: Point, precision: Precision): number[] {
  const grid = gridOf(precision);
  const columns = (inputs: Float64Array) =>
    columnEvaluator(inputs.length, (name) =>
      name === variableOf(input).name ? inputs : new Float64Array(inputs.length).fill(parameters[name] ?? NaN),
    );
  const onGrid = columns(grid);
  const found = new Set(FAR.flatMap((value) => [-value, value]));
  /** The middle of each step of the grid in which a level is crossed, found more closely. */
  const cross = (node: Expr, isBeyond: (at: (node: Expr) => Column, i: number) => boolean): void => {
    onGrid(node);
    for (let i = 0; i + 1 < grid.length; i++) {
      const before = isBeyond(onGrid, i);
      if (before === isBeyond(onGrid, i + 1)) continue;
      let [low, high] = [grid[i]!, grid[i + 1]!];
      for (let step = 0; step < BISECTIONS; step++) {
        const middle = (low + high) / 2;
        const at = columns(Float64Array.of(middle));
        at(node);
        if (isBeyond(at, 0) === before) low = middle;
        else high = middle;
      }
      for (const part of BESIDE) found.add(high * part);
    }
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
  const sorted = [...found].filter(Number.isFinite).sort((a, b) => a - b);
  const apart = sorted.filter((value, i) => i === 0 || value - sorted[i - 1]! > Math.abs(value) * 2 ** -12);
  const stride = Math.max(1, apart.length / MOST);
  return Array.from({ length: Math.min(MOST, apart.length) }, (_, i) => apart[Math.floor(i * stride)]!);
}
