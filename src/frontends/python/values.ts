/** What an expression of the source stands for while it is read. */
import { constant, eq, not, select } from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import { isCondition } from "../../ir/ops.js";
import type { Rational } from "../../ir/rational.js";
import type { Reason, Span } from "../place.js";
import type { ClassNode, FunctionNode } from "./syntax.js";

export type Truth =
  { readonly kind: "truth"; readonly value: boolean } | { readonly kind: "condition"; readonly expr: Expr };

export type Value =
  /** A number or a truth of Python, which has no memory of its own. */
  | { readonly kind: "number"; readonly expr: Expr }
  | Truth
  | Tensor
  | Sum
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "none" }
  | { readonly kind: "ellipsis" }
  | { readonly kind: "tuple"; readonly items: readonly Value[] }
  | { readonly kind: "function"; readonly node: FunctionNode; readonly scope: Scope }
  | { readonly kind: "class"; readonly node: ClassNode; readonly scope: Scope }
  /** Something of a library, by its full name such as `torch.nn.functional`. */
  | { readonly kind: "path"; readonly path: string }
  | { readonly kind: "method"; readonly self: Value; readonly name: string }
  | { readonly kind: "context"; readonly context: Context }
  /** A type, a device, a shape: nothing that values depend on as far as they are read. */
  | { readonly kind: "plumbing"; readonly isType: boolean }
  | { readonly kind: "refused"; readonly reason: Reason };

export interface Tensor {
  readonly kind: "tensor";
  readonly memory: Memory;
}

/**
 * The elements added up: what belongs to each is the content. That is how the gradient of one number, which all elements
 * share, comes from those of each; nothing else is done with it.
 */
export interface Sum {
  readonly kind: "sum";
  readonly content: Expr;
  readonly place: Span;
}

/** The elements of a tensor, as one expression; several names may stand for the same. */
export interface Memory {
  /** A number, or a condition for a tensor of truths. */
  content: Expr;
  /** Why it must not be changed in place. */
  guard?: Reason;
  /** Where it was changed in place last. */
  changed?: Span;
  /** It may be one number as well, so that Python's `if` may ask for it. */
  readonly single: boolean;
  /** Only the elements where this holds were chosen. */
  readonly mask?: Expr;
}

/** What forward leaves for backward. */
export interface Context {
  readonly attributes: Map<string, Cell>;
  readonly saved: Cell;
  readonly needs: readonly Value[];
  readonly dirty: Set<Memory>;
  readonly nonDifferentiable: Set<Memory>;
}

export interface Cell {
  /** What it holds; a function for what is worked out when it is first read. */
  content: Value | (() => Value);
}

export interface Scope {
  readonly cells: Map<string, Cell>;
  readonly parent: Scope | undefined;
  /** Names that are its own although they have no value yet. */
  readonly locals: ReadonlySet<string>;
}

export const NONE: Value = { kind: "none" };
export const PLUMBING: Value = { kind: "plumbing", isType: false };
/** The type of a tensor's elements, which are numbers. */
export const TYPE: Value = { kind: "plumbing", isType: true };
export const TRUE: Truth = { kind: "truth", value: true };
export const FALSE: Truth = { kind: "truth", value: false };

export const tensor = (content: Expr, more: Partial<Omit<Memory, "content">> = {}): Tensor => ({
  kind: "tensor",
  memory: { content, single: false, ...more },
});
export const sumOf = ({ memory: { content, mask } }: Tensor, place: Span): Sum => {
  const number = asNumberExpr(content);
  return { kind: "sum", content: mask === undefined ? number : select(mask, number, 0), place };
};
export const truthOf = (value: boolean): Truth => (value ? TRUE : FALSE);
export const numberOf = (value: number): Value => ({ kind: "number", expr: constant(value) });
export const isTruth = (value: Value): value is Truth => value.kind === "truth" || value.kind === "condition";

const asNumberExpr = (expr: Expr): Expr => (isCondition(expr) ? select(expr, 1, 0) : expr);
export const asConditionExpr = (expr: Expr): Expr => (isCondition(expr) ? expr : not(eq(expr, 0)));

/** The number that a value is in arithmetic: truths are 1 and 0. */
export function asNumber(value: Value): Expr | undefined {
  switch (value.kind) {
    case "number":
      return value.expr;
    case "tensor":
      return asNumberExpr(value.memory.content);
    case "truth":
      return constant(value.value ? 1 : 0);
    case "condition":
      return select(value.expr, 1, 0);
    default:
      return undefined;
  }
}

/** A number that is written out. */
export const literalOf = (value: Value | undefined): Rational | undefined =>
  value?.kind === "number" && value.expr.op === "rational" ? (value.expr.payload as Rational) : undefined;

/** A whole number that is written out. */
export function wholeOf(value: Value | undefined): number | undefined {
  const literal = literalOf(value);
  return literal !== undefined && literal.denominator === 1n && literal.numerator ** 2n < 1_000_000n
    ? Number(literal.numerator)
    : undefined;
}

export const isTruths = (value: Value): boolean => value.kind === "tensor" && isCondition(value.memory.content);

export function opposite(truth: Truth): Truth {
  if (truth.kind === "truth") return truthOf(!truth.value);
  return { kind: "condition", expr: truth.expr.op === "not" ? truth.expr.args[0]! : not(truth.expr) };
}
