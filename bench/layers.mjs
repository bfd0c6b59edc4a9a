/**
 * `node bench/layers.mjs [rounds] [words...]`: emitted layers and row-wise activations against the loops of
 * plain-layers.mjs, one core, interleaved; the lower quartile of the rounds. Words choose cases by their names.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { findDefinition, findGraph, layers } from "../dist/catalogue.js";
import { compileGraph } from "../dist/pipeline/layer.js";
import { createOracle } from "../dist/pipeline/activation.js";
import { interleaved, table, uniform, verdict } from "./measure.mjs";
import { plainAttention, plainConvolution, plainDense, plainRows } from "./plain-layers.mjs";

const [rounds = 15, ...words] = process.argv
  .slice(2)
  .map((word, i) => (i === 0 && Number(word) > 0 ? Number(word) : word));
const WARM_UPS = 4;
/** What dense layers and attention have to reach. */
const GOAL = 4;

const oracle = await createOracle();
const folder = mkdtempSync(join(tmpdir(), "nonlin-bench-"));
let modules = 0;

/** Each case has a module of its own text: V8 takes what is constant in a module as such only while there is one of it. */
async function emitted(id, activation = "linear") {
  const layer = layers.find((candidate) => candidate.id === id);
  const definition = layer?.define(findDefinition(activation)) ?? findGraph(id);
  const { artifacts } = await compileGraph(definition, { target: "js" }, oracle);
  const code = artifacts.find(({ path }) => path.endsWith(".js")).text;
  const file = join(folder, `${(modules += 1)}.mjs`);
  writeFileSync(file, `// ${modules}\n${code}`);
  return import(pathToFileURL(file).href);
}

const lowerQuartile = (times) => [...times].sort((a, b) => a - b)[Math.floor(times.length / 4)];
const numbers = (length, seed, bound = 1) => uniform(length, bound, seed);
const zeros = (length) => new Float32Array(length);

const results = [];

/** `operations` are multiplications and additions of products; `pairs` are results that must be nearly the same. */
function measure(name, operations, plain, fast, pairs) {
  plain();
  fast();
  for (const [wanted, actual] of pairs)
    for (let i = 0; i < wanted.length; i++)
      if (!(Math.abs(actual[i] - wanted[i]) <= 1e-4 * (1 + Math.abs(wanted[i]))))
        throw new Error(`${name}: element ${i} is ${actual[i]} instead of ${wanted[i]}`);
  const [plainTime, fastTime] = interleaved([plain, fast], rounds, WARM_UPS).map(lowerQuartile);
  results.push({ name, operations, plainTime, fastTime, ratio: plainTime / fastTime });
}

async function dense(rows, inputs, outputs, activation, directions) {
  const shape = `dense ${activation} ${rows}x${inputs}x${outputs}`;
  const sizes = { rows, inputs, outputs };
  const operations = 2 * rows * inputs * outputs;
  const [x, weight, bias] = [
    numbers(rows * inputs, 1),
    numbers(outputs * inputs, 2, 2 / Math.sqrt(inputs)),
    numbers(outputs, 3),
  ];
  const dy = numbers(rows * outputs, 4);
  const [y, wanted] = [zeros(rows * outputs), zeros(rows * outputs)];
  const plain = plainDense(activation);
  if (directions.includes("forward")) {
    const module = await emitted("dense", activation);
    const workspace = new Float64Array(module.workspaceLength("forward", sizes));
    measure(
      `${shape} forward`,
      operations,
      () => plain.forward(wanted, x, weight, bias, rows, inputs, outputs),
      () => module.forward({ x, weight, bias }, { y }, sizes, workspace),
      [[wanted, y]],
    );
  }
  if (!directions.includes("backward")) return;
  const module = await emitted("dense", activation);
  const sums = zeros(rows * outputs);
  plainDense("linear").forward(sums, x, weight, bias, rows, inputs, outputs);
  plain.forward(y, x, weight, bias, rows, inputs, outputs);
  const gradients = () => ({ dx: zeros(rows * inputs), dweight: zeros(outputs * inputs), dbias: zeros(outputs) });
  const [mine, theirs, g] = [gradients(), gradients(), zeros(rows * outputs)];
  const workspace = new Float64Array(module.workspaceLength("backward", sizes));
  measure(
    `${shape} backward`,
    2 * operations,
    () => plain.backward(theirs.dx, theirs.dweight, theirs.dbias, g, dy, x, weight, sums, rows, inputs, outputs),
    () => module.backward({ dy, x, weight, bias, y, preactivation: sums }, mine, sizes, workspace),
    Object.keys(mine).map((name) => [theirs[name], mine[name]]),
  );
}

async function convolution(batch, channels, filters, size) {
  const sizes = { batch, channels, filters, height: size, width: size, kernelHeight: 3, paddingHeight: 1 };
  const x = numbers(batch * channels * size * size, 1);
  const weight = numbers(filters * channels * 9, 2);
  const bias = numbers(filters, 3);
  const [y, wanted] = [zeros(batch * filters * size * size), zeros(batch * filters * size * size)];
  const module = await emitted("conv2d", "relu");
  const plain = plainConvolution();
  const workspace = new Float64Array(module.workspaceLength("forward", sizes));
  measure(
    `conv2d relu 3x3 ${batch}x${channels}->${filters}x${size}x${size} forward`,
    2 * batch * channels * filters * 9 * size * size,
    () => plain.forward(wanted, x, weight, bias, batch, channels, filters, size, 3, 1),
    () => module.forward({ x, weight, bias }, { y }, sizes, workspace),
    [[wanted, y]],
  );
}

async function attention(heads, length, features) {
  const sizes = { batch: 1, heads, queries: length, features };
  const count = heads * length * features;
  const [query, key, value, dy] = [numbers(count, 1, 4), numbers(count, 2), numbers(count, 3), numbers(count, 4)];
  const [y, wanted] = [zeros(count), zeros(count)];
  const plain = plainAttention();
  const weights = new Float64Array(length);
  const slopes = new Float64Array(length);
  const forward = await emitted("attention");
  const scratch = new Float64Array(forward.workspaceLength("forward", sizes));
  const shape = `attention ${heads}x${length}x${features}`;
  measure(
    `${shape} forward`,
    4 * length * count,
    () => plain.forward(wanted, query, key, value, weights, heads, length, length, features),
    () => forward.forward({ query, key, value }, { y }, sizes, scratch),
    [[wanted, y]],
  );
  const { backward, workspaceLength } = await emitted("attention");
  const workspace = new Float64Array(workspaceLength("backward", sizes));
  const gradients = () => ({ dquery: zeros(count), dkey: zeros(count), dvalue: zeros(count) });
  const [mine, theirs] = [gradients(), gradients()];
  measure(
    `${shape} backward`,
    10 * length * count,
    () =>
      plain.backward(
        ...[theirs.dquery, theirs.dkey, theirs.dvalue, dy, query, key, value, weights, slopes],
        ...[heads, length, length, features],
      ),
    () => backward({ dy, query, key, value, y }, mine, sizes, workspace),
    Object.keys(mine).map((name) => [theirs[name], mine[name]]),
  );
}

async function rowwise(id, rows, columns, hasBackward) {
  const sizes = { rows, columns };
  const count = rows * columns;
  const [x, dy] = [numbers(count, 1, 8), numbers(count, 2)];
  const [weight, bias] = [numbers(columns, 3), numbers(columns, 4)];
  const [y, wanted, dx, slopes] = Array.from({ length: 4 }, () => zeros(count));
  const plain = plainRows(id);
  const { forward } = await emitted(id);
  const run = hasBackward ? () => forward(x, y, sizes) : () => forward({ x, weight, bias }, { y }, sizes);
  const name = `${id} ${rows}x${columns}`;
  measure(`${name} forward`, 0, () => plain.forward(wanted, x, rows, columns, weight, bias), run, [[wanted, y]]);
  if (!hasBackward) return;
  const { backward } = await emitted(id);
  measure(
    `${name} backward`,
    0,
    () => plain.backward(slopes, dy, wanted, rows, columns),
    () => backward(dy, y, dx, sizes),
    [[slopes, dx]],
  );
}

const BOTH = ["forward", "backward"];
const CASES = [
  ["dense linear", () => dense(64, 512, 512, "linear", BOTH)],
  ["dense relu", () => dense(64, 512, 512, "relu", BOTH)],
  ["dense gelu_erf", () => dense(64, 512, 512, "gelu_erf", BOTH)],
  ["dense large", () => dense(256, 1024, 1024, "linear", ["forward"])],
  ["conv2d", () => convolution(4, 32, 64, 28)],
  ["attention", () => attention(8, 256, 64)],
  ["softmax", () => rowwise("softmax", 1000, 1000, true)],
  ["log_softmax", () => rowwise("log_softmax", 1000, 1000, true)],
  ["layer_norm", () => rowwise("layer_norm", 1000, 1000, false)],
];

try {
  for (const [name, run] of CASES) if (words.length === 0 || words.some((word) => name.includes(word))) await run();
} finally {
  rmSync(folder, { recursive: true });
}

const speed = (operations, time) => (operations === 0 ? "" : (operations / time / 1e6).toFixed(2));
console.log(`milliseconds, lower quartile of ${rounds} rounds, Node ${process.versions.node}\n`);
console.log(
  table([
    ["case", "plain", "emitted", "ratio", "GFLOP/s plain", "emitted"],
    ...results.map(({ name, operations, plainTime, fastTime, ratio }) => [
      name,
      ...[plainTime, fastTime, ratio].map((value) => value.toFixed(2)),
      ...[plainTime, fastTime].map((time) => speed(operations, time)),
    ]),
  ]),
);
const slow = results.filter(({ name, ratio }) => /^(dense|attention)/.test(name) && ratio < GOAL);
const list = slow.map(({ name, ratio }) => ` ${name} ${ratio.toFixed(2)}`).join(",");
console.log(`\ngoal: dense layers and attention at least ${GOAL} times faster: ${verdict(slow.length === 0)}${list}`);
