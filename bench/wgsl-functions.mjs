/**
 * The worst error of every function of the shader library on every driver, as Markdown. Node's float64 functions are the
 * reference; results that are subnormal are left out.
 *
 *     node bench/wgsl-functions.mjs [--every N] [name ...]
 *
 * takes every Nth float32 bit pattern: 2143rd by default, all of them with `--every 1`.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { create, globals } from "webgpu";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { GPUBufferUsage, GPUMapMode } = globals;
const { values, positionals } = parseArgs({
  options: { every: { type: "string", default: "2143" } },
  allowPositionals: true,
});
const step = Number(values.every);
if (!Number.isSafeInteger(step) || step < 1) {
  console.error("--every takes a whole number from 1 on, as in --every 2143");
  process.exit(2);
}

for (const script of ["setup", "gpu"]) {
  execFileSync(process.execPath, [here(`../scripts/${script}.mjs`)], { stdio: "inherit" });
}
const { withHelpers } = await import("../dist/targets/wgsl/functions.js");
const { erfFloat, erfcFloat, erfcxFloat } = await import("../dist/ir/erf.js");

const REFERENCES = {
  exp: Math.exp,
  expm1: Math.expm1,
  sigmoid: (x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x))),
  tanh: Math.tanh,
  sinh: Math.sinh,
  cosh: Math.cosh,
  log: Math.log,
  log1p: Math.log1p,
  sqrt: Math.sqrt,
  atan: Math.atan,
  cbrt: Math.cbrt,
  sin: Math.sin,
  cos: Math.cos,
  erf: erfFloat,
  erfc: erfcFloat,
  erfcx: erfcxFloat,
};
const names = positionals.length > 0 ? positionals : Object.keys(REFERENCES);
const unknown = names.find((name) => !(name in REFERENCES));
if (unknown !== undefined) {
  console.error(`There is no function ${unknown}, only ${Object.keys(REFERENCES).join(", ")}`);
  process.exit(2);
}

const { drivers } = JSON.parse(readFileSync(here("../.cache/gpu/status.json"), "utf8"));
const present = Object.entries(drivers).filter(([, { missing }]) => missing === undefined);
for (const [name, { missing }] of Object.entries(drivers)) if (missing) console.error(`No ${name}: ${missing}`);
process.env.VK_ICD_FILENAMES = present.map(([, { icd }]) => icd).join(":");
// Libraries that the system lacks: each loads once those that it needs are in memory. Node complains that they are no modules.
const pending = new Set(present.flatMap(([, { libraries }]) => libraries));
for (let round = pending.size; round > 0; round -= 1) {
  for (const path of pending) {
    try {
      process.dlopen({ exports: {} }, path, constants.dlopen.RTLD_NOW | constants.dlopen.RTLD_GLOBAL | 0x1000);
    } catch (error) {
      if (error.message.includes("did not self-register")) pending.delete(path);
    }
  }
}

const THREADS = 64;
const BATCH = 65_535 * THREADS;
const ADAPTERS = { swiftshader: "SwiftShader", lavapipe: "llvmpipe" };

const shader = (name) => `${withHelpers([`precise_${name}`]).join("\n\n")}

struct Patterns {
  first: u32,
  step: u32,
}
@group(0) @binding(0) var<uniform> patterns: Patterns;
@group(0) @binding(1) var<storage, read_write> outputs: array<f32>;

@compute @workgroup_size(${THREADS})
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  outputs[id.x] = precise_${name}(bitcast<f32>(patterns.first + id.x * patterns.step));
}
`;

/** Calls `use` with the results for each run of bit patterns. */
async function sweep(device, name, use) {
  const module = device.createShaderModule({ code: shader(name) });
  const pipeline = await device.createComputePipelineAsync({ layout: "auto", compute: { module, entryPoint: "main" } });
  const buffer = (size, usage) => device.createBuffer({ size, usage });
  const patterns = buffer(8, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
  const outputs = buffer(4 * BATCH, GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC);
  const results = buffer(4 * BATCH, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
  const entries = [patterns, outputs].map((resource, binding) => ({ binding, resource: { buffer: resource } }));
  const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  const total = Math.ceil(2 ** 32 / step);
  for (let start = 0; start < total; start += BATCH) {
    device.queue.writeBuffer(patterns, 0, Uint32Array.of(start * step, step));
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(BATCH / THREADS);
    pass.end();
    encoder.copyBufferToBuffer(outputs, 0, results, 0, 4 * BATCH);
    device.queue.submit([encoder.finish()]);
    await results.mapAsync(GPUMapMode.READ);
    use(start, new Float32Array(results.getMappedRange()).subarray(0, Math.min(BATCH, total - start)));
    results.unmap();
  }
  for (const one of [patterns, outputs, results]) one.destroy();
}

const SMALLEST_NORMAL = 2 ** -126;
const word = new Uint32Array(1);
const single = new Float32Array(word.buffer);

async function worst(device, name) {
  const reference = REFERENCES[name];
  const found = { ulp: 0, at: NaN, wrong: 0 };
  await sweep(device, name, (start, results) => {
    for (let i = 0; i < results.length; i += 1) {
      word[0] = (start + i) * step;
      const x = single[0];
      if (name === "erfcx" && word[0] >>> 31 === 1) continue;
      const exact = reference(x);
      const size = Math.abs(exact);
      const got = results[i];
      if (!(size >= SMALLEST_NORMAL && Number.isFinite(Math.fround(exact)))) {
        // What is 0, NaN or infinite must be just that.
        if (!(size > 0 && size < SMALLEST_NORMAL) && !Object.is(got + 0, Math.fround(exact) + 0)) found.wrong += 1;
        continue;
      }
      if (Math.abs(x) < SMALLEST_NORMAL && got === reference(0)) continue;
      single[0] = size;
      const ulp =
        Math.abs(got - exact) /
        2 ** (((word[0] >>> 23) & 255) - 150 - (single[0] > size && (word[0] & 0x7fffff) === 0));
      if (ulp > found.ulp) Object.assign(found, { ulp, at: x });
      else if (Number.isNaN(ulp)) found.wrong += 1;
    }
  });
  return found;
}

console.log(step === 1 ? "All float32 numbers.\n" : `Float32 bit patterns in steps of ${step}.\n`);
console.log("| function | driver | worst ULP | at | wrong infinities, zeros, NaN |\n| --- | --- | --- | --- | --- |");
const opened = [];
for (const [driver] of present) {
  const gpu = create(["backend=vulkan", `adapter=${ADAPTERS[driver]}`]);
  opened.push({ driver, gpu, device: await (await gpu.requestAdapter()).requestDevice() });
}
for (const name of names) {
  for (const { driver, device } of opened) {
    const { ulp, at, wrong } = await worst(device, name);
    console.log(`| ${name} | ${driver} | ${ulp.toFixed(3)} | ${at} | ${wrong} |`);
  }
}
for (const { device } of opened) device.destroy();
