/** What an expression of the source stands for while it is read: a number, a condition, or what makes them. */
import { constant, eq, not, select } from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import { isCondition } from "../../ir/ops.js";
import type { Row } from "../functions.js";
import type { Reason } from "../place.js";
import type { FunctionNode } from "./syntax.js";

export type Truth =
  { readonly kind: "truth"; readonly value: boolean } | { readonly kind: "condition"; readonly expr: Expr };

export type Value =
  | Truth
  /** `member`: an argument may turn out to be an object of options. */
  | { readonly kind: "number"; readonly expr: Expr; readonly member?: (name: string) => Value | undefined }
  | { readonly kind: "object"; readonly member: (name: string) => Value | undefined }
  | { readonly kind: "function"; readonly node: FunctionNode; readonly scope: Scope }
  | Builtin
  | { readonly kind: "refused"; readonly reason: Reason }
  | { readonly kind: "nothing" };

export interface Builtin {
  readonly kind: "builtin";
  readonly count: Row["count"];
  readonly member?: (name: string) => Value | undefined;
  /** undefined where an argument is not what it takes. */
  readonly apply: (args: readonly Value[]) => Value | Reason | undefined;
}

export interface Cell {
  /** What it holds; a function for what is worked out when it is first read. */
  content: Value | (() => Value);
  readonly constant: boolean;
  /** The call of a function that the variable belongs to. */
  readonly owner: object;
}

export interface Scope {
  readonly cells: Map<string, Cell>;
  readonly parent: Scope | undefined;
  readonly owner: object;
}

export const NOTHING: Value = { kind: "nothing" };
export const TRUE: Truth = { kind: "truth", value: true };
export const FALSE: Truth = { kind: "truth", value: false };

export const valueOf = (expr: Expr): Value => ({ kind: isCondition(expr) ? "condition" : "number", expr });
export const isReason = (result: object): result is Reason => "message" in result;

export function asNumber(value: Value): Expr | undefined {
  if (value.kind === "number") return value.expr;
  if (value.kind === "condition") return select(value.expr, 1, 0);
  return value.kind === "truth" ? constant(value.value ? 1 : 0) : undefined;
}

export function asTruth(value: Value): Truth | undefined {
  if (value.kind === "truth" || value.kind === "condition") return value;
  return value.kind === "number" ? { kind: "condition", expr: not(eq(value.expr, 0)) } : undefined;
}

export function opposite(truth: Truth): Truth {
  if (truth.kind === "truth") return truth.value ? FALSE : TRUE;
  return { kind: "condition", expr: truth.expr.op === "not" ? truth.expr.args[0]! : not(truth.expr) };
}

export const isTruth = (value: Value): value is Truth => value.kind === "truth" || value.kind === "condition";
