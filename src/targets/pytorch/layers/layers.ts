/** Layers with the activation behind them: PyTorch's modules, and those that it lacks. */
import { documentation } from "../../../codegen/python/text.js";
import { SQUASHED } from "./squashed.js";
import { GATED_DENSE } from "./gated.js";
import { about, alias, classText, type LayerRow } from "./row.js";

/** PyTorch's module itself, with its arguments and the names of its weights, and the activation of what it gives. */
const extended = (path: string): LayerRow => ({
  uses: [path],
  text: (context) => {
    const { activation } = context;
    if (activation === undefined) return alias(path).text(context);
    return classText(context, {
      documentation: [`${path.slice("torch.".length)} with its arguments and weights, and the activation.`],
      base: path.replace("torch.nn.", "nn."),
      inputs: "x: Tensor",
      body: ["return self.activation(super().forward(x))"],
    });
  },
});

/** Root mean square normalisation, which modules have from 2.4 on: the same arguments and weights before. */
const RMS_NORM: LayerRow = {
  uses: ["torch.nn.RMSNorm"],
  text: (context) => {
    if (context.features.rmsNorm) return extended("torch.nn.RMSNorm").text(context);
    const result = "y if self.weight is None else y * self.weight";
    return classText(context, {
      given: [
        'normalized_shape: "int | list[int]"',
        'eps: "float | None" = None',
        "elementwise_affine: bool = True",
        'device: "torch.device | None" = None',
        'dtype: "torch.dtype | None" = None',
      ],
      fields: [
        "alone = isinstance(normalized_shape, int)",
        "self.normalized_shape = (normalized_shape,) if alone else tuple(normalized_shape)",
        "self.eps = eps",
        "weight = torch.ones(self.normalized_shape, device=device, dtype=dtype)",
        'self.register_parameter("weight", nn.Parameter(weight) if elementwise_affine else None)',
      ],
      inputs: "x: Tensor",
      body: [
        "eps = torch.finfo(x.dtype).eps if self.eps is None else self.eps",
        "axes = tuple(range(-len(self.normalized_shape), 0))",
        "y = x * torch.rsqrt(x.square().mean(axes, keepdim=True) + eps)",
        context.activation === undefined ? `return ${result}` : `return self.activation(${result})`,
      ],
    });
  },
};

/** Batch normalisation along any number of axes: PyTorch's classes for some numbers of them only check that number. */
const BATCH_NORM: LayerRow = {
  uses: ["torch.nn.BatchNorm2d"],
  text: (context) => {
    const result = "super().forward(x)";
    return classText(context, {
      documentation: ["nn.BatchNorm2d with its arguments and state, for any number of axes behind batch and channels."],
      base: "nn.modules.batchnorm._BatchNorm",
      inputs: "x: Tensor",
      body: [`return ${context.activation === undefined ? result : `self.activation(${result})`}`],
      methods: [
        "def _check_input_dim(self, x: Tensor) -> None:",
        "    if x.dim() < 2:",
        '        raise ValueError(f"batch and channels are wanted, got {x.dim()} axes")',
      ],
    });
  },
};

/** Attention has a function of its own from 2.0 on, with a scale from 2.1 on. */
const ATTENTION: LayerRow = {
  uses: ["torch.nn.functional.scaled_dot_product_attention"],
  text: (context) => {
    const { definition, features } = context;
    const named = 'query: Tensor, key: Tensor, value: Tensor, mask: "Tensor | None" = None';
    const options =
      'causal: bool = False, scale: "float | None" = None, softcap: "float | None" = None, rate: float = 0.0';
    const masked = (when: string): string[] => [
      `if ${when}:`,
      "    seen = torch.ones(query.shape[-2], key.shape[-2], dtype=torch.bool, device=query.device).tril()",
      "    hidden = torch.zeros_like(seen, dtype=query.dtype).masked_fill(~seen, -math.inf)",
      "    mask = hidden if mask is None else mask + hidden",
    ];
    const fused = [
      ...masked("causal and (mask is not None or softcap is not None)"),
      "    causal = False",
      "if softcap is None:",
      "    return F.scaled_dot_product_attention(query, key, value, mask, rate, causal, scale=scale)",
    ];
    const composed = [
      "if scale is None:",
      "    scale = query.shape[-1] ** -0.5",
      "scores = scale * (query @ key.transpose(-2, -1))",
      "if softcap is not None:",
      "    scores = softcap * torch.tanh(scores / softcap)",
      "if mask is not None:",
      "    scores = scores + mask",
      "return F.dropout(torch.softmax(scores, -1), rate) @ value",
    ];
    const body = [...(features.scaledAttention ? fused : masked("causal")), ...composed];
    return [
      `def ${definition.id}(\n    ${named}, *, ${options}\n) -> Tensor:`,
      documentation(
        [...about(context), "query, key, value: batch x heads x positions x features; mask is added to the scores."],
        4,
      ),
      ...body.map((line) => `    ${line}`),
    ].join("\n");
  },
};

export const LAYERS: Readonly<Record<string, LayerRow>> = {
  dense: extended("torch.nn.Linear"),
  ...GATED_DENSE,
  conv1d: extended("torch.nn.Conv1d"),
  conv2d: extended("torch.nn.Conv2d"),
  layer_norm: extended("torch.nn.LayerNorm"),
  rms_norm: RMS_NORM,
  ...SQUASHED,
  batch_norm: BATCH_NORM,
  residual: {
    uses: [],
    text: (context) =>
      classText(context, {
        inputs: "x: Tensor, residual: Tensor",
        body: [`return ${context.activation === undefined ? "x + residual" : "self.activation(x + residual)"}`],
      }),
  },
  cross_entropy: {
    uses: ["torch.nn.functional.cross_entropy"],
    text: (context) => {
      const smoothing = context.features.labelSmoothing;
      const given = [
        ...(smoothing ? ["smoothing: float = 0.0"] : []),
        "ignore: int = -100",
        'weight: "Tensor | None" = None',
      ];
      return classText(context, {
        documentation: ["weight: how much the rows of each class count; a buffer of the module."],
        given,
        fields: [
          ...(smoothing ? ["self.smoothing = smoothing"] : []),
          "self.ignore = ignore",
          'self.register_buffer("weight", weight)',
        ],
        inputs: "x: Tensor, target: Tensor",
        body: [
          "return F.cross_entropy(",
          `    x, target, self.weight, ignore_index=self.ignore, reduction="none"${smoothing ? ", label_smoothing=self.smoothing" : ""}`,
          ")",
        ],
        shown: [...(smoothing ? ["smoothing"] : []), "ignore"],
      });
    },
  },
  attention: ATTENTION,
  multihead_attention: alias("torch.nn.MultiheadAttention"),
  adaptive_log_softmax: alias("torch.nn.AdaptiveLogSoftmaxWithLoss"),
};
