/** Symbolic differentiation: one pass over the DAG, arguments before users, so its cost is linear in the nodes. */
import { add, constant, mul, neg } from "../ir/build.js";
import { node, topological, type Expr } from "../ir/expr.js";
import { OPERATIONS, isCondition } from "../ir/ops.js";
import { createFacts, type Facts } from "./facts.js";

const ONE = constant(1);
const MINUS_ONE = constant(-1);
const ZERO = constant(0);

/** a·b without the factors 1 and -1. Where b is 0 by a comparison, an a without a value does not count. */
function product(a: Expr, b: Expr, facts: Facts): Expr {
  if (b.op === "select" && b.args.includes(ZERO) && !facts(a).defined) {
    const [condition, yes, no] = b.args as [Expr, Expr, Expr];
    const times = (factor: Expr): Expr => (factor === ZERO ? ZERO : product(a, factor, facts));
    return node("select", condition, times(yes), times(no));
  }
  if (a === ONE) return b;
  if (b === ONE) return a;
  if (a === MINUS_ONE) return neg(b);
  if (b === MINUS_ONE) return neg(a);
  return mul(a, b);
}

/** d expr / d variable; 0 where the expression does not depend on it. */
export function derivative(expr: Expr, variable: Expr): Expr {
  const facts = createFacts();
  const partials = new Map<Expr, Expr>([[variable, ONE]]);
  for (const current of topological([expr])) {
    if (current === variable || isCondition(current)) continue;
    if (!current.args.some((arg) => partials.has(arg))) continue;
    if (current.op === "select") {
      // The comparison that the author wrote decides at the kink; only the branches change.
      const [condition, a, b] = current.args as [Expr, Expr, Expr];
      const [da, db] = [partials.get(a), partials.get(b)];
      if (da !== undefined || db !== undefined)
        partials.set(current, node("select", condition, da ?? constant(0), db ?? constant(0)));
      continue;
    }
    const rule = OPERATIONS[current.op].derivative;
    if (rule === undefined) throw new RangeError(`the operation ${current.op} has no derivative`);
    const locals = rule(current, ...current.args);
    let sum: Expr | undefined;
    current.args.forEach((arg, i) => {
      const [outer, inner] = [locals[i] ?? undefined, partials.get(arg)];
      if (outer === undefined || inner === undefined) return;
      const term = product(outer, inner, facts);
      sum = sum === undefined ? term : add(sum, term);
    });
    if (sum !== undefined) partials.set(current, sum);
  }
  return partials.get(expr) ?? constant(0);
}
