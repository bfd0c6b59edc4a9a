/** A goal made ready: the output written as the formula, both sides in one DAG. */
import { constant, div, dy, mul, neg, x, y } from "../../ir/build.js";
import { substitute, variableOf, variables, type Expr } from "../../ir/expr.js";
import { derivative } from "../derivative.js";
import type { Goal } from "./verdict.js";

export interface Task {
  readonly formula: Expr;
  readonly claim: Expr;
  readonly order: number;
  readonly input: Expr;
  /** The formula differentiated as it stands, through its own comparisons, times the gradient from above. */
  readonly expected: Expr;
  /** The derivative of some order of an expression without conditions. */
  readonly differentiate: (expr: Expr, order: number) => Expr;
  readonly withGradient: (expr: Expr) => Expr;
}

export function makeTask(goal: Goal, equalities: readonly (readonly [Expr, Expr])[] = []): Task {
  const { order } = goal;
  const input = variables(goal.formula, goal.claim).find((variable) => variableOf(variable).role === "input") ?? x;
  const variable = goal.variable ?? input;
  const scaled = variables(goal.claim).includes(dy);
  const replaced = (expr: Expr): Expr =>
    equalities.reduce((result, [from, to]) => substitute(result, new Map([[from, to]])), expr);
  const differentiate = (expr: Expr, times: number): Expr => {
    let result = expr;
    for (let i = 0; i < times; i++) result = derivative(result, variable);
    return result;
  };
  const withGradient = (expr: Expr): Expr => (scaled ? mul(dy, expr) : expr);
  return {
    formula: replaced(goal.formula),
    claim: replaced(substitute(goal.claim, new Map([[y, goal.formula]]))),
    order,
    input,
    expected: replaced(withGradient(differentiate(goal.formula, order))),
    differentiate,
    withGradient,
  };
}

/** What a parameter must be for an expression that is linear in it to vanish. */
export function solveFor(
  subject: Expr,
): readonly [parameter: Expr, value: (simplify: (expr: Expr) => Expr) => Expr] | undefined {
  for (const parameter of variables(subject)) {
    const slope = derivative(subject, parameter);
    if (variables(slope).includes(parameter)) continue;
    const rest = substitute(subject, new Map([[parameter, constant(0)]]));
    if (variables(slope).length > 0) continue;
    return [parameter, (simplify) => simplify(neg(div(rest, slope)))];
  }
  return undefined;
}
