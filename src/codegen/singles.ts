/** Loops that float32 computes as well as float64: sums, products and choices of numbers that it holds. */
import { leafValue } from "../ir/evaluate.js";
import { topological, variableOf, type Expr } from "../ir/expr.js";
import { isCondition, type OperationName } from "../ir/ops.js";
import type { Worst } from "../symbolic/measure.js";
import type { LoopName } from "./target.js";

/** ULP up to which a loop may be off that is computed in float32; a product with the incoming gradient doubles them. */
const BOUNDS: Readonly<Record<LoopName, number>> = { forward: 1.5, backward: 0.75 };
/** Errors near zeros of a function. */
const NEAR_ZERO = 2 ** -24;

const ROUNDED_ONCE: ReadonlySet<OperationName> = new Set<OperationName>([
  "add",
  "sub",
  "mul",
  "div",
  "neg",
  "abs",
  "sqrt",
  "select",
  "single",
]);

/** The parts of an expression that are not in float64 on the way. */
export function partsInSingle(expr: Expr): readonly Expr[] {
  const doubles = new Set<Expr>();
  const parts = topological([expr]);
  for (const part of parts)
    if (part.op === "double" || (part.op !== "single" && part.args.some((arg) => doubles.has(arg)))) doubles.add(part);
  return parts.filter((part) => !doubles.has(part));
}

/**
 * Whether float32 has each operation, rounded once, and each literal: none becomes 0 or Infinity. A parameter is any
 * float64, and another number in float32: what it is compared with would be told wrong.
 */
export const fitsSingle = (expr: Expr, more: ReadonlySet<OperationName> = new Set()): boolean =>
  partsInSingle(expr).every((part) => {
    if (part.op === "variable") return variableOf(part).role !== "parameter";
    if (ROUNDED_ONCE.has(part.op) || more.has(part.op) || isCondition(part)) return true;
    if (part.args.length > 0) return false;
    const value = leafValue(part);
    return !Number.isFinite(value) || value === 0 || (Number.isFinite(Math.fround(value)) && Math.fround(value) !== 0);
  });

/** A loop that is computed in float32, for all inputs or for those near 0, with its largest error. */
export interface SingleLoop {
  readonly expr: Expr;
  readonly worst: Worst;
}

/** Whether every output that was measured is the nearest float32: from others the derivative cannot be told at a corner. */
export const isNearest = (worst: Worst | undefined): boolean => worst !== undefined && worst.ulp <= 0.5;

/** The error of a loop in float32, where it fits and keeps the bound; it is only `measured` where it fits. */
export function goodInSingle(as: LoopName, expr: Expr, measured: () => Worst): Worst | undefined {
  if (!fitsSingle(expr)) return undefined;
  const worst = measured();
  const { ulp, nearZeros } = worst;
  return ulp <= BOUNDS[as] && (nearZeros === undefined || nearZeros.absolute <= NEAR_ZERO) ? worst : undefined;
}
