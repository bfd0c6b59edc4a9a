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
import type { Type } from "../../ir/loops/types.js";

/** The function with a·b + c and c - a·b in one operation each, of the types for which a machine has it. */
export function withMultiplyAdd(loop: LoopFunction, has: (type: Type) => boolean): LoopFunction {
  const inValue = (value: Value): Value => {
    const within = withOperands(value, inValue);
    if (within.kind !== "apply" || !has(within.type)) return within;
    const [a, b] = within.args;
    if (within.op === "add" && isProduct(a!)) return apply("multiplyAdd", ...a.args, b!);
    if ((within.op === "add" || within.op === "sub") && isProduct(b!))
      return apply(within.op === "add" ? "multiplyAdd" : "subtractProduct", ...b.args, a!);
    return within;
  };
  const inStatement = (statement: Statement): Statement =>
    statement.kind === "run"
      ? { ...statement, of: withMultiplyAdd(statement.of, has) }
      : withBodies(withValues(statement, inValue), (body) => body.map(inStatement));
  return { ...loop, body: loop.body.map(inStatement) };
}

const isProduct = (value: Value): value is Extract<Value, { kind: "apply" }> =>
  value.kind === "apply" && value.op === "mul";
