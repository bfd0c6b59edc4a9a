/** Markdown: times beside each other, as multiples of ours, and with the errors of the libraries. */
import { markdownTable, median } from "../measure.mjs";

const OURS = "wasm";
const PACKAGES = {
  LiteRT: "@litertjs/core",
  ORT: "onnxruntime-web",
  tfjs: "@tensorflow/tfjs-backend-wasm",
  "jax-js": "@jax-js/jax",
};
const TITLES = {
  kernel: "Forward, arrays inside the memory of each library",
  copied: "Forward, ordinary arrays in and out",
  both: "Forward and backward, arrays inside the memory of each library",
};

const isDense = ({ question }) => question.kind === "dense";
const titleOf = ({ id, kind, sizes }) => (kind === "dense" ? Object.values(sizes).join(" x ") : id);
const elements = ({ sizes }) => sizes.length ?? sizes.rows * sizes.columns;

/** Operations of a dense layer; backward multiplies twice as much. */
const operations = ({ sizes: { rows, inputs, outputs } }, way) =>
  2 * rows * inputs * outputs * (way === "both" ? 3 : 1);

/** How often a candidate takes as long as ours, in the same rounds. */
const ratioOf = (times, name) => median(times[name].map((time, round) => time / times[OURS][round]));

const figure = (value) => (value >= 100 ? value.toFixed(0) : value.toPrecision(2));
const errorText = (error) =>
  error === undefined ? "" : `, ${typeof error === "string" ? error : error > 1e6 ? "lost" : figure(error)}`;

function cell({ question, times, accuracy }, way, name) {
  const list = times[way][name];
  if (list === undefined) return "-";
  const time = median(list) / 1e3;
  const amount = isDense({ question })
    ? (operations(question, way) / time / 1e9).toPrecision(3)
    : figure((time / elements(question)) * 1e9);
  const error = accuracy[name]?.[way === "both" ? "gradient" : "value"];
  const ratio = name === OURS ? "" : ` (${figure(ratioOf(times[way], name))})`;
  return `${amount}${ratio}${errorText(error)}`;
}

const namesOf = (results, way) => [...new Set(results.flatMap(({ times }) => Object.keys(times[way])))];

function tableOf(results, way, first) {
  const names = namesOf(results, way).filter((name) => name !== "copy" || (way === "kernel" && !results.some(isDense)));
  return markdownTable([
    [first, ...names],
    ...results.map((result) => [titleOf(result.question), ...names.map((name) => cell(result, way, name))]),
  ]);
}

const mean = (values) => Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

/** Of each rival: the geometric mean of its ratios, and where it is faster. */
function summary(results, way) {
  const rows = namesOf(results, way)
    .filter((name) => name !== OURS && name !== "copy")
    .map((name) => {
      const known = results.filter(({ times }) => times[way][name] !== undefined && times[way][OURS] !== undefined);
      const ratios = known.map(({ times, question }) => ({
        title: titleOf(question),
        ratio: ratioOf(times[way], name),
      }));
      const faster = ratios.filter(({ ratio }) => ratio < 1).map(({ title }) => title);
      return [name, ratios.length, figure(mean(ratios.map(({ ratio }) => ratio))), faster.join(", ") || "none"];
    });
  return markdownTable([["", "compared", "its time in ours, geometric mean", "faster than ours"], ...rows]);
}

export function markdown(results, { version, rounds, dependencies, processor }) {
  const [layers, others] = [results.filter(isDense), results.filter((result) => !isDense(result))];
  const sections = Object.entries(TITLES).map(([way, title]) =>
    [
      `## ${title}`,
      ...(others.length > 0 ? [tableOf(others, way, "ns per element"), summary(others, way)] : []),
      ...(layers.length > 0 ? [tableOf(layers, way, "dense with relu, GFLOP/s"), summary(layers, way)] : []),
    ].join("\n\n"),
  );
  const versions = Object.entries(PACKAGES).map(([name, id]) => `${name} is ${id} ${dependencies[id]}`);
  return `# WebAssembly and JavaScript on the processor beside other libraries

\`node bench/cpu.mjs --write\`, in one page of Chromium ${version} on one thread, ${processor}, medians of ${rounds} interleaved rounds.
${versions.join(", ")}.

\`wasm\` and \`js\` are generated/wasm (with relaxed SIMD, and its code for engines without) and generated/js; \`loop\` is what one
writes with \`Math\` (bench/plain.mjs, bench/plain-layers.mjs), \`copy\` a copy of the input. In parentheses: its time as a multiple of
that of \`wasm\`, the median over the rounds, so that less than 1 is faster than ours. Then the largest error: of values in ULP of
float32 against MPFR (rows in float64) at 4096 inputs in [-20, 20], of layer_norm and dense in ULP of the largest value; of
gradients (forward and backward) in units of 2^-24. 0 is correctly rounded, "wrong" a NaN, an infinity, or a number where 0 is right; "lost" more than
1e6 ULP; "-" what a library does not have. 1e6 elements, or 1000 rows of 1000; normal numbers of deviation 2.

LiteRT.js, and ONNX Runtime, have no gradients. ONNX Runtime has no arrays inside its memory. LiteRT.js composes silu, softplus
(log(1 + exp(x))), mish and layer_norm of several operators, since TensorFlow Lite has none for them; its weights of dense, and
those of ONNX Runtime, are constants that are packed before, while ours are packed in each call.

${sections.join("\n\n")}
`;
}
