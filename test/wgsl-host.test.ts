/** The emitted host modules: their types, and what they compute on every driver and in a browser. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { GraphDefinition } from "../src/ir/graph/definition.js";
import type { Binding } from "../src/targets/wgsl/shader.js";
import { browserUnavailable, openPage } from "./helpers/browser.js";
import { DRIVERS, openDevice, unavailable, type OpenDevice } from "./helpers/gpu.js";
import { layerCases } from "./helpers/layer-cases.js";
import { loadModule } from "./helpers/modules.js";
import {
  activationNamed,
  compiledFolder,
  floats,
  guarded,
  hostTexts,
  shaderOf,
  shaderOfGraph,
  typeProblems,
  type Guarded,
  type HostFunction,
  type HostMaker,
} from "./helpers/wgsl-host.js";
import { HOSTILE, limited, scaledModule } from "./helpers/wgsl-host-modules.js";

/** One that keeps its input, one its output, with a parameter, with learnable ones. */
const IDS = ["relu", "silu", "sigmoid", "elu", "prelu"];

/** Layers with several kernels, a workspace, optional tensors, sizes that are constants of the shader. */
const LAYERS = ["softmax", "dense", "attention"];
const layers = LAYERS.flatMap((id) => layerCases(id).slice(0, 6));
const nameOf = ({ id, activations }: GraphDefinition): string => [id, ...activations.map((one) => one.id)].join("_");
const graphs = new Map(
  layers.map(({ definition }) => [nameOf(definition), shaderOfGraph({ ...definition, id: nameOf(definition) })]),
);

const modules = [
  ...graphs.values(),
  ...IDS.map((id) => shaderOf(activationNamed(id))),
  shaderOf(HOSTILE),
  scaledModule(),
];
const texts = await hostTexts(modules);
const load = compiledFolder(texts);
const index = await load<Record<string, HostMaker>>("index.js");

const halves = (values: Float32Array): Uint16Array =>
  Uint16Array.from(values, (value) => {
    const bits = new Uint32Array(Float32Array.of(value).buffer)[0]!;
    return value === 0
      ? (bits >>> 16) & 0x8000
      : ((bits >>> 16) & 0x8000) | ((((bits >>> 23) & 255) - 112) << 10) | ((bits >>> 13) & 1023);
  });
const halfValue = (bits: number): number => {
  const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
};

/** Eighths from -6 on: a float16, too, holds them. */
const inputs = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => ((i * 37) % 97) / 8 - 6);
const filled = (length: number): Float32Array => new Float32Array(length).fill(-77);

function compare(actual: ArrayLike<number>, expected: (i: number) => number, relative = 1e-6): void {
  for (let i = 0; i < actual.length; i++) {
    const wanted = expected(i);
    if (!(Math.abs(actual[i]! - wanted) <= relative * Math.abs(wanted) + 1e-37))
      expect.fail(`element ${i} is ${actual[i]} instead of ${wanted}`);
  }
}

const bindingsOf = (buffers: Readonly<Record<string, Guarded>>): Record<string, GPUBufferBinding> =>
  Object.fromEntries(Object.entries(buffers).map(([name, { binding }]) => [name, binding]));

function encoded(device: GPUDevice, write: (encoder: GPUCommandEncoder) => void): void {
  const encoder = device.createCommandEncoder();
  write(encoder);
  device.queue.submit([encoder.finish()]);
}

describe("the types", () => {
  it("are right in every emitted file, and let a right program through", () => {
    const program = `
      import { delete as hostile, elu, prelu, scaled, silu, KernelError, type Needs } from "./index.js";
      export async function run(device: GPUDevice, encoder: GPUCommandEncoder, buffer: GPUBuffer): Promise<Needs<"x" | "y">> {
        const kernels = await silu(device, { type: "f16", subgroups: false });
        const saves: readonly ["x"] = kernels.saves;
        kernels.forward.encode(encoder, { x: buffer, y: { buffer, offset: 256 } }, { size: 3, beta: 2 });
        kernels.forward.encode(encoder.beginComputePass(), { x: buffer, y: buffer }, { size: 3 }, { workspace: buffer });
        const { backward } = await prelu(device);
        backward.encode(encoder, { x: buffer, dy: buffer, dx: null, dslope: buffer }, { size: 3 });
        backward.needs({ size: 3 }, { without: ["dx", "dslope"] });
        const made = await scaled(device, { overrides: { lanes: 32 } });
        made.forward.encode(encoder, { x: buffer, y: buffer }, { rows: 1, seed: 1, counter: 2, factor: 1 });
        (await hostile(device)).forward.needs({ size: 1, constructor: 1, default: 2 });
        await (await elu(device)).forward.prepare({ size: 3, alpha: undefined });
        // @ts-expect-error A buffer is missing.
        kernels.forward.encode(encoder, { x: buffer }, { size: 3 });
        // @ts-expect-error There is no such buffer.
        kernels.forward.encode(encoder, { x: buffer, y: buffer, z: buffer }, { size: 3 });
        // @ts-expect-error The size is missing.
        kernels.forward.encode(encoder, { x: buffer, y: buffer }, {});
        // @ts-expect-error There is no such parameter.
        kernels.forward.encode(encoder, { x: buffer, y: buffer }, { size: 3, gamma: 1 });
        // @ts-expect-error Arrays are no buffers.
        kernels.forward.encode(encoder, { x: new Float32Array(3), y: buffer }, { size: 3 });
        // @ts-expect-error An output that comes along with nothing else must be there.
        made.forward.encode(encoder, { x: buffer }, { rows: 1 });
        // @ts-expect-error It is not made for f16.
        await scaled(device, { type: "f16" });
        // @ts-expect-error There is no such override.
        await scaled(device, { overrides: { width: 3 } });
        // @ts-expect-error It has no overrides.
        await silu(device, { overrides: { lanes: 3 } });
        if (saves.length === 1) throw new KernelError("no");
        return kernels.forward.needs({ size: 3 });
      }`;
    expect(typeProblems({ ...texts, "program.ts": program })).toEqual([]);
  });

  it("stand in files that need nothing but each other", () => {
    for (const text of Object.values(texts)) {
      const from = [...text.matchAll(/^(?:import|export)\b[^;"]*from "([^"]+)"/gm)].map((match) => match[1]!);
      for (const path of from) expect(Object.keys(texts)).toContain(path.replace(/^\.\//, "").replace(/\.js$/, ".ts"));
      expect(text).not.toMatch(/\bimport\(|\brequire\(/);
    }
  });
});

describe.each(DRIVERS)("$name", (driver) => {
  const reason = unavailable(driver);
  if (reason !== undefined) {
    it.runIf(process.env["CI"] === "true")("is there", () => expect.fail(`WGSL is not tested on it: ${reason}`));
    it.skip(`does not run, because ${reason}`);
    return;
  }
  let opened: OpenDevice;
  let device: GPUDevice;
  beforeAll(async () => {
    opened = await openDevice(driver);
    device = opened.device;
  });
  afterAll(() => {
    expect(opened.errors).toEqual([]);
    opened.close();
  });

  const run = (
    of: HostFunction,
    buffers: Readonly<Record<string, Guarded>>,
    parameters: Readonly<Record<string, number>>,
  ): void => encoded(device, (encoder) => of.encode(encoder, bindingsOf(buffers), parameters));

  it.each(IDS)("computes %s and its gradient, whatever the size and the room", async (id) => {
    const [kernels, module] = [await index[id]!(device), await loadModule(id)];
    for (const [length, room] of [
      [0, 0],
      [1, 0],
      [1, 12],
      [3, 4],
      [4, 0],
      [5, 0],
      [5, 12],
      [1023, 0],
      [1023, 4],
      [4099, 0],
      [4099, 16],
    ] as const) {
      const x = inputs(length);
      const buffers = { x: guarded(device, x, room), y: guarded(device, filled(length), room) };
      run(kernels.forward!, buffers, { size: length });
      const y = floats(await buffers.y.read());
      compare(y, (i) => module.value(x[i]!));
      const dy = Float32Array.from(x, (_, i) => 1 + (i % 7));
      const dx = guarded(device, filled(length), room);
      const learnable = activationNamed(id).parameters.filter((parameter) => parameter.learnable);
      const slopes = learnable.map(({ name }) => [`d${name}`, guarded(device, filled(1))] as const);
      const saved = Object.fromEntries(
        kernels.saves.map((name) => [name, guarded(device, name === "x" ? x : y, room)]),
      );
      const given = {
        ...saved,
        x: guarded(device, x, room),
        dy: guarded(device, dy, room),
        dx,
        ...Object.fromEntries(slopes),
      };
      const known = kernels.backward!.needs({ size: length }).bytes;
      run(kernels.backward!, Object.fromEntries(Object.entries(given).filter(([name]) => name in known)), {
        size: length,
      });
      compare(floats(await dx.read()), (i) => dy[i]! * module.derivative(x[i]!), 2e-6);
      for (const [name, guardedSlope] of slopes) {
        const gradients = { [name.slice(1)]: 0 };
        const backward = module.backward as (...all: readonly unknown[]) => unknown;
        backward(dy, x, undefined, undefined, gradients);
        compare(floats(await guardedSlope.read()), () => gradients[name.slice(1)]!, 1e-5);
      }
    }
  });

  it("keeps calls with different sizes and parameters apart until they are submitted", async () => {
    const [kernels, module] = [await index["elu"]!(device), await loadModule("elu")];
    const x = inputs(2000);
    const source = guarded(device, x, 16);
    const calls = [
      { size: 2000, alpha: 4 },
      { size: 3, alpha: 1 },
      { size: 1025, alpha: 0.5 },
      { size: 2000, alpha: 4 },
    ].map((parameters) => ({ parameters, y: guarded(device, filled(parameters.size), 16) }));
    encoded(device, (encoder) => {
      const pass = encoder.beginComputePass();
      for (const { parameters, y } of calls)
        kernels.forward!.encode(pass, { x: source.binding, y: y.binding }, parameters);
      pass.end();
    });
    for (const { parameters, y } of calls)
      compare(floats(await y.read()), (i) => module.value(x[i]!, { alpha: parameters.alpha }));
  });

  it("strides where there are more elements than workgroups", async () => {
    const few = limited(device, { maxComputeWorkgroupsPerDimension: 3 });
    const kernels = await index["silu"]!(few);
    const x = inputs(20_003);
    const buffers = { x: guarded(device, x), y: guarded(device, filled(x.length)) };
    run(kernels.forward!, buffers, { size: x.length });
    const module = await loadModule("silu");
    compare(floats(await buffers.y.read()), (i) => module.value(x[i]!));
    expect(few.counts["dispatchWorkgroups"]).toBeUndefined();
  });

  it("makes nothing anew for a call that it has encoded before", async () => {
    const counting = limited(device, {});
    const [elu, prelu] = [await index["elu"]!(counting), await index["prelu"]!(counting)];
    const [x, dy, dx, dslope] = [inputs(9), inputs(9), filled(9), filled(1)].map(
      (data) => guarded(device, data).binding,
    );
    const forward = (alpha: number): void =>
      encoded(device, (encoder) => elu.forward!.encode(encoder, { x: x!, y: dx! }, { size: 9, alpha }));
    const backward = (slope: number): void =>
      encoded(device, (encoder) =>
        prelu.backward!.encode(encoder, { x: x!, dy: dy!, dx: dx!, dslope: dslope! }, { size: 9, slope }),
      );
    forward(1);
    backward(1);
    const before = { ...counting.counts };
    for (let i = 0; i < 20; i++) forward(1);
    backward(1);
    expect(counting.counts).toEqual(before);
    // A parameter that is another every time takes a uniform and a bind group, and no pipelines.
    for (let i = 0; i < 600; i++) forward(2 + i);
    const more = Object.keys(counting.counts).filter((name) => counting.counts[name] !== before[name]);
    expect(more.sort()).toEqual(["createBindGroup", "createBuffer"]);
    expect(counting.counts["createBuffer"]! - before["createBuffer"]!).toBe(600);
  });

  it("runs what has sizes with defaults, optional buffers, a workspace, an override that is a size, draws", async () => {
    const kernels = await index["scaled"]!(device, { overrides: { lanes: 32 } });
    const forward = kernels.forward!;
    const x = inputs(5 * 10);
    const bias = inputs(10);
    expect(forward.needs({ rows: 5 })).toEqual({
      bytes: { x: 200, biasOfRows: 40, y: 200, seeds: 200 },
      workspaceBytes: 256,
      dispatches: 2,
    });
    expect(forward.needs({ rows: 0, columns: 3 })).toMatchObject({ workspaceBytes: 0, dispatches: 0 });
    const workspace = guarded(device, filled(64));
    for (const hasBias of [true, false])
      for (const hasSeeds of [true, false])
        for (const given of [undefined, workspace.binding]) {
          const y = guarded(device, filled(50));
          const seeds = guarded(device, new Uint32Array(50).fill(9));
          const buffers = {
            x: guarded(device, x).binding,
            biasOfRows: hasBias ? guarded(device, bias).binding : null,
            y: y.binding,
            seeds: hasSeeds ? seeds.binding : undefined,
          };
          const parameters = { rows: 5, factor: 0.25, seed: 2 ** 32 - 1, counter: 7 };
          await forward.prepare(parameters, { without: hasBias ? [] : ["biasOfRows"] });
          encoded(device, (encoder) =>
            forward.encode(encoder, buffers, parameters, given === undefined ? {} : { workspace: given }),
          );
          compare(floats(await y.read()), (i) => 0.5 * x[i]! + (hasBias ? bias[i % 10]! : 0));
          const drawn = new Uint32Array((await seeds.read()).buffer);
          expect([...new Set(drawn)]).toEqual([hasSeeds ? 20 : 9]);
        }
    expect(floats(await workspace.read())[7]).toBe(2 * x[7]!);
  });

  it("takes names that every object has", async () => {
    const kernels = await index["delete"]!(device);
    const buffers = { x: guarded(device, inputs(5)), y: guarded(device, filled(5)) };
    run(kernels.forward!, buffers, { size: 5, default: 5 });
    compare(floats(await buffers.y.read()), (i) => 10 * inputs(5)[i]!);
    expect(() => kernels.forward!.needs({ size: 5, toString: 1 } as never)).toThrow('no size or parameter "toString"');
  });

  it.each(layers)("runs a layer: $definition.id, $name", async (layer) => {
    const { definition, given, parameters, tensors, outputs, upstream, gradients } = layer;
    const shader = graphs.get(nameOf(definition))!;
    const kernels = await index[nameOf(definition)]!(device);
    const sizes = { ...given, ...parameters };
    const call = async (name: string, data: Readonly<Record<string, Float64Array | Float32Array>>) => {
      const of = shader.functions.find((one) => one.name === name)!;
      const named = ({ name: own, tensor }: Binding): string => tensor ?? own;
      const known = of.inputs.filter((binding) => data[named(binding)] !== undefined);
      const read = known.map((binding): [string, Guarded] => {
        const values = data[named(binding)]!;
        const typed = { stored: Float32Array, f32: Float32Array, i32: Int32Array, u32: Uint32Array }[binding.element];
        return [named(binding), guarded(device, typed.from(values))];
      });
      const { bytes } = kernels[name]!.needs(sizes);
      const written = of.outputs
        .filter((binding) => name === "forward" || binding.presence === undefined || named(binding).slice(1) in data)
        .map((binding): [string, Guarded] => [named(binding), guarded(device, filled(bytes[named(binding)]! / 4))]);
      run(kernels[name]!, Object.fromEntries([...read, ...written]), sizes);
      const results = written.map(async ([own, one]) => [own, floats(await one.read())] as const);
      return Object.fromEntries(await Promise.all(results));
    };
    const close = (what: string, actual: Float32Array, wanted: Float64Array): void => {
      const scale = wanted.reduce((top, value) => (Number.isFinite(value) ? Math.max(top, Math.abs(value)) : top), 0);
      expect(actual.length, what).toBe(wanted.length);
      wanted.forEach((value, i) => {
        if (!Object.is(actual[i], value) && !(Math.abs(actual[i]! - value) <= 2e-6 * Math.abs(value) + 1e-6 * scale))
          expect.fail(`${what}[${i}] is ${actual[i]} instead of ${value}`);
      });
    };
    const forward = await call("forward", tensors);
    for (const { output, values } of Object.values(outputs))
      if (forward[output.name] !== undefined) close(output.name, forward[output.name]!, values);
    if (Object.keys(upstream).length === 0 || kernels["backward"] === undefined) return;
    const above = Object.entries(outputs).map(([name, { output, values }]) => [
      `d${output.name}`,
      upstream[name] ?? new Float64Array(values.length),
    ]);
    const slopes = await call("backward", { ...forward, ...tensors, ...Object.fromEntries(above) });
    for (const [name, values] of Object.entries(gradients))
      if (slopes[`d${name}`] !== undefined) close(`d${name}`, slopes[`d${name}`]!, values);
  });

  // The other driver has no float16.
  const lengths = driver.name === "lavapipe" ? [1, 2, 3, 5, 8, 1000, 1003] : [];
  it.each(lengths)("holds %i float16", async (length) => {
    const open = await openDevice(driver, { features: ["shader-f16"] });
    try {
      const kernels = await index["silu"]!(open.device, { type: "f16" });
      expect(kernels.forward!.needs({ size: length }).bytes).toEqual({
        x: 4 * Math.ceil(length / 2),
        y: 4 * Math.ceil(length / 2),
      });
      const module = await loadModule("silu");
      for (const room of [0, 8]) {
        const x = inputs(length);
        const [from, to] = [
          guarded(open.device, halves(x), room),
          guarded(open.device, new Uint16Array(length).fill(0x3c01), room),
        ];
        encoded(open.device, (encoder) =>
          kernels.forward!.encode(encoder, { x: from.binding, y: to.binding }, { size: length }),
        );
        const y = [...new Uint16Array((await to.read()).buffer)].map(halfValue);
        compare(y, (i) => module.value(x[i]!), 2 ** -11 + 2 ** -14);
      }
      expect(open.errors).toEqual([]);
    } finally {
      open.close();
    }
  });
});

describe("the browser", () => {
  const reason = browserUnavailable();
  if (reason !== undefined) {
    it.runIf(process.env["CI"] === "true")("is there", () =>
      expect.fail(`host modules are not tested in it: ${reason}`),
    );
    it.skip(`does not run, because ${reason}`);
    return;
  }

  const PAGE = `
import { dense_linear as dense, silu, softmax, submit, KernelError } from "./index.js";

const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;

export async function run({ x, weight, bias, rows, inputs, outputs }) {
  const adapter = await navigator.gpu.requestAdapter();
  const device = await adapter.requestDevice();
  const of = (data) => {
    const buffer = device.createBuffer({ size: data.byteLength, usage: STORAGE | COPY_SRC | COPY_DST });
    device.queue.writeBuffer(buffer, 0, data);
    return buffer;
  };
  const [input, weights, added] = [x, weight, bias].map(of);
  const [activated, shares, y] = [x.length, x.length, rows * outputs].map((length) => of(new Float32Array(length)));
  const kernels = await Promise.all([silu(device), softmax(device), dense(device)]);
  await submit(device, (encoder) => {
    kernels[0].forward.encode(encoder, { x: input, y: activated }, { size: x.length });
    kernels[1].forward.encode(encoder, { x: input, y: shares }, { rows, columns: inputs });
    kernels[2].forward.encode(encoder, { x: input, weight: weights, bias: added, y }, { rows, inputs, outputs });
  });
  const encoder = device.createCommandEncoder();
  const copies = [activated, shares, y].map((buffer) => {
    const copy = device.createBuffer({ size: buffer.size, usage: MAP_READ | COPY_DST });
    encoder.copyBufferToBuffer(buffer, 0, copy, 0, buffer.size);
    return copy;
  });
  device.queue.submit([encoder.finish()]);
  await Promise.all(copies.map((copy) => copy.mapAsync(GPUMapMode.READ)));
  let refused = false;
  try {
    kernels[0].forward.encode(encoder, { x: input, y: input }, { size: 1 });
  } catch (error) {
    refused = error instanceof KernelError;
  }
  const results = copies.map((copy) => new Float32Array(copy.getMappedRange()).slice());
  device.destroy();
  return { results, refused };
}
`;

  it("runs the modules as they are", async () => {
    const [rows, inner, outer] = [5, 33, 19];
    const x = inputs(rows * inner);
    const weight = inputs(inner * outer).map((value, i) => value / (1 + (i % 5)));
    const bias = inputs(outer);
    const opened = await openPage({ modules: { ...texts, "page.ts": PAGE } });
    try {
      const argument = { x, weight, bias, rows, inputs: inner, outputs: outer };
      const { results, refused } = await opened.call<{ results: Float32Array[]; refused: boolean }>(
        "page.js",
        "run",
        argument,
      );
      expect(refused).toBe(true);
      compare(results[0]!, (i) => x[i]! / (1 + Math.exp(-x[i]!)));
      compare(results[1]!, (i) => {
        const row = x.slice(inner * Math.floor(i / inner), inner * (1 + Math.floor(i / inner)));
        return Math.exp(x[i]!) / row.reduce((sum, value) => sum + Math.exp(value), 0);
      });
      const products = Array.from({ length: rows * outer }, (_, i) => {
        const [row, column] = [Math.floor(i / outer), i % outer];
        return Array.from({ length: inner }, (__, k) => x[row * inner + k]! * weight[column * inner + k]!);
      });
      results[2]!.forEach((value, i) => {
        const wanted = products[i]!.reduce((sum, one) => sum + one, bias[i % outer]!);
        const scale = products[i]!.reduce((sum, one) => sum + Math.abs(one), 0);
        expect(Math.abs(value - wanted)).toBeLessThanOrEqual(1e-6 * scale);
      });
    } finally {
      await opened.close();
    }
  });
});
