/** Exact answers, and what a library's answer is worth beside one. */
import { findDefinition } from "../../dist/catalogue.js";
import { x } from "../../dist/ir/build.js";
import { defaults } from "../../dist/ir/definition.js";
import { createOracle } from "../../dist/pipeline/activation.js";
import { derivative } from "../../dist/symbolic/derivative.js";

const LARGEST = 3.4028234663852886e38;
export const SMALLEST_NORMAL = 2 ** -126;
export const ACCEPTED_ULPS = 4;

/** A function's values at some inputs, or its slopes. */
export async function valuesOf(id, inputs, which = "value") {
  const definition = findDefinition(id);
  const points = inputs.map((input) => ({ ...defaults(definition), x: input }));
  const expr = which === "value" ? definition.formula : derivative(definition.formula, x);
  return (await createOracle()).evaluate([expr], points)[0].high;
}

/** By the formulas in float64, the logarithm with log1p so that small parts are kept. A row without a number has none. */
export const exactRows = {
  softmax: (row) => {
    const largest = Math.max(...row);
    const powers = row.map((value) => Math.exp(value - largest));
    const sum = powers.reduce((a, b) => a + b);
    return powers.map((power) => power / sum);
  },
  log_softmax: (row) => {
    const largest = Math.max(...row);
    const first = row.indexOf(largest);
    const others = row.reduce((sum, value, i) => (i === first ? sum : sum + Math.exp(value - largest)), 0);
    return row.map((value) => (Number.isFinite(largest) ? value - largest - Math.log1p(others) : NaN));
  },
  layer_norm: (row) => {
    const mean = row.reduce((a, b) => a + b) / row.length;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
    return row.map((value) => (value - mean) / Math.sqrt(variance + 1e-5));
  },
};

const word = new Uint32Array(1);
const single = new Float32Array(word.buffer);

export function spacing(magnitude) {
  single[0] = magnitude;
  return 2 ** (Math.max(((word[0] >>> 23) & 0xff) - 127, -126) - 23);
}

/**
 * What an answer is worth: the word "wrong" for NaN, an infinity or a number where another of them is exact, a number
 * where 0 is, and a wrong limit at an infinite input; else its error in units of the last place. Drivers may take subnormal
 * numbers for 0, in and out, so near them 0 is right.
 */
export function judge(got, exact, isLimit) {
  if (exact === undefined) return 0;
  const wanted = Math.fround(exact);
  if (Object.is(got, wanted) || got === wanted) return 0;
  if (!Number.isFinite(wanted) || !Number.isFinite(got)) return "wrong";
  const magnitude = Math.abs(exact);
  if (magnitude < SMALLEST_NORMAL) return Math.abs(got) < SMALLEST_NORMAL ? 0 : "wrong";
  const ulps = Math.abs(got - exact) / spacing(Math.min(magnitude, LARGEST));
  return isLimit && ulps > ACCEPTED_ULPS ? "wrong" : ulps;
}
