/**
 * `node bench/loops.mjs [--from folder] [ids...]`: the emitted `forward` and `backward` against the loops of plain.mjs,
 * on a million float32 numbers in [-8, 8]. The plain backward loop reads the input even where the emitted one reads the output.
 */
import { readFileSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { interleaved, median, table, uniform, verdict } from "./measure.mjs";
import { plainLoops } from "./plain.mjs";

const LENGTH = 1e6;
const ROUNDS = 15;
const WARM_UPS = 6;
/** These forward loops are to be this much faster than plain ones. */
const FAST = ["sigmoid", "tanh", "silu", "gelu_erf", "gelu_tanh", "mish", "softplus"];
const FAST_RATIO = 2.5;
/** Nothing may be slower; a ratio below this is no noise. */
const NOT_SLOWER = 0.9;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { from: { type: "string", default: new URL("../generated/js", import.meta.url).pathname } },
});
const folder = resolve(options.from);
/** Layers and row-wise activations, which bench/layers.mjs measures, have no derivative of a number. */
const isElementwise = (name) => readFileSync(resolve(folder, name), "utf8").includes("export function derivative(");
const ids =
  positionals.length > 0
    ? positionals
    : readdirSync(folder)
        .filter((name) => name.endsWith(".js") && isElementwise(name))
        .map((name) => name.slice(0, -3));

const x = uniform(LENGTH, 8, 1);
const dy = uniform(LENGTH, 1, 2);

/** A module of its own for each direction, so that neither sees the other's type feedback. */
const fresh = (id, direction) => import(`${pathToFileURL(resolve(folder, `${id}.js`))}?${direction}`);

/** Nanoseconds per element and how much faster the emitted loop is: the median over the rounds of the ratio in a round. */
function compare(plain, emitted) {
  const [plainTimes, emittedTimes] = interleaved([plain, emitted], ROUNDS, WARM_UPS);
  const perElement = (times) => (median(times) * 1e6) / LENGTH;
  const ratio = median(plainTimes.map((time, round) => time / emittedTimes[round]));
  return { plain: perElement(plainTimes), emitted: perElement(emittedTimes), ratio };
}

async function measure(id) {
  const plain = plainLoops(id);
  if (plain === undefined) throw new Error(`bench/plain.mjs has no loop for ${id}`);
  const { forward } = await fresh(id, "forward");
  const { backward, saves } = await fresh(id, "backward");
  const [plainOut, emittedOut] = [new Float32Array(LENGTH), new Float32Array(LENGTH)];
  const saved = saves === "input" ? x : forward(x, new Float32Array(LENGTH));
  return {
    id,
    forward: compare(
      () => plain.forward(x, plainOut),
      () => forward(x, emittedOut),
    ),
    backward: compare(
      () => plain.backward(dy, x, plainOut),
      () => backward(dy, saved, emittedOut),
    ),
  };
}

const cells = ({ plain, emitted, ratio }) => [plain.toFixed(2), emitted.toFixed(2), ratio.toFixed(2)];
const geometricMean = (values) => Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

const results = [];
for (const id of ids) results.push(await measure(id));

console.log(`ns per element, n = ${LENGTH}, medians of ${ROUNDS} rounds, Node ${process.versions.node}\n`);
console.log(
  table([
    ["id", "plain fwd", "emitted", "ratio", "plain bwd", "emitted", "ratio"],
    ...results.map(({ id, forward, backward }) => [id, ...cells(forward), ...cells(backward)]),
  ]),
);

console.log();
for (const direction of ["forward", "backward"]) {
  const lowest = results.reduce((a, b) => (a[direction].ratio <= b[direction].ratio ? a : b));
  const mean = geometricMean(results.map((result) => result[direction].ratio));
  console.log(
    `${direction}: geometric mean ${mean.toFixed(2)}, minimum ${lowest[direction].ratio.toFixed(2)} (${lowest.id})`,
  );
}
const tooSlow = results
  .filter(({ id, forward }) => FAST.includes(id) && forward.ratio < FAST_RATIO)
  .map(({ id, forward }) => ` ${id} ${forward.ratio.toFixed(2)}`);
const slower = results.flatMap(({ id, ...directions }) =>
  Object.entries(directions)
    .filter(([, { ratio }]) => ratio < NOT_SLOWER)
    .map(([direction, { ratio }]) => ` ${id} ${direction} ${ratio.toFixed(2)}`),
);
console.log(`goal: forward ratio >= ${FAST_RATIO} on ${FAST.join(", ")}: ${verdict(tooSlow.length === 0)}${tooSlow}`);
console.log(`goal: no ratio below ${NOT_SLOWER}: ${verdict(slower.length === 0)}${slower}`);
