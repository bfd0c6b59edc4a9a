/** How long the workspace of each function is; `lengthOf` gives it as text in the names of sizes. */
import type { FunctionText } from "../../module.js";
import type { GraphPlan } from "../../target.js";
import type { GraphFunction } from "../../../ir/kernel.js";
import { Signature, isSingle } from "./signatures.js";

export function workspaceLengthFunction(
  plan: GraphPlan,
  taken: Iterable<string>,
  lengthOf: (of: GraphFunction, sizes: string) => string,
): FunctionText {
  const signature = new Signature(plan, plan.functions[0]!, isSingle(plan), taken, false);
  const sizes = signature.sizeNames.join(", ");
  const which = signature.scope.claim("of", "functionName");
  return {
    name: "workspaceLength",
    exported: true,
    parameters: [
      { name: which, type: plan.functions.map(({ name }) => JSON.stringify(name)).join(" | ") },
      { ...signature.sizesParameter(), optional: false },
    ],
    returns: "number",
    documentation: "How many elements the `workspace` of a function must have at least, for these sizes.",
    body: [
      `checkSizes(${sizes});`,
      ...plan.functions.map((of) => `if (${which} === ${JSON.stringify(of.name)}) return ${lengthOf(of, sizes)};`),
      `throw new RangeError(\`there is no function called \${${which}}\`);`,
    ],
  };
}
