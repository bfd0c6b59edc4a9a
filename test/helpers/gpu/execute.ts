/** Runs one entry point of a WGSL module, with guard words around every storage buffer. */
import { globals } from "webgpu";
import { withLine } from "./check.js";
import type { OpenDevice } from "./devices.js";

export type TypedArray =
  Float32Array | Uint32Array | Int32Array | Uint16Array | Int16Array | Uint8Array | Int8Array | Float64Array;

export interface Binding {
  readonly binding: number;
  readonly data: TypedArray;
  readonly kind: "uniform" | "read" | "read_write";
  /**
   * A write beyond all that is bound goes to its last element or nowhere. With `true`, the default, the guard words behind
   * the data are bound too, so that it hits them and is found. With `false` only the data is bound: for shaders that ask
   * for arrayLength.
   */
  readonly guard?: boolean;
}

export interface Execution {
  readonly code: string;
  readonly entry: string;
  readonly constants?: Readonly<Record<string, number>>;
  readonly bindings: readonly Binding[];
  readonly workgroups: readonly [x: number, y: number, z: number];
}

/** What stands in the read_write bindings afterwards. */
export interface Results {
  readonly f32: (binding: number) => Float32Array;
  readonly u32: (binding: number) => Uint32Array;
  readonly bytes: (binding: number) => Uint8Array;
}

const { GPUBufferUsage: USAGE, GPUMapMode: MODE } = globals as {
  readonly GPUBufferUsage: Readonly<Record<"STORAGE" | "UNIFORM" | "COPY_SRC" | "COPY_DST" | "MAP_READ", number>>;
  readonly GPUMapMode: Readonly<Record<"READ", number>>;
};
const COMPUTE = 4;

/** The alignment of offsets that every device has, and so the size of a guard region in bytes. */
const GUARD = 256;
const LAYOUT = { uniform: "uniform", read: "read-only-storage", read_write: "storage" } as const;

/** Error scopes are a stack of the device: one run at a time. */
const last = new WeakMap<GPUDevice, Promise<unknown>>();

export function execute(opened: OpenDevice, execution: Execution): Promise<Results> {
  const run = (last.get(opened.device) ?? Promise.resolve()).then(() => runOnce(opened, execution));
  last.set(
    opened.device,
    run.catch(() => undefined),
  );
  return run;
}

async function runOnce(opened: OpenDevice, execution: Execution): Promise<Results> {
  const { device } = opened;
  const buffers: GPUBuffer[] = [];
  device.pushErrorScope("out-of-memory");
  device.pushErrorScope("validation");
  let placed: readonly Placed[] = [];
  let problem: unknown;
  try {
    const pipeline = await pipelineOf(device, execution);
    placed = execution.bindings.map((binding) => place(device, binding, buffers));
    submit(device, execution, pipeline, placed);
  } catch (error) {
    problem = error;
  }
  const validation = await device.popErrorScope();
  const memory = await device.popErrorScope();
  try {
    const error = validation ?? memory;
    if (error !== null && !(problem instanceof ShaderError)) throw new Error(`${execution.entry}: ${error.message}`);
    if (problem !== undefined) throw problem;
    const read = new Map<number, Uint8Array>();
    for (const each of placed) if (each.copy !== undefined) read.set(each.binding.binding, await contents(each));
    if (opened.errors.length > 0) throw new Error(`${execution.entry}: ${opened.errors.join("\n")}`);
    return resultsOf(execution, read);
  } finally {
    for (const buffer of buffers) buffer.destroy();
  }
}

/** A mistake in the module itself. */
class ShaderError extends Error {}

interface Placed {
  readonly binding: Binding;
  readonly resource: GPUBufferBinding;
  /** The bytes of the whole buffer before the run, and what they are copied to after it. */
  readonly before?: Uint8Array;
  readonly copy?: GPUBuffer;
}

function place(device: GPUDevice, binding: Binding, buffers: GPUBuffer[]): Placed {
  const { data, kind } = binding;
  const make = (size: number, usage: number): GPUBuffer => {
    const buffer = device.createBuffer({ size, usage });
    buffers.push(buffer);
    return buffer;
  };
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (kind === "uniform") {
    const padded = new Uint8Array(Math.max(16, roundUp(bytes.length, 16)));
    padded.set(bytes);
    const buffer = make(padded.length, USAGE.UNIFORM | USAGE.COPY_DST);
    device.queue.writeBuffer(buffer, 0, padded);
    return { binding, resource: { buffer } };
  }
  const before = guarded(bytes, binding.binding);
  const buffer = make(before.length, USAGE.STORAGE | USAGE.COPY_SRC | USAGE.COPY_DST);
  device.queue.writeBuffer(buffer, 0, before);
  // An empty binding is not allowed: of no data a guard word or four is bound.
  const exact = Math.max(roundUp(bytes.length, 4), 16);
  const size = binding.guard === false ? exact : before.length - GUARD;
  const resource = { buffer, offset: GUARD, size };
  if (kind === "read") return { binding, resource };
  return { binding, resource, before, copy: make(before.length, USAGE.MAP_READ | USAGE.COPY_DST) };
}

/** Data between guard regions whose every word is another, and another than in other bindings. */
function guarded(data: Uint8Array, binding: number): Uint8Array {
  const words = new Uint32Array((2 * GUARD + roundUp(data.length, GUARD)) / 4);
  for (let i = 0; i < words.length; i++)
    words[i] = (0x7fa50000 ^ Math.imul(i + 1, 0x9e3b) ^ Math.imul(binding, 0x10001)) >>> 0;
  const bytes = new Uint8Array(words.buffer);
  bytes.set(data, GUARD);
  return bytes;
}

function roundUp(size: number, step: number): number {
  return Math.ceil(size / step) * step;
}

function submit(
  device: GPUDevice,
  execution: Execution,
  pipeline: GPUComputePipeline,
  placed: readonly Placed[],
): void {
  const layout = pipeline.getBindGroupLayout(0);
  const entries = placed.map(({ binding, resource }) => ({ binding: binding.binding, resource }));
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ layout, entries }));
  pass.dispatchWorkgroups(...execution.workgroups);
  pass.end();
  for (const { resource, before, copy } of placed)
    if (copy !== undefined) encoder.copyBufferToBuffer(resource.buffer, 0, copy, 0, before!.length);
  device.queue.submit([encoder.finish()]);
}

/** The data of a binding after the run, once its guard words have been found as they were. */
async function contents({ binding, before, copy }: Placed): Promise<Uint8Array> {
  await copy!.mapAsync(MODE.READ);
  const after = new Uint8Array(copy!.getMappedRange()).slice();
  copy!.unmap();
  const end = GUARD + binding.data.byteLength;
  for (let i = 0; i < after.length; i++) {
    if (i === GUARD) i = end;
    if (i >= after.length || after[i] === before![i]) continue;
    const bytes = i < GUARD ? `${GUARD - i} bytes before the start` : `${i - end} bytes after the end`;
    throw new Error(`binding ${binding.binding} was written out of bounds, ${bytes} of its ${end - GUARD} bytes`);
  }
  return after.slice(GUARD, end);
}

function resultsOf(execution: Execution, read: ReadonlyMap<number, Uint8Array>): Results {
  const bytes = (binding: number): Uint8Array => {
    const found = read.get(binding);
    if (found === undefined) throw new Error(`${execution.entry} has no binding ${binding} that is read_write`);
    return found;
  };
  return {
    bytes,
    f32: (binding) => new Float32Array(bytes(binding).buffer),
    u32: (binding) => new Uint32Array(bytes(binding).buffer),
  };
}

const pipelines = new WeakMap<GPUDevice, Map<string, Promise<GPUComputePipeline>>>();

function pipelineOf(device: GPUDevice, execution: Execution): Promise<GPUComputePipeline> {
  const known = pipelines.get(device) ?? new Map<string, Promise<GPUComputePipeline>>();
  pipelines.set(device, known);
  const kinds = execution.bindings.map(({ binding, kind }) => [binding, kind]);
  const key = JSON.stringify([execution.code, execution.entry, execution.constants ?? {}, kinds]);
  const pipeline = known.get(key) ?? makePipeline(device, execution);
  known.set(key, pipeline);
  return pipeline;
}

async function makePipeline(device: GPUDevice, execution: Execution): Promise<GPUComputePipeline> {
  const { code, entry, constants = {} } = execution;
  const module = device.createShaderModule({ code });
  const { messages } = await module.getCompilationInfo();
  const errors = messages.filter(({ type }) => type === "error").map((message) => withLine(code, message));
  if (errors.length > 0) throw new ShaderError(errors.join("\n"));
  const layout = device.createBindGroupLayout({
    entries: execution.bindings.map(({ binding, kind }) => ({
      binding,
      visibility: COMPUTE,
      buffer: { type: LAYOUT[kind] },
    })),
  });
  return device.createComputePipelineAsync({
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: { module, entryPoint: entry, constants: { ...constants } },
  });
}
