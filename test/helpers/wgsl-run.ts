/** Graph modules in WGSL: made once, and their functions run kernel after kernel, tensors by the names of the definition. */
import { planGraph } from "../../src/compile-graph.js";
import { createOracle } from "../../src/compile.js";
import type { GraphDefinition } from "../../src/ir/graph/definition.js";
import { integerParts, type Integer } from "../../src/ir/graph/integer.js";
import { sizeOf } from "../../src/ir/graph/evaluate.js";
import { emitShaders } from "../../src/targets/wgsl/graph/module.js";
import { wgsl } from "../../src/targets/wgsl.js";
import type { Binding, ShaderFunction, ShaderKernel, ShaderModule } from "../../src/targets/wgsl/shader.js";
import { execute, type OpenDevice, type TypedArray } from "./gpu.js";
import type { Numbers } from "./graph-run.js";

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
  /** All parameters, and `seed` and `counter` where numbers are drawn. */
  readonly parameters?: Numbers;
  /** Overrides instead of the defaults. */
  readonly overrides?: Numbers;
  /** Optional outputs that are not asked for. */
  readonly leftOut?: ReadonlySet<string>;
  /** At most so many workgroups in a dispatch, so that they stride over the work. */
  readonly most?: number;
}

const ARRAYS = { f32: Float32Array, i32: Int32Array, u32: Uint32Array } as const;

/** The uniform: sizes, parameters, then what draws depend on. */
export function uniformOf(
  { sizes: all, parameters: scalars, draws }: ShaderModule,
  { sizes, parameters = {} }: ShaderCall,
): Uint32Array {
  const members = all.length + scalars.length + (draws ? 2 : 0);
  const words = new Uint32Array(Math.max(4, members));
  const floats = new Float32Array(words.buffer);
  let at = 0;
  for (const { name } of all) words[at++] = sizes[name]!;
  for (const { name, default: initial } of scalars) floats[at++] = parameters[name] ?? initial;
  if (draws) for (const name of ["seed", "counter"]) words[at++] = parameters[name] ?? 0;
  return words;
}

/** The overrides of a kernel: what is absent or left out, sizes, and what the caller says. */
function constantsOf(
  module: ShaderModule,
  kernel: ShaderKernel,
  of: ShaderFunction,
  call: ShaderCall,
): Record<string, number> {
  const isThere = ({ role, tensor, name }: Binding): boolean =>
    role === "input" ? Object.hasOwn(call.tensors, tensor ?? name) : call.leftOut?.has(tensor ?? name) !== true;
  const bound = new Map([...of.inputs, ...of.outputs].map((binding) => [binding.presence, binding]));
  const used = new Set(kernel.overrides);
  return Object.fromEntries(
    module.overrides.flatMap(({ name }): [string, number][] => {
      if (!used.has(name)) return [];
      const binding = bound.get(name);
      if (binding !== undefined) return [[name, isThere(binding) ? 1 : 0]];
      const given = call.overrides?.[name] ?? module.overrides.find((one) => one.name === name)?.sizeOf;
      if (given === undefined) return [];
      return [[name, typeof given === "number" ? given : sizeOf(given, call.sizes)]];
    }),
  );
}

/** How many workgroups, given sizes and overrides. */
export function workgroupsOf(module: ShaderModule, { workgroups }: ShaderKernel, call: ShaderCall): number {
  const defaults = Object.fromEntries(module.overrides.map(({ name, default: value }) => [name, value ?? 0]));
  const known = { ...defaults, ...call.sizes, ...call.overrides };
  const hasEmpty = integerParts(workgroups).some(
    (part: Integer) => part.kind === "size" && known[part.name] === undefined,
  );
  if (hasEmpty) throw new RangeError(`the workgroups ${workgroups.text} depend on more than sizes and overrides`);
  return Math.min(sizeOf(workgroups, known), call.most ?? 65535);
}

/** Calls a function of the module; gives what it has written, by the names of outputs. */
export async function runShader(
  opened: OpenDevice,
  module: ShaderModule,
  name: string,
  call: ShaderCall,
  code = module.code,
): Promise<Record<string, Float32Array | Int32Array | Uint32Array>> {
  const of = module.functions.find((one) => one.name === name)!;
  const memory = new Map<number, TypedArray>();
  const lengthOf = ({ length }: Binding): number => sizeOf(length, call.sizes);
  for (const binding of of.inputs) {
    const given = call.tensors[binding.tensor ?? binding.name];
    if (given === undefined && binding.presence === undefined) throw new RangeError(`${binding.name} is not given`);
    const array = ARRAYS[binding.element as keyof typeof ARRAYS];
    if (given !== undefined && given.length !== lengthOf(binding))
      throw new RangeError(`${binding.name} has ${given.length} elements instead of ${lengthOf(binding)}`);
    memory.set(binding.number, given === undefined ? new array(0) : array.from(given));
  }
  for (const binding of [...of.outputs, ...of.workspace])
    memory.set(binding.number, new ARRAYS[binding.element as keyof typeof ARRAYS](lengthOf(binding)).fill(-7.25));
  for (const kernel of of.kernels) {
    const count = workgroupsOf(module, kernel, call);
    if (count === 0) continue;
    const results = await execute(opened, {
      code,
      entry: kernel.entry,
      constants: constantsOf(module, kernel, of, call),
      bindings: [
        { binding: 0, data: uniformOf(module, call), kind: "uniform" },
        ...kernel.bindings.map((binding) => ({
          binding: binding.number,
          data: memory.get(binding.number)!,
          kind: binding.access,
        })),
      ],
      workgroups: [count, 1, 1],
    });
    for (const binding of kernel.bindings)
      if (binding.access === "read_write") {
        const bytes = results.bytes(binding.number).slice();
        memory.set(binding.number, new ARRAYS[binding.element as keyof typeof ARRAYS](bytes.buffer));
      }
  }
  return Object.fromEntries(
    of.outputs
      .filter(({ tensor, name: own }) => call.leftOut?.has(tensor ?? own) !== true)
      .map((binding) => [
        binding.tensor ?? binding.name,
        memory.get(binding.number) as Float32Array | Int32Array | Uint32Array,
      ]),
  );
}
