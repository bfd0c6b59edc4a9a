import { STORED, SUBGROUP_MARK } from "../shader.js";

/** How the emitted runtime makes shader modules and pipelines, and what it refuses then. */
export const LOAD = `/** A module on a device. */
interface Program {
  readonly description: Description<string>;
  readonly device: GPUDevice;
  readonly state: DeviceState;
  readonly module: GPUShaderModule;
  readonly elementBytes: { readonly [K in BufferRule<string>["element"]]: number };
  /** The constants that neither sizes nor buffers decide. */
  readonly constants: ReadonlyMap<string, number>;
  readonly pipelines: Map<string, GPUComputePipeline>;
}

/** Makes what a module exports. */
export async function load<Kernels>(
  description: Description<string>,
  device: GPUDevice,
  options: Options<"f32" | "f16", string>,
): Promise<Kernels> {
  const { id } = description;
  const state = stateOf(device);
  // A device that was lost before says so once its promise had its turn.
  await Promise.resolve();
  checkAlive(id, state);
  const { half, subgroups } = checkOptions(description, device, options);
  const code = subgroups ? forSubgroups(description.code) : description.code;
  const module = await compile(id, device, half ? forHalf(code) : code);
  const program: Program = {
    description,
    device,
    state,
    module,
    elementBytes: { stored: half ? 2 : 4, f32: 4, i32: 4, u32: 4 },
    constants: chosenConstants(description, device, options.overrides ?? {}),
    pipelines: new Map(),
  };
  const functions = Object.entries(description.functions);
  // Those that depend on no size can be made now.
  if (description.overrides.every(({ size }) => size === undefined)) {
    const all = functions.flatMap(([name, rule]) => rule.kernels.map((kernel) => [\`\${id}.\${name}\`, rule, kernel] as const));
    await Promise.all(
      all.map(async ([where, rule, kernel]) => {
        const constants = constantsOf(program, rule, {}, new Set());
        checkKernel(where, program, kernel, Object.fromEntries(constants));
        await preparePipelines(where, program, rule, kernel, constants);
      }),
    );
  }
  checkAlive(id, state);
  const made = functions.map(([name, rule]) => [name, createFunction(program, \`\${id}.\${name}\`, rule)] as const);
  return { ...Object.fromEntries(made), saves: description.saves } as Kernels;
}

const forHalf = (code: string): string => \`enable f16;\\n\\n\${code.replace("${STORED[0]}", "${STORED[1]}")}\`;
const forSubgroups = (code: string): string => \`enable subgroups;\\n\\n\${code.replaceAll("${SUBGROUP_MARK}", "")}\`;

function checkOptions(
  { id, half, subgroups }: Description<string>,
  { features }: GPUDevice,
  options: Options<"f32" | "f16", string>,
): { readonly half: boolean; readonly subgroups: boolean } {
  const { type = "f32" } = options;
  const wantsHalf = type === "f16";
  if (type !== "f32" && !wantsHalf) refuse(id, \`the type is "f32" or "f16", not \${JSON.stringify(type)}\`);
  if (wantsHalf && !half) refuse(id, 'buffers hold "f32" here, and cannot hold "f16"');
  if (wantsHalf && !features.has("shader-f16"))
    refuse(id, 'the type "f16" needs the feature "shader-f16": request it with the device if the adapter has it');
  if (options.subgroups === true && subgroups && !features.has("subgroups"))
    refuse(id, 'the device has not the feature "subgroups": request it, or leave the option away');
  return { half: wantsHalf, subgroups: subgroups && (options.subgroups ?? features.has("subgroups")) };
}

/** Adapters that have few registers and little memory for a workgroup, as far as their names tell. */
const MODEST = /swiftshader|llvmpipe|lavapipe|software|basic render|\\barm\\b|mali|qualcomm|adreno|img-tec|imagination|powervr|broadcom/i;

function chosenConstants(
  { id, overrides }: Description<string>,
  { adapterInfo }: GPUDevice,
  given: { readonly [name: string]: number | undefined },
): ReadonlyMap<string, number> {
  const own = overrides.filter(({ size, flag }) => size === undefined && flag !== true);
  checkNames(id, "override", given, own);
  const { vendor = "", architecture = "", description = "" } = (adapterInfo as Partial<GPUAdapterInfo> | undefined) ?? {};
  const isModest = MODEST.test(\`\${vendor} \${architecture} \${description}\`);
  return new Map(
    own.map(({ name, initial, modest, choices }) => {
      const value = ownValue(given, name) ?? (isModest ? modest : undefined) ?? initial;
      if (value === undefined) refuse(id, \`the override "\${name}" must be given\`);
      checkWhole(id, name, value, 1, 2 ** 32 - 1);
      if (choices !== undefined && !choices.includes(value))
        refuse(id, \`"\${name}" must be one of \${choices.join(", ")}, got \${value}\`);
      return [name, value];
    }),
  );
}

async function compile(id: string, device: GPUDevice, code: string): Promise<GPUShaderModule> {
  device.pushErrorScope("validation");
  const module = device.createShaderModule({ label: id, code });
  const failed = device.popErrorScope();
  const { messages } = await module.getCompilationInfo();
  const errors = messages.filter(({ type }) => type === "error");
  const lines = code.split("\\n");
  const texts = errors.map(({ message, lineNum, linePos }) => {
    const line = lines[lineNum - 1];
    return line === undefined ? message : \`\${message}\\n\${lineNum}:\${linePos}: \${line.trim()}\`;
  });
  const error = await failed;
  if (texts.length === 0 && error !== null) texts.push(error.message);
  if (texts.length > 0) refuse(id, \`the driver does not accept the shader:\\n\${texts.join("\\n")}\`);
  return module;
}

/** The constants of a call: whether buffers are there, sizes, and what was chosen before. */
function constantsOf(
  { description, constants }: Program,
  { buffers }: FunctionRule<string>,
  sizes: Values<string>,
  absent: ReadonlySet<string>,
): ReadonlyMap<string, number> {
  const result = new Map(constants);
  for (const { presence, name } of buffers) if (presence !== undefined) result.set(presence, absent.has(name) ? 0 : 1);
  for (const { name, size } of description.overrides) if (size !== undefined) result.set(name, size(sizes));
  return result;
}

/** Limits of a device that a kernel needs, beside its features. */
function checkKernel(
  where: string,
  { device: { limits } }: Program,
  kernel: KernelRule<string>,
  values: Values<string>,
): void {
  const needs = [
    ["maxStorageBuffersPerShaderStage", kernel.buffers.length, "storage buffers"],
    ["maxComputeWorkgroupStorageSize", kernel.workgroupBytes(values), "bytes of workgroup memory"],
    ["maxComputeInvocationsPerWorkgroup", kernel.invocations(values), "invocations in a workgroup"],
  ] as const;
  for (const [limit, needed, what] of needs)
    if (needed > limits[limit])
      refuse(
        where,
        \`it needs \${needed} \${what}, and the device has \${limits[limit]}: \` +
          \`request \${limit} with requiredLimits if the adapter has it, or choose smaller sizes or overrides\`,
      );
}

function pipelineDescriptor(
  where: string,
  { device, state, module }: Program,
  { buffers }: FunctionRule<string>,
  kernel: KernelRule<string>,
  entryPoint: string,
  constants: ReadonlyMap<string, number>,
): GPUComputePipelineDescriptor {
  const bound = buffers.filter(({ name }) => kernel.buffers.includes(name));
  return {
    label: \`\${where}: \${entryPoint}\`,
    layout: layoutOf(device, state, bound).pipeline,
    compute: { module, entryPoint, constants: Object.fromEntries(ownConstants(kernel, constants)) },
  };
}

const ownConstants = ({ overrides }: KernelRule<string>, constants: ReadonlyMap<string, number>) =>
  overrides.flatMap((name) => (constants.has(name) ? [[name, constants.get(name)!] as const] : []));

const pipelineKey = (entry: string, kernel: KernelRule<string>, constants: ReadonlyMap<string, number>): string =>
  [entry, ...ownConstants(kernel, constants).map((constant) => constant.join("="))].join(" ");

/** Both ways of a kernel, for buffers with room for a multiple of four elements and for others. */
async function preparePipelines(
  where: string,
  program: Program,
  rule: FunctionRule<string>,
  kernel: KernelRule<string>,
  constants: ReadonlyMap<string, number>,
): Promise<void> {
  const entries = [kernel.entry, ...(kernel.scalarEntry === undefined ? [] : [kernel.scalarEntry])];
  await Promise.all(
    entries.map(async (entry) => {
      const key = pipelineKey(entry, kernel, constants);
      if (program.pipelines.has(key)) return;
      try {
        const descriptor = pipelineDescriptor(where, program, rule, kernel, entry, constants);
        program.pipelines.set(key, await program.device.createComputePipelineAsync(descriptor));
      } catch (error) {
        checkAlive(where, program.state);
        const message = error instanceof Error ? error.message : String(error);
        throw new KernelError(\`\${where}: the driver makes no pipeline of \${entry}: \${message}\`, { cause: error });
      }
    }),
  );
}

function pipelineOf(
  where: string,
  program: Program,
  rule: FunctionRule<string>,
  kernel: KernelRule<string>,
  entry: string,
  constants: ReadonlyMap<string, number>,
): GPUComputePipeline {
  return kept(program.pipelines, pipelineKey(entry, kernel, constants), Infinity, () =>
    program.device.createComputePipeline(pipelineDescriptor(where, program, rule, kernel, entry, constants)),
  );
}
`;
