/** A goal made ready: the output written as the formula, both sides in one DAG. */
import { dy, mul, x, y } from "../../ir/build.js";
import { substitute, variableOf, variables, type Expr } from "../../ir/expr.js";
import { derivative } from "../derivative.js";
import type { Goal } from "./verdict.js";

export interface Task {
  readonly formula: Expr;
  readonly claim: Expr;
  readonly order: number;
  readonly input: Expr;
  /** By what the formula is differentiated. */
  readonly variable: Expr;
  readonly parameters: readonly Expr[];
  /** The formula differentiated as it stands, through its own comparisons, times the gradient from above. */
  readonly expected: Expr;
  /** The expression differentiated a number of times through its comparisons; what was differentiated before is remembered. */
  readonly differentiate: (expr: Expr, order: number) => Expr;
  /** The gradient from above, where the claim has it. */
  readonly gradient: Expr | undefined;
  readonly withGradient: (expr: Expr) => Expr;
}

export function makeTask(goal: Goal): Task {
  const { order } = goal;
  const input = variables(goal.formula, goal.claim).find((variable) => variableOf(variable).role === "input") ?? x;
  const variable = goal.variable ?? input;
  const gradient = variables(goal.claim).find((variable) => variable === dy);
  const derivatives = new Map<Expr, Expr>();
  const differentiate = (expr: Expr, times: number): Expr => {
    let result = expr;
    for (let i = 0; i < times; i++) {
      let next = derivatives.get(result);
      if (next === undefined) derivatives.set(result, (next = derivative(result, variable)));
      result = next;
    }
    return result;
  };
  const withGradient = (expr: Expr): Expr => (gradient === undefined ? expr : mul(gradient, expr));
  const { formula } = goal;
  const claim = substitute(goal.claim, new Map([[y, goal.formula]]));
  return {
    formula,
    claim,
    order,
    input,
    variable,
    parameters: variables(formula, claim).filter((other) => other !== input),
    expected: withGradient(differentiate(goal.formula, order)),
    differentiate,
    gradient,
    withGradient,
  };
}
