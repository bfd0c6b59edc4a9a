/**
 * A claim about a function of several results, one result at a time: where it is linear in the gradients from above it is
 * right exactly if it is with each of them as 1 and the others as 0.
 */
import { constant } from "../ir/build.js";
import { rebuild, substitute, variables, type Expr } from "../ir/expr.js";
import { derivative } from "./derivative.js";
import type { Goal } from "./prove/verdict.js";
import { normalForm } from "./simplify.js";

const [ZERO, ONE] = [constant(0), constant(1)];

/** The goals for each result; undefined for a claim that is not seen to be linear in the gradients. */
export function goalsByResult(goal: Goal, gradients: readonly Expr[]): readonly Goal[] | undefined {
  const alone = (one?: Expr) => new Map(gradients.map((each) => [each, constant(each === one ? 1 : 0)]));
  const isFree = (expr: Expr): boolean => !variables(normalForm(expr)).some((each) => gradients.includes(each));
  const isLinear =
    normalForm(substitute(goal.claim, alone())) === ZERO &&
    gradients.every((each) => isFree(derivative(goal.claim, each)));
  return isLinear
    ? gradients.map((one) => ({
        ...goal,
        formula: withoutZeros(substitute(goal.formula, alone(one))),
        claim: withoutZeros(substitute(goal.claim, alone(one))),
      }))
    : undefined;
}

/** Without terms that are multiplied by 0, and so without their conditions: where one has no value the whole has none. */
const withoutZeros = (expr: Expr): Expr =>
  rebuild([expr], (node) => {
    const [a, b, c] = node.args;
    if (node.op === "mul") {
      if (a === ZERO || b === ZERO) return ZERO;
      return a === ONE ? b! : b === ONE ? a! : node;
    }
    if (node.op === "add") return a === ZERO ? b! : b === ZERO ? a! : node;
    return node.op === "select" && b === ZERO && c === ZERO ? ZERO : node;
  }).get(expr)!;
