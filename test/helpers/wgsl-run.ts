/** Graph modules in WGSL, run by the host modules that are emitted beside them: tensors by the names of the definition. */
import { planGraph } from "../../src/pipeline/layer.js";
import { createOracle } from "../../src/pipeline/activation.js";
import type { GraphDefinition } from "../../src/ir/graph/definition.js";
import { sizeOf } from "../../src/ir/graph/places.js";
import { emitShaders } from "../../src/targets/wgsl/graph/module.js";
import { wgsl } from "../../src/targets/wgsl.js";
import { hostFiles, hostShared } from "../../src/targets/wgsl/host.js";
import { chosenOverrides, hostName } from "../../src/targets/wgsl/host/description.js";
import type { ShaderModule } from "../../src/targets/wgsl/shader.js";
import type { OpenDevice } from "./gpu.js";
import type { Numbers } from "./graph-run.js";
import { compiledFolder, guarded, type Guarded, type HostKernels, type HostMaker, type Submit } from "./wgsl-host.js";
import { limited } from "./wgsl-host-modules.js";

const oracle = createOracle();
const modules = new Map<string, ShaderModule>();

/** The module of a definition, whose activation may be any. */
export async function shadersOf(definition: GraphDefinition): Promise<ShaderModule> {
  const key = [definition.id, ...definition.activations.map(({ id }) => id)].join("-");
  const known = modules.get(key) ?? emitShaders(planGraph(definition, wgsl, "auto", await oracle));
  modules.set(key, known);
  return known;
}

/** Software drivers take as long for a lane that idles as for one that works. */
export const SMALL_TILES: Numbers = { product_tile: 4, row_lanes: 16, column_lanes: 4 };

export interface ShaderCall {
  /** Inputs by name, as stored; those that may be absent can be left out. */
  readonly tensors: Readonly<Record<string, ArrayLike<number>>>;
  /** All sizes. */
  readonly sizes: Numbers;
  /** Parameters, and `seed` and `counter`; those that the module has are given. */
  readonly parameters?: Numbers;
  /** Overrides instead of the defaults; what a module has not is passed over. */
  readonly overrides?: Numbers;
  /** Optional outputs that are not asked for. */
  readonly leftOut?: ReadonlySet<string>;
  /** At most so many workgroups in a dispatch, so that they stride over the work. */
  readonly most?: number;
  /** The variant for subgroups, on a device that has them. */
  readonly subgroups?: boolean;
}

interface Host {
  readonly make: HostMaker;
  /** Its kernels on a device, by overrides and variant. */
  readonly loaded: WeakMap<GPUDevice, Map<string, Promise<HostKernels>>>;
  readonly submit: Submit;
}

const hosts = new WeakMap<ShaderModule, Promise<Host>>();

/** The host module of a shader, compiled and imported. */
function hostOf(module: ShaderModule): Promise<Host> {
  const known = hosts.get(module) ?? importHost(module);
  hosts.set(module, known);
  return known;
}

async function importHost(module: ShaderModule): Promise<Host> {
  const files = [...(await hostFiles(module)), ...(await hostShared())];
  const load = compiledFolder(Object.fromEntries(files.map(({ path, text }) => [path.replace(/^wgsl\//, ""), text])));
  const makers = await load<Record<string, HostMaker>>(`${module.id}.js`);
  const { submit } = await load<Pick<Host, "submit">>("shader-runtime.js");
  return { make: makers[module.id]!, loaded: new WeakMap(), submit };
}

const devices = new WeakMap<GPUDevice, Map<number, GPUDevice>>();

/** The device, or the same with so few workgroups in a dispatch. */
function deviceWith({ device }: OpenDevice, most: number | undefined): GPUDevice {
  if (most === undefined) return device;
  const known = devices.get(device) ?? new Map<number, GPUDevice>();
  devices.set(device, known);
  const other = known.get(most) ?? limited(device, { maxComputeWorkgroupsPerDimension: most });
  known.set(most, other);
  return other;
}

function kernelsOf(device: GPUDevice, module: ShaderModule, host: Host, call: ShaderCall): Promise<HostKernels> {
  const names = chosenOverrides(module).map(({ name }) => name);
  const options = { overrides: only(names, call.overrides), subgroups: call.subgroups ?? false };
  const all = host.loaded.get(device) ?? new Map<string, Promise<HostKernels>>();
  host.loaded.set(device, all);
  const kernels = all.get(JSON.stringify(options)) ?? host.make(device, options);
  all.set(JSON.stringify(options), kernels);
  return kernels;
}

const only = (names: readonly string[], numbers: Numbers = {}): Numbers =>
  Object.fromEntries(Object.entries(numbers).filter(([name]) => names.includes(name)));

const ARRAYS = { f32: Float32Array, i32: Int32Array, u32: Uint32Array } as const;
type Elements = Float32Array | Int32Array | Uint32Array;

/** Calls a function of the module; gives what it has written, by the names of outputs. */
export async function runShader(
  opened: OpenDevice,
  module: ShaderModule,
  name: string,
  call: ShaderCall,
): Promise<Record<string, Elements>> {
  const of = module.functions.find((one) => one.name === name)!;
  const device = deviceWith(opened, call.most);
  const host = await hostOf(module);
  const run = (await kernelsOf(device, module, host, call))[name]!;
  const buffers = new Map<string, Guarded>();
  const arrayOf = (element: keyof typeof ARRAYS | "stored") => ARRAYS[element as keyof typeof ARRAYS];
  for (const binding of of.inputs) {
    const given = call.tensors[hostName(binding)];
    if (given === undefined) continue;
    const length = sizeOf(binding.length, call.sizes);
    if (given.length !== length)
      throw new RangeError(`${binding.name} has ${given.length} elements instead of ${length}`);
    buffers.set(hostName(binding), guarded(device, arrayOf(binding.element).from(given)));
  }
  const outputs = of.outputs.filter((binding) => call.leftOut?.has(hostName(binding)) !== true);
  for (const binding of outputs)
    buffers.set(
      hostName(binding),
      guarded(device, new (arrayOf(binding.element))(sizeOf(binding.length, call.sizes)).fill(-7.25)),
    );
  const { parameters, draws } = module;
  const known = [...parameters.map((parameter) => parameter.name), ...(draws ? ["seed", "counter"] : [])];
  const given = { ...call.sizes, ...only(known, call.parameters) };
  const without = [...of.inputs, ...of.outputs].map(hostName).filter((each) => !buffers.has(each));
  await run.prepare(given, { without });
  const bound = Object.fromEntries([...buffers].map(([each, { binding }]) => [each, binding]));
  await host.submit(device, (encoder) => run.encode(encoder, bound, given));
  const results: Record<string, Elements> = {};
  for (const binding of outputs) {
    const bytes = await buffers.get(hostName(binding))!.read();
    results[hostName(binding)] = new (arrayOf(binding.element))(bytes.slice().buffer);
  }
  for (const { binding } of buffers.values()) binding.buffer.destroy();
  if (opened.errors.length > 0) throw new Error(`${module.id} ${name}: ${opened.errors.join("\n")}`);
  return results;
}
