/** Elementwise operations of PyTorch, with their defaults: one row each. */
import * as b from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import { choose } from "../partial.js";
import * as a from "./activations.js";
import {
  add,
  divide,
  eq,
  exclusive,
  exp2,
  ge,
  gt,
  isNotANumber,
  le,
  lt,
  multiply,
  ofNumbers,
  power,
  subtract,
  unequal,
} from "./arithmetic.js";
import { alike, named, row, under, type Given, type Row } from "./rows.js";
import { UNARY_OF_BOTH } from "./unary.js";
import { JUMPS, REDUCTION, TEXT, WHOLE_NUMBERS } from "./unreadable.js";
import { typeOf } from "./casts.js";
import { isTruth } from "./values.js";

const UNARY = named(
  alike<1>("input", {
    ...UNARY_OF_BOTH,
    exp2,
    isnan: isNotANumber,
    log10: b.log10,
    log2: b.log2,
    logit: a.logit,
    neg: b.neg,
    relu: a.relu,
    sign: ofNumbers(b.sign),
    sinc: a.normalisedSinc,
  }),
  {
    abs: "absolute",
    acos: "arccos",
    acosh: "arccosh",
    asin: "arcsin",
    asinh: "arcsinh",
    atan: "arctan",
    atanh: "arctanh",
    neg: "negative",
    sign: "sgn",
  },
);

const BINARY = named(
  alike<2>("input, other", {
    multiply,
    lt,
    le,
    gt,
    ge,
    eq,
    ne: unequal,
    maximum: b.max,
    minimum: b.min,
    // The other one where one is NaN.
    fmax: ofNumbers(b.max),
    fmin: ofNumbers(b.min),
    hypot: a.hypot,
    logaddexp: a.logAddExp,
    xlogy: a.timesLog,
  }),
  {
    multiply: "mul",
    lt: "less",
    le: "less_equal",
    gt: "greater",
    ge: "greater_equal",
    ne: "not_equal",
  },
);

const scaled = ({ number }: Given): [Expr, Expr] => {
  const alpha = number("alpha");
  return [number("input"), alpha === b.constant(1) ? number("other") : multiply(alpha, number("other"))];
};

const addQuotient: Row["build"] = ({ number }) =>
  add(number("input"), multiply(number("value"), divide(number("tensor1"), number("tensor2"))));

/** With one tensor, or a dimension, it is the largest element. */
const ofTwo =
  (build: (u: Expr, v: Expr) => Expr): Row["build"] =>
  ({ number, value, refuse }) =>
    value("other").kind === "tensor" ? build(number("input"), number("other")) : refuse("input", REDUCTION);

const MORE = named(
  [
    row("add(input, other, alpha=1)", (given) => add(...scaled(given))),
    row("sub(input, other, alpha=1)", (given) => subtract(...scaled(given))),
    row("rsub(input, other, alpha=1)", ({ number }) =>
      subtract(number("other"), multiply(number("alpha"), number("input"))),
    ),
    row("div(input, other, rounding_mode=None)", ({ number, value, refuse }) =>
      value("rounding_mode").kind === "none"
        ? divide(number("input"), number("other"))
        : refuse("rounding_mode", JUMPS),
    ),
    row("pow(input, exponent)", ({ number }) => power(number("input"), number("exponent"))),
    row("addcmul(input, tensor1, tensor2, value=1)", ({ number }) =>
      add(number("input"), multiply(number("value"), multiply(number("tensor1"), number("tensor2")))),
    ),
    // The factor once came before the tensors.
    {
      ...row("addcdiv(input, tensor1, tensor2, value=1)", addQuotient),
      old: row("addcdiv(input, value, tensor1, tensor2)", addQuotient),
    },
    row("lerp(input, end, weight)", ({ number }) =>
      add(number("input"), multiply(number("weight"), subtract(number("end"), number("input")))),
    ),
    row("clamp(input, min=None, max=None)", ({ number, bound }) =>
      a.clamp(number("input"), bound("min"), bound("max")),
    ),
    row("clamp_min(input, min)", ({ number }) => a.clamp(number("input"), number("min"), undefined)),
    row("clamp_max(input, max)", ({ number }) => a.clamp(number("input"), undefined, number("max"))),
    row("max(input, other=None)", ofTwo(b.max)),
    row("min(input, other=None)", ofTwo(b.min)),
    row("heaviside(input, values)", ({ number }) => ofNumbers(a.heaviside)(number("input"), number("values"))),
    row("logical_not(input)", ({ condition }) => b.not(condition("input"))),
    row("logical_and(input, other)", ({ condition }) => b.and(condition("input"), condition("other"))),
    row("logical_or(input, other)", ({ condition }) => b.or(condition("input"), condition("other"))),
    row("logical_xor(input, other)", ({ condition }) => exclusive(condition("input"), condition("other"))),
    // The filled-in value becomes one of the tensor's type: where that is of whole numbers, its digits are cut off.
    {
      ...row("masked_fill(input, mask, value)", ({ number, condition, value, refuse }) => {
        const input = value("input");
        const isWhole = input.kind === "tensor" && typeOf(input.memory) !== undefined;
        if (isWhole && !isTruth(value("value"))) refuse("value", WHOLE_NUMBERS);
        return choose(condition("mask"), number("value"), number("input"));
      }),
      typed: ["input"],
    },
    row("prelu(input, weight)", ({ number }) => a.leakyRelu(number("input"), number("weight"))),
    row("selu(input)", ({ number }) => a.selu(number("input"))),
    row("celu(input, alpha=1)", ({ number }) => a.celu(number("input"), number("alpha"))),
    row("threshold(input, threshold, value)", ({ number }) =>
      a.threshold(number("input"), number("threshold"), number("value")),
    ),
    row("hardshrink(input, lambd=0.5)", ({ number }) => a.hardShrink(number("input"), number("lambd"))),
  ],
  {
    sub: "subtract",
    div: "divide true_divide",
    clamp: "clip",
  },
);

/** Conditions say nothing about types. */
const ofBranches = (each: Row): Row => ({ ...each, typed: ["input", "other"] });

const WHERE = [
  row("where(condition, input, other)", ({ number, condition }) =>
    choose(condition("condition"), number("input"), number("other")),
  ),
].map(ofBranches);
const METHODS = [
  row("where(input, condition, other)", ({ number, condition }) =>
    choose(condition("condition"), number("input"), number("other")),
  ),
].map(ofBranches);

const FUNCTIONAL = [
  ...alike<1>("input", {
    silu: a.silu,
    mish: a.mish,
    relu6: a.relu6,
    hardsigmoid: a.hardSigmoid,
    hardswish: a.hardSwish,
    softsign: a.softsign,
    logsigmoid: a.logSigmoid,
    tanhshrink: a.tanhShrink,
  }),
  row("gelu(input, approximate='none')", ({ number, text, refuse }) => {
    const [approximate, u] = [text("approximate"), number("input")];
    if (approximate === "none") return a.geluErf(u);
    return approximate === "tanh" ? a.geluTanh(u) : refuse("approximate", TEXT);
  }),
  row("softplus(input, beta=1, threshold=20)", ({ number }) =>
    a.softplus(number("input"), number("beta"), number("threshold")),
  ),
  row("elu(input, alpha=1)", ({ number }) => a.elu(number("input"), number("alpha"))),
  row("leaky_relu(input, negative_slope=0.01)", ({ number }) => a.leakyRelu(number("input"), number("negative_slope"))),
  row("hardtanh(input, min_val=-1, max_val=1)", ({ number }) =>
    a.hardTanh(number("input"), number("min_val"), number("max_val")),
  ),
  row("softshrink(input, lambd=0.5)", ({ number }) => a.softShrink(number("input"), number("lambd"))),
];

/** The operations of gradients. */
const ATEN = [
  row("hardsigmoid_backward(grad_output, self)", ({ number }) =>
    choose(
      b.and(b.lt(-3, number("self")), b.lt(number("self"), 3)),
      divide(number("grad_output"), b.constant(6)),
      b.constant(0),
    ),
  ),
  row("sigmoid_backward(grad_output, output)", ({ number }) =>
    multiply(number("grad_output"), multiply(number("output"), subtract(b.constant(1), number("output")))),
  ),
  row("tanh_backward(grad_output, output)", ({ number }) =>
    multiply(number("grad_output"), subtract(b.constant(1), multiply(number("output"), number("output")))),
  ),
  row("threshold_backward(grad_output, self, threshold)", ({ number }) =>
    choose(b.le(number("self"), number("threshold")), b.constant(0), number("grad_output")),
  ),
];

const inSpecial = ({ name }: Row): boolean => /^(?:expm1|exp2|erf|erfc|log1p|logit|sinc|xlogy)$/.test(name);
const SPECIAL = [
  ...[...UNARY, ...BINARY].filter(inSpecial),
  ...alike<1>("input", { expit: b.sigmoid, erfcx: b.erfcx, ndtr: a.normalCdf, log_ndtr: (u) => b.log(a.normalCdf(u)) }),
  ...alike<2>("input, other", { xlog1py: (u, v) => multiply(u, b.log1p(v)) }),
];

const isMethod = ({ name }: Row): boolean => !/^(?:rsub|selu|celu|threshold)$/.test(name);
const isFunctional = ({ name }: Row): boolean =>
  /^(?:relu|sigmoid|tanh|prelu|selu|celu|threshold|hardshrink)$/.test(name);

/** By full name; a name with "_" behind it is the same in place. */
export const TORCH: readonly (readonly [string, Row])[] = [
  ...under("torch", [...UNARY, ...BINARY, ...MORE, ...WHERE]),
  ...under("Tensor torch.Tensor", [...UNARY, ...BINARY, ...MORE.filter(isMethod), ...METHODS]),
  ...under("torch.special", SPECIAL),
  ...under("torch.ops.aten", ATEN),
  ...under("torch.nn.functional", [...FUNCTIONAL, ...[...UNARY, ...MORE].filter(isFunctional)]),
];
