/**
 * Products that are added to something as one operation, where a machine has it. The product of an error-free transformation
 * has a name, as it is needed twice: it stays rounded as it is.
 */
import {
  apply,
  withBodies,
  withOperands,
  withValues,
  type LoopFunction,
  type Statement,
  type Value,
} from "../../ir/loops/loops.js";
import { lanesOf } from "../../ir/loops/types.js";

/** The function with a·b + c and c - a·b on vectors in one operation each. */
export const withMultiplyAdd = (loop: LoopFunction): LoopFunction => ({ ...loop, body: loop.body.map(inStatement) });

const inStatement = (statement: Statement): Statement =>
  withBodies(withValues(statement, inValue), (body) => body.map(inStatement));

function inValue(value: Value): Value {
  const within = withOperands(value, inValue);
  if (within.kind !== "apply" || lanesOf(within.type) === 1) return within;
  const [a, b] = within.args;
  if (within.op === "add" && isProduct(a!)) return apply("multiplyAdd", ...a.args, b!);
  if ((within.op === "add" || within.op === "sub") && isProduct(b!))
    return apply(within.op === "add" ? "multiplyAdd" : "subtractProduct", ...b.args, a!);
  return within;
}

const isProduct = (value: Value): value is Extract<Value, { kind: "apply" }> =>
  value.kind === "apply" && value.op === "mul";
