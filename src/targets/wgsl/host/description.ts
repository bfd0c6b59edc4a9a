/** The description of a shader in its host module, as an object literal in TypeScript. */
import { integerText, templateText } from "../../../codegen/javascript/integers.js";
import type { Requirement } from "../../../ir/graph/definition.js";
import { size, type Integer } from "../../../ir/graph/integer.js";
import type { Binding, Override, ShaderFunction, ShaderKernel, ShaderModule } from "../shader.js";

/** The name of a buffer for callers. */
export const hostName = ({ name, tensor, role }: Binding): string =>
  role === "workspace" ? `workspace ${name}` : (tensor ?? name);

/** The value of an override that follows from sizes; undefined for any other. */
const decided = ({ name, default: initial, sizeOf }: Override, { sizes }: ShaderModule): Integer | undefined =>
  sizeOf ?? (initial === undefined && sizes.some((one) => one.name === name) ? size(name) : undefined);

/** The overrides that callers choose: not those that sizes or the presence of buffers decide. */
export const chosenOverrides = (module: ShaderModule): readonly Override[] =>
  module.overrides.filter((override) => override.type === "u32" && decided(override, module) === undefined);

/** Names that integers may mention: sizes, and overrides that are numbers. */
export const valueNames = ({ sizes, overrides }: ShaderModule): readonly string[] => [
  ...new Set([...sizes, ...overrides.filter(({ type }) => type === "u32")].map(({ name }) => name)),
];

/** Whether a function does without a buffer. */
export function isOptional({ outputs, kernels }: ShaderFunction, binding: Binding): boolean {
  if (binding.presence !== undefined) return true;
  if (binding.role !== "output" || outputs.length < 2) return false;
  // An output need not be made where no kernel has it together with another output.
  return kernels
    .filter(({ bindings }) => bindings.some(isSame(binding)))
    .every(({ bindings }) => bindings.every((other) => isSame(binding)(other) || !outputs.some(isSame(other))));
}

const isSame =
  ({ number }: Binding) =>
  (other: Binding): boolean =>
    other.number === number;

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

function bufferText(binding: Binding, of: ShaderFunction): string {
  const { number, role, access, element, length, presence } = binding;
  const fields = [
    `name: ${JSON.stringify(hostName(binding))}`,
    `binding: ${number}`,
    `role: "${role}"`,
    `access: "${access}"`,
    `element: "${element}"`,
    method("length", length),
    ...(isOptional(of, binding) ? ["optional: true"] : []),
    ...(presence === undefined ? [] : [`presence: ${JSON.stringify(presence)}`]),
  ];
  return `{ ${fields.join(", ")} }`;
}

function kernelText(kernel: ShaderKernel): string {
  const { entry, scalarEntry, bindings, overrides, workgroups, workgroupBytes, invocations } = kernel;
  const fields = [
    `entry: ${JSON.stringify(entry)}`,
    ...(scalarEntry === undefined ? [] : [`scalarEntry: ${JSON.stringify(scalarEntry)}`]),
    `buffers: ${JSON.stringify(bindings.map(hostName))}`,
    `overrides: ${JSON.stringify(overrides)}`,
    method("workgroups", workgroups),
    method("workgroupBytes", workgroupBytes),
    method("invocations", invocations),
  ];
  return `{ ${fields.join(", ")} }`;
}

const functionText = (of: ShaderFunction): string =>
  `{
    buffers: [${[...of.inputs, ...of.outputs, ...of.workspace].map((each) => bufferText(each, of)).join(", ")}],
    kernels: [${of.kernels.map(kernelText).join(", ")}],
  }`;

export const number = (value: number): string => (Object.is(value, -0) ? "-0" : String(value));

function overrideText(override: Override, module: ShaderModule): string {
  const fixed = decided(override, module);
  const { modest, choices } = override;
  const fields = [
    `name: ${JSON.stringify(override.name)}`,
    ...(override.default === undefined ? [] : [`initial: ${override.default}`]),
    ...(modest === undefined ? [] : [`modest: ${modest}`]),
    ...(choices === undefined ? [] : [`choices: ${JSON.stringify(choices)}`]),
    ...(fixed === undefined ? [] : [method("size", fixed)]),
    ...(override.type === "bool" ? ["flag: true"] : []),
  ];
  return `{ ${fields.join(", ")} }`;
}

/** `code` is a variable of the host module. */
export function descriptionText(module: ShaderModule): string {
  const { id, half, subgroups, sizes, parameters, requirements, draws, overrides, functions, saves } = module;
  const named = new Set(sizes.map(({ name }) => name));
  const list = (texts: readonly string[]): string => `[${texts.join(", ")}]`;
  const fields = [
    `id: ${JSON.stringify(id)}`,
    "code",
    `half: ${half}`,
    `subgroups: ${subgroups}`,
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
    `functions: { ${functions.map((of) => `${of.name}: ${functionText(of)}`).join(", ")} }`,
    `saves: ${JSON.stringify(saves)}`,
  ];
  return `{ ${fields.join(",\n")} }`;
}
