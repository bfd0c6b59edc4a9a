/** `value`, `derivative` and `second_derivative` of an activation as functions of tensors, for any framework. */
import { SURROGATE, meaningsOf, proofText, wrongText } from "../documentation.js";
import type { ActivationPlan } from "../target.js";
import { topological, type Expr } from "../../ir/expr.js";
import type { OperationName } from "../../ir/ops.js";
import { heldBranches } from "./branches.js";
import { withMasks } from "./masks.js";
import { helperFunctions } from "./helpers.js";
import { signature, type PythonNames } from "./parameters.js";
import { roundedBy, tensorLines, type Dialect } from "./tensors.js";
import { documentation } from "./text.js";

export interface TensorFunctions {
  readonly plan: ActivationPlan;
  readonly names: PythonNames;
  readonly dialect: Dialect;
  readonly expand: (expr: Expr) => Expr;
  /** The type of tensors in signatures; without one, signatures have no types. */
  readonly tensorType: string | undefined;
  /** A call of the framework that is the function, with its gradients: it stands for the formula. */
  readonly exact?: string | undefined;
}

/**
 * The names of the functions that backward multiplies by: the derivative in the input or in the output, and that one's
 * own derivative.
 */
export const backwardNames = ({
  saves,
}: ActivationPlan): { readonly kept: "x" | "y"; slope: string; curvature: string } =>
  saves === "output"
    ? { kept: "y", slope: "_derivative_from_output", curvature: "_second_derivative_from_output" }
    : { kept: "x", slope: "derivative", curvature: "second_derivative" };

/** The texts of the functions that everything else calls. */
export function tensorFunctions(of: TensorFunctions): string[] {
  const { plan, names } = of;
  const { functions, loops, texts, proofs, accuracy } = plan;
  const meanings = meaningsOf(plan.definition);
  const about = (notation: string, name: keyof typeof functions): string[] => [
    `${notation} = ${texts[name]}`,
    proofText(proofs[name]!, meanings[name]),
    // The search measures a model of float32 tensors: how accurate a framework is depends on its functions.
    wrongText(accuracy[name], "float32"),
  ];
  const rows: [name: string, of: string, expr: Expr, documentation: readonly string[]][] = [
    ["value", "x", functions.value, of.exact === undefined ? about("f(x)", "value") : [`f(x) = ${texts.value}`]],
    ["derivative", "x", functions.derivative, about("f'(x)", "derivative")],
    ["second_derivative", "x", functions.secondDerivative, about("f''(x)", "secondDerivative")],
  ];
  const { kept, slope, curvature } = backwardNames(plan);
  if (of.exact === undefined && kept === "y") {
    const proof = proofText(proofs["backward"]!, "the derivative");
    rows.push([slope, "y", loops.backward, ["f'(x) in terms of the output y = f(x).", proof]]);
    rows.push([curvature, "y", plan.backwardDerivative, ["How f'(x) changes with the output y = f(x)."]]);
  }
  for (const { name, parameter } of names.parameters)
    if (of.exact === undefined && parameter.learnable)
      rows.push([
        `_by_${name}`,
        "x",
        plan.parameterDerivatives[parameter.name]!,
        [`The derivative of f(x) by ${name}.`, proofText(proofs[`by ${parameter.name}`]!, `df/d${parameter.name}`)],
      ]);
  const nodes = topological(rows.map(([, , expr]) => expr));
  const used = new Set(nodes.map(({ op }) => op));
  const rounding = new Set(nodes.flatMap((node) => roundedBy(node, of.dialect)?.text ?? []));
  return [
    ...rows.map(([name, input, expr, text]) =>
      tensorFunction(of, name, input, text, name === "value" && of.exact !== undefined ? of.exact : expr),
    ),
    ...helperFunctions(used, of.expand, of.dialect, of.tensorType),
    ...rounding,
    ...Object.entries(of.dialect.helpers ?? {}).flatMap(([op, text]) => (used.has(op as OperationName) ? [text] : [])),
  ];
}

function tensorFunction(
  { plan, names, dialect, tensorType, exact }: TensorFunctions,
  name: string,
  of: string,
  paragraphs: readonly string[],
  body: Expr | string,
): string {
  const tensors = new Set([of, ...names.parameters.filter((p) => p.parameter.learnable).map((p) => p.parameter.name)]);
  // Nothing calls the formulas of what the framework does itself; gradients told from the output are those of the input, bit for bit.
  const isMasked = dialect.step !== undefined && exact === undefined && tensors.size === 1 && plan.saves !== "output";
  const { lines, result } =
    typeof body === "string"
      ? { lines: [], result: body }
      : tensorLines(isMasked ? withMasks(heldBranches(body, tensors)) : heldBranches(body, tensors), {
          dialect,
          names: names.lines(),
          tensors,
          like: of,
        });
  return [
    ...(plan.definition.gradient === undefined || name === "value" ? [] : [`# ${SURROGATE}`]),
    `def ${name}(${signature(of, names.parameters, tensorType)})${tensorType === undefined ? "" : ` -> ${tensorType}`}:`,
    documentation(paragraphs, 4),
    ...lines.map((line) => `    ${line}`),
    `    return ${result}`,
  ].join("\n");
}
