/** Elementwise operations of TensorFlow and its Keras, with their defaults: one row each. */
import * as b from "../../ir/build.js";
import { choose } from "../partial.js";
import * as a from "./activations.js";
import { OF_TWO, eq, exclusive, isNotANumber, multiply, power, subtract } from "./arithmetic.js";
import { alike, named, row, under, type Row } from "./rows.js";
import { UNARY_OF_BOTH } from "./unary.js";
import { TEXT } from "./unreadable.js";

const UNARY = alike<1>("x", {
  ...UNARY_OF_BOTH,
  is_nan: isNotANumber,
  log_sigmoid: a.logSigmoid,
  negative: b.neg,
});

const BINARY = named(
  alike<2>("x, y", {
    ...OF_TWO,
    pow: power,
    squared_difference: (u, v) => a.square(subtract(u, v)),
    divide_no_nan: (u, v) => b.select(eq(v, b.constant(0)), 0, b.div(u, v)),
    multiply_no_nan: (u, v) => b.select(eq(v, b.constant(0)), 0, multiply(u, v)),
    xlogy: a.timesLog,
  }),
  { divide: "truediv div" },
);

const LOGIC = [
  row("logical_not(x)", ({ condition }) => b.not(condition("x"))),
  row("logical_and(x, y)", ({ condition }) => b.and(condition("x"), condition("y"))),
  row("logical_or(x, y)", ({ condition }) => b.or(condition("x"), condition("y"))),
  row("logical_xor(x, y)", ({ condition }) => exclusive(condition("x"), condition("y"))),
];

const PLAIN = [
  {
    ...row("where(condition, x, y)", ({ number, condition }) =>
      choose(condition("condition"), number("x"), number("y")),
    ),
    typed: ["x", "y"],
  },
  row("clip_by_value(t, clip_value_min, clip_value_max)", ({ number, bound }) =>
    a.clamp(number("t"), bound("clip_value_min"), bound("clip_value_max")),
  ),
];

const approximated: Row["build"] = ({ number, value, refuse }) => {
  const approximate = value("approximate");
  const u = number("features");
  if (approximate.kind !== "truth") return refuse("approximate", TEXT);
  return approximate.value ? a.geluTanh(u) : a.geluErf(u);
};

const NN = named(
  [
    ...alike<1>("features", {
      relu: a.relu,
      relu6: a.relu6,
      elu: (u) => a.elu(u, b.constant(1)),
      selu: a.seluFromZero,
      softplus: b.softplus,
      softsign: a.softsign,
    }),
    row("silu(features, beta=1)", ({ number }) =>
      number("beta") === b.constant(1) ? a.silu(number("features")) : a.silu(number("features"), number("beta")),
    ),
    row("leaky_relu(features, alpha=0.2)", ({ number }) => a.leakyRelu(number("features"), number("alpha"))),
    row("gelu(features, approximate=False)", approximated),
  ],
  { silu: "swish" },
);

const ACTIVATIONS = named(
  [
    ...alike<1>("x", {
      exponential: b.exp,
      linear: (u) => u,
      mish: a.mish,
      relu: a.relu,
      relu6: a.relu6,
      selu: a.seluFromZero,
      sigmoid: b.sigmoid,
      silu: a.silu,
      softplus: b.softplus,
      softsign: a.softsign,
      tanh: b.tanh,
    }),
    row("elu(x, alpha=1)", ({ number }) => a.elu(number("x"), number("alpha"))),
    { ...row("gelu(features, approximate=False)", approximated) },
  ],
  { silu: "swish" },
);

const BACKEND = [
  ...UNARY.filter(({ name }) => /^(abs|cos|exp|log|sigmoid|sign|sin|sqrt|square|tanh)$/.test(name)),
  ...BINARY.filter(({ name }) =>
    /^(less|less_equal|greater|greater_equal|equal|not_equal|maximum|minimum)$/.test(name),
  ),
  ...alike<1>("x", { relu: a.relu, softplus: b.softplus, softsign: a.softsign }),
  row("pow(x, a)", ({ number }) => power(number("x"), number("a"))),
  row("clip(x, min_value, max_value)", ({ number, bound }) =>
    a.clamp(number("x"), bound("min_value"), bound("max_value")),
  ),
  row("switch(condition, then_expression, else_expression)", ({ number, condition }) =>
    choose(condition("condition"), number("then_expression"), number("else_expression")),
  ),
];

export const TENSORFLOW: readonly (readonly [string, Row])[] = [
  ...under("tensorflow tensorflow.math", [...UNARY, ...BINARY, ...LOGIC]),
  ...under("tensorflow", PLAIN),
  ...under(
    "tensorflow.math",
    NN.filter(({ name }) => name === "softplus"),
  ),
  ...under("tensorflow.nn", [...NN, ...UNARY.filter(({ name }) => name === "sigmoid" || name === "tanh")]),
  ...under("tensorflow.keras.activations keras.activations", ACTIVATIONS),
  ...under("tensorflow.keras.backend keras.backend", BACKEND),
];
