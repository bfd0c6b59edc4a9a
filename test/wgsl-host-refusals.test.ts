/** What the emitted host modules refuse before anything is encoded. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openNullDevice } from "./helpers/gpu.js";
import {
  USAGE,
  activationNamed,
  compiledFolder,
  hostTexts,
  shaderOf,
  type HostMaker,
  type Submit,
} from "./helpers/wgsl-host.js";
import { SCALED, limited, scaledModule } from "./helpers/wgsl-host-modules.js";

const modules = [...["silu", "squareplus", "prelu"].map((id) => shaderOf(activationNamed(id))), scaledModule()];
const index = await compiledFolder(await hostTexts(modules))<
  Record<string, HostMaker> & { readonly KernelError: new () => Error; readonly submit: Submit }
>("index.js");
const { KernelError } = index;

describe("refusals", () => {
  let device: GPUDevice;
  const errors: string[] = [];
  beforeAll(async () => {
    device = await openNullDevice();
    device.addEventListener("uncapturederror", ({ error }) => errors.push(error.message));
  });
  afterAll(() => {
    device.destroy();
    expect(errors).toEqual([]);
  });

  const buffer = (bytes: number, usage = USAGE.STORAGE): GPUBuffer => device.createBuffer({ size: bytes, usage });
  /** What a call throws, and that it is the error of its class, and that nothing was encoded. */
  function refusal(call: (encoder: GPUCommandEncoder) => void): string {
    const encoder = device.createCommandEncoder();
    let calls = 0;
    const watched = new Proxy(encoder, {
      get: (target, name) => {
        calls += 1;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
      has: (target, name) => name in target,
    });
    try {
      call(watched);
    } catch (error) {
      expect(error).toBeInstanceOf(KernelError);
      expect(calls).toBe(0);
      return (error as Error).message;
    }
    return "nothing";
  }
  async function rejection(promise: Promise<unknown>): Promise<string> {
    const error: unknown = await promise.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(KernelError);
    return (error as Error).message;
  }

  it("of buffers", async () => {
    const { forward } = await index["silu"]!(device);
    const [x, y] = [buffer(2048), buffer(2048)];
    const of = (buffers: object, elements = 100): string =>
      refusal((encoder) => forward!.encode(encoder, buffers as Record<string, GPUBuffer>, { size: elements }));
    expect(of({ x, y })).toBe("nothing");
    expect(of({ x })).toBe('silu.forward: the buffer "y" must be given');
    expect(of({ x, y: null })).toBe('silu.forward: the buffer "y" must be given');
    expect(of({ x, y, dy: y })).toBe('silu.forward: there is no buffer "dy"; there are "x", "y"');
    expect(of({ x, y: buffer(396) })).toBe('silu.forward: "y" has 396 bytes, and 400 are needed');
    expect(of({ x, y: { buffer: y, offset: 1792 } })).toBe('silu.forward: "y" has 256 bytes, and 400 are needed');
    expect(of({ x, y: { buffer: y, size: 200 } })).toBe('silu.forward: "y" has 200 bytes, and 400 are needed');
    expect(of({ x, y: { buffer: y, offset: 4 } })).toContain('"y" begins at byte 4, which must be a multiple of 256');
    expect(of({ x, y: { buffer: y, offset: 1024, size: 2048 } })).toContain(
      "from byte 1024 for 2048 bytes, and its buffer has 2048",
    );
    expect(of({ x, y: buffer(2048, USAGE.VERTEX) })).toContain('"y" is a buffer without the usage STORAGE');
    expect(of({ x, y: {} })).toContain('"y" must be a GPUBuffer');
    expect(of({ x, y: new Float32Array(100) })).toContain('"y" must be a GPUBuffer');
    expect(of({ x, y: 3 })).toContain('"y" must be a GPUBuffer');
    expect(of({ x, y: x })).toContain('"x" and "y" overlap');
    expect(of({ x, y: { buffer: x, offset: 1024 } })).toContain('"x" and "y" are in one buffer');
    expect(of({ x, y }, 0)).toBe("nothing");
    expect(refusal((encoder) => forward!.encode(encoder, null as never, { size: 1 }))).toContain(
      "an object with each buffer",
    );
  });

  it("of sizes and parameters", async () => {
    const { forward } = await index["squareplus"]!(device);
    const needs = (parameters: object): string => refusal(() => forward!.needs(parameters as Record<string, number>));
    expect(needs({ size: 1, b: 1 })).toBe("nothing");
    expect(needs({})).toBe('squareplus.forward: the size "size" must be given');
    for (const wrong of [-1, 1.5, NaN, Infinity, 2 ** 32, "3"])
      expect(needs({ size: wrong })).toBe(
        `squareplus.forward: "size" must be a whole number in [0, 2147483648], got ${wrong}`,
      );
    for (const wrong of [NaN, -1, Infinity, "3"])
      expect(needs({ size: 1, b: wrong })).toMatch(/"b" must be a number in/);
    expect(needs({ size: 1, b: 2 ** 150 })).toContain("beyond the largest float32");
    expect(needs({ size: 1, b: 2 ** -150 })).toContain("too small for a float32");
    expect(needs({ size: 1, c: 1 })).toContain('there is no size or parameter "c"; there are "size", "b"');
    expect(needs({ size: 2 ** 26 })).toMatch(
      /"x" has 67108864 elements, which are 268435456 bytes, and the device binds 134217728/,
    );
  });

  it("of requirements, draws, overrides, the workspace, what may not be left out", async () => {
    const { forward } = await index["scaled"]!(device);
    const needs = (parameters: Record<string, number>): string => refusal(() => forward!.needs(parameters));
    expect(needs({ rows: 4, columns: 3 })).toBe("scaled.forward: 4 rows are more than 3");
    expect(needs({ rows: 2, seed: -1 })).toContain('"seed" must be a whole number in [0, 4294967295]');
    expect(refusal(() => forward!.needs({ rows: 2 }, { without: ["y"] }))).toContain(
      '"y" is no buffer that may be left out',
    );
    const buffers = { x: buffer(256), y: buffer(256) };
    const encode = (workspace: GPUBuffer | GPUBufferBinding): string =>
      refusal((encoder) => forward!.encode(encoder, buffers, { rows: 2 }, { workspace }));
    expect(encode(buffer(128))).toBe('scaled.forward: "workspace" has 128 bytes, and 256 are needed');
    expect(encode(buffers.x)).toContain('"x" and "workspace scratch" overlap');
    expect(encode(buffers.y)).toContain('"y" and "workspace scratch" overlap');
    const make = (overrides: object): Promise<string> => rejection(index["scaled"]!(device, { overrides }));
    expect(await make({ lanes: 0 })).toContain('"lanes" must be a whole number in [1,');
    expect(await make({ width: 3 })).toContain('there is no override "width"; there are "lanes"');
    const wide = await index["scaled"]!(device, { overrides: { lanes: 512 } });
    expect(refusal(() => wide.forward!.needs({ rows: 2 }))).toContain(
      "it needs 512 invocations in a workgroup, and the device has 256",
    );
    const { backward } = await index["prelu"]!(device);
    expect(backward!.needs({ size: 8 }, { without: ["dslope"] })).toMatchObject({ workspaceBytes: 0, dispatches: 1 });
    expect(backward!.needs({ size: 8 }, { without: ["dx"] })).toMatchObject({ workspaceBytes: 1024, dispatches: 2 });
  });

  it("of limits and features that are missing", async () => {
    expect(await rejection(index["silu"]!(device, { type: "f16" }))).toContain(
      'the type "f16" needs the feature "shader-f16"',
    );
    expect(await rejection(index["scaled"]!(device, { type: "f16" }))).toContain('cannot hold "f16"');
    expect(await rejection(index["silu"]!(device, { type: "f64" }))).toContain('not "f64"');
    const few = limited(device, { maxStorageBuffersPerShaderStage: 2 });
    expect(await rejection(index["prelu"]!(few))).toContain("it needs 3 storage buffers, and the device has 2");
    const little = limited(device, { maxComputeWorkgroupStorageSize: 512 });
    expect(await rejection(index["prelu"]!(little))).toContain(
      "it needs 1024 bytes of workgroup memory, and the device has 512",
    );
    const { scaled } = index;
    const asked = scaled!(device, { subgroups: true });
    await expect(asked).rejects.toThrow('the device has not the feature "subgroups"');
    await expect(scaled!(device)).resolves.toBeDefined();
    const able = await openNullDevice(["subgroups"]);
    await expect(scaled!(able, { subgroups: true })).resolves.toBeDefined();
    able.destroy();
  });

  it("of shaders that the driver does not take, with its words", async () => {
    const made = async (code: string): Promise<HostMaker> => {
      const module = { ...scaledModule(code), overrides: scaledModule().overrides.slice(0, 3) };
      return (await compiledFolder(await hostTexts([module]))<Record<string, HostMaker>>("scaled.js"))["scaled"]!;
    };
    const wrong = await made(SCALED.replace("2.0 * x[i]", "2.0 * x"));
    await expect(wrong(device)).rejects.toThrow(
      /scaled: the driver does not accept the shader:\n[^]*\d+:\d+: scratch\[i\] = 2\.0 \* x;/,
    );
    const wide = await made(
      SCALED.replace("override width: u32;", "override width: u32 = 3;").replaceAll("size(lanes)", "size(lanes * 8)"),
    );
    await expect(wide(device)).rejects.toThrow(/scaled\.forward: the driver makes no pipeline of doubled: [^]*512/);
  });

  it("of a device that is lost", async () => {
    const other = await openNullDevice();
    const { forward } = await index["silu"]!(other);
    other.destroy();
    await other.lost;
    const lost = /silu\.forward: the device is lost \(destroyed.*request another/;
    expect(refusal(() => forward!.needs({ size: 3 }))).toMatch(lost);
    expect(refusal((encoder) => forward!.encode(encoder, { x: buffer(16), y: buffer(16) }, { size: 3 }))).toMatch(lost);
    expect(await rejection(forward!.prepare({ size: 3 }))).toMatch(lost);
    expect(await rejection(index["silu"]!(other))).toMatch(/silu: the device is lost/);
  });

  it("of what a device reports of a submission, and of its loss", async () => {
    const { forward } = await index["silu"]!(device);
    const [x, y] = [buffer(16), buffer(16)];
    const run = (): Promise<void> => index.submit(device, (encoder) => forward!.encode(encoder, { x, y }, { size: 3 }));
    await run();
    y.destroy();
    expect(await rejection(run())).toMatch(/^submit: the device reports: .*destroyed/s);
    const refused = index.submit(device, (encoder) => forward!.encode(encoder, { x, y: x }, { size: 30 }));
    expect(await rejection(refused)).toMatch(/silu\.forward: "x" has 16 bytes/);
    // No scope is left open by any of them.
    device.pushErrorScope("validation");
    expect(await device.popErrorScope()).toBeNull();
    const other = await openNullDevice();
    other.destroy();
    await other.lost;
    expect(await rejection(index.submit(other, () => undefined))).toMatch(/submit: the device is lost/);
  });
});
