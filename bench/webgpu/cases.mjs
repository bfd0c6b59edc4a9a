/** What is asked of every library, and what the exact answers are. */
import { findDefinition } from "../../dist/catalogue.js";
import { createOracle } from "../../dist/pipeline/activation.js";
import { x } from "../../dist/ir/build.js";
import { defaults } from "../../dist/ir/definition.js";
import { derivative } from "../../dist/symbolic/derivative.js";

const LARGEST = 3.4028234663852886e38;
const SMALLEST_NORMAL = 2 ** -126;
export const ACCEPTED_ULPS = 4;

const MAGNITUDES = [0, 1e-45, 1e-8, 13.2, 20, 88, 88.8, 89, 1e4, LARGEST, Infinity].map(Math.fround);

/** 0 to Infinity with both signs, and NaN. */
export const INPUTS = [...MAGNITUDES.flatMap((magnitude) => [magnitude, -magnitude]), NaN];

export const FUNCTIONS = [
  { id: "silu", title: "silu" },
  { id: "gelu_erf", title: "gelu (erf)" },
  { id: "gelu_tanh", title: "gelu (tanh)" },
  { id: "tanh", title: "tanh" },
  { id: "sigmoid", title: "sigmoid" },
  { id: "softplus", title: "softplus" },
  { id: "elu", title: "elu" },
  { id: "mish", title: "mish" },
  { id: "relu", title: "relu" },
];

export const ROW_FUNCTIONS = ["softmax", "log_softmax"];

export const ROWS = [
  [NaN, 0, 1],
  [-Infinity, -Infinity, -Infinity],
  [Infinity, 0, 0],
  [1e9, 0],
  [-Infinity, 0, 1],
  [0, -20, -100],
];

/** Two inputs beyond which all of the functions are straight lines, as far as float64 can tell. */
const FAR = [1e4, 2e4];

/** The exact values of a function, and of its derivative, at the inputs; undefined where any answer will do. */
export async function exactValues() {
  const oracle = await createOracle();
  return Object.fromEntries(
    FUNCTIONS.map(({ id }) => {
      const definition = findDefinition(id);
      const { formula, kinks } = definition;
      const exactOf = (expr) => {
        const at = (inputs) =>
          oracle.evaluate(
            [expr],
            inputs.map((input) => ({ ...defaults(definition), x: input })),
          )[0].high;
        const exact = at(INPUTS);
        const [left, right] = [-1, 1].map((sign) =>
          lineThrough(
            FAR.map((input) => sign * input),
            at,
          ),
        );
        // Powers of e far out are beyond the numbers of the reference, too.
        return INPUTS.map((input, i) => (Number.isNaN(exact[i]) ? (input < 0 ? left : right)(input) : exact[i]));
      };
      // Between the slopes left and right of a kink, each is as good as the other; and float32 may take 1e-45 for 0.
      const atKink = (input) => kinks.length > 0 && Math.abs(input) < SMALLEST_NORMAL;
      const slopes = exactOf(derivative(formula, x));
      return [id, [exactOf(formula), slopes.map((slope, i) => (atKink(INPUTS[i]) ? undefined : slope))]];
    }),
  );
}

/** A function's values at some inputs. */
export async function valuesOf(id, inputs) {
  const definition = findDefinition(id);
  const points = inputs.map((input) => ({ ...defaults(definition), x: input }));
  return (await createOracle()).evaluate([definition.formula], points)[0].high;
}

function lineThrough(inputs, valuesAt) {
  const [first, second] = valuesAt(inputs);
  const slope = (second - first) / (inputs[1] - inputs[0]);
  return (input) => (Number.isNaN(input) ? NaN : slope === 0 ? first : first + slope * (input - inputs[0]));
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
};

const word = new Uint32Array(1);
const single = new Float32Array(word.buffer);

function spacing(magnitude) {
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
