/** For each module a TypeScript module that runs its kernels, with WebGPU in browsers and in Node. */
import { generated } from "../../codegen/header.js";
import { formatSource } from "../../codegen/module.js";
import type { Artifact } from "../../codegen/target.js";
import { chosenOverrides, descriptionText, hostName, isOptional, number, valueNames } from "./host/description.js";
import { RUNTIME, runtimeText } from "./host/runtime.js";
import type { Binding, ShaderFunction, ShaderModule } from "./shader.js";
import { oneLine } from "./text.js";

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Names that a host module cannot give its function: words of JavaScript, and names that it needs itself. */
const TAKEN = new Set(
  words(`
    arguments async await break case catch class const continue debugger default delete do else enum eval export extends
    false finally for function if implements import in instanceof interface let new null package private protected public
    return static super switch this throw true try typeof undefined var void while with yield
    Infinity NaN Math Promise
    code description load BufferLike Description Options ShaderFunction Parameters Kernels`),
);

/** The host module of a shader. */
export async function hostFiles(module: ShaderModule): Promise<readonly Artifact[]> {
  return [{ path: `wgsl/${module.id}.ts`, text: await formatSource(moduleText(module), "typescript") }];
}

/** Exports of the runtime that callers use, beside those that modules are called. */
const SHARED = [
  "KernelError",
  "submit",
  ...["BufferLike", "Encoder", "Needs", "Options", "ShaderFunction"].map((name) => `type ${name}`),
];

/** The files that all host modules share, and an index of the modules. */
export async function hostIndex(ids: readonly string[]): Promise<readonly Artifact[]> {
  const lines = [
    `// Makes the kernels of every module on a device. ${generated()}`,
    ...ids.map((id) => `export { ${id} } from "./${id}.js";`),
    `export { ${SHARED.filter((name) => !ids.includes(name)).join(", ")} } from "./${RUNTIME}.js";`,
  ];
  return [{ path: "wgsl/index.ts", text: await formatSource(lines.join("\n"), "typescript") }, ...(await hostShared())];
}

export const hostShared = async (): Promise<readonly Artifact[]> => [
  { path: `wgsl/${RUNTIME}.ts`, text: await runtimeText() },
];

function moduleText(module: ShaderModule): string {
  const { id } = module;
  const isTaken = TAKEN.has(id) || module.functions.some((of) => buffersType(of) === id);
  const name = isTaken ? `${id}_` : id;
  const overrides = chosenOverrides(module);
  const options = [
    module.half ? '"f32" | "f16"' : '"f32"',
    ...(overrides.length === 0 ? [] : [overrides.map((override) => JSON.stringify(override.name)).join(" | ")]),
  ];
  const names = valueNames(module).map((value) => JSON.stringify(value));
  return [
    `// Runs ${id}.wgsl. ${generated()}`,
    `// ${oneLine(module.title)}: ${oneLine(module.formula)}`,
    `import { load, type BufferLike, type Description, type Options, type ShaderFunction } from "./${RUNTIME}.js";`,
    "",
    parametersType(module),
    ...module.functions.map((of) => buffersInterface(of)),
    kernelsInterface(module),
    `const code = \`${embedded(module.code)}\`;`,
    `const description: Description<${names.length === 0 ? "never" : names.join(" | ")}> = ${descriptionText(module)};`,
    `${documentation(makerDocumentation(module, name))}
    ${isTaken ? "" : "export "}function ${name}(device: GPUDevice, options: Options<${options.join(", ")}> = {}): Promise<Kernels> {
      return load(description, device, options);
    }`,
    ...(isTaken ? [`export { ${name} as ${id} };`] : []),
  ].join("\n\n");
}

/** Text inside of a template literal. */
const embedded = (text: string): string => text.replace(/[\\`]|\$\{/g, "\\$&");

function documentation(lines: readonly string[]): string {
  const safe = lines.flatMap((line) => line.split("\n")).map((line) => line.replaceAll("*/", "*\\/"));
  if (safe.length === 1) return `/** ${safe[0]!} */`;
  return ["/**", ...safe.map((line) => ` * ${line}`.trimEnd()), " */"].join("\n");
}

function makerDocumentation(module: ShaderModule, name: string): string[] {
  const { title, formula, sizes, functions, reference } = module;
  const overrides = chosenOverrides(module);
  const forward = functions[0]!;
  const buffers = [...forward.inputs, ...forward.outputs]
    .filter((one) => !isOptional(forward, one))
    .map(hostName)
    .join(", ");
  const needed = sizes.filter((one) => one.default === undefined).map((one) => one.name);
  return [
    `${oneLine(title)}: ${oneLine(formula)}`,
    "",
    "Compiles the shader and makes its pipelines on a device. What the device or its driver lacks or finds wrong arrives",
    "as a KernelError.",
    "",
    `    const kernels = await ${name}(device);`,
    `    await submit(device, (encoder) => kernels.${forward.name}.encode(encoder, { ${buffers} }, { ${needed.join(", ")} }));`,
    ...(overrides.length === 0 ? [] : ["", "Overrides:"]),
    ...overrides.map((one) => `- ${one.name}: ${oneLine(one.documentation)} Default ${one.default}.`),
    ...(reference === "" ? [] : ["", oneLine(reference)]),
  ];
}

const parametersType = ({ title, sizes, parameters, draws }: ShaderModule): string =>
  [
    documentation([`The sizes and parameters of ${oneLine(title)}.`]),
    "export interface Parameters {",
    ...sizes.flatMap(({ name, default: initial, documentation: text }) => [
      documentation([
        `${oneLine(text)}${initial === undefined ? "" : ` Default ${initial.text}.`}`.trim() || "A size.",
      ]),
      `readonly ${name}${initial === undefined ? ": number" : "?: number | undefined"};`,
    ]),
    ...parameters.flatMap(({ name, default: initial, range }) => [
      documentation([`Default ${number(initial)}, range [${range.map(number).join(", ")}].`]),
      `readonly ${name}?: number | undefined;`,
    ]),
    ...(draws
      ? [
          documentation(["The numbers drawn depend on it. A whole number from 0 to 2^32 - 1."]),
          "readonly seed?: number | undefined;",
          documentation(["Another one draws other numbers. A whole number from 0 to 2^32 - 1."]),
          "readonly counter?: number | undefined;",
        ]
      : []),
    "}",
  ].join("\n");

const buffersType = ({ name }: ShaderFunction): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}Buffers`;

const ELEMENTS = { stored: "float", f32: "float", i32: "int32", u32: "uint32" } as const;

/** `rows * columns floats`. */
const lengthText = ({ length: { text }, element }: Binding): string =>
  text === "1" ? `one ${ELEMENTS[element]}` : `${text} ${ELEMENTS[element]}s`;

const bindingText = (binding: Binding): string =>
  `${binding.role === "output" ? "Written" : "Read"}: ${lengthText(binding)}. ${oneLine(binding.documentation)}`.trim();

const buffersInterface = (of: ShaderFunction): string =>
  [
    documentation([`The buffers of \`${of.name}\`.`]),
    `export interface ${buffersType(of)} {`,
    ...[...of.inputs, ...of.outputs].flatMap((binding) => [
      documentation([`${bindingText(binding)}${isOptional(of, binding) ? " May be left out." : ""}`]),
      `readonly ${hostName(binding)}${isOptional(of, binding) ? "?: BufferLike | null | undefined" : ": BufferLike"};`,
    ]),
    "}",
  ].join("\n");

const kernelsInterface = ({ title, functions, saves }: ShaderModule): string =>
  [
    documentation([`The kernels of ${oneLine(title)} on a device.`]),
    "export interface Kernels {",
    ...functions.flatMap((of) => [
      documentation([
        oneLine(of.documentation),
        "",
        ...of.kernels.map((kernel) => `- ${kernel.entry}: ${oneLine(kernel.documentation)}`),
      ]),
      `readonly ${of.name}: ShaderFunction<${buffersType(of)}, Parameters>;`,
    ]),
    documentation(["Tensors of the forward pass that `backward` reads."]),
    `readonly saves: readonly [${saves.map((name) => JSON.stringify(name)).join(", ")}];`,
    "}",
  ].join("\n");
