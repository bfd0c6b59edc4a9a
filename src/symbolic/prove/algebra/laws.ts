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
  sin: "sin(u + v) = sin(u) * cos(v) + cos(u) * sin(v), and sin(u)^2 = 1 - cos(u)^2",
  cos: "cos(u + v) = cos(u) * cos(v) - sin(u) * sin(v)",
};

/** The laws for the operations of these expressions. */
export const lawsFor = (exprs: readonly Expr[]): string[] =>
  [...new Set(topological(exprs).map(({ op }) => op))].flatMap((op) => LAWS[op] ?? []).sort();
