/** The merging of two branches into a choice between their values. */
import { and, constant, eq, not, or, select } from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import type { OperationName } from "../../ir/ops.js";
import { choose as chooseNumber } from "../partial.js";
import { asNumber, isTruth, type Truth, type Value } from "./values.js";

/** The merged value where only one of two branches has one. */
const PARTLY: Value = {
  kind: "refused",
  reason: { message: "this has a value on some paths only", hint: "give it a number on every path" },
};

const PARTIAL_KINDS: ReadonlySet<Value["kind"]> = new Set(["nothing", "null", "refused", "foreign"] as const);

/** `condition ? yes : no`; undefined where the two are of kinds that have nothing in common. */
type Choose = (condition: Truth, yes: Value, no: Value) => Value | undefined;

export function createChoice(): Choose {
  const isTotal = totality();

  const logic = (c: Expr, p: Expr | boolean, q: Expr | boolean): Expr => {
    // "and" wants both sides, but JavaScript never looks at log(x) where x > 0 failed.
    if (![p, q].every((side) => typeof side === "boolean" || isTotal(side)))
      return not(eq(select(c, asZeroOrOne(p), asZeroOrOne(q)), 0));
    if (p === true) return q === false ? c : or(c, q as Expr);
    if (q === false) return p === false ? c : and(c, p);
    if (p === false) return q === true ? not(c) : and(not(c), q);
    return q === true ? or(not(c), p) : or(and(c, p), and(not(c), q));
  };

  return (condition, yes, no) => {
    if (condition.kind === "truth") return condition.value ? yes : no;
    if (yes === no) return yes;
    if ([yes, no].some(({ kind }) => PARTIAL_KINDS.has(kind)))
      return yes.kind === no.kind && yes.kind !== "refused" ? yes : PARTLY;
    if (isTruth(yes) && isTruth(no)) {
      const [p, q] = [sideOf(yes), sideOf(no)];
      if (p === q) return yes;
      return { kind: "condition", expr: logic(condition.expr, p, q) };
    }
    const [a, b] = [asNumber(yes), asNumber(no)];
    if (a === undefined || b === undefined) return undefined;
    const isMixed = [yes, no].some((side) => isTruth(side) || (side.kind === "number" && side.isMixed === true));
    return { kind: "number", expr: a === b ? a : chooseNumber(condition.expr, a, b), isMixed };
  };
}

const sideOf = (truth: Truth): Expr | boolean => (truth.kind === "truth" ? truth.value : truth.expr);
const asZeroOrOne = (side: Expr | boolean): Expr =>
  typeof side === "boolean" ? constant(side ? 1 : 0) : select(side, 1, 0);

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
