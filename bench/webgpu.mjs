/**
 * nonlin's emitted shaders beside TensorFlow.js, jax-js and ONNX Runtime Web, in one headless Chromium page with WebGPU on
 * SwiftShader, as Markdown: node bench/webgpu.mjs > bench/webgpu.md
 *
 * The libraries are a package of their own, bench/webgpu, which is installed when it is missing.
 */
import { readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { prepare } from "./browser/page.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

prepare(here("webgpu"));

const { exactRows } = await import("./browser/exact.mjs");
const { FUNCTIONS, INPUTS, ROWS, ROW_FUNCTIONS, exactValues } = await import("./webgpu/cases.mjs");
const { emittedModules } = await import("./webgpu/modules.mjs");
const { openShaderPage } = await import("./webgpu/page.mjs");
const { answersTable, footnotes, numberText, summaryTable, timesTable } = await import("./webgpu/report.mjs");

const LIBRARIES = ["nonlin", "tfjs", "jax-js", "ORT-web"];
const PACKAGES = { tfjs: "@tensorflow/tfjs-backend-webgpu", "jax-js": "@jax-js/jax", "ORT-web": "onnxruntime-web" };
const TIMED = { size: 1e6, rows: 1000, columns: 1000, dense: { rows: 256, inputs: 1024, outputs: 1024 }, rounds: 3 };

const { dependencies } = JSON.parse(readFileSync(here("webgpu/package.json"), "utf8"));
const folder = await emittedModules([...FUNCTIONS.map(({ id }) => id), ...ROW_FUNCTIONS], [["dense", "gelu_erf"]]);
let page;
try {
  page = await openShaderPage(folder);
  const questions = await allQuestions();
  for (const question of questions) {
    question.answers = {};
    for (const library of LIBRARIES) question.answers[library] = await answersOf(library, question);
  }
  const times = await page.call("times", TIMED);
  console.log(report(questions, times));
} finally {
  await page?.close();
  rmSync(folder, { recursive: true });
}

async function allQuestions() {
  const points = INPUTS.map((input) => ({ name: numberText(input), isLimit: Math.abs(input) === Infinity }));
  const exact = await exactValues();
  const ofFunctions = (kind, which, mark) =>
    FUNCTIONS.map(({ id, title }) => ({
      kind,
      id,
      title: title + mark,
      points,
      exact: exact[id][which],
      inputs: [INPUTS],
    }));
  const ofRows = ROW_FUNCTIONS.map((id) => ({
    kind: "row",
    id,
    title: id.replace("_", "-"),
    points: ROWS.flatMap((row) =>
      row.map((value, i) => ({
        name: `${numberText(value)} in [${row.map(numberText).join(", ")}]`,
        isLimit: false,
        i,
      })),
    ),
    exact: ROWS.flatMap((row) => exactRows[id](row)),
    inputs: ROWS,
  }));
  return [...ofFunctions("value", 0, ""), ...ofFunctions("slope", 1, "'"), ...ofRows];
}

/** All numbers of a question from one library, or the reason why there are none. */
async function answersOf(library, { kind, id, inputs }) {
  const numbers = [];
  for (const input of inputs) {
    const answer = await page.call("answer", { library, kind, id, numbers: input });
    if (answer.reason !== undefined) return answer;
    numbers.push(...answer.numbers);
  }
  return { numbers };
}

function report(questions, times) {
  const versions = Object.entries(PACKAGES).map(([name, id]) => `${name} is ${id} ${dependencies[id]}`);
  const { rows, inputs, outputs } = TIMED.dense;
  const titles = {
    gelu: `gelu (erf), ${TIMED.size} elements`,
    softmax: `softmax, ${TIMED.rows} x ${TIMED.columns}`,
    dense: `dense with gelu (erf), ${rows} x ${inputs} x ${outputs}`,
  };
  return `# WebGPU: answers and times beside other libraries

\`node bench/webgpu.mjs\`, in one page of Chromium ${page.version} with WebGPU on SwiftShader, Node ${process.version}.
${versions.join(", ")}.

## Summary

Answers / wrong ones / others that are off by more than 4 ULP of float32.

${summaryTable(questions, LIBRARIES)}

Wrong is a NaN, an infinity or a number where another of these is exact, another number where the value is 0, and a
limit that is off at an infinite input. All else is an error in units of the last place (ULP) against values that are
certain (interval arithmetic on MPFR; rows in float64). Drivers may take subnormal numbers for 0 and the sign of zero
is left open, so both are accepted. An infinite input means the limit: gelu(-Inf) is 0. A row with NaN or Infinity, or
with -Infinity alone, has no softmax: NaN. At the kink of relu any slope will do.

SwiftShader is one driver: others have other functions \`exp\`, \`log\` and \`tanh\`, and the libraries' answers change with
them. "-" is what a library cannot do:

${footnotes(questions, LIBRARIES)}

## Times

${timesTable(times, titles, LIBRARIES)}

Best and median of ${TIMED.rounds} rounds in which the libraries take turns, after one that is not counted; inputs are on the device
and the result is read back. All results are the same within 1e-3. **These are times of a processor that plays a GPU: it
misranks kernels** (workgroup memory, the right design on a GPU, costs most), **and no conclusion about GPUs follows from
them.** nonlin computes gelu and exp to within a few ULP with its own polynomials, which costs more operations than the
built-in functions that the others call. On a GPU: \`node bench/webgpu-device.mjs\`.

## Answers

In parentheses the error in ULP where there is one; bold is wrong or more than 4 ULP.

${questions.map((question) => answersTable(question, LIBRARIES)).join("\n\n")}`;
}
