/**
 * Arguments in double. What exp makes of an argument is as wrong, in relative terms, as the argument is in absolute ones:
 * the rounding of a large argument costs many units, and nothing behind it can mend that. Where a tensor of float32 can be
 * computed with in float64 for a few steps, arguments are, and the result is rounded once.
 */
import { double, single } from "../ir/build.js";
import { rebuild, topological, withArgs, type Expr } from "../ir/expr.js";
import { isCondition, type OperationName } from "../ir/ops.js";

/** Functions that make more of the error of their argument than there was. */
const MAGNIFYING = new Set<OperationName>(["exp", "expm1", "sigmoid", "tanh", "sinh", "cosh", "sin", "cos", "erfc"]);
/** What an argument is computed with. Everything else is where float64 begins. */
const STEPS = new Set<OperationName>(["add", "sub", "mul", "div", "neg"]);

/** The expression with the arguments of such functions in float64, where they are rounded at all. */
export function widened(expr: Expr): Expr {
  const wide = new Map<Expr, Expr>();
  for (const node of topological([expr]))
    if (MAGNIFYING.has(node.op) && !node.closed && isRounded(node.args[0]!))
      wide.set(node.args[0]!, inDouble(node.args[0]!));
  return rebuild([expr], (node, original) => {
    // What is compared is what the function is taken of.
    if (isCondition(node))
      return withArgs(
        node,
        node.args.map((arg, i) => wide.get(original.args[i]!) ?? arg),
      );
    const argument = MAGNIFYING.has(node.op) ? wide.get(original.args[0]!) : undefined;
    return argument === undefined ? node : single(withArgs(node, [argument]));
  }).get(expr)!;
}

/** Signs and powers of two round nothing, and a difference from what was rounded on purpose is small. */
const isRounded = (argument: Expr): boolean => {
  const nodes = topological([argument]);
  return (
    nodes.some(({ op }) => op === "mul" || op === "div") && !nodes.some(({ op }) => op === "round" || op === "select")
  );
};

function inDouble(argument: Expr): Expr {
  const isStep = new Set<Expr>([argument]);
  for (const node of topological([argument]).reverse())
    if (isStep.has(node) && STEPS.has(node.op)) node.args.forEach((arg) => isStep.add(arg));
  const found = new Map<Expr, Expr>();
  for (const node of topological([argument])) {
    if (!isStep.has(node)) continue;
    const isOwn = node.closed || node.args.length === 0 || !STEPS.has(node.op);
    found.set(
      node,
      !isOwn
        ? withArgs(
            node,
            node.args.map((arg) => found.get(arg)!),
          )
        : isNumber(node)
          ? node
          : double(node),
    );
  }
  return found.get(argument)!;
}

/** Constants and parameters are numbers, which have the format of what they are combined with. */
const isNumber = (node: Expr): boolean =>
  topological([node]).every(
    ({ op, payload }) => op !== "variable" || (payload as { role: string }).role === "parameter",
  );
