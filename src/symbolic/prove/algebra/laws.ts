/** The laws by which the normal form takes an operation apart, for people who follow a proof. */
import { topological, type Expr } from "../../../ir/expr.js";
import type { OperationName } from "../../../ir/ops.js";

const LAWS: { readonly [K in OperationName]?: string } = {
  exp: "exp(u + v) = exp(u) * exp(v)",
  expm1: "expm1(u) = exp(u) - 1",
  log: "log(u * v) = log(abs(u)) + log(abs(v))",
  log1p: "log1p(u) = log(1 + u)",
  sqrt: "sqrt(u)^2 = u, and sqrt(u^2) = abs(u)",
  pow: "u^v = exp(v * log(u))",
  sinh: "sinh(u) = (exp(u) - exp(-u)) / 2",
  cosh: "cosh(u) = (exp(u) + exp(-u)) / 2",
  tanh: "tanh(u) = (exp(2 * u) - 1) / (exp(2 * u) + 1)",
  sigmoid: "sigmoid(u) = exp(u) / (exp(u) + 1)",
  softplus: "softplus(u) = log(1 + exp(u))",
  erf: "erf(-u) = -erf(u)",
  erfc: "erfc(u) = 1 - erf(u)",
  erfcx: "erfcx(u) = exp(u^2) * (1 - erf(u))",
  log2: "log2(u) = log(u) / log(2)",
  log10: "log10(u) = log(u) / log(10)",
  log1mexp: "log1mexp(u) = log(1 - exp(u))",
  cbrt: "cbrt(u) = sign(u) * exp(log(abs(u)) / 3)",
  atan: "atan(-u) = -atan(u)",
  asinh: "asinh(u) = log(u + sqrt(u^2 + 1))",
  acosh: "acosh(u) = log(u + sqrt(u^2 - 1))",
  atanh: "atanh(u) = (log(1 + u) - log(1 - u)) / 2",
  sinc: "sinc(u) = sin(u) / u, and sinc(0) = 1",
  sphericalBessel1: "sphericalBessel1(u) = (sinc(u) - cos(u)) / u, and sphericalBessel1(0) = 0",
  sphericalBessel2: "sphericalBessel2(u) = 3 * sphericalBessel1(u) / u - sinc(u), and sphericalBessel2(0) = 0",
  ierfcx: "ierfcx(u) = 1 / sqrt(pi) - u * erfcx(u)",
  i2erfcx: "i2erfcx(u) = erfcx(u) / 4 - u * ierfcx(u) / 2",
  sin: "sin(u + v) = sin(u) * cos(v) + cos(u) * sin(v), and sin(u)^2 = 1 - cos(u)^2",
  cos: "cos(u + v) = cos(u) * cos(v) - sin(u) * sin(v)",
};

/** The laws for the operations of these expressions. */
export const lawsFor = (exprs: readonly Expr[]): string[] =>
  [...new Set(topological(exprs).map(({ op }) => op))].flatMap((op) => LAWS[op] ?? []).sort();
