/** What a host module says of its shader, as an object literal in TypeScript. */
import { integerText, templateText } from "../../../codegen/javascript.js";
import type { Requirement } from "../../../ir/graph/definition.js";
import { size, type Integer } from "../../../ir/graph/integer.js";
import type { Binding, Override, ShaderFunction, ShaderKernel, ShaderModule } from "../shader.js";

/** What callers call a buffer. */
export const hostName = ({ name, tensor, role }: Binding): string =>
  role === "workspace" ? `workspace ${name}` : (tensor ?? name);

/** What an override has to be, if that follows from sizes. */
const decided = ({ name, default: initial, sizeOf }: Override, { sizes }: ShaderModule): Integer | undefined =>
  sizeOf ?? (initial === undefined && sizes.some((one) => one.name === name) ? size(name) : undefined);

/** The overrides that callers choose: not those that sizes or the presence of buffers decide. */
export const chosenOverrides = (module: ShaderModule): readonly Override[] =>
  module.overrides.filter((override) => override.type === "u32" && decided(override, module) === undefined);

/** What integers may mention: sizes, and overrides that are numbers. */
export const valueNames = ({ sizes, overrides }: ShaderModule): readonly string[] => [
  ...new Set([...sizes, ...overrides.filter(({ type }) => type === "u32")].map(({ name }) => name)),
];

/** Whether a function does without a buffer. */
export function isOptional({ outputs, kernels }: ShaderFunction, binding: Binding): boolean {
  if (binding.presence !== undefined) return true;
  if (binding.role !== "output" || outputs.length < 2) return false;
  // What a dispatch writes alone need not be made.
  return kernels
    .filter(({ bindings }) => bindings.some(isSame(binding)))
    .every(({ bindings }) => bindings.every((other) => isSame(binding)(other) || !outputs.some(isSame(other))));
}

const isSame =
  ({ number }: Binding) =>
  (other: Binding): boolean =>
    other.number === number;

/**
 * Fewer lanes for adapters that emulate or are small. On software drivers softmax of rows of 1,000 takes a tenth (SwiftShader)
 * or a half (lavapipe) of the time with 16 lanes instead of 256; on small GPUs nothing was measured.
 */
const MODEST: Readonly<Record<string, number>> = { product_tile: 8, row_lanes: 16 };

/** A method of the values, which it takes apart only if it needs them. */
const method = (name: string, integer: Integer): string => {
  const text = integerText(integer, (part) => (part.kind === "size" ? `values.${part.name}` : undefined));
  return methodText(name, text);
};
const methodText = (name: string, text: string): string =>
  `${name}: (${/\bvalues\./.test(text) ? "values" : ""}) => ${text}`;

const RELATIONS = { "==": "===", "<=": "<=" } as const;

function requirementText({ left, relation, right, message }: Requirement, sizes: ReadonlySet<string>): string {
  const [a, b] = [left, right].map((side) =>
    integerText(side, (part) => (part.kind === "size" ? `values.${part.name}` : undefined), 11),
  );
  const said = `\`${templateText(message, (name) => (sizes.has(name) ? `values.${name}` : undefined))}\``;
  return `{ ${methodText("holds", `${a} ${RELATIONS[relation]} ${b}`)}, ${methodText("message", said)} }`;
}

/** Bindings that the shader declares as what is stored: f32, or f16 in its other version. */
const isStored = ({ number }: Binding, code: string): boolean =>
  new RegExp(`@binding\\(${number}\\) var<[^>]*> \\w+: array<(vec4<)?Stored\\b`).test(code);

function bufferText(binding: Binding, of: ShaderFunction, { code }: ShaderModule): string {
  const { number, role, access, element, length, presence } = binding;
  const fields = [
    `name: ${JSON.stringify(hostName(binding))}`,
    `binding: ${number}`,
    `role: "${role}"`,
    `access: "${access}"`,
    `element: "${element === "f32" && isStored(binding, code) ? "stored" : element}"`,
    method("length", length),
    ...(isOptional(of, binding) ? ["optional: true"] : []),
    ...(presence === undefined ? [] : [`presence: ${JSON.stringify(presence)}`]),
  ];
  return `{ ${fields.join(", ")} }`;
}

/** How many invocations a workgroup of an entry point has, as the shader says it. */
function invocations(entry: string, module: ShaderModule): string {
  const found = new RegExp(`@workgroup_size\\(([^)]*)\\)\\s+fn ${entry}\\(`).exec(module.code);
  const factors = (found?.[1] ?? "1").split(",").map((factor) => factor.trim());
  const names = new Set(valueNames(module));
  return factors
    .filter((factor) => factor !== "")
    .map((factor) =>
      /^\d+u?$/.test(factor) ? String(parseInt(factor, 10)) : names.has(factor) ? `values.${factor}` : "1",
    )
    .join(" * ");
}

function kernelText(kernel: ShaderKernel, module: ShaderModule): string {
  const { entry, scalarEntry, bindings, workgroups, workgroupBytes } = kernel;
  const fields = [
    `entry: ${JSON.stringify(entry)}`,
    ...(scalarEntry === undefined ? [] : [`scalarEntry: ${JSON.stringify(scalarEntry)}`]),
    `buffers: ${JSON.stringify(bindings.map(hostName))}`,
    method("workgroups", workgroups),
    methodText("workgroupBytes", String(workgroupBytes)),
    methodText("invocations", invocations(entry, module)),
  ];
  return `{ ${fields.join(", ")} }`;
}

const functionText = (of: ShaderFunction, module: ShaderModule): string =>
  `{
    buffers: [${[...of.inputs, ...of.outputs, ...of.workspace].map((each) => bufferText(each, of, module)).join(", ")}],
    kernels: [${of.kernels.map((each) => kernelText(each, module)).join(", ")}],
  }`;

export const number = (value: number): string => (Object.is(value, -0) ? "-0" : String(value));

function overrideText(override: Override, module: ShaderModule): string {
  const fixed = decided(override, module);
  const modest = MODEST[override.name];
  const fields = [
    `name: ${JSON.stringify(override.name)}`,
    ...(override.default === undefined ? [] : [`initial: ${override.default}`]),
    ...(modest === undefined ? [] : [`modest: ${modest}`]),
    ...(fixed === undefined ? [] : [method("size", fixed)]),
    ...(override.type === "bool" ? ["flag: true"] : []),
  ];
  return `{ ${fields.join(", ")} }`;
}

/** `code` and `subgroups` are variables of the host module. */
export function descriptionText(module: ShaderModule): string {
  const { id, half, variants, sizes, parameters, requirements, draws, overrides, functions, saves } = module;
  const named = new Set(sizes.map(({ name }) => name));
  const list = (texts: readonly string[]): string => `[${texts.join(", ")}]`;
  const fields = [
    `id: ${JSON.stringify(id)}`,
    "code",
    ...(variants.subgroups === undefined ? [] : ["subgroups"]),
    `half: ${half}`,
    `sizes: ${list(
      sizes.map(
        ({ name, least, most, default: initial }) =>
          `{ name: ${JSON.stringify(name)}, least: ${least}, most: ${number(most)}${initial === undefined ? "" : `, ${method("initial", initial)}`} }`,
      ),
    )}`,
    `parameters: ${list(
      parameters.map(
        ({ name, default: initial, range }) =>
          `{ name: ${JSON.stringify(name)}, initial: ${number(initial)}, range: ${list(range.map(number))} }`,
      ),
    )}`,
    `requirements: ${list(requirements.map((requirement) => requirementText(requirement, named)))}`,
    `draws: ${draws}`,
    `overrides: ${list(overrides.map((override) => overrideText(override, module)))}`,
    `functions: { ${functions.map((of) => `${of.name}: ${functionText(of, module)}`).join(", ")} }`,
    `saves: ${JSON.stringify(saves)}`,
  ];
  return `{ ${fields.join(",\n")} }`;
}
