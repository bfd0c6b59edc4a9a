/**
 * `node bench/cpu.mjs [--rounds n] [--write] [ids...]`: the emitted loops in WebAssembly and JavaScript beside LiteRT.js, ONNX
 * Runtime Web, TensorFlow.js, jax-js and plain loops on the processor, in one page of headless Chromium, on one thread. With
 * --write into bench/cpu.md.
 *
 * The libraries are a package of their own, bench/cpu, which is installed when it is missing.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { prepare } from "./browser/page.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string", default: "15" }, write: { type: "boolean", default: false } },
});

prepare(here("cpu"));
const { openComputingPage } = await import("./cpu/page.mjs");
const { accuracyOf } = await import("./cpu/accuracy.mjs");
const { markdown } = await import("./cpu/report.mjs");

const ELEMENTWISE = [
  "relu",
  "sigmoid",
  "tanh",
  "silu",
  "gelu_erf",
  "gelu_tanh",
  "elu",
  "softplus",
  "mish",
  "hardswish",
];
const SQUARE = { rows: 1000, columns: 1000 };
const dense = (rows, inputs, outputs) => ({ id: "dense", kind: "dense", sizes: { rows, inputs, outputs } });
const QUESTIONS = [
  ...ELEMENTWISE.map((id) => ({ id, kind: "elementwise", sizes: { length: 1e6 } })),
  { id: "softmax", kind: "rows", sizes: SQUARE },
  { id: "log_softmax", kind: "rows", sizes: SQUARE },
  { id: "layer_norm", kind: "norm", sizes: SQUARE },
  dense(64, 512, 512),
  dense(256, 1024, 1024),
  dense(512, 768, 3072),
  dense(1, 512, 512),
];
const WAYS = ["kernel", "copied", "both"];

const page = await openComputingPage();
try {
  const results = [];
  for (const question of QUESTIONS) {
    if (positionals.length > 0 && !positionals.includes(question.id)) continue;
    console.error(`${question.id} ${Object.values(question.sizes).join(" x ")}`);
    const accuracy = await accuracyOf(page, question);
    const times = await page.call("times", { question, ways: WAYS, rounds: Number(options.rounds) });
    results.push({ question, accuracy, times });
  }
  const { dependencies } = JSON.parse(readFileSync(here("cpu/package.json"), "utf8"));
  const text = markdown(results, { ...options, version: page.version, dependencies, processor: cpus()[0].model });
  if (options.write) writeFileSync(here("cpu.md"), text);
  else console.log(text);
} finally {
  await page.close();
}
