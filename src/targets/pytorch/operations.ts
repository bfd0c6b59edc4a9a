/** How PyTorch writes operations on tensors. */
import { call } from "../../codegen/print.js";
import { COMPLEMENTARY, NORMAL, NORMAL_BY_ERFC, normalArgument } from "../../codegen/python/erfc.js";
import { IN_FLOAT32, IN_FLOAT64 } from "../../codegen/python/expm1.js";
import { HELPER_CALLS, NOWHERE, bodyLines } from "../../codegen/python/helpers.js";
import { ARITHMETIC, LOGIC, filledBy, type Dialect } from "../../codegen/python/tensors.js";
import { indented } from "../../codegen/python/text.js";
import { add, double, erfc, expm1, mul, single, sub, variable } from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import type { Features } from "./features.js";

const [X, U] = ["x", "u"].map((name) => variable("wildcard", name)) as [Expr, Expr];

/** Digits to spare. */
const DOUBLE = `def _double(x: Tensor) -> Tensor:
    """float64, where the device has it."""
    return x if x.device.type == "mps" else x.double()`;

const lines = (body: Expr, dialect: Dialect, like: "u" | "x", indent: number): string =>
  bodyLines(body, dialect, like)
    .map((line) => indented(line, indent))
    .join("\n");

const expm1Text = (dialect: Dialect): string => `def _expm1(u: Tensor) -> Tensor:
    """expm1(u), with the digits near 0 that exp(u) - 1, as Inductor computes it, has lost."""
    if not torch.compiler.is_compiling():
        return torch.expm1(u)
    if u.dtype == torch.float64:
${lines(IN_FLOAT64, dialect, "u", 8)}
${lines(IN_FLOAT32, dialect, "u", 4)}`;

/** Veltkamp's splitting constant of float32; of numbers in float64, too, it loses no more than the square's rounding does. */
const SPLITTER = 4097;

/** u·u less its rounding in float32 (Dekker 1971), by u = h + l with h of half the digits. */
function squareError(): Expr {
  const t = mul(SPLITTER, U);
  const h = sub(t, sub(t, U));
  const l = sub(U, h);
  return add(add(sub(mul(h, h), mul(U, U)), mul(mul(2, h), l)), mul(l, l));
}

const SQUARE_ERROR = `def _square_error(u: Tensor) -> Tensor:
    """u * u less its rounding in float32: of u = h + l, h has half of the digits."""
    t = ${SPLITTER} * u
    h = t - (t - u)
    l = u - h
    return h * h - u * u + 2 * h * l + l * l`;

/** PyTorch's own is one pass over tensors; compilers make a loop with branches of it, and of sums and products a fast one. */
const erfcText = (dialect: Dialect): string => `def _erfc(u: Tensor, x: Tensor) -> Tensor:
    """erfc(u) in the type of x, with the digits of its tail."""
    if x.dtype == torch.float64 or not torch.compiler.is_compiling():
        return torch.erfc(u).to(x.dtype)
${lines(COMPLEMENTARY, dialect, "x", 4)}`;

const normalText = (dialect: Dialect): string => `def _normal(u: Tensor) -> Tensor:
    """erfc(-u / sqrt(2)), twice the normal distribution, with the digits of its tail."""
    if u.dtype == torch.float64 or not torch.compiler.is_compiling():
${lines(NORMAL_BY_ERFC, dialect, "u", 8)}
${lines(NORMAL, dialect, "u", 4)}`;

const isWhole = (literal: string): boolean => /^-?\d+$/.test(literal);

export function dialectOf(features: Features): Dialect {
  const dialect: Dialect = {
    operations: {
      ...ARITHMETIC,
      ...LOGIC,
      ...NOWHERE,
      sqrt: call("torch.sqrt"),
      abs: call("torch.abs"),
      exp: call("torch.exp"),
      expm1: call("torch.expm1"),
      log: call("torch.log"),
      log1p: call("torch.log1p"),
      sin: call("torch.sin"),
      cos: call("torch.cos"),
      sinh: call("torch.sinh"),
      cosh: call("torch.cosh"),
      tanh: call("torch.tanh"),
      atan: call("torch.atan"),
      asinh: call("torch.asinh"),
      acosh: call("torch.acosh"),
      atanh: call("torch.atanh"),
      log2: call("torch.log2"),
      log10: call("torch.log10"),
      sigmoid: call("torch.sigmoid"),
      erf: call("torch.erf"),
      erfc: call("torch.erfc"),
      erfcx: features.erfcx ? call("torch.special.erfcx") : HELPER_CALLS.erfcx,
      max: call("torch.maximum"),
      min: call("torch.minimum"),
      select: call("torch.where"),
      round: call("torch.round"),
      double: call("_double"),
      single: call(""),
      exp2Steps: { ...call(""), write: (steps) => `torch.exp2(${steps} / 128)` },
    },
    where: (condition, yes, no) => `torch.where(${condition}, ${yes}, ${no})`,
    whereTakesNumbers: features.whereTakesNumbers,
    clamp: (tensor, low, high) => {
      if (low === undefined) return `torch.clamp(${tensor}, max=${high})`;
      // Where they meet relu has the slope 0, as definitions have, and clamp 1.
      if (low === "0" && high === undefined) return `torch.relu(${tensor})`;
      if (high === undefined) return `torch.clamp(${tensor}, min=${low})`;
      // The exporter to ONNX wants both bounds to be of one type.
      const isMixed = isWhole(low) !== isWhole(high);
      const [from, to] = [low, high].map((bound) => (isMixed && isWhole(bound) ? `${bound}.0` : bound));
      return `torch.clamp(${tensor}, ${from}, ${to})`;
    },
    filled: filledBy("torch.zeros_like", "torch.ones_like", (like, value) => `torch.full_like(${like}, ${value})`),
    isNumber: (tensor) => `~torch.isnan(${tensor})`,
    asNumbers: (condition, like) => `(${condition}).to(${like}.dtype)`,
    step: (tensor) => `torch.ceil(torch.clamp(${tensor}, 0, 1))`,
    copy: (tensor) => `${tensor}.clone()`,
    typed: (tensor, like) => `${tensor}.to(${like}.dtype)`,
    helpers: {
      double: { name: "_double", text: DOUBLE, ways: [X, double(X)] },
      productError: { name: "_square_error", text: SQUARE_ERROR, ways: [squareError()] },
    },
  };
  if (!features.tracedFunctions) return dialect;
  const normal = {
    ...{ name: "_normal", text: normalText(dialect), ways: [NORMAL_BY_ERFC, NORMAL] },
    ...{ argument: normalArgument, takesLike: false },
  };
  const complementary = {
    ...{ name: "_erfc", text: erfcText(dialect), ways: [single(erfc(U)), COMPLEMENTARY] },
    ...{ argument: ({ op, args: [u] }: Expr) => (op === "erfc" ? u : undefined), takesLike: true },
  };
  return { ...dialect, rounded: [normal, complementary] };
}

/** The dialect of functions of a module, which are right where they are compiled, too. */
export function dialectForCompilers(features: Features): Dialect {
  const dialect = dialectOf(features);
  if (!features.tracedFunctions) return dialect;
  const own = { name: "_expm1", text: expm1Text(dialect), ways: [expm1(U), IN_FLOAT64, IN_FLOAT32] };
  return {
    ...dialect,
    operations: { ...dialect.operations, expm1: call(own.name) },
    helpers: { ...dialect.helpers, expm1: own },
  };
}
