/**
 * Inputs at which activations of published libraries were found wrong, and the right values there, recomputed with
 * mpmath. The case numbers name the report: A overflow and NaN, B lost accuracy, C wrong gradients.
 */
import { describe, expect, test } from "vitest";
import type { ParameterValues } from "../src/index.js";
import { loadModule, slopes, type EmittedModule } from "./helpers/modules.js";

type Of = "value" | "derivative" | "secondDerivative";

interface Case {
  /** The report, and what was seen there. */
  readonly report: string;
  readonly ids: string | readonly string[];
  readonly of?: Of;
  readonly parameters?: ParameterValues;
  /** [input, right value] */
  readonly points: readonly (readonly [x: number, right: number])[];
  /** Relative error allowed in float64: what the digits of the right value are worth. */
  readonly within?: number;
  /** Where only one precision is meant. */
  readonly only?: "float64" | "float32";
}

/** For right values that are exact. */
const EXACT = 0;
/** For right values given to nine digits. */
const NINE_DIGITS = 1e-8;

const same = (...values: number[]): [number, number][] => values.map((value) => [value, value]);
const all = (right: number, ...inputs: number[]): [number, number][] => inputs.map((x) => [x, right]);

const cases: readonly Case[] = [
  {
    report: "A1, A4: tanh by quotients of exponentials is NaN or 0",
    ids: "tanh",
    points: [...all(1, 44, 88.8, 100, 400, 1e38, Infinity), ...all(-1, -44, -88.8, -100, -400, -1e38, -Infinity)],
    within: EXACT,
  },
  {
    report: "A1: tanh saturates where float32 does",
    ids: "tanh",
    points: [...all(1, 9.011, 43.67, 44.36), ...all(-1, -9.011, -43.67, -44.36)],
    within: EXACT,
    only: "float32",
  },
  { report: "A4: tanh of a small input is the input", ids: "tanh", points: same(1e-17, -1e-17), within: EXACT },
  { report: "A5: NaN", ids: "gelu_tanh", points: [[-13.24, -0]], within: EXACT, only: "float32" },
  { report: "A5: the exact function is not zero there", ids: "gelu_erf", points: [[-13.24, -3.41e-39]], within: 2e-3 },
  {
    report: "A6: NaN in SIMD lanes",
    ids: ["gelu_erf", "gelu_tanh", "mish"],
    points: same(21.657723),
    within: EXACT,
  },
  { report: "A6: NaN in SIMD lanes", ids: "tanh", points: [[21.657723, 1]], within: EXACT },
  { report: "A8: x^3 overflows", ids: ["gelu_erf", "gelu_tanh"], points: same(256, 1e13, 3e38), within: EXACT },
  {
    report: "A8: x^3 overflows",
    ids: ["gelu_erf", "gelu_tanh"],
    of: "derivative",
    points: all(1, 256, 1e13, 3e38),
    within: EXACT,
  },
  {
    report: "A9: log(1 + exp(x)) is inf",
    ids: "softplus",
    points: same(89, 710, 1000),
    within: EXACT,
  },
  { report: "A9: gradient NaN", ids: "softplus", of: "derivative", points: all(1, 89, 710, 1000), within: EXACT },
  { report: "A9: inf", ids: "softplus", parameters: { beta: 5 }, points: same(18, 200), within: EXACT },
  {
    report: "A9: gradient NaN",
    ids: "softplus",
    parameters: { beta: 5 },
    of: "derivative",
    points: all(1, 18, 200),
    within: EXACT,
  },
  { report: "A11: -inf", ids: "logsigmoid", points: same(-100, -300, -1e38), within: EXACT },
  { report: "A11: diverges", ids: "logsigmoid", points: [[266, -3.00377787e-116]], within: NINE_DIGITS },
  {
    report: "A13: NaN or 0.5",
    ids: "sigmoid",
    points: [
      [3212, 1],
      [-1662, 0],
    ],
    within: EXACT,
  },
  {
    report: "A14: masks multiply inf with 0",
    ids: ["leaky_relu", "prelu", "relu"],
    points: same(Infinity),
    within: EXACT,
  },
  {
    report: "A15: relu(x) - relu(x - 6)",
    ids: "relu6",
    points: all(6, 1e8, 1e9, 8192, 32768, Infinity),
    within: EXACT,
  },
  { report: "A15: relu(x) - relu(x - 6)", ids: "hardsigmoid", points: all(1, 1e8, 1e9), within: EXACT },
  {
    report: "A16: inf with a large beta",
    ids: "softplus",
    parameters: { beta: 2 ** 20, threshold: Infinity },
    points: same(0.5, 1, 2),
    within: EXACT,
  },
  {
    report: "B1: 1 + erf cancels",
    ids: "gelu_erf",
    points: [
      [-5, -1.43325786e-6],
      [-5.5, -1.04442594e-7],
      [-6, -5.91952587e-9],
      [-8, -4.97676846e-15],
      [-10, -7.61985302e-23],
    ],
  },
  {
    report: "B2: 1 + tanh cancels",
    ids: "gelu_tanh",
    points: [
      [-5, -2.2917962e-7],
      [-6, -8.4396467e-11],
      [-8, -3.10778294e-21],
    ],
  },
  { report: "B4: 2 sigmoid(2x) - 1 cancels", ids: "tanh", points: same(5e-8, 1.4e-8, -5e-8), only: "float32" },
  { report: "B5: exp(x) - 1 cancels", ids: ["elu", "celu"], points: [[-1e-8, -9.99999995e-9]] },
  { report: "B5: exp(x) - 1 cancels", ids: "selu", points: [[-1e-8, -1.75809933e-8]] },
  {
    report: "B6: log(1 + e) is 0",
    ids: "softplus",
    points: [
      [-17.5, 2.51099912e-8],
      [-20, 2.06115362e-9],
      [-40, 4.24835426e-18],
    ],
  },
  { report: "B6: exp(x) instead of softplus", ids: "softplus", points: [[-13.93, 8.91820957e-7]] },
  { report: "B6: log(1 + e) is 0", ids: "mish", points: [[-20, -4.12230724e-8]] },
  {
    report: "B7: y (1 - y) is 0",
    ids: "sigmoid",
    of: "derivative",
    points: [...all(2.51099903e-8, 17.5, -17.5), ...all(4.24835426e-18, 40, -40)],
  },
  { report: "B8: 1 - y^2 is 0", ids: "tanh", of: "derivative", points: all(8.24461446e-9, 10, -10) },
  {
    report: "B8: 1 - y^2 is 0",
    ids: "tanh",
    of: "derivative",
    points: all(1.11032842e-16, 19.0615, -19.0615),
  },
  {
    report: "B9: underflow",
    ids: "silu",
    of: "derivative",
    points: [[-709, -8.614807714413836e-306]],
    within: 1e-15,
    only: "float64",
  },
  {
    report: "B10: cancellation",
    ids: "silu",
    of: "secondDerivative",
    points: [[40.410841513445845, -1.0820525268131133e-16]],
    within: 1e-14,
  },
  { report: "B11: x - tanh(x) cancels", ids: "tanhshrink", points: [[3e-4, 8.99999968e-12]], within: 1e-9 },
  { report: "B12: truncated constants", ids: "selu", points: [[-1, -1.11133074]] },
  {
    report: "B13: the identity above 20 in float64",
    ids: "softplus",
    points: [[20.5, 20.500000001250154]],
    within: 2 ** -52,
  },
  {
    report: "C1: 0 * inf",
    ids: ["elu", "celu"],
    of: "derivative",
    points: all(1, 89, 100, 300, 1e4),
    within: EXACT,
  },
  { report: "C1: 0 * inf", ids: "selu", of: "derivative", points: all(1.0507009873554805, 89, 100, 300, 1e4) },
  {
    report: "C2: the reciprocal's square overflows",
    ids: "sigmoid",
    of: "derivative",
    points: [
      [-89, 2.22736356e-39],
      [-201, 5.09107081e-88],
      [-548, 1.01536904e-238],
    ],
    within: 1e-8,
  },
  { report: "C3: 0", ids: "softplus", of: "derivative", points: [[0, 0.5]], within: EXACT },
  {
    report: "C5: z / (z + 1) is NaN",
    ids: "softplus",
    parameters: { threshold: 100 },
    of: "derivative",
    points: all(1, 95, 99, 101),
    within: EXACT,
  },
  {
    report: "C6: the slope recovered from an output that does not tell",
    ids: "elu",
    parameters: { alpha: -2 },
    of: "derivative",
    points: [
      [-2, -0.27067057],
      [-1, -0.73575888],
    ],
    within: 2e-8,
  },
  {
    report: "C7: a negative slope recovered from the output's sign",
    ids: "prelu",
    parameters: { slope: -2 },
    of: "derivative",
    points: [
      [-1, -2],
      [1, 1],
    ],
    within: EXACT,
  },
  {
    report: "C7: slope 0 refused",
    ids: "leaky_relu",
    parameters: { negative_slope: 0 },
    of: "derivative",
    points: [
      [-1, 0],
      [1, 1],
    ],
    within: EXACT,
  },
  {
    report: "C9: saturation ignored",
    ids: "hardsigmoid",
    of: "derivative",
    points: [...all(0, -4.6, 4.6), [1, 1 / 6]],
    within: 2 ** -52,
  },
  { report: "C11, C21: 0.5 or 1 at a corner", ids: "relu", of: "derivative", points: all(0, 0, -0), within: EXACT },
  { report: "C11: 0.5 for subnormals", ids: "relu", of: "derivative", points: all(1, 1e-45, 1e-40), within: EXACT },
  { report: "C11, C21: 0.5 or 1 at a corner", ids: "relu6", of: "derivative", points: all(0, 0, 6), within: EXACT },
  { report: "C11: 1 at a corner", ids: "hardtanh", of: "derivative", points: all(0, -1, 1), within: EXACT },
  { report: "C13: the right-hand slope at 0", ids: "selu", of: "derivative", points: [[0, 1.7580993408473768]] },
];

/** Long enough for any vector width, and not a multiple of one. */
const LANES = 67;

function single(module: EmittedModule, of: Of, x: number, parameters?: ParameterValues): Float32Array {
  const inputs = new Float32Array(LANES).fill(x);
  return of === "value" ? module.forward(inputs, undefined, parameters) : slopes(module, inputs, parameters);
}

/** Equal bits for exact values; otherwise as near as the digits say, and float32 can. */
function expectNear(got: number, right: number, within: number, rounding: number, smallest: number): void {
  if (within === EXACT && rounding === 0) expect(got).toBe(right);
  else expect(Math.abs(got - right)).toBeLessThanOrEqual(Math.abs(right) * (within + rounding) + smallest);
}

const rows = cases.flatMap((row) => [row.ids].flat().map((id) => ({ ...row, id, of: row.of ?? ("value" as const) })));

describe("float64", () => {
  test.each(rows.filter(({ only }) => only !== "float32"))(
    "$id $of: $report",
    async ({ id, of, points, parameters, within = NINE_DIGITS }) => {
      const module = await loadModule(id);
      for (const [x, right] of points) expectNear(module[of](x, parameters), right, within, 0, 0);
    },
  );
});

describe("float32", () => {
  test.each(rows.filter(({ only, of }) => only !== "float64" && of !== "secondDerivative"))(
    "$id $of: $report",
    async ({ id, of, points, parameters, within = NINE_DIGITS }) => {
      const module = await loadModule(id);
      for (const [x, right] of points) {
        // The input is rounded to float32 first, so a right value for another input says less.
        const moved = Math.fround(x) === x ? 0 : 2 ** -24 * Math.max(1, Math.abs(x));
        for (const got of single(module, of, x, parameters))
          if (within === EXACT) expect(got).toBe(Math.fround(right));
          else expectNear(got, right, within, 2 ** -23 + 2 * moved, 2 ** -149);
      }
    },
  );
});

test("A16: a threshold that makes softplus jump, or a beta of 0, is refused", async () => {
  const { value } = await loadModule("softplus");
  expect(() => value(0.04, { beta: 10, threshold: 0.4 })).toThrow(/threshold/);
  expect(() => value(1, { beta: 0 })).toThrow(/beta/);
});

test("C7: a slope that the output does not tell is refused", async () => {
  const { derivative, backward } = await loadModule("leaky_relu");
  expect(() => derivative(-1, { negative_slope: -2 })).toThrow(/negative_slope/);
  expect(() => backward(Float32Array.of(1), Float32Array.of(2), undefined, { negative_slope: -2 })).toThrow(RangeError);
});
