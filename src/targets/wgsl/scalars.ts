/** The functions of one number that a module of an activation has: the function, its derivatives, and what kernels call. */
import { accuracyText, meaningsOf, proofText } from "../../codegen/documentation.js";
import { withNames } from "../../codegen/read-back.js";
import type { ActivationPlan, Computations, FunctionName } from "../../codegen/target.js";
import { topological, variableOf, type Expr } from "../../ir/expr.js";
import { formulaText } from "../../ir/print.js";
import type { Call } from "./elementwise.js";
import { computesInHalf } from "./half.js";
import { functionNames, memberName, shaderName } from "./names.js";
import { functionBody, type FloatType } from "./spelling.js";
import { comment, oneLine } from "./text.js";

export interface FunctionText {
  readonly name: string;
  readonly expr: Expr;
  readonly input: string;
  /** The parameters that it takes after the input, as the definition calls them. */
  readonly parameters: readonly string[];
  readonly lines: readonly string[];
}

/** `fn name(x: f32, ...) -> f32` with its documentation. */
function scalarFunction(
  name: string,
  expr: Expr,
  documentation: string,
  order: readonly string[],
  type: FloatType = "f32",
): FunctionText {
  const used = new Set(topological([expr]).flatMap((node) => (node.op === "variable" ? [variableOf(node).name] : [])));
  const input = used.has("y") ? "y" : "x";
  const parameters = order.filter((parameter) => used.has(parameter));
  const names = functionNames(parameters);
  const body = functionBody(expr, names, type);
  const signature = [input, ...parameters.map(shaderName)].map((parameter) => `${parameter}: ${type}`).join(", ");
  return {
    name,
    expr,
    input,
    parameters,
    lines: [...comment(documentation), `fn ${name}(${signature}) -> ${type} {`, ...body, "}"],
  };
}

/** How a function is called in an entry point. */
export const callOf =
  ({ name, parameters }: FunctionText) =>
  (input: string): string =>
    `${name}(${[input, ...parameters.map((parameter) => `sizes.${memberName(parameter)}`)].join(", ")})`;

interface Called {
  readonly own: readonly FunctionText[];
  readonly call: Call;
}

/** The call of a function on stored elements where that is as good in float16, in f32 elsewhere. */
function calling(single: FunctionText, expr: Expr, rounds: number): Called {
  if (single.input !== "x" || !computesInHalf(expr, rounds))
    return { own: [], call: { of: callOf(single), on: "f32" } };
  const documentation = `The same in what buffers hold. In float16, too, nothing overflows${rounds === 0 ? " or is rounded" : ", and at most one operation rounds"}.`;
  const half = scalarFunction(`${single.name}_stored`, expr, documentation, [], "Stored");
  return { own: [half], call: { of: callOf(half), on: "Stored" } };
}

interface Scalars {
  readonly value: FunctionText;
  readonly slope: FunctionText;
  readonly second: FunctionText;
  /** The derivative in the output, where that is kept. */
  readonly inOutput: FunctionText | undefined;
  readonly learned: readonly { readonly parameter: string; readonly text: FunctionText }[];
  readonly forward: Called;
  readonly back: Called;
}

export function scalarsOf(plan: ActivationPlan): Scalars {
  const { definition, texts, accuracy, proofs, saves } = plan;
  const named = (suffix: string): string => shaderName(`${definition.id}${suffix}`);
  const order = definition.parameters.map(({ name }) => name);
  const meanings = meaningsOf(definition);
  const documented = (notation: string, text: string, name: FunctionName): string =>
    [
      `${notation} = ${oneLine(text)}`,
      proofText(proofs[name]!, meanings[name]),
      accuracyText(accuracy[name], "float32", true),
    ].join("\n");
  const value = scalarFunction(named(""), plan.functions.value, documented("f(x)", texts.value, "value"), order);
  const slope = scalarFunction(
    named("_derivative"),
    plan.functions.derivative,
    documented("f'(x)", texts.derivative, "derivative"),
    order,
  );
  const second = scalarFunction(
    named("_second_derivative"),
    plan.functions.secondDerivative,
    documented("f''(x)", texts.secondDerivative, "secondDerivative"),
    order,
  );
  const inOutput =
    saves === "output"
      ? scalarFunction(
          named("_derivative_of_output"),
          plan.loops.backward,
          `f'(x) where y = f(x). ${proofText(proofs["backward"]!, "the derivative")}\n${accuracyText(accuracy.backward, "float32", true)}`,
          order,
        )
      : undefined;
  const learned = Object.entries(plan.parameterDerivatives).map(([parameter, expr]) => ({
    parameter,
    text: scalarFunction(
      named(`_by_${parameter}`),
      expr,
      `The derivative of f(x) by ${parameter}: ${oneLine(formulaText(expr, 160))}`,
      order,
    ),
  }));
  return {
    value,
    slope,
    second,
    inOutput,
    learned,
    forward: calling(value, plan.functions.value, 1),
    back: calling(inOutput ?? slope, plan.loops.backward, 0),
  };
}

/** They all, with what they compute. */
export function computations(plan: ActivationPlan): Computations {
  const { value, slope, second, inOutput, learned, forward, back } = scalarsOf(plan);
  const all = [
    value,
    slope,
    second,
    ...(inOutput === undefined ? [] : [inOutput]),
    ...learned.map(({ text }) => text),
    ...forward.own,
    ...back.own,
  ];
  return new Map(
    all.map(({ name, expr, parameters }) => [name, [withNames(expr, functionNames(parameters), Math.fround)]]),
  );
}
