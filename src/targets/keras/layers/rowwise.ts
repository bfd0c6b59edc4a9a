/** Activations along one axis, and random ones. */
import { about, alias, alongAxis, classText, functionText, type LayerRow } from "./row.js";

/** Martins and Astudillo 2016: x sorted downwards, the support and its threshold. */
const SPARSEMAX = [
  "ordered = -ops.sort(-x, axis=axis)",
  "sums = ops.cumsum(ordered, axis=axis) - 1",
  "counts = ops.cumsum(ops.ones_like(x), axis=axis)",
  "support = ops.cast(counts * ordered > sums, x.dtype)",
  "size = ops.sum(support, axis=axis, keepdims=True)",
  "total = ops.sum(ops.where(counts == size, sums, 0.0), axis=axis, keepdims=True)",
  "return ops.relu(x - total / size)",
];

const MASKED_SOFTMAX = [
  "empty = ops.all(x == -math.inf, axis=axis, keepdims=True)",
  "y = ops.softmax(ops.where(empty, ops.zeros_like(x), x), axis=axis)",
  "return ops.where(empty, ops.zeros_like(y), y)",
];

/** One half of an axis times the activation of the other. */
const gated = (chosen: boolean): LayerRow => ({
  uses: [],
  text: (context) =>
    classText(context, {
      documentation: [
        chosen
          ? "gate: which half goes through the activation: 0, the first, or 1, the second."
          : "The second half goes through the activation.",
      ],
      given: ["axis=-1", ...(chosen ? ["gate=1"] : [])],
      inputs: "inputs",
      body: [
        "halves = ops.split(inputs, 2, axis=self.axis)",
        chosen
          ? "return halves[1 - self.gate] * self.activation(halves[self.gate])"
          : "return halves[0] * self.activation(halves[1])",
      ],
      outputShape: ["shape = list(input_shape)", "shape[self.axis] //= 2", "return tuple(shape)"],
    }),
});

const RRELU: LayerRow = {
  uses: ["keras.random.uniform"],
  text: (context) =>
    classText(context, {
      documentation: ["Not in training the slope is the mean of lower and upper."],
      given: ["lower=0.125", "upper=0.3333333333333333"],
      inputs: "inputs, training=False",
      body: [
        "slope = 0.5 * (self.lower + self.upper)",
        "if training:",
        "    slope = keras.random.uniform(ops.shape(inputs), self.lower, self.upper, dtype=inputs.dtype)",
        "return ops.where(inputs <= 0, slope * inputs, inputs)",
      ],
    }),
};

const PRELU: LayerRow = {
  uses: ["keras.layers.PReLU"],
  text: (context) =>
    functionText(
      context.definition.id,
      ["slope=0.25", "shared_axes=None", "**kwargs"],
      about(context, ["shared_axes: the axes along which one slope is for all, such as [1, 2] for images."]),
      [
        "initializer = keras.initializers.Constant(slope)",
        "return keras.layers.PReLU(alpha_initializer=initializer, shared_axes=shared_axes, **kwargs)",
      ],
    ),
};

export const ROWWISE: Readonly<Record<string, LayerRow>> = {
  softmax: alongAxis(["keras.ops.softmax"], -1, ["return ops.softmax(x, axis=axis)"]),
  masked_softmax: alongAxis(["keras.ops.softmax"], -1, MASKED_SOFTMAX),
  log_softmax: alongAxis(["keras.ops.log_softmax"], -1, ["return ops.log_softmax(x, axis=axis)"]),
  softmin: alongAxis(["keras.ops.softmax"], -1, ["return ops.softmax(-x, axis=axis)"]),
  softmax2d: alongAxis(["keras.ops.softmax"], -3, ["return ops.softmax(x, axis=axis)"]),
  sparsemax: alongAxis(["keras.ops.sort", "keras.ops.cumsum"], -1, SPARSEMAX),
  glu: gated(false),
  swiglu: gated(true),
  geglu: gated(true),
  geglu_tanh: gated(true),
  reglu: gated(true),
  prelu_channels: PRELU,
  rrelu_random: RRELU,
  dropout: alias("keras.layers.Dropout"),
  alpha_dropout: alias("keras.layers.AlphaDropout"),
};
