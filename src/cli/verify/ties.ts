/** Ties of `max` and `min`: where two operands that have the input are equal, nothing but their order says whose slope counts. */
import { max, min } from "../../ir/build.js";
import { rebuild, topological } from "../../ir/expr.js";
import type { Goal } from "../../symbolic/prove/verdict.js";
import type { Reading } from "./claim.js";

/** The same goal with the operands the other way around; one without the input wins in whatever place. */
export function withOtherOperands(goal: Goal): Goal | undefined {
  const { formula } = goal;
  if (!topological([formula]).some(({ op }) => op === "max" || op === "min")) return undefined;
  const turned = rebuild([formula], (expr) => {
    const [a, b] = expr.args;
    return expr.op === "max" ? max(b!, a!) : expr.op === "min" ? min(b!, a!) : expr;
  });
  return { ...goal, formula: turned.get(formula)! };
}

/** In JSON. */
export const OTHER_SLOPE = "other slope";
const SLOPE = "with the slope of the other operand where two are equal";

/** The claim with the other of two slopes, either of which is one of the function. */
export function withOtherSlope({ holds, fails, goal, label }: Reading): Reading | undefined {
  const turned = withOtherOperands(goal);
  return (
    turned && {
      holds: `${holds}, ${SLOPE}`,
      fails: `${fails}, ${SLOPE}`,
      goal: turned,
      label: { ...label, ties: OTHER_SLOPE },
    }
  );
}

export const atDefaults = (isTied: boolean): string => (isTied ? `it is right, ${SLOPE}` : "it is right");
