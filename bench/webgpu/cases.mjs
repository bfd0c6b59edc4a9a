/** What is asked of every library, and what the exact answers are. */
import { findDefinition } from "../../dist/catalogue.js";
import { createOracle } from "../../dist/pipeline/activation.js";
import { x } from "../../dist/ir/build.js";
import { defaults } from "../../dist/ir/definition.js";
import { derivative } from "../../dist/symbolic/derivative.js";
import { SMALLEST_NORMAL } from "../browser/exact.mjs";

const LARGEST = 3.4028234663852886e38;

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

function lineThrough(inputs, valuesAt) {
  const [first, second] = valuesAt(inputs);
  const slope = (second - first) / (inputs[1] - inputs[0]);
  return (input) => (Number.isNaN(input) ? NaN : slope === 0 ? first : first + slope * (input - inputs[0]));
}
