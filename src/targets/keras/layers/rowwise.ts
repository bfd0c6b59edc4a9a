/** Activations along one axis, and random ones. */
import { GATED_UNITS } from "./gated.js";
import { about, alias, alongAxis, classText, functionText, type LayerRow } from "./row.js";

/** Martins and Astudillo 2016: x sorted downwards, the support and its threshold. */
const SPARSEMAX = [
  "ordered = -ops.sort(-x, axis=axis)",
  "sums = ops.cumsum(ordered, axis=axis) - 1",
  "counts = ops.cumsum(ops.ones_like(x), axis=axis)",
  "support = ops.cast(counts * ordered > sums, x.dtype)",
  "size = ops.sum(support, axis=axis, keepdims=True)",
  "total = ops.sum(ops.where(ops.equal(counts, size), sums, 0.0), axis=axis, keepdims=True)",
  "return ops.relu(ops.subtract(x, total / size))",
];

/**
 * Peters et al. 2019: half of x sorted downwards, the support and its threshold t. Two steps of Newton's method make t a
 * function of x, so that frameworks have the first and the second derivative.
 */
const ENTMAX15 = [
  "total = ops.stop_gradient(ops.logsumexp(x, axis=axis, keepdims=True))",
  "half = ops.subtract(x, total) / 2",
  "ordered = -ops.sort(-half, axis=axis)",
  "counts = ops.cumsum(ops.ones_like(x), axis=axis)",
  "means = ops.cumsum(ordered, axis=axis) / counts",
  "spread = ops.cumsum(ordered * ordered, axis=axis) - counts * means * means",
  "thresholds = means - ops.sqrt(ops.maximum((1 - spread) / counts, 0.0))",
  "support = ops.cast(ops.greater_equal(ordered, thresholds), x.dtype)",
  "size = ops.sum(support, axis=axis, keepdims=True)",
  "t = ops.sum(ops.where(ops.equal(counts, size), thresholds, 0.0), axis=axis, keepdims=True)",
  "t = ops.stop_gradient(t)",
  "for _ in range(2):",
  "    u = ops.relu(half - t)",
  "    squares = ops.sum(u * u, axis=axis, keepdims=True)",
  "    t = t + (squares - 1) / (2 * ops.sum(u, axis=axis, keepdims=True))",
  "return ops.square(ops.relu(half - t))",
];

const MASKED_SOFTMAX = [
  "empty = ops.all(ops.equal(x, -math.inf), axis=axis, keepdims=True)",
  "y = ops.softmax(ops.where(empty, ops.zeros_like(x), x), axis=axis)",
  "return ops.where(empty, ops.zeros_like(y), y)",
];

/** A logit for each head beside those of a row. */
const SOFTMAX_SINK: LayerRow = {
  uses: ["keras.ops.softmax"],
  text: (context) =>
    [
      functionText(
        context.definition.id,
        ["x", "sink"],
        about(context, ["x: ... x heads x rows x columns; sink: a logit for each head."]),
        [
          "logit = ops.zeros_like(x[..., :1]) + ops.reshape(ops.cast(sink, x.dtype), (-1, 1, 1))",
          "return ops.softmax(ops.concatenate([x, logit], axis=-1), axis=-1)[..., :-1]",
        ],
      ),
      classText(context, {
        given: ["heads=1"],
        build: ['self.sink = self.add_weight(name="sink", shape=(self.heads,), initializer="zeros")'],
        inputs: "inputs",
        body: [`return ${context.definition.id}(inputs, self.sink)`],
      }),
    ].join("\n\n\n"),
};

const SNAKE: LayerRow = {
  uses: ["keras.ops.sin"],
  text: (context) =>
    classText(context, {
      documentation: ["alpha and beta: one of each for the channels along the last axis, as logarithms."],
      given: ["epsilon=1e-9"],
      build: [
        'self.alpha = self.add_weight(name="alpha", shape=(input_shape[-1],), initializer="zeros")',
        'self.beta = self.add_weight(name="beta", shape=(input_shape[-1],), initializer="zeros")',
      ],
      inputs: "inputs",
      body: [
        "wave = ops.sin(ops.exp(self.alpha) * inputs)",
        "return inputs + ops.square(wave) / (ops.exp(self.beta) + self.epsilon)",
      ],
    }),
};

/** Numbers that a compiled model draws anew each time. */
const SEED = "self.seed_generator = keras.random.SeedGenerator(seed)";

const GUMBEL: LayerRow = {
  uses: ["keras.random.uniform", "keras.ops.softmax"],
  text: (context) =>
    classText(context, {
      documentation: ["hard: the largest as 1 and the others as 0, with the gradient of the soft one."],
      given: ["axis=-1", "tau=1.0", "hard=False", "seed=None"],
      fields: [SEED],
      inputs: "inputs",
      body: [
        // Of float16 one in thousands would be 1.
        'draws = keras.random.uniform(ops.shape(inputs), dtype="float32", seed=self.seed_generator)',
        "noise = ops.cast(-ops.log(-ops.log(draws)), inputs.dtype)",
        "soft = ops.softmax((inputs + noise) / self.tau, axis=self.axis)",
        "if not self.hard:",
        "    return soft",
        "place = ops.argmax(soft, axis=self.axis)",
        "largest = ops.one_hot(place, inputs.shape[self.axis], axis=self.axis, dtype=soft.dtype)",
        "return largest + (soft - ops.stop_gradient(soft))",
      ],
    }),
};

const RRELU: LayerRow = {
  uses: ["keras.random.uniform"],
  text: (context) =>
    classText(context, {
      documentation: ["Not in training the slope is the mean of lower and upper."],
      given: ["lower=0.125", "upper=0.3333333333333333", "seed=None"],
      fields: [SEED],
      inputs: "inputs, training=False",
      body: [
        "slope = 0.5 * (self.lower + self.upper)",
        "if training:",
        "    slope = keras.random.uniform(",
        "        ops.shape(inputs), self.lower, self.upper, dtype=inputs.dtype, seed=self.seed_generator",
        "    )",
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
  softmax_sink: SOFTMAX_SINK,
  sparsemax: alongAxis(["keras.ops.sort", "keras.ops.cumsum"], -1, SPARSEMAX),
  entmax15: alongAxis(["keras.ops.sort", "keras.ops.cumsum", "keras.ops.logsumexp"], -1, ENTMAX15),
  ...GATED_UNITS,
  prelu_channels: PRELU,
  snake_channels: SNAKE,
  gumbel_softmax: GUMBEL,
  rrelu_random: RRELU,
  dropout: alias("keras.layers.Dropout"),
  alpha_dropout: alias("keras.layers.AlphaDropout"),
};
