/** Activations along one axis: the softmax family. */
import { eq, exp, ge, max, mul, neg, parameter, select, sigmoid, sub } from "../ir/build.js";
import { axis, each, input, logSumExp, reduce, timesEach } from "../ir/graph/build.js";
import { graph, scalarParameter, type GraphDefinition, type Shaped } from "../ir/graph/definition.js";
import type { Axis, Tensor } from "../ir/graph/tensor.js";

export const rows = axis("rows");
export const columns = axis("columns");
export const inner = axis("inner");

/** The sizes of a tensor seen as rows × columns × inner. */
export const ROW_SIZES = {
  rows: { documentation: "how many slices there are before the axis" },
  columns: { documentation: "the length of the axis" },
  inner: { default: 1, documentation: "how many elements there are after the axis; 1 for the last axis" },
};

export const ANY_SHAPE: Shaped = { rows: "rows", along: "columns", inner: "inner", axis: -1, ranks: [1, 64], parts: 1 };

const MASKED = parameter("masked", [0, 1]);

/** 1: a row of nothing but -Infinity becomes a row of zeros, with the gradient 0; 0: a row of NaN, as in PyTorch. */
export const masked = scalarParameter(MASKED, 0);

/** Nothing on the way of the gradient is NaN when no element is below it. */
const LEAST_FLOAT = -3.4028234663852886e38;

/** exp(x - logsumexp(x)): its derivative is written in it, so that backward needs nothing else. */
export const plainSoftmax = (x: Tensor, over: Axis, how: "logsumexp" | "maskedLogsumexp" = "logsumexp"): Tensor =>
  each(exp, each(sub, x, reduce(how, x, [over])));

/** The softmax of scores: with the scalar `masked`, that of a row of nothing but -Infinity is zeros. */
export function softmaxOf(x: Tensor, over: Axis): Tensor {
  const isMasked = ge(MASKED, 1);
  const bounded = each((element) => select(isMasked, max(element, LEAST_FLOAT), element), x);
  return each(
    (element, share) => select(isMasked, select(eq(element, -Infinity), 0, share), share),
    x,
    plainSoftmax(bounded, over),
  );
}

const x = input("x", [rows, columns, inner], { documentation: "Each column is a logit." });

const scores = input("x", [axis("batch"), axis("heads"), rows, columns], { documentation: "Each column is a logit." });
const sink = input("sink", [axis("heads")], {
  absent: 0,
  documentation: "A logit of each head that takes its share and gives nothing. Learnable.",
});

/** The softmax times the share that the sink leaves, e^l / (e^l + e^sink) with l the logsumexp: zeros for a row of -Infinity. */
const sunken = (x: Tensor, sinks: Tensor): Tensor => {
  const total = reduce("maskedLogsumexp", x, [columns]);
  // A map of its own: a difference from a logsumexp is taken from the largest logit on.
  const share = each(sigmoid, each(sub, total, sinks));
  return timesEach(plainSoftmax(x, columns, "maskedLogsumexp"), share);
};

const halved = each((element) => mul(0.5, element), x);
const above = each(
  (half, threshold) => max(sub(half, threshold), 0),
  halved,
  reduce("squareThreshold", halved, [columns]),
);

const channels = axis("channels");
const image = input("x", [rows, channels, inner], { documentation: "The pixels of each channel of each image." });

export const rowwise: readonly GraphDefinition[] = [
  graph({
    id: "softmax",
    title: "Softmax",
    formula: "exp(x - max x) / sum exp(x - max x)",
    sizes: ROW_SIZES,
    outputs: { y: { tensor: plainSoftmax(x, columns), axes: x.axes } },
    shaped: ANY_SHAPE,
    names: ["nn.Softmax", "F.softmax", "torch.softmax", "activations.softmax", "layers.Softmax", "jax.nn.softmax"],
    reference: "Bridle 1990, Probabilistic interpretation of feedforward classification network outputs",
  }),
  graph({
    id: "masked_softmax",
    title: "Softmax of masked rows",
    formula: "softmax(x), but zeros for a row of nothing but -Infinity",
    sizes: ROW_SIZES,
    outputs: { y: { tensor: plainSoftmax(x, columns, "maskedLogsumexp"), axes: x.axes } },
    shaped: ANY_SHAPE,
    names: [],
    reference: "as jax.nn.softmax with where=",
  }),
  graph({
    id: "log_softmax",
    title: "LogSoftmax",
    formula: "x - max x - log(sum exp(x - max x))",
    sizes: ROW_SIZES,
    outputs: { y: { tensor: each(sub, x, logSumExp(x, columns)), axes: x.axes } },
    shaped: ANY_SHAPE,
    names: ["nn.LogSoftmax", "F.log_softmax", "torch.log_softmax", "activations.log_softmax", "jax.nn.log_softmax"],
    reference: "https://docs.pytorch.org/docs/stable/generated/torch.nn.LogSoftmax.html",
  }),
  graph({
    id: "softmin",
    title: "Softmin",
    formula: "softmax(-x)",
    sizes: ROW_SIZES,
    outputs: { y: { tensor: plainSoftmax(each(neg, x), columns), axes: x.axes } },
    shaped: ANY_SHAPE,
    names: ["nn.Softmin", "F.softmin"],
    reference: "https://docs.pytorch.org/docs/stable/generated/torch.nn.Softmin.html",
  }),
  graph({
    id: "softmax2d",
    title: "Softmax2d",
    formula: "softmax over the channels of every pixel",
    sizes: {
      rows: { default: 1, documentation: "how many images there are" },
      channels: { documentation: "how many channels an image has" },
      inner: { documentation: "how many pixels a channel has" },
    },
    outputs: { y: { tensor: plainSoftmax(image, channels), axes: image.axes } },
    shaped: { rows: "rows", along: "channels", inner: "inner", axis: -3, ranks: [3, 4], parts: 1 },
    names: ["nn.Softmax2d"],
    reference: "https://docs.pytorch.org/docs/stable/generated/torch.nn.Softmax2d.html",
  }),
  graph({
    id: "softmax_sink",
    title: "Softmax with a sink",
    formula: "exp(x) / (exp(sink) + sum exp(x))",
    sizes: {
      batch: { default: 1, documentation: "how often the heads repeat" },
      heads: { default: 1, documentation: "how many sinks there are: one for each head" },
      rows: { documentation: "how many rows a head has" },
      columns: { documentation: "the length of a row" },
    },
    outputs: { y: { tensor: sunken(scores, sink), axes: scores.axes } },
    names: ["softmax1", "softmax_one", "softmax_off_by_one", "quiet_softmax"],
    reference:
      "OpenAI 2025, gpt-oss model card, arXiv:2508.10925; Xiao et al. 2023, Efficient streaming language models with " +
      "attention sinks, arXiv:2309.17453; with the sink 0 it is softmax1 of Miller 2023, Attention is off by one",
  }),
  graph({
    id: "sparsemax",
    title: "Sparsemax",
    formula: "max(x - t, 0), with the t for which it sums to 1",
    sizes: ROW_SIZES,
    outputs: {
      y: {
        tensor: each((element, threshold) => max(sub(element, threshold), 0), x, reduce("threshold", x, [columns])),
        axes: x.axes,
      },
    },
    shaped: ANY_SHAPE,
    names: ["activations.sparsemax"],
    reference: "Martins and Astudillo 2016, From softmax to sparsemax, arXiv:1602.02068",
  }),
  graph({
    id: "entmax15",
    title: "1.5-entmax",
    formula: "max(x / 2 - t, 0)^2, with the t for which it sums to 1",
    sizes: ROW_SIZES,
    outputs: {
      y: {
        tensor: each((u) => mul(u, u), above),
        axes: x.axes,
      },
    },
    shaped: ANY_SHAPE,
    names: ["entmax.entmax15", "entmax.Entmax15"],
    reference: "Peters, Niculae and Martins 2019, Sparse sequence-to-sequence models, arXiv:1905.05702",
  }),
];
