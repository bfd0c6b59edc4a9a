/**
 * The loops of graphs: well-formed as they are planned and in vector lanes, with one plain meaning, which the emitted
 * WebAssembly has to the last bit, copied or not, at any place; and nothing else is written.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findDefinition } from "../src/catalogue.js";
import type { Given } from "../src/codegen/loops/integers.js";
import { allBlocks, blockExtent, type Buffer, type GraphFunction } from "../src/ir/kernel.js";
import { sizeOf } from "../src/ir/graph/places.js";
import { uniform } from "../src/ir/graph/random.js";
import { interpret, type NumberArray } from "../src/ir/loops/interpret.js";
import type { LoopFunction } from "../src/ir/loops/loops.js";
import { faultsOf } from "../src/ir/loops/verify.js";
import { layers, withActivation } from "../src/layers/layers.js";
import { loopsOf } from "../src/targets/wasm/graph.js";
import { call, emptyArray, functionOf, graphModule, type Arrays, type GraphModule } from "./helpers/graph-modules.js";
import { drawnSizes, instanceOf, meaningOf, type Instance } from "./helpers/graph-random.js";
import { extentOf } from "./helpers/kernel-interpreter.js";
import { completeSizes } from "./helpers/graph-run.js";
import { rowActivations } from "./helpers/layer-cases.js";

const ofLayers = layers.map((layer) => [layer.id, withActivation(layer, findDefinition(layer.customary)!)] as const);
const SUBJECTS = [...rowActivations.map((definition) => [definition.id, definition] as const), ...ofLayers];

/** Views that begin at 4 bytes behind a multiple of 16, with words beside them that have to stay. */
const OFFSET = 1;
const GUARD = -77;

interface Allocates {
  readonly allocate: (length: number) => Float32Array;
  readonly free: (array: Float32Array) => void;
}

const FUNCTIONS: Readonly<Record<string, (...args: number[]) => number>> = Object.assign(
  Object.create(Math) as Record<string, (...args: number[]) => number>,
  { uniform },
);

type Loops = ReturnType<typeof loopsOf>;

/** What a loop makes of tensors, by its plain meaning: the outputs by name. */
function meaning(
  of: GraphFunction,
  loop: LoopFunction,
  { arrays, numbers }: Loops,
  tensors: Arrays,
  { sizes, parameters }: Instance,
) {
  const extents = of.kernels.flatMap((kernel) => {
    const blocks = allBlocks(kernel);
    return blocks.map((block) => [blockExtent(block.axis).name, extentOf(block, blocks, { sizes })] as const);
  });
  const named = { ...Object.fromEntries(extents), ...sizes };
  const arrayOf = (buffer: Buffer): NumberArray => {
    const length = sizeOf(buffer.length, named);
    if (buffer.role === "input") {
      const given = tensors[buffer.name];
      return given === undefined ? new Float32Array(length).fill(buffer.absent!) : given.slice();
    }
    if (buffer.type === "int32") return new Int32Array(length).fill(GUARD);
    return buffer.type === "float64" ? new Float64Array(length) : new Float32Array(length).fill(GUARD);
  };
  const numberOf = (given: Given): number =>
    given.kind === "size"
      ? sizeOf(given.size, named)
      : given.kind === "wanted"
        ? 1
        : given.kind === "key"
          ? parameters[given.name]! | 0
          : parameters[given.name]!;
  const made = arrays.map(arrayOf);
  interpret(loop, {
    arrays: Object.fromEntries(loop.arrays.map(({ name }, i) => [name, made[i]!])),
    numbers: Object.fromEntries(loop.numbers.map(({ name }, i) => [name, numberOf(numbers[i]!)])),
    functions: FUNCTIONS,
  });
  return new Map(arrays.map((buffer, i) => [buffer.name, made[i]!] as const));
}

/** The bits of numbers in float32; what is none has one pattern of the many that machines give it. */
const words = (array: ArrayLike<number>): number[] => [
  ...new Uint32Array(Float32Array.from(array, (value) => (Number.isNaN(value) ? NaN : value)).buffer),
];

/** Outputs, asked for in arrays inside the memory that begin in the middle of it. */
function inMemory(module: GraphModule, of: GraphFunction, tensors: Arrays, { given, sizes }: Instance) {
  const { allocate, free } = module.exports as unknown as Allocates;
  const held: Float32Array[] = [];
  const place = (values: Arrays[string]): Arrays[string] => {
    const count = Math.ceil(values.byteLength / 4);
    const array = allocate(count + 2 * OFFSET).fill(GUARD);
    held.push(array);
    const Same = values.constructor as Float32ArrayConstructor;
    const inside = new Same(array.buffer as ArrayBuffer, array.byteOffset + 4 * OFFSET, values.length);
    inside.set(values);
    return inside;
  };
  const inputs = Object.fromEntries(Object.entries(tensors).map(([name, values]) => [name, place(values)]));
  const outputs = Object.fromEntries(of.outputs.map((buffer) => [buffer.name, place(emptyArray(buffer, sizes))]));
  const results = call(module, of.name, inputs, given, outputs);
  const copies = new Map(Object.entries(results).map(([name, values]) => [name, words(values)]));
  for (const array of held) expect([array[0], array.at(-1)]).toEqual([GUARD, GUARD]);
  held.forEach(free);
  return copies;
}

describe.each(SUBJECTS)("%s", (id, definition) => {
  it("has loops without faults, of one meaning", async () => {
    const module = await graphModule(definition, "auto", "wasm");
    const draws = fc.sample(drawnSizes(id), { numRuns: 5, seed: 11 });
    for (const [i, sizes] of draws.entries()) {
      const instance = instanceOf(definition, sizes, i);
      const tensors: Record<string, Arrays[string]> = { ...instance.tensors, ...instance.upstream };
      for (const of of module.plan.functions) {
        const loops = loopsOf(of);
        expect([...faultsOf(loops.loop), ...faultsOf(loops.vectors)]).toEqual([]);
        const plain = meaning(of, loops.loop, loops, tensors, instance);
        const vectors = meaning(of, loops.vectors, loops, tensors, instance);
        const inside = inMemory(module, of, tensors, instance);
        const asked = Object.fromEntries(of.outputs.map((buffer) => [buffer.name, emptyArray(buffer, instance.sizes)]));
        const copied = call(module, of.name, tensors, instance.given, asked);
        for (const { name } of of.outputs) {
          const wanted = words(vectors.get(name)!);
          expect(inside.get(name), `${of.name} ${name}`).toEqual(wanted);
          expect(words(copied[name]!), `${of.name} ${name}, copied`).toEqual(wanted);
          const scale = Array.from(plain.get(name)!).reduce((most, value) => Math.max(most, Math.abs(value) || 0), 0);
          Array.from(plain.get(name)!).forEach((value, at) => {
            const got = vectors.get(name)![at]!;
            expect(got).toSatisfy(() => Object.is(got, value) || Math.abs(got - value) <= 4e-6 * scale);
          });
          if (of.name === "forward") tensors[name] = Float32Array.from(plain.get(name)!);
        }
      }
    }
  });
});

/** More rows, columns and terms of sums than products take at a time, by one and by more; and a single row. */
const DENSE = [
  { rows: 1, inputs: 257, outputs: 97 },
  { rows: 67, inputs: 600, outputs: 5 },
  { rows: 133, inputs: 9, outputs: 193 },
  { rows: 3, inputs: 101, outputs: 513 },
];
/** The same for windows: in a row, in a plane, with more places outside than a vector holds, and few of many channels. */
const ENDS: readonly (readonly [id: string, sizes: Readonly<Record<string, number>>])[] = [
  ...["dense", "gated_dense"].flatMap((id) => DENSE.map((sizes) => [id, sizes] as const)),
  ["conv1d", { batch: 1, channels: 87, length: 98, filters: 3, kernel: 3, padding: 1 }],
  ["conv2d", { batch: 1, channels: 2, height: 6, width: 7, filters: 3, kernelHeight: 5, paddingHeight: 2 }],
  ["conv1d", { batch: 2, channels: 2, length: 139, filters: 5, kernel: 5, stride: 2, padding: 3, dilation: 2 }],
  [
    "conv2d",
    { batch: 1, channels: 2, height: 3, width: 301, filters: 4, kernelHeight: 2, paddingHeight: 1, groups: 2 },
  ],
  [
    "conv2d",
    { batch: 1, channels: 44, height: 4, width: 5, filters: 2, kernelHeight: 2, kernelWidth: 3, paddingWidth: 2 },
  ],
];

describe("products", () => {
  it.each(ENDS)("of %s multiply %o", async (id, given) => {
    const definition = SUBJECTS.find(([of]) => of === id)![1];
    const sizes = completeSizes(definition, given);
    const module = await graphModule(definition, "auto", "wasm");
    const instance = instanceOf(definition, sizes, 5);
    const { outputs, gradients } = meaningOf(definition)(instance);
    const { tensors, upstream } = instance;
    const found: Record<string, Float32Array> = {};
    for (const name of ["forward", "backward"]) {
      const given = { ...tensors, ...upstream, ...found };
      for (const [output, bits] of inMemory(module, functionOf(module, name), given, instance))
        found[output] = new Float32Array(Uint32Array.from(bits).buffer);
    }
    for (const [name, expected] of Object.entries({ ...outputs, ...gradients })) {
      const values = found[name]!;
      const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(values.length).toBe(expected.length);
      expected.forEach((value, at) => expect(Math.abs(values[at]! - value), name).toBeLessThanOrEqual(5e-7 * largest));
    }
  });
});
