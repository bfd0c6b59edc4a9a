/**
 * The emitted shaders on a GPU, against its own limits measured in the same run, as Markdown:
 *
 *     node bench/webgpu-device.mjs [--software] [--adapter=NAME]
 *
 * It takes the package `webgpu`, which is installed with the others, and a driver for Vulkan. Where the loader does not
 * find NVIDIA's, say where it is: VK_ICD_FILENAMES=/usr/share/vulkan/icd.d/nvidia_icd.json (or in /etc/vulkan/icd.d).
 * With --software it runs on a software driver and small sizes, which shows that it works and nothing else.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import ts from "typescript";

const setup = fileURLToPath(new URL("../scripts/setup.mjs", import.meta.url));
execFileSync(process.execPath, [setup], { stdio: [0, 2, 2] });
const { findAdapter, openBench } = await import("./webgpu/device.mjs");
const { measuredArithmetic, measuredBandwidth } = await import("./webgpu/limits.mjs");
const { emittedModules } = await import("./webgpu/modules.mjs");
const { markdownTable } = await import("./measure.mjs");
const { ACCEPTED_ULPS, judge, valuesOf } = await import("./browser/exact.mjs");
const { FUNCTIONS, INPUTS, exactValues } = await import("./webgpu/cases.mjs");

const ELEMENTWISE = ["silu", "gelu_erf", "gelu_tanh", "mish"];
const ROWWISE = ["softmax", "layer_norm"];
/** Constants of shaders that are tried beside the defaults. */
const SWEEPS = {
  softmax: [32, 64, 128, 256].map((row_lanes) => ({ row_lanes })),
  layer_norm: [32, 64, 128, 256].map((row_lanes) => ({ row_lanes })),
  dense_gelu_erf: [8, 16].map((product_tile) => ({ product_tile })),
};
const SIZES = {
  gpu: { elements: 2 ** 26, rows: 4096, columns: 4096, products: [1024, 2048, 4096], workgroups: 16384 },
  software: { elements: 2 ** 16, rows: 64, columns: 256, products: [64], workgroups: 4 },
};

const takesSoftware = process.argv.includes("--software");
const name = process.argv.find((word) => word.startsWith("--adapter="))?.slice("--adapter=".length);
const found = await findAdapter({ takesSoftware, name });
if (found.adapter === undefined) {
  const others = found.seen.size > 0 ? `only software (${[...found.seen].join("; ")})` : "no adapter of Vulkan";
  console.log(`Not measured: there is no GPU here, ${others}. --software runs it all the same, on small sizes.`);
  process.exit(0);
}

const bench = await openBench(found);
const sizes = SIZES[found.isSoftware ? "software" : "gpu"];
const variantsOf = (id) => SWEEPS[id].slice(0, found.isSoftware ? 1 : Infinity);
const folder = await emittedModules([...FUNCTIONS.map(({ id }) => id), ...ROWWISE], [["dense", "gelu_erf"]]);
try {
  const kernels = await importKernels();
  console.log(await report(kernels));
} finally {
  rmSync(folder, { recursive: true });
}
process.exit(0);

/** Compiles the modules beside themselves. */
function importKernels() {
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022, verbatimModuleSyntax: true };
  for (const file of readdirSync(folder).filter((each) => each.endsWith(".ts"))) {
    const { outputText } = ts.transpileModule(readFileSync(join(folder, file), "utf8"), { compilerOptions });
    writeFileSync(join(folder, file.replace(/\.ts$/, ".js")), outputText);
  }
  return import(pathToFileURL(join(folder, "index.js")).href);
}

/** Times of all functions of a module, forward first, since what it saves the others read. */
async function measure(make, parameters, overrides) {
  const made = await make(bench.device, overrides === undefined ? {} : { overrides });
  const buffers = {};
  const results = [];
  for (const which of ["forward", "backward"]) {
    const { bytes, workspaceBytes, dispatches } = made[which].needs(parameters);
    for (const [each, size] of Object.entries(bytes)) buffers[each] ??= bench.buffer(size, 4);
    const own = Object.fromEntries(Object.keys(bytes).map((each) => [each, buffers[each]]));
    const workspace = workspaceBytes > 0 ? bench.buffer(workspaceBytes) : undefined;
    await made[which].prepare(parameters);
    const times = await bench.seconds((pass) => made[which].encode(pass, own, parameters, { workspace }));
    workspace?.destroy();
    results.push({ which, times, dispatches, bytes: Object.values(bytes).reduce((a, b) => a + b, 0) });
  }
  for (const buffer of Object.values(buffers)) buffer.destroy();
  return results;
}

/** Rows of a table: what was done, its time, how much of it per second, and the share of the limit. */
async function rowsOf(title, make, parameters, variants, { limit, scale, work }) {
  const rows = [];
  for (const overrides of [undefined, ...(variants ?? [])]) {
    const constants = Object.entries(overrides ?? {}).map(([key, value]) => `${key} ${value}`);
    const results = await measure(make, parameters, overrides).catch((error) => ({ reason: error.message }));
    if (results.reason !== undefined) rows.push([`${title}, ${constants}`, "-", "-", "-", results.reason]);
    else
      for (const { which, times, dispatches, bytes } of results) {
        const rate = work({ which, bytes }) / times.best;
        const label = [title, which, ...constants].join(", ");
        const milliseconds = [times.best, times.median].map((time) => (time * 1e3).toPrecision(3)).join(" / ");
        rows.push([
          label,
          dispatches,
          milliseconds,
          (rate / scale).toPrecision(3),
          `${((100 * rate) / limit).toFixed(0)} %`,
        ]);
      }
  }
  return rows;
}

/** How many of the answers at the extreme inputs are wrong, and how many off, on this device. */
async function extremes(kernels) {
  const exact = await exactValues();
  const verdicts = [];
  const size = INPUTS.length;
  for (const { id } of FUNCTIONS) {
    const made = await kernels[id](bench.device);
    const buffers = {
      x: bench.buffer(4 * size),
      y: bench.buffer(4 * size),
      dy: bench.buffer(4 * size),
      dx: bench.buffer(4 * size),
    };
    bench.device.queue.writeBuffer(buffers.x, 0, Float32Array.from(INPUTS));
    bench.device.queue.writeBuffer(buffers.dy, 0, new Float32Array(size).fill(1));
    for (const [i, [which, result]] of [
      ["forward", "y"],
      ["backward", "dx"],
    ].entries()) {
      const names = Object.keys(made[which].needs({ size }).bytes);
      const encoder = bench.device.createCommandEncoder();
      made[which].encode(encoder, Object.fromEntries(names.map((each) => [each, buffers[each]])), { size });
      bench.device.queue.submit([encoder.finish()]);
      const got = new Float32Array(await bench.download(buffers[result], 4 * size));
      got.forEach((value, j) => verdicts.push(judge(value, exact[id][i][j], Math.abs(INPUTS[j]) === Infinity)));
    }
  }
  const wrong = verdicts.filter((verdict) => verdict === "wrong").length;
  const off = verdicts.filter((verdict) => verdict > ACCEPTED_ULPS).length;
  return `${verdicts.length} values and derivatives at extreme inputs: ${wrong} wrong, ${off} others off by more than ${ACCEPTED_ULPS} ULP.`;
}

/** How far a dense layer of odd sizes is from products in float64, on this device. */
async function denseError(kernels) {
  const parameters = { rows: 67, inputs: 131, outputs: 45 };
  const { rows, inputs, outputs } = parameters;
  const { forward } = await kernels.dense_gelu_erf(bench.device);
  const lengths = { x: rows * inputs, weight: outputs * inputs, bias: outputs, y: rows * outputs };
  const buffers = Object.fromEntries(
    Object.entries(lengths).map(([each, length]) => [each, bench.buffer(4 * length, each === "y" ? 0 : 1)]),
  );
  const encoder = bench.device.createCommandEncoder();
  forward.encode(encoder, buffers, parameters);
  bench.device.queue.submit([encoder.finish()]);
  const values = {};
  for (const [each, length] of Object.entries(lengths))
    values[each] = new Float32Array(await bench.download(buffers[each], 4 * length));
  const sums = Array.from(values.y, (_, i) => {
    const [row, output] = [Math.floor(i / outputs), i % outputs];
    let sum = values.bias[output];
    for (let k = 0; k < inputs; k++) sum += values.x[row * inputs + k] * values.weight[output * inputs + k];
    return sum;
  });
  const exact = await valuesOf("gelu_erf", sums);
  const most = values.y.reduce((worst, value, i) => Math.max(worst, Math.abs(value - exact[i])), 0);
  return `Dense with gelu, ${rows} x ${inputs} x ${outputs}: within ${most.toPrecision(2)} of the layer in float64.`;
}

async function report(kernels) {
  const most = Math.min(bench.device.limits.maxStorageBufferBindingSize, bench.device.limits.maxBufferSize);
  const elements = Math.min(sizes.elements, 2 ** Math.floor(Math.log2(most / 4)));
  const bandwidth = await measuredBandwidth(bench, 4 * elements);
  const arithmetic = await measuredArithmetic(bench, sizes.workgroups);
  const memory = { limit: bandwidth, scale: 1e9, work: ({ bytes }) => bytes };
  const { rows, columns } = sizes;
  const moved = [];
  for (const id of ELEMENTWISE)
    moved.push(...(await rowsOf(`${id}, ${elements}`, kernels[id], { size: elements }, undefined, memory)));
  for (const id of ROWWISE)
    moved.push(
      ...(await rowsOf(`${id}, ${rows} x ${columns}`, kernels[id], { rows, columns }, variantsOf(id), memory)),
    );
  const computed = [];
  for (const size of sizes.products) {
    const parameters = { rows: size, inputs: size, outputs: size };
    // Backward has two products.
    const work = ({ which }) => 2 * size ** 3 * (which === "forward" ? 1 : 2);
    const measureOf = { limit: arithmetic, scale: 1e12, work };
    const title = `dense with gelu, ${size} x ${size} x ${size}`;
    computed.push(
      ...(await rowsOf(title, kernels.dense_gelu_erf, parameters, variantsOf("dense_gelu_erf"), measureOf)),
    );
  }
  const head = ["", "dispatches", "best / median, ms"];
  const warning = "\n**This is software on a processor: the figures show that it runs, and mean nothing.**\n";
  return `# Shaders on ${found.title}

\`node bench/webgpu-device.mjs\`, Node ${process.version}, by ${bench.clock}.
${found.isSoftware ? warning : ""}
Memory: ${(bandwidth / 1e9).toPrecision(3)} GB/s, of a copy of ${4 * elements} bytes (read and written). Arithmetic:
${(arithmetic / 1e12).toPrecision(3)} TFLOP/s, of chains of fused multiplications and additions in float32. Shares are of these. Bytes
are those of all buffers, once; operations those of the products.

${await extremes(kernels)}
${await denseError(kernels)}

${markdownTable([[...head, "GB/s", "of memory"], ...moved])}

${markdownTable([[...head, "TFLOP/s", "of arithmetic"], ...computed])}`;
}
