/** Activations that draw random numbers: one for each element, from a seed and a counter. */
import { add, decimal, div, eq, ge, le, log, lt, mul, neg, parameter, select, sqrt, sub } from "../ir/build.js";
import type { Expr } from "../ir/expr.js";
import { axis, each, input, random, reduce, stopGradient, whole } from "../ir/graph/build.js";
import { graph, scalarParameter, type GraphDefinition } from "../ir/graph/definition.js";
import { position } from "../ir/graph/integer.js";
import type { Axis, Tensor } from "../ir/graph/tensor.js";
import { ANY_SHAPE, ROW_SIZES, columns, inner, plainSoftmax, rows } from "./rowwise.js";

const RATE = parameter("rate", [0, 1]);

/** How probable it is that an element is dropped. */
export const dropRate = (initial: number) => scalarParameter(RATE, initial);

/** 0 with probability `rate`, divided by 1 - rate otherwise; draws are numbered row-major along `axes`. */
export const dropped = (tensor: Tensor, axes: readonly Axis[]): Tensor =>
  each(
    // A draw is below no rate of 0: asked first, that costs nothing for each element.
    (element, draw) => select(le(RATE, 0), element, select(lt(draw, RATE), 0, div(element, sub(1, RATE)))),
    tensor,
    random(axes),
  );

const FINITE: readonly [number, number] = [-(2 ** 100), 2 ** 100];
const LOWER = parameter("lower", FINITE);
const UPPER = parameter("upper", FINITE);

/** Where SELU goes for -Infinity, -scale · alpha, which dropped elements become. */
const SATURATION = neg(decimal("1.7580993408473766"));

/** A · (x or the saturation) + B, with the A and B that keep mean 0 and variance 1; all zeros where all is dropped. */
function alphaDropped(element: Expr, draw: Expr): Expr {
  const squared = mul(SATURATION, SATURATION);
  const scale = div(1, sqrt(mul(sub(1, RATE), add(1, mul(RATE, squared)))));
  const shift = neg(mul(mul(scale, SATURATION), RATE));
  const kept = select(lt(draw, RATE), SATURATION, element);
  return select(ge(RATE, 1), 0, add(mul(scale, kept), shift));
}

const all = axis("size");
const SIZES = { size: { documentation: "how many elements x has" } };
const x = input("x", [all]);

const TAU = parameter("tau", [2 ** -20, 2 ** 20]);
const HARD = parameter("hard", [0, 1]);
const logits = input("x", [rows, columns, inner], { documentation: "Each column is a logit." });

function gumbelSoftmax(x: Tensor): Tensor {
  const noisy = each((logit, draw) => div(sub(logit, log(neg(log(draw)))), TAU), x, random(x.axes));
  const soft = plainSoftmax(noisy, columns);
  // The value of the largest as 1, the gradient of the soft one.
  return each(
    (share, held, place, best) => select(ge(HARD, 1), add(select(eq(place, best), 1, 0), sub(share, held)), share),
    soft,
    stopGradient(soft),
    whole(position(columns), [columns]),
    reduce("argmax", noisy, [columns]),
  );
}

export const stochastic: readonly GraphDefinition[] = [
  graph({
    id: "rrelu_random",
    title: "RReLU in training",
    formula: "x if x > 0, r · x otherwise, with r drawn from [lower, upper)",
    sizes: SIZES,
    parameters: [scalarParameter(LOWER, 1 / 8), scalarParameter(UPPER, 1 / 3)],
    outputs: {
      y: {
        tensor: each(
          (element, draw) => select(le(element, 0), mul(add(LOWER, mul(draw, sub(UPPER, LOWER))), element), element),
          x,
          random([all]),
        ),
        axes: [all],
      },
    },
    reference: "Xu et al. 2015, Empirical evaluation of rectified activations, arXiv:1505.00853",
  }),
  graph({
    id: "dropout",
    title: "Dropout in training",
    formula: "0 with probability rate, x / (1 - rate) otherwise",
    sizes: SIZES,
    parameters: [dropRate(0.5)],
    outputs: { y: { tensor: dropped(x, [all]), axes: [all] } },
    names: ["nn.Dropout", "F.dropout", "layers.Dropout"],
    reference: "Srivastava et al. 2014, Dropout: a simple way to prevent neural networks from overfitting",
  }),
  graph({
    id: "gumbel_softmax",
    title: "Gumbel softmax",
    formula:
      "softmax((x + g) / tau) with g = -log(-log u), u drawn from [0, 1); with hard the largest as 1, others as 0",
    sizes: ROW_SIZES,
    parameters: [scalarParameter(TAU, 1), scalarParameter(HARD, 0)],
    outputs: { y: { tensor: gumbelSoftmax(logits), axes: logits.axes } },
    shaped: ANY_SHAPE,
    names: ["F.gumbel_softmax"],
    reference:
      "Jang, Gu and Poole 2016, arXiv:1611.01144; Maddison, Mnih and Teh 2016, arXiv:1611.00712. With hard the gradient " +
      "is that of the soft one: straight through",
  }),
  graph({
    id: "alpha_dropout",
    title: "AlphaDropout in training, for SELU (with weights from lecun_normal)",
    formula: "a · (-1.7580993 with probability rate, x otherwise) + b",
    sizes: SIZES,
    parameters: [dropRate(0.5)],
    outputs: { y: { tensor: each(alphaDropped, x, random([all])), axes: [all] } },
    names: ["nn.AlphaDropout", "F.alpha_dropout", "layers.AlphaDropout"],
    reference:
      "Klambauer et al. 2017, Self-normalizing neural networks, arXiv:1706.02515. Keeps the mean 0 and the variance 1 of " +
      "SELU, which hold if weights have the variance 1 / inputs: lecun_normal, a normal distribution cut at two " +
      "standard deviations",
  }),
];
