/**
 * Every operation, one row each: what it means on float64 and on intervals, its derivative, how to write it with
 * simpler operations, its laws and its cost. A row is the whole truth about an operation; targets only add its spelling.
 *
 * A derivative gets the operation's own result as `self`, so that `tanh` says 1 - self² and nothing is computed twice.
 * A `null` partial means that the result does not change with that argument (almost everywhere).
 */
import type { Expr } from "./expr.js";
import { ARITHMETIC } from "./operations/arithmetic.js";
import { CONDITIONS } from "./operations/conditions.js";
import { EXACT } from "./operations/exact.js";
import { FUNCTIONS } from "./operations/functions.js";
import { INVERSES } from "./operations/inverses.js";
import type { Law, Operation } from "./operations/row.js";
import { SINGLES } from "./operations/singles.js";

export type { Law, Operation } from "./operations/row.js";

const ROWS = { ...ARITHMETIC, ...FUNCTIONS, ...INVERSES, ...CONDITIONS, ...EXACT, ...SINGLES };

export type OperationName = keyof typeof ROWS;
type Rows = typeof ROWS;

/** The operations that a target must be able to write itself. */
export type PrimitiveName = {
  [K in OperationName]: Rows[K] extends { lowering: unknown } | { arity: 0 } ? never : K;
}[OperationName];

export const OPERATIONS: { readonly [K in OperationName]: Operation } = ROWS;
export const OPERATION_NAMES = Object.keys(ROWS) as readonly OperationName[];

export const hasLaw = (op: OperationName, law: Law): boolean => OPERATIONS[op].laws?.includes(law) ?? false;
export const isCondition = (expr: Expr): boolean =>
  expr.op === "lt" ||
  expr.op === "le" ||
  expr.op === "eq" ||
  expr.op === "and" ||
  expr.op === "or" ||
  expr.op === "not";
/**
 * Operations with no closed form in additions, multiplications, divisions and roots: elementary functions and powers.
 */
export const isFunction = (op: OperationName): boolean =>
  Object.hasOwn(FUNCTIONS, op) || Object.hasOwn(INVERSES, op) || op === "pow";
