/**
 * `node bench/wasm.mjs [--length n] [ids...]`: the loops of generated/wasm on arrays in their memory, and on ordinary arrays
 * that they copy, against those of generated/js and the loops of plain.mjs, in one interleaved run on numbers in [-8, 8].
 * The plain backward loop reads the input even where the emitted ones read the output.
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

async function measure(id, direction) {
  const [wasm, js] = [await generated("wasm", id, direction), await generated("js", id, direction)];
  const plain = plainLoops(id);
  const [x, dy] = [uniform(LENGTH, 8, 1), uniform(LENGTH, 1, 2)];
  const inside = (values) => {
    const array = wasm.allocate(values.length);
    array.set(values);
    return array;
  };
  const arrays = { x: inside(x), dy: inside(dy), out: inside(x) };
  const saved = (module) => (module.saves === "input" ? x : module.forward(x));
  const outs = [0, 1, 2].map(() => new Float32Array(LENGTH));
  const [savedByWasm, savedByJs] = [saved(wasm), saved(js)];
  arrays.saved = inside(savedByWasm);
  // The memory may have grown meanwhile.
  for (const name of Object.keys(arrays)) arrays[name] = wasm.renew(arrays[name]);
  const runs =
    direction === "forward"
      ? [
          () => wasm.forward(arrays.x, arrays.out),
          () => wasm.forward(x, outs[0]),
          () => js.forward(x, outs[1]),
          () => plain.forward(x, outs[2]),
        ]
      : [
          () => wasm.backward(arrays.dy, arrays.saved, arrays.out),
          () => wasm.backward(dy, savedByWasm, outs[0]),
          () => js.backward(dy, savedByJs, outs[1]),
          () => plain.backward(dy, x, outs[2]),
        ];
  const times = interleaved(runs.map(repeated), ROUNDS, WARM_UPS);
  for (const array of Object.values(arrays)) wasm.free(array);
  const ratio = (k) => median(times[k].map((time, round) => time / times[0][round]));
  const ns = times.map((list) => (median(list) * 1e6) / (LENGTH * CALLS));
  return { ns, toCopied: ratio(1), toJs: ratio(2), toPlain: ratio(3) };
}

const rows = [];
for (const id of positionals.length > 0 ? positionals : IDS)
  for (const direction of ["forward", "backward"]) rows.push({ id, direction, ...(await measure(id, direction)) });

console.log(`ns per element, n = ${LENGTH}, medians of ${ROUNDS} interleaved rounds, Node ${process.versions.node}\n`);
console.log(
  table([
    ["id", "", "wasm", "copied", "js", "plain", "copied/wasm", "js/wasm", "plain/wasm"],
    ...rows.map(({ id, direction, ns, toCopied, toJs, toPlain }) => [
      id,
      direction,
      ...[...ns, toCopied, toJs, toPlain].map((value) => value.toFixed(2)),
    ]),
  ]),
);
const mean = (values) => Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
console.log(
  `\ngeometric means: js/wasm ${mean(rows.map(({ toJs }) => toJs)).toFixed(2)}, plain/wasm ${mean(rows.map(({ toPlain }) => toPlain)).toFixed(2)}`,
);
