/** When a number has to be drawn: dropout with the rate 0 needs none, and a draw costs as much as a few exponentials. */
import { constant } from "../../ir/build.js";
import { substitute, topological, variables, type Expr } from "../../ir/expr.js";

export interface DrawCondition {
  /** Of parameters alone. */
  readonly condition: Expr;
  /** The value of the condition for which the draw is needed. */
  readonly when: boolean;
}

/** The condition under which values need a draw; undefined where they always may. */
export function drawCondition(
  draw: Expr,
  values: readonly Expr[],
  isParameter: (variable: Expr) => boolean,
): DrawCondition | undefined {
  const mentions = (expr: Expr): boolean => variables(expr).includes(draw);
  const choices = topological(values).flatMap((expr) => {
    const [condition, then, otherwise] = expr.args;
    if (expr.op !== "select" || !variables(condition!).every(isParameter)) return [];
    const [inThen, inOtherwise] = [mentions(then!), mentions(otherwise!)];
    return inThen === inOtherwise ? [] : [{ expr, condition: condition!, when: inThen }];
  });
  for (const { condition, when } of choices) {
    const alike = choices.filter((one) => one.condition === condition && one.when === when);
    const without = new Map(alike.map(({ expr }) => [expr, constant(0)]));
    if (!values.some((value) => mentions(substitute(value, without)))) return { condition, when };
  }
  return undefined;
}
