/** Where emitted modules miss the accuracy that the tests ask for, and why. A row whose miss is gone fails the test. */
import type { ParameterValues } from "../../src/index.js";

export interface KnownMiss {
  readonly id: string;
  readonly functions: readonly ("value" | "derivative" | "secondDerivative" | "forward" | "backward")[];
  readonly when: (x: number, parameters: ParameterValues) => boolean;
  readonly reason: string;
  /** What holds all the same: an error in ULP, or an absolute one. */
  readonly ulps?: number;
  readonly absolute?: number;
}

const HALF_OF_MAX = Number.MAX_VALUE / 2;
const inFloat32 = (value: number): boolean => Math.fround(value) === value;

export const knownMisses: readonly KnownMiss[] = [
  {
    id: "hardtanh",
    functions: ["backward"],
    when: (x, { min_val, max_val }) =>
      (x >= max_val! && !inFloat32(max_val!)) || (x <= min_val! && !inFloat32(min_val!)),
    reason: "backward compares the output, rounded to float32, with a bound that float32 cannot hold",
  },
  {
    id: "sparse_sigmoid",
    functions: ["backward"],
    when: (x) => x === 1 - 2 ** -24,
    reason: "the output of the float32 below 1 rounds to 1, and backward sees only the output",
  },
  {
    id: "softsign",
    functions: ["secondDerivative"],
    when: (x) => Math.abs(x) > 1e102,
    reason: "(1 + |x|)^3 overflows where the result is subnormal",
  },
  {
    id: "softplus",
    functions: ["value", "derivative"],
    when: (x, { beta }) => x < 0 && Math.log2(beta!) % 1 !== 0,
    reason: "beta * x is rounded before the exponential",
    ulps: 400,
  },
  {
    id: "softplus",
    functions: ["derivative", "secondDerivative"],
    when: (x, { beta, threshold }) => x === threshold! / beta!,
    reason: "beta * x exceeds the threshold by less than its rounding",
    absolute: 1e-14,
  },
  {
    id: "softplus",
    functions: ["backward"],
    when: (x) => x < 0,
    reason: "the slope is recovered from the rounded output",
    ulps: 2,
  },
  {
    id: "logsigmoid",
    functions: ["backward"],
    when: (x) => x > 0,
    reason: "the slope is recovered from the rounded output",
    ulps: 2,
  },
  {
    id: "gelu_erf",
    functions: ["value"],
    when: (x) => x > HALF_OF_MAX,
    reason: "x * erfc overflows before it is halved",
  },
  {
    id: "gelu_erf",
    functions: ["value"],
    when: (x) => x < -37.5,
    reason: "erfc is subnormal before it is multiplied with x",
    ulps: 32,
  },
  {
    id: "gelu_tanh",
    functions: ["value", "derivative", "secondDerivative"],
    when: (x) => Math.abs(x) > 21,
    reason: "a factor is subnormal where the result is, or nearly",
    absolute: 1e-306,
  },
  {
    id: "tanhshrink",
    functions: ["value"],
    when: (x) => Math.abs(x) > 0.7 && Math.abs(x) < 0.8,
    reason: "x - tanh(x) cancels three bits before the series takes over",
    ulps: 10,
  },
  {
    id: "silu",
    functions: ["value", "forward"],
    when: (x, { beta }) => beta! < 0 && Math.abs(x) > 2 ** 299,
    reason: "the input is clamped as if beta were positive",
  },
  {
    id: "squareplus",
    functions: ["value"],
    when: (x) => x > HALF_OF_MAX,
    reason: "x + sqrt(x^2 + b) overflows before it is halved",
  },
  {
    id: "squareplus",
    functions: ["derivative"],
    when: (x) => x < 0,
    reason: "1 + x / sqrt(x^2 + b) cancels",
    absolute: 2 ** -52,
  },
  {
    id: "snake",
    functions: ["derivative", "secondDerivative"],
    when: (x, { alpha }) => Math.abs(x) > Number.MAX_VALUE / 8 / Math.max(1, alpha!),
    reason: "2 alpha x overflows",
  },
  {
    id: "snake",
    functions: ["derivative", "backward"],
    when: (_, { alpha, beta }) => alpha === beta,
    reason: "1 + sin(2 alpha x) touches zero without a change of sign",
    absolute: 2 ** -50,
  },
  {
    id: "snake",
    functions: ["derivative", "secondDerivative"],
    when: (x) => Math.abs(x) > 2 ** 12,
    reason: "the zeros are nearer to each other than the test looks, or than floats are",
    absolute: 2 ** -50,
  },
  {
    id: "snake",
    functions: ["backward"],
    when: (x, { alpha }) => !inFloat32(alpha!) && Math.abs(x) > 2 ** 26,
    reason: "alpha * x is rounded before the sine",
  },
];
