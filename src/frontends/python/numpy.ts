/** Elementwise operations of NumPy on arrays, which jax.numpy has as well. */
import * as b from "../../ir/build.js";
import { choose } from "../partial.js";
import * as a from "./activations.js";
import { OF_TWO, exp2, ge, ofNumbers, power } from "./arithmetic.js";
import { alike, named, row, under, type Row } from "./rows.js";
import { UNARY_OF_BOTH } from "./unary.js";
import { DATA_DEPENDENT } from "./unreadable.js";

const { abs, acos, acosh, asin, asinh, atan, atanh, cos, cosh, exp, expm1, log, log1p, reciprocal } = UNARY_OF_BOTH;
const { sign, sin, sinh, sqrt, square, tan, tanh } = UNARY_OF_BOTH;

const ARRAYS: readonly Row[] = named(
  [
    ...alike<1>("x", { abs, acos, acosh, asin, asinh, atan, atanh, cos, cosh, exp, expm1, log, log1p, reciprocal }),
    ...alike<1>("x", { radians: (u) => b.div(b.mul(u, b.pi), 180), degrees: (u) => b.div(b.mul(u, 180), b.pi) }),
    ...alike<1>("x", { real: (u) => u, conjugate: (u) => u }),
    ...alike<1>("x", { sign: ofNumbers(sign), sin, sinh, sqrt, square, tan, tanh }),
    ...alike<1>("x", {
      cbrt: b.cbrt,
      exp2,
      float32: (u) => u,
      float64: (u) => u,
      log10: b.log10,
      log2: b.log2,
      negative: b.neg,
      sinc: a.normalisedSinc,
    }),
    ...alike<2>("x1, x2", {
      ...OF_TWO,
      power,
      fmax: ofNumbers(b.max),
      fmin: ofNumbers(b.min),
      hypot: a.hypot,
      logaddexp: a.logAddExp,
      heaviside: ofNumbers(a.heaviside),
    }),
    row("logical_not(x)", ({ condition }) => b.not(condition("x"))),
    row("logical_and(x1, x2)", ({ condition }) => b.and(condition("x1"), condition("x2"))),
    row("logical_or(x1, x2)", ({ condition }) => b.or(condition("x1"), condition("x2"))),
    row("where(condition, x, y)", ({ condition, number }) => choose(condition("condition"), number("x"), number("y"))),
    row("clip(a, a_min, a_max)", ({ number, bound }) => a.clamp(number("a"), bound("a_min"), bound("a_max"))),
  ],
  {
    abs: "absolute fabs",
    acos: "arccos",
    acosh: "arccosh",
    asin: "arcsin",
    asinh: "arcsinh",
    atan: "arctan",
    atanh: "arctanh",
    conjugate: "conj",
    degrees: "rad2deg",
    divide: "true_divide",
    power: "pow",
    radians: "deg2rad",
  },
);

/** The functions of jax.nn. */
const OF_JAX: readonly Row[] = named(
  [
    ...alike<1>("x", {
      relu: a.relu,
      relu6: a.relu6,
      sigmoid: b.sigmoid,
      softplus: b.softplus,
      soft_sign: a.softsign,
      silu: (u) => a.silu(u),
      mish: a.mish,
      selu: a.selu,
      log_sigmoid: a.logSigmoid,
      tanh,
    }),
    row("elu(x, alpha=1.0)", ({ number }) => a.elu(number("x"), number("alpha"))),
    row("celu(x, alpha=1.0)", ({ number }) => a.celu(number("x"), number("alpha"))),
    row("leaky_relu(x, negative_slope=0.01)", ({ number }) =>
      b.select(ge(number("x"), b.constant(0)), number("x"), b.mul(number("negative_slope"), number("x"))),
    ),
    row("gelu(x, approximate=True)", ({ number, value, refuse }) => {
      const approximate = value("approximate");
      if (approximate.kind !== "truth") return refuse("approximate", DATA_DEPENDENT);
      return approximate.value ? a.geluTanh(number("x")) : a.geluErf(number("x"));
    }),
  ],
  { silu: "swish" },
);

const OF_SCIPY: readonly Row[] = alike<1>("x", {
  expit: b.sigmoid,
  erf: b.erf,
  erfc: b.erfc,
  exp2,
  expm1,
  log1p,
});

const OF_LAX: readonly Row[] = alike<1>("x", {
  erf: b.erf,
  erfc: b.erfc,
  logistic: b.sigmoid,
  rsqrt: (u) => b.div(1, sqrt(u)),
});

/** The functions of triton.language, and of the mathematics of the device. */
const OF_TRITON: readonly Row[] = [
  ...alike<1>("x", { abs, cos, exp, log, sin, sqrt, sigmoid: b.sigmoid, erf: b.erf }),
  ...alike<1>("x", { exp2, log2: b.log2, rsqrt: (u) => b.div(1, sqrt(u)) }),
  ...alike<2>("x, y", { maximum: b.max, minimum: b.min, fdiv: b.div, div_rn: b.div }),
  row("where(condition, x, y)", ({ condition, number }) => choose(condition("condition"), number("x"), number("y"))),
];
const OF_DEVICE: readonly Row[] = alike<1>("x", {
  acosh,
  asinh,
  atan,
  atanh,
  cos,
  cosh,
  exp,
  expm1,
  log,
  log1p,
  sin,
  sinh,
  sqrt,
  tan,
  tanh,
  erf: b.erf,
  erfc: b.erfc,
});

export const NUMPY: readonly (readonly [string, Row])[] = [
  ...under("numpy jax.lax", ARRAYS),
  ...under("jax.lax", OF_LAX),
  ...under("jax.nn", OF_JAX),
  ...under("scipy.special", OF_SCIPY),
  ...under("triton.language triton.language.math", OF_TRITON),
  ...under(
    "triton.language.math triton.language.libdevice triton.language.extra.libdevice triton.language.extra.cuda.libdevice",
    OF_DEVICE,
  ),
];
