/** Lifts conditions out of arithmetic: x·min(max(x+3, 0), 6)/6 becomes one case distinction with simple branches. */
import { select } from "../ir/build.js";
import { rebuild, substitute, topological, type Expr } from "../ir/expr.js";
import { interval, type Interval } from "../ir/interval.js";
import { OPERATIONS, isCondition } from "../ir/ops.js";
import { rationalToNumber, type Rational } from "../ir/rational.js";
import { createFacts } from "./facts.js";
import { normalForms } from "./simplify.js";

/** Case distinctions nest no deeper than this. */
const DEPTH = 5;

/** Is it a case distinction, or short for one? */
export const isPiecewise = (expr: Expr): boolean => ["select", "min", "max", "abs", "sign"].includes(expr.op);

/** min, max, abs and sign written as the conditions that they are. */
const asSelects = (expr: Expr): Expr =>
  rebuild([expr], (rebuilt) =>
    isPiecewise(rebuilt) && rebuilt.op !== "select" ? OPERATIONS[rebuilt.op].lowering!(...rebuilt.args) : rebuilt,
  ).get(expr)!;

/** Intervals that follow from a condition or its negation: of itself, and of an operand compared with a number. */
function bounds(condition: Expr, holds: boolean): [Expr, Interval][] {
  const known: [Expr, Interval][] = [[condition, interval(holds ? 1 : 0, holds ? 1 : 0)]];
  const [a, b] = condition.args;
  if (condition.op !== "lt" && condition.op !== "le") return known;
  const value = (expr: Expr): number => rationalToNumber(expr.payload as Rational);
  // a < b: b is above a's value when it holds, at or below it when it does not.
  if (a!.op === "rational") known.push([b!, holds ? interval(value(a!), Infinity) : interval(-Infinity, value(a!))]);
  if (b!.op === "rational") known.push([a!, holds ? interval(-Infinity, value(b!)) : interval(value(b!), Infinity)]);
  return known;
}

type Known = ReadonlyMap<Expr, Interval>;
/** Normal forms inside of branches, by what is known in them. */
type Branches = (known: Known) => (expr: Expr) => Expr;

export function branchForms(): Branches {
  const forms = new Map<string, (expr: Expr) => Expr>();
  return (known) => {
    const key = [...known].map(([{ id }, { low, high }]) => `${id} ${low} ${high}`).join();
    const found = forms.get(key) ?? normalForms({ facts: createFacts(known) });
    forms.set(key, found);
    return found;
  };
}

function lift(expr: Expr, known: Known, depth: number, branches: Branches): Expr | undefined {
  const simple = branches(known)(expr);
  const first = topological([simple]).find((node) => node.op === "select");
  if (first === undefined) return simple;
  if (depth === 0) return undefined;
  const [condition, a, b] = first.args as [Expr, Expr, Expr];
  const branch = (holds: boolean, chosen: Expr): Expr | undefined => {
    const extended = new Map(known);
    for (const [subject, fact] of bounds(condition, holds)) extended.set(subject, meet(extended.get(subject), fact));
    return lift(substitute(simple, new Map([[first, chosen]])), extended, depth - 1, branches);
  };
  const [left, right] = [branch(true, a), branch(false, b)];
  if (left === undefined || right === undefined) return undefined;
  return left === right ? left : select(condition, left, right);
}

const meet = (a: Interval | undefined, b: Interval): Interval =>
  a === undefined ? b : interval(Math.max(a.low, b.low), Math.min(a.high, b.high));

/** The expression with every condition at the top, or undefined when there is none to lift or too many. */
export function liftPieces(expr: Expr, branches: Branches = branchForms()): Expr | undefined {
  const order = topological([expr]);
  if (order.length > 400 || !order.some((node) => isPiecewise(node) && !isCondition(node))) return undefined;
  const lifted = lift(asSelects(expr), new Map(), DEPTH, branches);
  return lifted === expr ? undefined : lifted;
}
