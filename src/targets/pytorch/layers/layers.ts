/** Layers with the activation behind them: PyTorch's module, then ours. */
import { documentation } from "../../../codegen/python/text.js";
import { SQUASHED } from "./squashed.js";
import { GATED_DENSE } from "./gated.js";
import { about, alias, classText, type ClassText, type LayerRow } from "./row.js";

/** A module of PyTorch and the activation of what it gives. */
const layered = (path: string, given: readonly string[], made: string, more: Partial<ClassText> = {}): LayerRow => ({
  uses: [path],
  text: (context) => {
    const call = "self.layer(x)";
    const { activation } = context;
    return classText(context, {
      given,
      fields: [`self.layer = ${made}`],
      inputs: "x: Tensor",
      body: [`return ${activation === undefined ? call : `self.activation(${call})`}`],
      ...more,
    });
  },
});

const CONVOLUTION = ["channels: int", "filters: int", "kernel: KERNEL", "stride: KERNEL = 1", "padding: KERNEL = 0"];

const convolution = (dimensions: 1 | 2): LayerRow => {
  const type = dimensions === 1 ? "int" : "int | tuple[int, int]";
  return layered(
    `torch.nn.Conv${dimensions}d`,
    [...CONVOLUTION, "dilation: KERNEL = 1", "groups: int = 1", "bias: bool = True"].map((text) =>
      text.replace("KERNEL", dimensions === 1 ? type : `"${type}"`),
    ),
    `nn.Conv${dimensions}d(channels, filters, kernel, stride, padding, dilation, groups, bias)`,
  );
};

/** Root mean square normalisation, which modules have from 2.4 on. */
const RMS_NORM: LayerRow = {
  uses: ["torch.nn.RMSNorm"],
  text: (context) => {
    const given = ["columns: int", "epsilon: float = 2.0**-23"];
    if (context.features.rmsNorm)
      return layered("torch.nn.RMSNorm", given, "nn.RMSNorm(columns, epsilon)").text(context);
    const normalised = "x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.epsilon) * self.layer.weight";
    return classText(context, {
      given,
      // The weight has the name in the state that it has with PyTorch's own module.
      fields: [
        "self.epsilon = epsilon",
        "self.layer = nn.Module()",
        "self.layer.weight = nn.Parameter(torch.ones(columns))",
      ],
      inputs: "x: Tensor",
      body: [`return ${context.activation === undefined ? normalised : `self.activation(${normalised})`}`],
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
  dense: layered(
    "torch.nn.Linear",
    ["inputs: int", "outputs: int", "bias: bool = True"],
    "nn.Linear(inputs, outputs, bias)",
  ),
  ...GATED_DENSE,
  conv1d: convolution(1),
  conv2d: convolution(2),
  layer_norm: layered(
    "torch.nn.LayerNorm",
    ["columns: int", "epsilon: float = 1e-5"],
    "nn.LayerNorm(columns, epsilon)",
  ),
  rms_norm: RMS_NORM,
  ...SQUASHED,
  batch_norm: layered(
    "torch.nn.BatchNorm2d",
    ["channels: int", "epsilon: float = 1e-5", "dimensions: int = 2"],
    "(nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)[dimensions - 1](channels, epsilon)",
    { documentation: ["dimensions: how many axes there are after batch and channels; 1 also for none."] },
  ),
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
      const given = [...(smoothing ? ["smoothing: float = 0.0"] : []), "ignore: int = -100"];
      return classText(context, {
        given,
        fields: [...(smoothing ? ["self.smoothing = smoothing"] : []), "self.ignore = ignore"],
        inputs: "x: Tensor, target: Tensor",
        body: [
          "return F.cross_entropy(",
          `    x, target, ignore_index=self.ignore, reduction="none"${smoothing ? ", label_smoothing=self.smoothing" : ""}`,
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
