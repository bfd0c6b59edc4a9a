/** Interval facts of expressions, each node judged once; what guards ask. */
import { topological, variableOf, type Expr } from "../ir/expr.js";
import { interval, squareInterval, UNKNOWN, widened, type Interval } from "../ir/interval.js";
import { OPERATIONS } from "../ir/ops.js";
import { isRepresentable, rationalToNumber, type Rational } from "../ir/rational.js";

export type Facts = (expr: Expr) => Interval;

/** Facts in general, or where some expressions are known to lie in narrower intervals (inside a branch). */
export const createFacts = (known?: ReadonlyMap<Expr, Interval>): Facts =>
  known === undefined || known.size === 0 ? general : factsFrom(known);

function factsFrom(known: ReadonlyMap<Expr, Interval>): Facts {
  const facts = new Map<Expr, Interval>(known);
  const judge = (expr: Expr): Interval => {
    switch (expr.op) {
      case "rational":
        return rationalInterval(expr.payload as Rational);
      case "float":
        return UNKNOWN;
      case "variable":
        return interval(...variableOf(expr).range);
      case "mul":
        if (expr.args[0] === expr.args[1]) return squareInterval(facts.get(expr.args[0]!)!);
    }
    return OPERATIONS[expr.op].interval(...expr.args.map((arg) => facts.get(arg)!));
  };
  return (expr) => {
    const fact = facts.get(expr);
    if (fact !== undefined) return fact;
    // Facts are asked bottom-up, so in practice only the top nodes are missing.
    if (expr.args.every((arg) => facts.has(arg))) facts.set(expr, judge(expr));
    else for (const node of topological([expr], facts)) facts.set(node, judge(node));
    return facts.get(expr)!;
  };
}

/** Facts in general, which expressions keep beside themselves in the interner. */
const general = factsFrom(new Map());

/** The number itself where a float64 holds it, else what its rounding may be. */
function rationalInterval(exact: Rational): Interval {
  const value = rationalToNumber(exact);
  if (isRepresentable(exact)) return interval(value, value, true, value !== 0);
  // A number that rounds to 0 is not 0 itself.
  const least = exact.numerator < 0n ? -Number.MIN_VALUE : Number.MIN_VALUE;
  return value === 0 ? interval(Math.min(0, least), Math.max(0, least), true, true) : widened(value, value, true, true);
}
