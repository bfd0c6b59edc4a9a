/** A module for an elementwise activation: the function, its derivatives, and kernels that apply them to buffers. */
import { generated } from "../../codegen/header.js";
import { accuracyText, meaningsOf, proofText, surrogateLine } from "../../codegen/documentation.js";
import type { ActivationPlan, FunctionName } from "../../codegen/target.js";
import { topological, variableOf, type Expr } from "../../ir/expr.js";
import { constantInteger, floorDiv, plus, size } from "../../ir/graph/integer.js";
import { formulaText } from "../../ir/print.js";
import {
  LANES,
  PARTIALS,
  PER_WORKGROUP,
  STORED_LINES,
  bufferLines,
  elementwiseEntries,
  gradientEntries,
  type Buffers,
  type Call,
} from "./elementwise.js";
import { computesInHalf } from "./half.js";
import { moduleText } from "./module.js";
import { functionNames, memberName, shaderName } from "./names.js";
import type { Binding, ShaderFunction, ShaderKernel, ShaderModule } from "./shader.js";
import { functionBody, type FloatType } from "./spelling.js";
import { comment, oneLine } from "./text.js";

const ELEMENTS: readonly ShaderModule["sizes"][number][] = [
  { name: "size", default: undefined, least: 0, most: 2 ** 31, documentation: "How many elements there are." },
];

interface FunctionText {
  readonly name: string;
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
    input,
    parameters,
    lines: [...comment(documentation), `fn ${name}(${signature}) -> ${type} {`, ...body, "}"],
  };
}

/** How a function is called in an entry point. */
const callOf =
  ({ name, parameters }: FunctionText) =>
  (input: string): string =>
    `${name}(${[input, ...parameters.map((parameter) => `sizes.${memberName(parameter)}`)].join(", ")})`;

/** The call of a function on stored elements where that is as good in float16, in f32 elsewhere. */
function calling(single: FunctionText, expr: Expr, rounds: number): { own: FunctionText[]; call: Call } {
  if (single.input !== "x" || !computesInHalf(expr, rounds))
    return { own: [], call: { of: callOf(single), on: "f32" } };
  const documentation = `The same in what buffers hold. In float16, too, nothing overflows${rounds === 0 ? " or is rounded" : ", and at most one operation rounds"}.`;
  const half = scalarFunction(`${single.name}_stored`, expr, documentation, [], "Stored");
  return { own: [half], call: { of: callOf(half), on: "Stored" } };
}

export function activationModule(plan: ActivationPlan): ShaderModule {
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
  const backward = inOutput ?? slope;
  const bindings = bindingsOf(
    saves,
    learned.map(({ parameter }) => parameter),
  );
  const functions = functionsOf(plan, bindings);

  const scalars = [
    value,
    slope,
    second,
    ...(inOutput === undefined ? [] : [inOutput]),
    ...learned.map(({ text }) => text),
  ];
  const forward = calling(value, plan.functions.value, 1);
  const back = calling(backward, plan.loops.backward, 0);
  const code = moduleText({
    header: header(plan, functions, [value, slope, second]),
    sizes: ELEMENTS,
    parameters: definition.parameters,
    draws: false,
    overrides: [],
    bindings: [...STORED_LINES, ...bufferLines(bindings)],
    items: [
      ...[...scalars, ...forward.own, ...back.own].map(({ lines }) => lines),
      ...elementwiseEntries(bindings, forward.call, back.call),
      ...(learned.length === 0
        ? []
        : gradientEntries(
            bindings,
            learned.map(({ text }) => callOf(text)),
          )),
    ],
  });
  return {
    id: definition.id,
    title: definition.title,
    formula: texts.value,
    reference: definition.reference,
    code,
    half: true,
    subgroups: false,
    sizes: ELEMENTS,
    requirements: [],
    parameters: definition.parameters,
    draws: false,
    overrides: [],
    functions,
    saves: [saves === "input" ? "x" : "y"],
  };
}

function bindingsOf(saves: ActivationPlan["saves"], learnable: readonly string[]): Buffers {
  const elements = size("size");
  let number = 0;
  const make = (name: string, role: Binding["role"], documentation: string, length = elements): Binding => ({
    name,
    number: ++number,
    role,
    access: role === "input" ? "read" : "read_write",
    element: "stored",
    length,
    presence: undefined,
    documentation,
  });
  const inSingle = (binding: Binding): Binding => ({ ...binding, element: "f32" });
  const x = make("x", "input", "The inputs.");
  const y = make("y", "output", "f(x).");
  const dy = make("dy", "input", "The gradients of y.");
  const dx = make("dx", "output", "The gradients of x.");
  const gradients = learnable.map((name) =>
    inSingle(make(`d${name}`, "output", `The gradient of ${name}: one number.`, constantInteger(1))),
  );
  const partials =
    learnable.length === 0
      ? undefined
      : inSingle(make("partials", "workspace", "Partial sums.", constantInteger(PARTIALS * learnable.length)));
  // An entry point that only reads may not say that it writes.
  const saved: Binding =
    saves === "input" ? x : { ...y, name: "saved_y", tensor: y.name, role: "input", access: "read" };
  return { x, y, dy, dx, saved, gradients, partials };
}

function functionsOf(
  { texts }: ActivationPlan,
  { x, y, dy, dx, saved, gradients, partials }: Buffers,
): ShaderFunction[] {
  const all = floorDiv(plus(size("size"), PER_WORKGROUP - 1), PER_WORKGROUP);
  const kernel = (entry: string, bindings: readonly Binding[], documentation: string): ShaderKernel => ({
    entry,
    scalarEntry: `${entry}_scalar`,
    bindings,
    workgroups: all,
    documentation,
    overrides: [],
    workgroupBytes: constantInteger(0),
    invocations: constantInteger(LANES),
  });
  const sum = (
    entry: string,
    bindings: readonly Binding[],
    workgroups: number,
    documentation: string,
  ): ShaderKernel => ({
    entry,
    bindings,
    workgroups: constantInteger(workgroups),
    documentation,
    overrides: [],
    workgroupBytes: constantInteger(4 * LANES * gradients.length),
    invocations: constantInteger(LANES),
  });
  const sums =
    partials === undefined
      ? []
      : [
          sum("gradients", [x, dy, partials], PARTIALS, "partial sums of dy * df/dp for each learnable parameter p"),
          sum("total", [partials, ...gradients], 1, "their sums"),
        ];
  const reads = [...new Set([saved, dy, ...(partials === undefined ? [] : [x])])];
  return [
    {
      name: "forward",
      documentation: `y = ${oneLine(texts.value)}`,
      inputs: [x],
      outputs: [y],
      workspace: [],
      kernels: [kernel("forward", [x, y], "y = f(x)")],
    },
    {
      name: "backward",
      documentation: "The gradients of the input and of learnable parameters.",
      inputs: reads,
      outputs: [dx, ...gradients],
      workspace: partials === undefined ? [] : [partials],
      kernels: [kernel("backward", [saved, dy, dx], "dx = dy * f'(x)"), ...sums],
    },
  ];
}

const numbered = (bindings: readonly Binding[]): string =>
  [...bindings]
    .sort((a, b) => a.number - b.number)
    .map(({ number, name }) => `${number} ${name}`)
    .join(", ");

const header = (
  { definition, texts }: ActivationPlan,
  functions: readonly ShaderFunction[],
  offered: readonly FunctionText[],
): string[] => [
  `// ${generated()}`,
  ...comment(`${oneLine(definition.title)}: f(x) = ${oneLine(texts.value)}`),
  ...surrogateLine(definition).flatMap((line) => comment(oneLine(line))),
  ...(definition.reference === "" ? [] : comment(oneLine(definition.reference))),
  "//",
  ...comment(`Functions of one number, for other shaders too: ${offered.map(({ name }) => name).join(", ")}.`),
  "//",
  "// Entry points, for any number of workgroups: they stride over the elements. Those that end in _scalar do the same",
  "// for buffers without room for a multiple of four elements. Elements beyond `size` stay as they are.",
  ...functions.flatMap(({ kernels }) =>
    kernels.flatMap(({ entry, bindings, documentation }) =>
      comment(`- ${entry}: ${documentation}. Bindings: 0 sizes, ${numbered(bindings)}.`),
    ),
  ),
];
