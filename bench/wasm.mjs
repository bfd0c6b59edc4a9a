/**
 * `node bench/wasm.mjs [--length n] [ids...]`: the loops of generated/wasm on arrays in their memory, and on ordinary arrays
 * that they copy, against those of generated/js and the loops of plain.mjs, in one interleaved run on numbers in [-8, 8].
 * The plain backward loop reads the input even where the emitted ones read the output. Rows have 1000 elements, and no plain
 * loop beside them (`bench/layers.mjs` has some).
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
const repeated = (run) => () => {
  for (let i = 0; i < CALLS; i++) run();
};

/** Rows of COLUMNS elements: what is read and written in each direction, and how a module is called with it. */
const COLUMNS = Math.min(1000, LENGTH);
const SIZES = { rows: Math.floor(LENGTH / COLUMNS), columns: COLUMNS };
const ALONG_ROWS = {
  forward: (module, { x }, out) => module.forward(x, out, SIZES),
  backward: (module, { dy, y }, out) => module.backward(dy, y, out, SIZES),
};
const NORM = {
  forward: (module, { x, weight, bias }, out) => module.forward({ x, weight, bias }, { y: out }, SIZES),
  backward: (module, { dy, x, weight }, out) => module.backward({ dy, x, weight }, { dx: out }, SIZES),
};
const ROWS = { softmax: ALONG_ROWS, log_softmax: ALONG_ROWS, sparsemax: ALONG_ROWS, layer_norm: NORM, rms_norm: NORM };

const elementwise = (id) => ({
  forward: (module, { x }, out) => module.forward(x, out),
  backward: (module, { dy, x, y }, out) => module.backward(dy, module.saves === "input" ? x : y, out),
  plain: plainLoops(id),
});

async function measure(id, direction) {
  const [wasm, js] = [await generated("wasm", id, direction), await generated("js", id, direction)];
  const calls = ROWS[id] ?? elementwise(id);
  const { plain } = calls;
  const count = id in ROWS ? SIZES.rows * SIZES.columns : LENGTH;
  const numbers = { x: uniform(count, 8, 1), dy: uniform(count, 1, 2), y: new Float32Array(count) };
  if (id in ROWS) Object.assign(numbers, { weight: uniform(COLUMNS, 1, 3), bias: uniform(COLUMNS, 1, 4) });
  calls.forward(js, numbers, numbers.y);
  const arrays = { ...numbers, out: numbers.y };
  for (const [name, values] of Object.entries(arrays)) {
    arrays[name] = wasm.allocate(values.length);
    arrays[name].set(values);
  }
  // The memory may have grown meanwhile.
  for (const name of Object.keys(arrays)) arrays[name] = wasm.renew(arrays[name]);
  const outs = [0, 1, 2].map(() => new Float32Array(count));
  const runs = [
    () => calls[direction](wasm, arrays, arrays.out),
    () => calls[direction](wasm, numbers, outs[0]),
    () => calls[direction](js, numbers, outs[1]),
    ...(plain === undefined
      ? []
      : direction === "forward"
        ? [() => plain.forward(numbers.x, outs[2])]
        : [() => plain.backward(numbers.dy, numbers.x, outs[2])]),
  ];
  const times = interleaved(runs.map(repeated), ROUNDS, WARM_UPS);
  for (const array of Object.values(arrays)) wasm.free(array);
  const ratios = times.slice(1).map((list) => median(list.map((time, round) => time / times[0][round])));
  const ns = times.map((list) => (median(list) * 1e6) / (count * CALLS));
  return { ns, ratios };
}

const rows = [];
for (const id of positionals.length > 0 ? positionals : [...IDS, ...Object.keys(ROWS)])
  for (const direction of ["forward", "backward"]) rows.push({ id, direction, ...(await measure(id, direction)) });

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
