/** `forward` and `backward` as callers see them: signatures, documentation and checks, without the loops. */
import { accuracyText, meaningsOf, proofText } from "../documentation.js";
import type { FunctionText, ParameterText } from "../module.js";
import type { ActivationPlan } from "../target.js";
import { checks, parameterObject } from "./parameters.js";

/** The polynomials and tables that stand for exp and the like are measured; what they are put into is proved. */
const taken = (meaning: string): string => `${meaning} (its exponentials and the like taken as exact)`;

const array = (name: string, initial?: string): ParameterText => ({
  name,
  type: "Float32Array",
  ...(initial !== undefined && { initial }),
});

const sameLength = (name: string, other: string): string =>
  `if (${name}.length !== ${other}.length) throw new RangeError(\`${name} has \${${name}.length} elements, ${other} \${${other}.length}\`);`;

/** The name of the tensor that backward reads beside the gradient. */
export const savedName = ({ saves }: ActivationPlan): "x" | "y" => (saves === "input" ? "x" : "y");

/** The names of learnable parameters, whose gradients backward adds up. */
export const learnableNames = ({ parameterDerivatives }: ActivationPlan): string[] => Object.keys(parameterDerivatives);

/** The lines of a function: some before lengths are compared, and those that compute. */
export interface LoopLines {
  readonly first?: readonly string[];
  readonly loop: readonly string[];
}

export const forwardText = (
  { definition, proofs, accuracy }: ActivationPlan,
  { first = [], loop }: LoopLines,
): FunctionText => ({
  name: "forward",
  exported: true,
  parameters: [array("x"), array("y", "new Float32Array(x.length)"), ...parameterObject(definition.parameters)],
  returns: "Float32Array",
  documentation: [
    "y[i] = f(x[i]). `y` may be `x`.",
    proofText(proofs["forward"]!, taken("the definition")),
    accuracyText(accuracy.forward, "float32"),
  ].join("\n\n"),
  body: [...checks(definition.parameters), ...first, sameLength("y", "x"), ...loop, "return y;"],
});

export function backwardText(plan: ActivationPlan, { first = [], loop }: LoopLines): FunctionText {
  const { parameters } = plan.definition;
  const [learnable, saved] = [learnableNames(plan), savedName(plan)];
  const formula = plan.saves === "input" ? "f'(x[i])" : "f'(x[i]), recovered from y[i]";
  return {
    name: "backward",
    exported: true,
    parameters: [
      array("dy"),
      array(saved),
      array("dx", "new Float32Array(dy.length)"),
      ...parameterObject(parameters),
      ...(learnable.length === 0
        ? []
        : [
            {
              name: "gradients",
              type: `{ ${learnable.map((name) => `${name}: number`).join("; ")} }`,
              initial: `{ ${learnable.map((name) => `${name}: 0`).join(", ")} }`,
            },
          ]),
    ],
    returns: "Float32Array",
    documentation:
      `dx[i] = dy[i] * ${formula}. \`dx\` may be \`dy\`.` +
      (learnable.length === 0
        ? ""
        : `\nAdds the sum of dy[i] * df/dp to \`gradients\` for each learnable parameter p.`) +
      `\n\n${proofText(plan.proofs["backward"]!, taken(plan.definition.gradient === undefined ? "the derivative" : meaningsOf(plan.definition).derivative))}` +
      learnable.map((name) => `\n${proofText(plan.proofs[`by ${name}`]!, `df/d${name}`)}`).join("") +
      `\n\n${accuracyText(plan.accuracy.backward, "float32")}`,
    body: [...checks(parameters), ...first, sameLength(saved, "dy"), sameLength("dx", "dy"), ...loop, "return dx;"],
  };
}
