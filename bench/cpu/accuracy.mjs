/** The largest errors of the libraries: of values in units of the last place, of gradients in units of 2^-24. */
import { uniform } from "../measure.mjs";
import { exactRows, judge, spacing, valuesOf } from "../browser/exact.mjs";

/** Inputs of functions: evenly, and by magnitude. */
const COUNT = 4096;
const REACH = 20;
const LEAST_EXPONENT = -30;
const INPUTS = Array.from({ length: COUNT }, (_, i) => {
  const share = (i * 0.6180339887498949) % 1;
  const size = i % 4 < 2 ? share * REACH : 2 ** (LEAST_EXPONENT + share * (Math.log2(REACH) - LEAST_EXPONENT));
  return Math.fround(i % 2 === 0 ? size : -size);
});

/** Rows of so many elements, on which every library runs as on larger ones. */
const ROWS = { rows: 16, columns: 256 };
const SMALL = { rows: 16, inputs: 256, outputs: 64 };

const chunks = (values, size) =>
  Array.from({ length: values.length / size }, (_, i) => Array.from(values.slice(i * size, (i + 1) * size)));
const drawn = (length, bound, seed) => [...uniform(length, bound, seed)];

/** A question on few numbers, with its exact values and gradients; `unit` is that of all values where they have one. */
const KINDS = {
  async elementwise({ id }) {
    const given = { x: INPUTS, dy: INPUTS.map(() => 1) };
    const [exact, slopes] = [await valuesOf(id, INPUTS), await valuesOf(id, INPUTS, "slope")];
    return { sizes: { length: COUNT }, given, exact, slopes };
  },
  async rows({ id }) {
    const x = drawn(ROWS.rows * ROWS.columns, 10, 7);
    return { sizes: ROWS, given: { x }, exact: chunks(x, ROWS.columns).flatMap(exactRows[id]) };
  },
  async norm({ id }) {
    const [x, weight, bias] = [ROWS.rows * ROWS.columns, ROWS.columns, ROWS.columns].map((n, i) => drawn(n, 2, i + 7));
    const normal = chunks(x, ROWS.columns).map(exactRows[id]);
    const exact = normal.flatMap((row) => row.map((value, j) => value * weight[j] + bias[j]));
    return { sizes: ROWS, given: { x, weight, bias }, exact, unit: largest(exact) };
  },
  async dense() {
    const { rows, inputs, outputs } = SMALL;
    const [x, weight, bias] = [rows * inputs, inputs * outputs, outputs].map((n, i) => drawn(n, 1, i + 7));
    const [left, right] = [chunks(x, inputs), chunks(weight, inputs)];
    const exact = left.flatMap((row) =>
      right.map((column, j) =>
        Math.max(
          0,
          column.reduce((sum, value, k) => sum + value * row[k], bias[j]),
        ),
      ),
    );
    return { sizes: SMALL, given: { x, weight, bias }, exact, unit: largest(exact) };
  },
};
const largest = (values) => spacing(values.reduce((most, value) => Math.max(most, Math.abs(value)), 0));

const worst = (errors) =>
  errors.reduce((most, error) => (most === "wrong" || error === "wrong" ? "wrong" : Math.max(most, error)), 0);

/** Of each library: the largest error of its values and of its gradients, where it has them. */
export async function accuracyOf(page, { id, kind }) {
  const { sizes, given, exact, slopes, unit } = await KINDS[kind]({ id });
  const answers = await page.call("answers", { id, kind, sizes, given });
  return Object.fromEntries(
    Object.entries(answers).map(([name, { copied, gradient }]) => {
      const error = (value, i) => (unit === undefined ? judge(value, exact[i]) : Math.abs(value - exact[i]) / unit);
      const slope = (value, i) => Math.abs(value - slopes[i]) / 2 ** -24;
      return [
        name,
        {
          value: copied === undefined ? undefined : worst(copied.map(error)),
          gradient: gradient === undefined || slopes === undefined ? undefined : worst(gradient.map(slope)),
        },
      ];
    }),
  );
}
