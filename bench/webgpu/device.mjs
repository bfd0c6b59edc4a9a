/** A WebGPU device in Node: on a GPU, or on software where that is asked for; and how long dispatches take on it. */
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";
import { create, globals } from "webgpu";
import { median } from "../measure.mjs";

const { GPUBufferUsage: USAGE, GPUMapMode: MODE } = globals;
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software|basic render|\bcpu\b/i;
const MAKERS = ["NVIDIA", "AMD", "Radeon", "Intel", "Apple"];
const STATUS = fileURLToPath(new URL("../../.cache/gpu/status.json", import.meta.url));
const NO_DELETE = 0x1000;

/** Whether a library is in memory afterwards; Node complains that it is no module of its own. */
function isLoaded(path) {
  try {
    const { RTLD_NOW, RTLD_GLOBAL } = constants.dlopen;
    process.dlopen({ exports: {} }, path, RTLD_NOW | RTLD_GLOBAL | NO_DELETE);
    return true;
  } catch (error) {
    return error.message.includes("did not self-register");
  }
}

/** The system's loader of Vulkan, or the one that the tests have; and for software the driver of the tests. */
function loadVulkan(takesSoftware) {
  const { drivers = {} } = existsSync(STATUS) ? JSON.parse(readFileSync(STATUS, "utf8")) : {};
  const found = Object.values(drivers).filter(({ missing }) => missing === undefined);
  if (!isLoaded("libvulkan.so.1")) found.flatMap(({ libraries }) => libraries).some(isLoaded);
  // The last, lavapipe where it is there: it compiles faster than SwiftShader.
  if (takesSoftware && found.length > 0) process.env.VK_ICD_FILENAMES ??= found.at(-1).icd;
}

/** An adapter, or undefined where there is none that is wanted; and the names of those that were seen. */
export async function findAdapter({ takesSoftware, name }) {
  loadVulkan(takesSoftware);
  const seen = new Set();
  for (const maker of name === undefined ? [undefined, ...MAKERS] : [name]) {
    const instance = create(["backend=vulkan", ...(maker === undefined ? [] : [`adapter=${maker}`])]);
    const adapter = await instance.requestAdapter({ powerPreference: "high-performance" }).catch(() => null);
    if (adapter === null) continue;
    const { vendor, architecture, device, description } = adapter.info;
    const title = [vendor, architecture, device, description].filter(Boolean).join(", ");
    seen.add(title);
    const isSoftware =
      SOFTWARE.test(title) || adapter.info.isFallbackAdapter === true || adapter.isFallbackAdapter === true;
    if (isSoftware && !takesSoftware) continue;
    // The device lives as long as the instance, so that is kept.
    return { instance, adapter, title, isSoftware, seen };
  }
  return { seen };
}

const LIMITS = ["maxBufferSize", "maxStorageBufferBindingSize"];
/** How long a batch of dispatches should take, and how often it is run. */
const BATCH_SECONDS = 0.1;
const MOST_REPEATS = 500;
const BATCHES = 5;
const CHUNK = 2 ** 20;

export async function openBench({ adapter, isSoftware }) {
  const features = ["timestamp-query", "subgroups"].filter((feature) => adapter.features.has(feature));
  const requiredLimits = Object.fromEntries(LIMITS.map((limit) => [limit, adapter.limits[limit]]));
  const device = await adapter.requestDevice({ requiredFeatures: features, requiredLimits });
  const problems = [];
  device.addEventListener("uncapturederror", ({ error }) => problems.push(error.message));
  const hasTimestamps = device.features.has("timestamp-query");
  const queries = hasTimestamps ? device.createQuerySet({ type: "timestamp", count: 2 }) : undefined;
  const resolved = device.createBuffer({ size: 16, usage: USAGE.QUERY_RESOLVE | USAGE.COPY_SRC });

  async function download(buffer, bytes) {
    const copy = device.createBuffer({ size: bytes, usage: USAGE.MAP_READ | USAGE.COPY_DST });
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 0, copy, 0, bytes);
    device.queue.submit([encoder.finish()]);
    await copy.mapAsync(MODE.READ);
    const result = copy.getMappedRange().slice(0);
    copy.destroy();
    if (problems.length > 0) throw new Error(problems[0]);
    return result;
  }

  /** Seconds of a pass: of the device by its own clock, else of the wall. */
  async function batch(encodePass, repeats) {
    const encoder = device.createCommandEncoder();
    const timestampWrites = { querySet: queries, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 };
    const pass = encoder.beginComputePass(hasTimestamps ? { timestampWrites } : {});
    for (let i = 0; i < repeats; i++) encodePass(pass);
    pass.end();
    if (hasTimestamps) encoder.resolveQuerySet(queries, 0, 2, resolved, 0);
    const start = performance.now();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    const wall = (performance.now() - start) / 1e3;
    if (!hasTimestamps) return wall;
    const [begin, end] = new BigUint64Array(await download(resolved, 16));
    return end > begin ? Number(end - begin) / 1e9 : wall;
  }

  return {
    device,
    clock: hasTimestamps ? "timestamp queries" : "wall time",
    usage: USAGE,
    download,
    /** A buffer full of uniform numbers in [-bound, bound), or of zeros. */
    buffer(bytes, bound = 0) {
      const size = 16 * Math.ceil(Math.max(bytes, 16) / 16);
      const buffer = device.createBuffer({ size, usage: USAGE.STORAGE | USAGE.COPY_SRC | USAGE.COPY_DST });
      if (bound === 0) return buffer;
      const chunk = Float32Array.from({ length: Math.min(CHUNK, size / 4) }, () => (2 * Math.random() - 1) * bound);
      for (let at = 0; at < size; at += chunk.byteLength)
        device.queue.writeBuffer(buffer, at, chunk, 0, Math.min(chunk.length, (size - at) / 4));
      return buffer;
    },
    /** Seconds of one call, best and median of the batches, each of as many calls as take a while. */
    async seconds(encodePass) {
      const first = await batch(encodePass, 1);
      const repeats = isSoftware
        ? 1
        : Math.max(1, Math.min(MOST_REPEATS, Math.ceil(BATCH_SECONDS / Math.max(first, 1e-6))));
      const times = [];
      for (let i = 0; i < BATCHES; i++) times.push((await batch(encodePass, repeats)) / repeats);
      if (problems.length > 0) throw new Error(problems[0]);
      return { best: Math.min(...times), median: median(times) };
    },
  };
}
