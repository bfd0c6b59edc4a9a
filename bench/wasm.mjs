/**
 * `node bench/wasm.mjs [--length n] [ids...]`: the loops of generated/wasm on arrays in their memory, and on ordinary arrays
 * that they copy, against those of generated/js and the loops of plain.mjs, in one interleaved run on numbers in [-8, 8].
 * The plain backward loop reads the input even where the emitted ones read the output. Rows have 1000 elements, and no plain
 * loop beside them (`bench/layers.mjs` has some); layers with products (`dense_relu`, `conv2d_relu`, `attention`) have sizes of
 * their own.
 */
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { interleaved, median, table, uniform } from "./measure.mjs";
import { plainLoops } from "./plain.mjs";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { length: { type: "string", default: "1000000" }, rounds: { type: "string", default: "15" } },
});
const LENGTH = Number(options.length);
const ROUNDS = Number(options.rounds);
/** Calls of a measurement: together they take about as long for short arrays as for long ones. */
const CALLS = Math.max(1, Math.round(1e6 / LENGTH));
const WARM_UPS = 8;
const IDS = ["relu", "sigmoid", "tanh", "silu", "gelu_erf", "gelu_tanh", "elu", "softplus", "mish", "hardswish"];

const generated = (target, id, direction) =>
  import(`${pathToFileURL(new URL(`../generated/${target}/${id}.js`, import.meta.url).pathname)}?${direction}`);

/** Rows of COLUMNS elements. */
const COLUMNS = Math.min(1000, LENGTH);
const SIZES = { rows: Math.floor(LENGTH / COLUMNS), columns: COLUMNS };
const ofRows = (calls) => (id) => ({
  id,
  count: SIZES.rows * COLUMNS,
  inputs: { weight: uniform(COLUMNS, 1, 3), bias: uniform(COLUMNS, 1, 4) },
  outputs: { forward: ["y"], backward: ["x"] },
  ...calls,
});
const alongRows = ofRows({
  forward: (module, { x }, { y }) => module.forward(x, y, SIZES),
  backward: (module, { dy, y }, { x }) => module.backward(dy, y, x, SIZES),
});
const norm = ofRows({
  forward: (module, { x, weight, bias }, { y }) => module.forward({ x, weight, bias }, { y }, SIZES),
  backward: (module, { dy, x, weight }, out) => module.backward({ dy, x, weight }, { dx: out.x }, SIZES),
});
const elementwise = (id) => ({
  id,
  count: LENGTH,
  inputs: {},
  outputs: { forward: ["y"], backward: ["x"] },
  forward: (module, { x }, { y }) => module.forward(x, y),
  backward: (module, { dy, x, y }, out) => module.backward(dy, module.saves === "input" ? x : y, out.x),
  plain: plainLoops(id),
});
const dense = (rows, inputs, outputs) => {
  const sizes = { rows, inputs, outputs };
  return {
    id: "dense_relu",
    label: `dense_relu ${rows}x${inputs}x${outputs}`,
    count: rows * outputs,
    inputs: { x: uniform(rows * inputs, 1, 1), weight: uniform(inputs * outputs, 1, 3), bias: uniform(outputs, 1, 4) },
    outputs: { forward: ["y"], backward: ["x", "weight", "bias"] },
    forward: (module, { x, weight, bias }, { y }) => module.forward({ x, weight, bias }, { y }, sizes),
    backward: (module, { dy, x, weight, y }, out) =>
      module.backward({ dy, x, weight, y }, { dx: out.x, dweight: out.weight, dbias: out.bias }, sizes),
  };
};

/** A square image with a padding that keeps its size. */
const convolution = (channels, side, filters, kernelHeight) => {
  const sizes = { batch: 1, channels, height: side, width: side, filters, kernelHeight };
  const given = { ...sizes, paddingHeight: (kernelHeight - 1) / 2 };
  return {
    id: "conv2d_relu",
    label: `conv2d_relu ${channels}x${side}x${side} to ${filters}, ${kernelHeight}x${kernelHeight}`,
    count: filters * side * side,
    inputs: {
      x: uniform(channels * side * side, 1, 1),
      weight: uniform(filters * channels * kernelHeight ** 2, 1, 3),
      bias: uniform(filters, 1, 4),
    },
    outputs: { forward: ["y"], backward: ["x", "weight", "bias"] },
    forward: (module, { x, weight, bias }, { y }) => module.forward({ x, weight, bias }, { y }, given),
    backward: (module, { dy, x, weight, y }, out) =>
      module.backward({ dy, x, weight, y }, { dx: out.x, dweight: out.weight, dbias: out.bias }, given),
  };
};
const attention = (heads, queries, features, scalars = {}) => {
  const sizes = { batch: 1, heads, queries, features, ...scalars };
  const count = heads * queries * features;
  return {
    id: "attention",
    label: `attention ${heads}x${queries}x${features}${scalars.rate === undefined ? "" : ", dropout"}`,
    count,
    inputs: { query: uniform(count, 1, 1), key: uniform(count, 1, 3), value: uniform(count, 1, 4) },
    outputs: { forward: ["y"], backward: ["query", "key", "value"] },
    forward: (module, { query, key, value }, { y }) => module.forward({ query, key, value }, { y }, sizes),
    backward: (module, { dy, query, key, value }, out) =>
      module.backward({ dy, query, key, value }, { dquery: out.query, dkey: out.key, dvalue: out.value }, sizes),
  };
};

/** Subjects by what is typed: elementwise ones need no entry. */
const LAYERS = {
  softmax: [alongRows("softmax")],
  log_softmax: [alongRows("log_softmax")],
  sparsemax: [alongRows("sparsemax")],
  layer_norm: [norm("layer_norm")],
  rms_norm: [norm("rms_norm")],
  dense_relu: [dense(64, 512, 512), dense(256, 1024, 1024), dense(1, 512, 512)],
  conv2d_relu: [convolution(64, 56, 64, 3), convolution(256, 14, 256, 3), convolution(128, 28, 128, 1)],
  attention: [attention(8, 512, 64), attention(8, 512, 64, { rate: 0.1 })],
};

async function measure({ id, label, count, plain, ...subject }, direction) {
  const [wasm, js] = await Promise.all(["wasm", "js"].map((target) => generated(target, id, `${label}${direction}`)));
  const run = subject[direction];
  const numbers = { x: uniform(count, 8, 1), dy: uniform(count, 1, 2), y: new Float32Array(count), ...subject.inputs };
  subject.forward(js, numbers, numbers);
  const places = (make) => Object.fromEntries(subject.outputs[direction].map((name) => [name, make(numbers[name])]));
  const inMemory = (values) => {
    const array = wasm.allocate(values.length);
    array.set(values);
    return array;
  };
  const arrays = Object.fromEntries(Object.entries(numbers).map(([name, values]) => [name, inMemory(values)]));
  const out = places(inMemory);
  // The memory may have grown meanwhile.
  for (const held of [arrays, out]) for (const name of Object.keys(held)) held[name] = wasm.renew(held[name]);
  const outs = [0, 1, 2].map(() => places(({ length }) => new Float32Array(length)));
  const runs = [
    () => run(wasm, arrays, out),
    () => run(wasm, numbers, outs[0]),
    () => run(js, numbers, outs[1]),
    ...(plain === undefined
      ? []
      : direction === "forward"
        ? [() => plain.forward(numbers.x, outs[2].y)]
        : [() => plain.backward(numbers.dy, numbers.x, outs[2].x)]),
  ];
  const calls = label === undefined ? CALLS : 1;
  const times = interleaved(
    runs.map((one) => () => {
      for (let i = 0; i < calls; i++) one();
    }),
    ROUNDS,
    WARM_UPS,
  );
  for (const array of [...Object.values(arrays), ...Object.values(out)]) wasm.free(array);
  const ratios = times.slice(1).map((list) => median(list.map((time, round) => time / times[0][round])));
  const ns = times.map((list) => (median(list) * 1e6) / (count * calls));
  return { ns, ratios };
}

const rows = [];
for (const name of positionals.length > 0 ? positionals : [...IDS, ...Object.keys(LAYERS)])
  for (const subject of LAYERS[name] ?? [elementwise(name)])
    for (const direction of ["forward", "backward"])
      rows.push({ id: subject.label ?? subject.id, direction, ...(await measure(subject, direction)) });

console.log(`ns per element, n = ${LENGTH}, medians of ${ROUNDS} interleaved rounds, Node ${process.versions.node}\n`);
const cells = (values) => [0, 1, 2, 3].map((k) => values[k]?.toFixed(2) ?? "-");
console.log(
  table([
    ["id", "", "wasm", "copied", "js", "plain", "copied/wasm", "js/wasm", "plain/wasm"],
    ...rows.map(({ id, direction, ns, ratios }) => [id, direction, ...cells(ns), ...cells(ratios).slice(0, 3)]),
  ]),
);
const mean = (values) => Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
for (const [k, name] of [
  [1, "js/wasm"],
  [2, "plain/wasm"],
]) {
  const known = rows.flatMap(({ ratios }) => ratios[k] ?? []);
  if (known.length > 0) console.log(`\ngeometric mean of ${name}: ${mean(known).toFixed(2)}`);
}
