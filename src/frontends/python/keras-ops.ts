/** Elementwise operations of keras.ops, which has the names and arguments of NumPy and of its own neural functions. */
import * as b from "../../ir/build.js";
import { choose } from "../partial.js";
import * as a from "./activations.js";
import { OF_TWO, exp2, isNotANumber, ofNumbers, power } from "./arithmetic.js";
import { alike, named, row, under, type Row } from "./rows.js";
import { UNARY_OF_BOTH } from "./unary.js";

const { acos, acosh, asin, asinh, atan, atanh, sign, ...PLAIN } = UNARY_OF_BOTH;
const LIKE = { like: "x" };
const SAME = { source: "x" };

const OPERATIONS: readonly Row[] = [
  ...named(
    [
      ...alike<1>("x", {
        ...PLAIN,
        arccos: acos,
        arccosh: acosh,
        arcsin: asin,
        arcsinh: asinh,
        arctan: atan,
        arctanh: atanh,
        exp2,
        isnan: isNotANumber,
        log10: b.log10,
        log2: b.log2,
        log_sigmoid: a.logSigmoid,
        negative: b.neg,
        relu: a.relu,
        relu6: a.relu6,
        selu: a.selu,
        sign: ofNumbers(sign),
        silu: a.silu,
        softplus: b.softplus,
        softsign: a.softsign,
        tanh_shrink: a.tanhShrink,
      }),
      ...alike<2>("x1, x2", {
        ...OF_TWO,
        power,
      }),
    ],
    { abs: "absolute", silu: "swish", divide: "true_divide" },
  ),
  row("clip(x, x_min, x_max)", ({ number, bound }) => a.clamp(number("x"), bound("x_min"), bound("x_max"))),
  {
    ...row("where(condition, x1, x2)", ({ number, condition }) =>
      choose(condition("condition"), number("x1"), number("x2")),
    ),
    typed: ["x1", "x2"],
  },
  { ...row("zeros_like(x)", () => b.constant(0)), makes: LIKE },
  { ...row("ones_like(x)", () => b.constant(1)), makes: LIKE },
  {
    ...row("full_like(x, fill_value)", ({ number }) => number("fill_value")),
    makes: { like: "x", source: "fill_value" },
  },
  ...["copy(x)", "convert_to_tensor(x)", "stop_gradient(x)", "cast(x, dtype)"].map((signature) => ({
    ...row(signature, ({ content }) => content("x")),
    makes: SAME,
  })),
];

export const KERAS_OPS: readonly (readonly [string, Row])[] = under("keras.ops", OPERATIONS);
