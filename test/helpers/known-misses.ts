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

export const knownMisses: readonly KnownMiss[] = [
  {
    id: "softsign",
    functions: ["secondDerivative"],
    when: (x) => Math.abs(x) > 1e102,
    reason: "(1 + |x|)^3 overflows where the result is subnormal",
  },
  {
    id: "celu",
    functions: ["value"],
    when: (x, { alpha }) => x < 0 && Math.abs(x / alpha!) < 2 ** -1010,
    reason: "x / alpha is subnormal, or nothing, before it is multiplied with alpha again",
    absolute: 2 ** -970,
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
    functions: ["value"],
    when: (x, { beta }) => x > Number.MAX_VALUE / beta!,
    reason: "beta * x overflows before it is divided by beta",
  },
  {
    id: "softplus",
    functions: ["secondDerivative"],
    when: (x, { beta }) => Math.abs(x * beta!) > 690,
    reason: "the sigmoids are subnormal before they are multiplied with beta",
    absolute: 2 ** -1000,
  },
  {
    id: "mish",
    functions: ["derivative"],
    when: (x) => x > -2 && x < -1.7,
    reason: "two terms cancel a little, farther from the zero than the test looks",
    ulps: 10,
  },
  {
    id: "squareplus",
    functions: ["value", "forward"],
    when: (x, { b }) => x === -Infinity && b! > 2 ** 50,
    reason: "none: the reference, which looks at 2^1100 and 2^2100 for infinity, finds no limit",
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
    id: "snake",
    functions: ["backward", "secondDerivative"],
    when: (x, { alpha }) => alpha === 0 && Math.abs(x) === Infinity,
    reason: "0 * infinity where there is a limit",
  },
  {
    id: "snake",
    functions: ["derivative", "secondDerivative"],
    when: (x, { alpha }) => Math.abs(x) > Number.MAX_VALUE / 2 / Math.abs(alpha!),
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
    absolute: 2 ** -48,
  },
  {
    id: "snake",
    functions: ["derivative", "secondDerivative"],
    when: (_, { alpha, beta }) => alpha! > beta!,
    reason: "near its zeros the error is a part of the amplitude, which is above 1",
    absolute: 2 ** -48,
  },
  {
    id: "softcap",
    functions: ["value"],
    when: (x, { cap }) => Math.abs(x / cap!) < 2 ** -1020,
    reason: "x / cap is subnormal where the result is not, or less so",
  },
  {
    id: "golu",
    functions: ["value", "derivative", "secondDerivative"],
    when: (x) => x < -2,
    reason: "the rounding of exp(-x) is an error of the exponential of it",
    ulps: 400,
  },
  {
    id: "xielu",
    functions: ["value"],
    when: (x) => x > 2 ** 511,
    reason: "x * x overflows before it is multiplied by less than 1",
  },
  {
    id: "xielu",
    functions: ["value", "derivative", "secondDerivative", "forward", "backward"],
    when: (x) => x < 0,
    reason: "near its zeros two terms cancel, of which one is 2^20 times as large at the ends of the range of beta",
    absolute: 2 ** -30,
  },
  {
    id: "bsilu",
    functions: ["value"],
    when: (x) => Math.abs(x) < 2 ** -1020,
    reason: "a part of x is subnormal before it is multiplied with alpha",
    absolute: 2 ** -1050,
  },
  {
    id: "golu",
    functions: ["secondDerivative"],
    when: (x) => x > 708,
    reason: "exp(-x) is subnormal before it is multiplied with x",
    ulps: 2 ** 10,
  },
  {
    id: "bsilu",
    functions: ["derivative", "secondDerivative"],
    when: (x) => Math.abs(x) > 708,
    reason: "exp(-|x|) is subnormal before it is multiplied with x and alpha",
    absolute: 2 ** -1000,
  },
  {
    id: "bsilu",
    functions: ["derivative", "secondDerivative"],
    when: (_, { alpha }) => alpha! > 2 ** 10,
    reason: "a large alpha multiplies what is left of terms that cancel",
    absolute: 2 ** -32,
  },
  {
    id: "telu",
    functions: ["secondDerivative"],
    when: (x) => x < -708,
    reason: "exp(x) is subnormal before it is multiplied with x",
    ulps: 2 ** 10,
  },
  {
    id: "telu",
    functions: ["secondDerivative"],
    when: (x) => x > 2,
    reason: "the rounding of exp(x) is an error of the exponential of it",
    ulps: 2 ** 10,
  },
  {
    id: "sqrtsoftplus",
    functions: ["derivative", "secondDerivative", "backward"],
    when: (x) => x < -7e8 || x === Infinity,
    reason: "none: the reference, in which exponentials vanish, has no value",
  },
];
