/** Truths: known ones, and conditions on what is not known. */
import { and, constant, eq, not, or, select } from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import { isCondition, type OperationName } from "../../ir/ops.js";
import { choose } from "../partial.js";

export type Truth =
  { readonly kind: "truth"; readonly value: boolean } | { readonly kind: "condition"; readonly expr: Expr };

export const TRUE: Truth = { kind: "truth", value: true };
export const FALSE: Truth = { kind: "truth", value: false };
export const truthOf = (value: boolean): Truth => (value ? TRUE : FALSE);

export const isTruth = (value: { readonly kind: string }): value is Truth =>
  value.kind === "truth" || value.kind === "condition";

export const opposite = (truth: Truth): Truth =>
  truth.kind === "truth" ? truthOf(!truth.value) : { kind: "condition", expr: negation(truth.expr) };
export const negation = (condition: Expr): Expr => (condition.op === "not" ? condition.args[0]! : not(condition));

/** 1 and 0 for a condition; a number as it is. */
export const asNumberExpr = (expr: Expr): Expr => (isCondition(expr) ? select(expr, 1, 0) : expr);

/** `condition ? yes : no` of numbers, of conditions, or of both. */
export function chooseContent(condition: Expr, yes: Expr, no: Expr): Expr {
  if (yes === no) return yes;
  if (isCondition(yes) && isCondition(no)) return or(and(condition, yes), and(not(condition), no));
  return choose(condition, asNumberExpr(yes), asNumberExpr(no));
}

/** `condition ? yes : no` of truths. */
export function createChoiceOfTruths(): (condition: Expr, yes: Truth, no: Truth) => Truth {
  const isTotal = totality();
  return (condition, yes, no) => {
    const [p, q] = [sideOf(yes), sideOf(no)];
    return p === q ? yes : { kind: "condition", expr: logic(condition, p, q, isTotal) };
  };
}

type Side = Expr | boolean;
const sideOf = (truth: Truth): Side => (truth.kind === "truth" ? truth.value : truth.expr);

function logic(c: Expr, p: Side, q: Side, isTotal: (expr: Expr) => boolean): Expr {
  // "and" wants both sides, but programs never look at log(x) where x > 0 failed.
  if (![p, q].every((side) => typeof side === "boolean" || isTotal(side)))
    return not(eq(select(c, asZeroOrOne(p), asZeroOrOne(q)), 0));
  if (p === true) return q === false ? c : or(c, q as Expr);
  if (q === false) return p === false ? c : and(c, p);
  if (p === false) return q === true ? not(c) : and(not(c), q);
  return q === true ? or(not(c), p) : or(and(c, p), and(not(c), q));
}

const asZeroOrOne = (side: Side): Expr => (typeof side === "boolean" ? constant(side ? 1 : 0) : select(side, 1, 0));

const PARTIAL: ReadonlySet<OperationName> = new Set<OperationName>([
  "div",
  "log",
  "log1p",
  "log2",
  "log10",
  "log1mexp",
  "acosh",
  "atanh",
  "sqrt",
  "pow",
]);

/** Whether an expression has a value whatever its variables are, as far as its operations tell; each node is asked once. */
function totality(): (expr: Expr) => boolean {
  const total = new Set<Expr>();
  const partial = new Set<Expr>();
  return (expr) => {
    const seen = new Set<Expr>();
    const stack = [expr];
    while (stack.length > 0) {
      const node = stack.pop()!;
      if (seen.has(node) || total.has(node)) continue;
      if (partial.has(node) || (PARTIAL.has(node.op) && !node.closed)) {
        partial.add(expr);
        return false;
      }
      seen.add(node);
      stack.push(...node.args);
    }
    for (const node of seen) total.add(node);
    return true;
  };
}
