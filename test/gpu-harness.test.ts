/** The harness that runs WGSL works, and what it is to find it finds. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { browserUnavailable, openPage } from "./helpers/browser.js";
import {
  DRIVERS,
  execute,
  mapF32,
  nagaProblems,
  openDevice,
  operationCounts,
  unavailable,
  validate,
  type OpenDevice,
} from "./helpers/gpu.js";

const COPY = `
@group(0) @binding(0) var<storage, read> input: array<u32>;
@group(0) @binding(1) var<storage, read_write> output: array<u32>;
@group(0) @binding(2) var<uniform> count: u32;
override first: u32 = 0u;

@compute @workgroup_size(64)
fn copy(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x < count) {
    output[id.x - first] = input[id.x];
  }
}
`;

const copying = (data: Uint32Array, count: number, more: { first?: number; guard?: boolean } = {}) =>
  ({
    code: COPY,
    entry: "copy",
    constants: { first: more.first ?? 0 },
    bindings: [
      { binding: 0, kind: "read", data },
      { binding: 1, kind: "read_write", data: new Uint32Array(data.length), guard: more.guard ?? true },
      { binding: 2, kind: "uniform", data: Uint32Array.of(count) },
    ],
    workgroups: [Math.max(1, Math.ceil(data.length / 64)), 1, 1],
  }) as const;

/** What each driver makes of tanh(89): the reason why nothing that is emitted calls it. */
const TANH_OF_89 = { swiftshader: NaN, lavapipe: 1 };

const CLAMPS = { swiftshader: true, lavapipe: false };

describe.each(DRIVERS)("$name", (driver) => {
  const reason = unavailable(driver);
  if (reason !== undefined) {
    it.runIf(process.env["CI"] === "true")("is there", () => expect.fail(`WGSL is not tested on it: ${reason}`));
    it.skip(`does not run, because ${reason}`);
    return;
  }
  let opened: OpenDevice;
  beforeAll(async () => {
    opened = await openDevice(driver);
  });
  afterAll(() => opened.close());

  it("is the driver that was asked for, with the limits that everyone has", () => {
    expect(`${opened.info.description} ${opened.info.architecture}`).toContain(driver.adapter);
    expect(opened.device.limits.maxComputeWorkgroupStorageSize).toBe(16_384);
    expect(opened.device.limits.maxStorageBuffersPerShaderStage).toBe(8);
  });

  it.each([0, 1, 3, 63, 64, 65, 1000])("runs an entry point over %i words", async (length) => {
    const data = Uint32Array.from({ length }, (_, i) => i * 3 + 7);
    expect((await execute(opened, copying(data, length))).u32(1)).toEqual(data);
  });

  it("keeps the bits of NaN, infinities, zeros and subnormal numbers in integers", async () => {
    const bits = Uint32Array.of(0x7fc00000, 0xffc12345, 0x7f800001, 0xff800000, 0x80000000, 1, 0x807fffff);
    expect((await execute(opened, copying(bits, bits.length))).u32(1)).toEqual(bits);
  });

  it("finds what is written behind and before the data", async () => {
    const data = new Uint32Array(130).fill(1);
    await expect(execute(opened, copying(data, 131))).rejects.toThrow(
      "binding 1 was written out of bounds, 0 bytes after the end of its 520 bytes",
    );
    // Beyond all that is bound one driver writes to the last word, the other nowhere.
    const before = execute(opened, copying(data, 130, { first: 1 }));
    if (CLAMPS[driver.name]) await expect(before).rejects.toThrow("binding 1 was written out of bounds");
    else expect((await before).u32(1).at(-1)).toBe(0);
    const exact = await execute(opened, copying(data, 131, { guard: false }));
    expect(exact.u32(1).at(-1) === 1).toBe(!CLAMPS[driver.name]);
  });

  it("throws what is wrong with a module, a constant, a binding, a size", async () => {
    const good = copying(new Uint32Array(4), 4);
    const wrong = { ...good, code: COPY.replace("input[id.x];", "1.5;") };
    await expect(execute(opened, wrong)).rejects.toThrow(/abstract-float.*\n10:28: output\[id\.x - first\] = 1\.5;/);
    await expect(execute(opened, { ...good, entry: "none" })).rejects.toThrow("none");
    await expect(execute(opened, { ...good, constants: { second: 1 } })).rejects.toThrow("second");
    await expect(execute(opened, { ...good, bindings: good.bindings.slice(1) })).rejects.toThrow();
    await expect(execute(opened, { ...good, workgroups: [65_536, 1, 1] })).rejects.toThrow("65535");
    expect((await execute(opened, good)).u32(1)).toEqual(new Uint32Array(4));
    expect(opened.errors).toEqual([]);
  });

  it("maps a function with parameters over inputs of more than one dispatch", async () => {
    const inputs = Float32Array.from({ length: 4_194_240 + 3 }, (_, i) => i % 1000);
    const functions = "fn line(x: f32, slope: f32, offset: f32) -> f32 {\n  return x * slope + offset;\n}\n";
    const parameters = { slope: 2, offset: 0.5 };
    const call = "line(x, p.slope, p.offset)";
    const outputs = await mapF32(opened, { functions, call, inputs, parameters });
    expect(outputs.length).toBe(inputs.length);
    expect(outputs.findIndex((output, i) => output !== inputs[i]! * 2 + 0.5)).toBe(-1);
  });

  it(`says that tanh(89) is ${TANH_OF_89[driver.name]}`, async () => {
    const [tanh] = await mapF32(opened, { functions: "", call: "tanh(x)", inputs: Float32Array.of(89) });
    expect(tanh).toBe(TANH_OF_89[driver.name]);
  });

  it("runs two calls at once", async () => {
    const wrong = execute(opened, { ...copying(new Uint32Array(4), 4), code: "fn" });
    const right = execute(opened, copying(Uint32Array.of(5), 1));
    await expect(wrong).rejects.toThrow("1:3: fn");
    expect((await right).u32(1)).toEqual(Uint32Array.of(5));
  });
});

describe("the front ends", () => {
  it("take what is right", async () => {
    expect(await validate(COPY)).toEqual([]);
    expect(nagaProblems(COPY)).toEqual([]);
  });

  it("take extensions that a module enables", async () => {
    const code = `enable f16, subgroups;
@group(0) @binding(0) var<storage, read_write> data: array<f16>;

@compute @workgroup_size(64)
fn total(@builtin(local_invocation_index) i: u32) {
  data[i] = f16(subgroupAdd(f32(data[i])));
}
`;
    expect(await validate(code)).toEqual([]);
    expect(await validate(code.replace("enable f16, subgroups;", ""))).not.toEqual([]);
    expect(nagaProblems(code)).toEqual([]);
  });

  it.each([
    ["a wrong type", COPY.replace("input[id.x]", "1.5"), true],
    ["a syntax error", COPY.replace("if (", "if if ("), true],
    ["a constant that overflows", "fn f() -> f32 {\n  return 3e38 * 2f;\n}\n", true],
    ["a barrier in divergent control flow", COPY.replace("output[id.x -", "workgroupBarrier();\noutput[id.x -"), false],
    ["a workgroup that is too large", COPY.replace("(64)", "(512)"), false],
    [
      "too much workgroup memory",
      `var<workgroup> tile: array<f32, 5000>;\n${COPY.replace("if (", "tile[id.x] = 1.0;\n  if (")}`,
      false,
    ],
  ])("find %s", async (_, code, both) => {
    expect(await validate(code)).not.toEqual([]);
    expect(nagaProblems(code).length > 0).toBe(both);
  });

  it("name the line", async () => {
    const code = COPY.replace("input[id.x];", "1.5;");
    expect((await validate(code)).join("\n")).toContain("10:28: output[id.x - first] = 1.5;");
    expect(nagaProblems(code).join("\n")).toContain("10 │");
  });
});

describe("operation counts", () => {
  const code = `
fn square(x: f32) -> f32 {
  return x * x;
}

fn fourth(x: f32) -> f32 {
  return square(square(x)) + 1.0;
}

@group(0) @binding(0) var<storage, read_write> data: array<f32>;

@compute @workgroup_size(1)
fn twice() {
  data[0] = fourth(data[0]) + fourth(data[1]);
}

@compute @workgroup_size(1)
fn once() {
  data[0] = square(data[0]);
}
`;

  it("are those of an entry point with all its calls", () => {
    expect(operationCounts(code, "twice")).toMatchObject({ FMul: 4, FAdd: 3, FunctionCall: 6 });
    expect(operationCounts(code, "once")).toMatchObject({ FMul: 1, FunctionCall: 1 });
    expect(operationCounts(code, "once")["FAdd"]).toBeUndefined();
    expect(operationCounts(code)).toMatchObject({ FMul: 1, FAdd: 2, FunctionCall: 5 });
    expect(() => operationCounts(code, "thrice")).toThrow("only twice, once");
  });

  it("are the same every time, in one order, and have names", () => {
    const counts = JSON.stringify(operationCounts(COPY));
    for (let i = 0; i < 3; i++) expect(JSON.stringify(operationCounts(COPY))).toBe(counts);
    expect(counts).not.toMatch(/Op\d/);
    expect(operationCounts(COPY, "copy", { first: 3 })).toEqual(operationCounts(COPY, "copy"));
    expect(() => operationCounts(COPY.replace(" = 0u;", ";"))).toThrow("The override first has no value");
  });
});

describe("the browser", () => {
  const reason = browserUnavailable();
  if (reason !== undefined) {
    it.runIf(process.env["CI"] === "true")("is there", () => expect.fail(`WGSL is not tested in it: ${reason}`));
    it.skip(`does not run, because ${reason}`);
    return;
  }

  const PAGE_MODULE = `
import { constant } from "./constant.js";
export const echo = (value: unknown): unknown => value;
export const fail = (): never => { throw new Error("as it should"); };
export async function run(inputs: Float32Array): Promise<object> {
  const adapter = await navigator.gpu.requestAdapter();
  const device = await adapter!.requestDevice();
  const module = device.createShaderModule({ code: \`
    @group(0) @binding(0) var<storage, read_write> data: array<f32>;
    @compute @workgroup_size(1) fn main(@builtin(workgroup_id) id: vec3<u32>) { data[id.x] = data[id.x] * \${constant}; }
  \` });
  const pipeline = await device.createComputePipelineAsync({ layout: "auto", compute: { module, entryPoint: "main" } });
  const size = inputs.byteLength;
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const buffer = device.createBuffer({ size, usage: STORAGE | COPY_SRC | COPY_DST });
  const copy = device.createBuffer({ size, usage: MAP_READ | COPY_DST });
  device.queue.writeBuffer(buffer, 0, inputs);
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  const layout = pipeline.getBindGroupLayout(0);
  pass.setBindGroup(0, device.createBindGroup({ layout, entries: [{ binding: 0, resource: { buffer } }] }));
  pass.dispatchWorkgroups(inputs.length);
  pass.end();
  encoder.copyBufferToBuffer(buffer, 0, copy, 0, size);
  device.queue.submit([encoder.finish()]);
  await copy.mapAsync(GPUMapMode.READ);
  return { architecture: adapter!.info.architecture, outputs: new Float32Array(copy.getMappedRange()).slice() };
}
`;

  it("runs TypeScript modules that dispatch WGSL", async () => {
    const modules = { "page.ts": PAGE_MODULE, "constant.js": "export const constant = '3.0';\n" };
    const opened = await openPage({ modules });
    try {
      const values = Float32Array.of(NaN, -0, Infinity, 1e-45);
      expect(await opened.call("page.js", "echo", values)).toEqual(values);
      await expect(opened.call("page.js", "fail")).rejects.toThrow("as it should");
      await expect(opened.call("page.js", "none")).rejects.toThrow("exports no none");
      await expect(opened.call("absent.js", "run")).rejects.toThrow("absent.js");
      const result = await opened.call<object>("page.js", "run", Float32Array.of(1, 2, 30));
      expect(result).toEqual({ architecture: "swiftshader", outputs: Float32Array.of(3, 6, 90) });
    } finally {
      await opened.close();
    }
  });
});
