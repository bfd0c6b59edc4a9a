/** A module for an elementwise activation: the function, its derivatives, and kernels that apply them to buffers. */
import { generated } from "../../codegen/header.js";
import { surrogateLine } from "../../codegen/documentation.js";
import type { ActivationPlan } from "../../codegen/target.js";
import { constantInteger, floorDiv, plus, size } from "../../ir/graph/integer.js";
import {
  LANES,
  PARTIALS,
  PER_WORKGROUP,
  STORED_LINES,
  bufferLines,
  elementwiseEntries,
  gradientEntries,
  type Buffers,
} from "./elementwise.js";
import { moduleText } from "./module.js";
import { callOf, scalarsOf, type FunctionText } from "./scalars.js";
import type { Binding, ShaderFunction, ShaderKernel, ShaderModule } from "./shader.js";
import { comment, oneLine } from "./text.js";

const ELEMENTS: readonly ShaderModule["sizes"][number][] = [
  { name: "size", default: undefined, least: 0, most: 2 ** 31, documentation: "How many elements there are." },
];

export function activationModule(plan: ActivationPlan): ShaderModule {
  const { definition, texts, saves } = plan;
  const { value, slope, second, inOutput, learned, forward, back } = scalarsOf(plan);
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
