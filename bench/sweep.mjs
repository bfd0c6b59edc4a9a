// `node bench/sweep.mjs`: the emitted float32 loops at every 2039th float32 bit pattern and extremes, the inputs at which the
// figures of rivals.json were measured, against the emitted float64 functions (themselves within a few ULP of float64).
// Left out, as there: derivatives below 1e-2 within 0.1 of a zero that is not at 0. Writes bench/sweep.json.
import { renameSync, writeFileSync } from "node:fs";
import * as modules from "../generated/js/index.js";

const EXTREMES = [0, -0, 1e-45, 1e-38, 1e-30, 1e-8, 17.5, 20, 88, 89, 104, 1e4, 1e9, 3.4028234663852886e38];
const patterns = new Float32Array(Uint32Array.from({ length: Math.floor(2 ** 32 / 2039) }, (_, i) => i * 2039).buffer);
const inputs = Float32Array.from([
  ...patterns.filter(Number.isFinite),
  ...EXTREMES,
  ...EXTREMES.map((value) => -value),
]);
const SMALLEST_NORMAL = 2 ** -126;

const spacing = (magnitude) => 2 ** (Math.min(Math.floor(Math.log2(magnitude)), 127) - 23);

function worst(computed, exact, skip) {
  let [ulp, at] = [0, 0];
  for (let i = 0; i < inputs.length; i++) {
    const wanted = exact(inputs[i]);
    const magnitude = Math.abs(wanted);
    if (!(magnitude >= SMALLEST_NORMAL) || !Number.isFinite(Math.fround(wanted))) continue;
    const error = Math.abs(computed[i] - wanted) / spacing(magnitude);
    if (error <= ulp || skip(inputs[i], wanted)) continue;
    [ulp, at] = [error, inputs[i]];
  }
  return { ulp: Number(ulp.toPrecision(4)), at };
}

const results = {};
for (const [id, { value, derivative, forward, backward, saves }] of Object.entries(modules)) {
  // Layers and row-wise activations are no functions of a number.
  if (derivative === undefined) continue;
  const outputs = forward(inputs);
  const slopes = backward(new Float32Array(inputs.length).fill(1), saves === "input" ? inputs : outputs);
  const nearZero = (x, wanted) =>
    Math.abs(wanted) < 1e-2 && Math.abs(x) > 0.1 && derivative(x - 0.1) * derivative(x + 0.1) < 0;
  results[id] = {
    forward: worst(
      outputs,
      (x) => value(x),
      () => false,
    ),
    backward: worst(slopes, (x) => derivative(x), nearZero),
  };
  console.log(id.padEnd(20), results[id].forward.ulp, results[id].backward.ulp, "at", results[id].backward.at);
}
const path = new URL("sweep.json", import.meta.url);
const temporary = new URL(`sweep.json.${process.pid}.tmp`, import.meta.url);
writeFileSync(temporary, `${JSON.stringify({ inputs: inputs.length, results }, null, 2)}\n`);
renameSync(temporary, path);
