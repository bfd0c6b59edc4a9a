/** Layers with the activation in them or behind them. */
import { SQUASHED } from "./squashed.js";
import { GATED_DENSE } from "./gated.js";
import {
  POLICY,
  about,
  alias,
  classText,
  factory,
  followed,
  functionText,
  type LayerContext,
  type LayerRow,
} from "./row.js";

const applied = ({ activation }: LayerContext, text: string): string =>
  activation === undefined ? text : `self.activation(${text})`;

const RMS_NORM: LayerRow = {
  uses: ["keras.layers.RMSNormalization"],
  text: (context) => {
    if (context.hasRmsNormalization)
      return followed("keras.layers.RMSNormalization", ["epsilon=2.0**-23"], "epsilon=epsilon").text(context);
    return classText(context, {
      given: ["epsilon=2.0**-23"],
      build: ['self.scale = self.add_weight(name="scale", shape=(input_shape[-1],), initializer="ones")'],
      inputs: "inputs",
      body: [
        "size = ops.mean(ops.square(inputs), axis=-1, keepdims=True) + self.epsilon",
        `return ${applied(context, "inputs * ops.rsqrt(size) * self.scale")}`,
      ],
    });
  },
};

const RESIDUAL: LayerRow = {
  uses: [],
  text: (context) =>
    classText(context, {
      documentation: ["Called with a pair: what the block computed, and what goes past it."],
      inputs: "inputs",
      body: ["x, residual = inputs", `return ${applied(context, "x + residual")}`],
      outputShape: ["return input_shape[0]"],
      methods: [
        [
          "def compute_mask(self, inputs, mask=None):",
          '    """Where one of the two is seen, as Add has it."""',
          "    if mask is None or any(one is None for one in mask):",
          "        return None",
          "    return ops.any(ops.stack(mask), axis=0)",
        ].join("\n"),
      ],
    }),
};

const CROSS_ENTROPY: LayerRow = {
  uses: ["keras.ops.log_softmax"],
  text: (context) =>
    functionText(
      context.definition.id,
      ["target", "x", "smoothing=0.0", "ignore=-100", "weight=None"],
      about(context, [
        "A loss for `compile`: target holds the class of each row, x a logit for each class; weight is how much the rows of each " +
          "class count.",
      ]),
      [
        "log = ops.log_softmax(x, axis=-1)",
        "if weight is not None:",
        "    log = log * ops.cast(weight, log.dtype)",
        'chosen = ops.one_hot(ops.cast(target, "int32"), x.shape[-1]) > 0',
        "loss = -ops.sum(ops.where(chosen, log, 0.0), axis=-1)",
        "if smoothing > 0:",
        "    loss = (1 - smoothing) * loss - smoothing * ops.mean(log, axis=-1)",
        "return ops.where(ops.equal(target, ignore), ops.zeros_like(loss), loss)",
      ],
    ),
};

const ATTENTION: LayerRow = {
  uses: ["keras.ops.softmax", "keras.ops.einsum"],
  text: (context) =>
    functionText(
      context.definition.id,
      ["query", "key", "value", "mask=None", "causal=False", "scale=None", "softcap=None", "rate=0.0", "seed=None"],
      about(context, [
        "query, key, value: batch x heads x positions x features; mask is added to the scores. A query that may attend to " +
          "nothing gives NaN.",
      ]),
      [
        "if scale is None:",
        "    scale = query.shape[-1] ** -0.5",
        'scores = scale * ops.einsum("bhqf,bhkf->bhqk", query, key)',
        "if softcap is not None:",
        "    scores = softcap * ops.tanh(scores / softcap)",
        "if mask is not None:",
        "    scores = scores + mask",
        "if causal:",
        "    seen = ops.arange(query.shape[-2])[:, None] >= ops.arange(key.shape[-2])",
        "    scores = ops.where(seen, scores, -math.inf)",
        "weights = ops.softmax(scores, axis=-1)",
        "if rate > 0:",
        "    weights = keras.random.dropout(weights, rate, seed=seed)",
        'return ops.einsum("bhqk,bhkv->bhqv", weights, value)',
      ],
    ),
};

const ADAPTIVE: LayerRow = {
  uses: ["keras.layers.Dense", "keras.ops.log_softmax"],
  text: (context) =>
    classText(context, {
      documentation: [
        "cutoffs: where clusters of rarer classes begin. Called with x and the class of each row: the log probability of " +
          "each, and the mean loss.",
      ],
      given: ["classes", "cutoffs", "division=4.0", "head_bias=False"],
      masks: "False",
      fields: ["self.ends = [*cutoffs, classes]"],
      build: [
        "features = input_shape[-1]",
        "clusters = len(self.cutoffs)",
        "self.head = keras.layers.Dense(",
        `    self.cutoffs[0] + clusters, use_bias=self.head_bias, name="head", dtype=${POLICY}`,
        ")",
        "self.head.build(input_shape)",
        "self.tails = []",
        "for i in range(clusters):",
        "    width = int(features // self.division ** (i + 1))",
        "    size = self.ends[i + 1] - self.ends[i]",
        `    project = keras.layers.Dense(width, use_bias=False, name=f"projection_{i}", dtype=${POLICY})`,
        `    classify = keras.layers.Dense(size, use_bias=False, name=f"tail_{i}", dtype=${POLICY})`,
        "    project.build(input_shape)",
        "    classify.build((None, width))",
        "    self.tails.append((project, classify))",
        '    setattr(self, f"projection_{i}", project)',
        '    setattr(self, f"tail_{i}", classify)',
      ],
      inputs: "inputs, target",
      body: [
        "log = self.log_prob(inputs)",
        "chosen = ops.one_hot(target, self.classes) > 0",
        "output = ops.sum(ops.where(chosen, log, 0.0), axis=-1)",
        "return output, -ops.mean(output)",
      ],
      outputShape: ["return tuple(input_shape)[:-1], ()"],
      methods: [
        [
          "def log_prob(self, inputs):",
          '    """The log probability of every class."""',
          "    head = ops.log_softmax(self.head(inputs), axis=-1)",
          "    first = self.cutoffs[0]",
          "    parts = [head[..., :first]]",
          "    for i, (project, classify) in enumerate(self.tails):",
          "        within = ops.log_softmax(classify(project(inputs)), axis=-1)",
          "        parts.append(head[..., first + i : first + i + 1] + within)",
          "    return ops.concatenate(parts, axis=-1)",
        ].join("\n"),
      ],
    }),
};

export const LAYERS: Readonly<Record<string, LayerRow>> = {
  dense: factory("keras.layers.Dense", ["units"], "units"),
  ...GATED_DENSE,
  conv1d: factory("keras.layers.Conv1D", ["filters", "kernel_size"], "filters, kernel_size"),
  conv2d: factory("keras.layers.Conv2D", ["filters", "kernel_size"], "filters, kernel_size"),
  layer_norm: followed("keras.layers.LayerNormalization", ["epsilon=1e-5"], "epsilon=epsilon"),
  rms_norm: RMS_NORM,
  ...SQUASHED,
  batch_norm: followed("keras.layers.BatchNormalization", ["epsilon=1e-5"], "epsilon=epsilon"),
  residual: RESIDUAL,
  cross_entropy: CROSS_ENTROPY,
  attention: ATTENTION,
  multihead_attention: alias("keras.layers.MultiHeadAttention"),
  adaptive_log_softmax: ADAPTIVE,
};
