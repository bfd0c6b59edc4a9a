/** What is computed: the arrays of an activation, of rows, or of a dense layer with relu. */
import { uniform } from "../../measure.mjs";
import { transposed } from "../../browser/transposed.mjs";

/** Standard deviations of inputs: what layers hand to activations. */
const SPREAD = 2;

/** Normally distributed numbers, by Box and Muller. */
function normal(length, seed) {
  const [radii, angles] = [uniform(length, 1, seed), uniform(length, Math.PI, seed + 1)];
  return radii.map((radius, i) => SPREAD * Math.sqrt(-2 * Math.log((1 - radius) / 2 + 2 ** -26)) * Math.cos(angles[i]));
}

const KINDS = {
  elementwise: ({ length }) => ({ shapes: { x: [length], y: [length] } }),
  rows: ({ rows, columns }) => ({ shapes: { x: [rows, columns], y: [rows, columns] } }),
  norm: ({ rows, columns }) => ({
    shapes: { x: [rows, columns], weight: [columns], bias: [columns], y: [rows, columns] },
  }),
  dense: ({ rows, inputs, outputs }) => ({
    shapes: { x: [rows, inputs], weight: [outputs, inputs], bias: [outputs], y: [rows, outputs] },
  }),
};

const sizeOf = (shape) => shape.reduce((a, b) => a * b, 1);

/** `given` are arrays that are not drawn. */
export function subjectOf({ id, kind, sizes, given = {} }) {
  const { shapes } = KINDS[kind](sizes);
  const data = {
    x: normal(sizeOf(shapes.x), 1),
    dy: uniform(sizeOf(shapes.y), 1, 3),
    ...(shapes.weight && { weight: uniform(sizeOf(shapes.weight), kind === "dense" ? 1 / 16 : 1, 4) }),
    ...(shapes.bias && { bias: uniform(sizeOf(shapes.bias), 1, 5) }),
  };
  for (const [name, values] of Object.entries(given)) data[name] = Float32Array.from(values);
  return { id, kind, sizes, shapes, data };
}

/** What a function is of, with weights as (inputs, outputs) for libraries that have them so. */
export const inputsOf = ({ kind, data, shapes, sizes }) =>
  Object.entries(shapes)
    .filter(([name]) => name !== "y")
    .map(([name, shape]) =>
      kind === "dense" && name === "weight"
        ? { values: transposed({ ...sizes, weight: data.weight }), shape: shape.toReversed() }
        : { values: data[name], shape },
    );
