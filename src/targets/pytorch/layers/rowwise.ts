/** Activations along one axis, and random ones. */
import { documentation } from "../../../codegen/python/text.js";
import { GATED_UNITS } from "./gated.js";
import { about, alias, alongAxis, classText, type LayerRow } from "./row.js";

/** Martins and Astudillo 2016: x sorted downwards, the support and its threshold. */
const SPARSEMAX = [
  "ordered = torch.sort(x, dim=dim, descending=True)[0]",
  "sums = torch.cumsum(ordered, dim) - 1",
  "counts = torch.cumsum(torch.ones_like(x), dim)",
  "size = (counts * ordered > sums).to(x.dtype).sum(dim, keepdim=True)",
  "total = sums.masked_fill(counts != size, 0.0).sum(dim, keepdim=True)",
  "return torch.relu(x - total / size)",
];

/**
 * Peters et al. 2019: half of x sorted downwards, the support and its threshold t. Two steps of Newton's method make t a
 * function of x, so that autograd has the first and the second derivative.
 */
const ENTMAX15 = [
  "half = (x - torch.logsumexp(x.detach(), dim, keepdim=True)) / 2",
  "with torch.no_grad():",
  "    ordered = torch.sort(half, dim=dim, descending=True)[0]",
  "    counts = torch.cumsum(torch.ones_like(x), dim)",
  "    means = torch.cumsum(ordered, dim) / counts",
  "    spread = torch.cumsum(ordered * ordered, dim) - counts * means * means",
  "    thresholds = means - torch.sqrt(torch.clamp((1 - spread) / counts, min=0))",
  "    size = (thresholds <= ordered).sum(dim, keepdim=True)",
  "    t = thresholds.masked_fill(counts != size, 0.0).sum(dim, keepdim=True)",
  "for _ in range(2):",
  "    u = torch.relu(half - t)",
  "    t = t + ((u * u).sum(dim, keepdim=True) - 1) / (2 * u.sum(dim, keepdim=True))",
  "return torch.relu(half - t) ** 2",
];

/** A logit for each head beside those of a row. */
const SOFTMAX_SINK: LayerRow = {
  uses: ["torch.softmax", "torch.cat"],
  text: (context) => {
    const function_ = [
      `def ${context.definition.id}(x: Tensor, sink: Tensor) -> Tensor:`,
      documentation([...about(context), "x: ... x heads x rows x columns; sink: a logit for each head."], 4),
      "    logit = sink.to(x.dtype).reshape(-1, 1, 1).expand(*x.shape[:-1], 1)",
      "    return torch.softmax(torch.cat([x, logit], -1), -1)[..., :-1]",
    ].join("\n");
    const class_ = classText(context, {
      given: ["heads: int = 1", "init: float = 0.0"],
      fields: ["self.sink = nn.Parameter(torch.full((heads,), init))"],
      inputs: "x: Tensor",
      body: [`return ${context.definition.id}(x, self.sink)`],
    });
    return [function_, class_].join("\n\n\n");
  },
};

const SNAKE: LayerRow = {
  uses: [],
  text: (context) =>
    classText(context, {
      documentation: ["alpha and beta: one of each for the channels along the axis 1, as logarithms."],
      given: ["channels: int", "epsilon: float = 1e-9"],
      fields: [
        "self.epsilon = epsilon",
        "self.alpha = nn.Parameter(torch.zeros(channels))",
        "self.beta = nn.Parameter(torch.zeros(channels))",
      ],
      inputs: "x: Tensor",
      body: [
        "shape = (-1,) + (1,) * (x.dim() - 2)",
        "alpha, beta = self.alpha.exp().reshape(shape), self.beta.exp().reshape(shape)",
        "return x + torch.sin(alpha * x).square() / (beta + self.epsilon)",
      ],
    }),
};

/** A function that draws random numbers while the module is in training. */
const random = (path: string, module: string, given: string, call: string): LayerRow => ({
  uses: [path, module],
  text: ({ definition, className }) =>
    [
      `def ${definition.id}(x: Tensor, ${given}, training: bool = True) -> Tensor:`,
      documentation([`${definition.title}: ${definition.formula}; not in training, as PyTorch has it.`], 4),
      `    return ${path.replace("torch.nn.functional.", "F.")}(x, ${call}, training=training)`,
      "",
      "",
      `${className} = ${module.replace("torch.nn.", "nn.")}`,
    ].join("\n"),
});

export const ROWWISE: Readonly<Record<string, LayerRow>> = {
  softmax: alongAxis({ uses: ["torch.softmax"], axis: -1, body: ["return torch.softmax(x, dim)"] }),
  masked_softmax: alongAxis({
    uses: ["torch.softmax"],
    axis: -1,
    body: [
      "empty = (x == -math.inf).all(dim, keepdim=True)",
      "y = torch.softmax(x.masked_fill(empty, 0.0), dim)",
      "return y.masked_fill(empty, 0.0)",
    ],
  }),
  log_softmax: alongAxis({ uses: ["torch.log_softmax"], axis: -1, body: ["return torch.log_softmax(x, dim)"] }),
  softmin: alongAxis({ uses: ["torch.softmax"], axis: -1, body: ["return torch.softmax(-x, dim)"] }),
  softmax2d: alongAxis({ uses: ["torch.softmax"], axis: -3, body: ["return torch.softmax(x, dim)"] }),
  softmax_sink: SOFTMAX_SINK,
  sparsemax: alongAxis({
    uses: ["torch.sort", "torch.cumsum"],
    axis: -1,
    body: SPARSEMAX,
  }),
  entmax15: alongAxis({
    uses: ["torch.sort", "torch.cumsum", "torch.logsumexp"],
    axis: -1,
    body: ENTMAX15,
  }),
  ...GATED_UNITS,
  prelu_channels: alias("torch.nn.PReLU"),
  snake_channels: SNAKE,
  gumbel_softmax: alongAxis({
    uses: ["torch.nn.functional.gumbel_softmax"],
    axis: -1,
    body: ["return F.gumbel_softmax(x, tau, hard, dim=dim)"],
    given: ["tau: float = 1.0", "hard: bool = False"],
  }),
  rrelu_random: random(
    "torch.nn.functional.rrelu",
    "torch.nn.RReLU",
    "lower: float = 1 / 8, upper: float = 1 / 3",
    "lower, upper",
  ),
  dropout: random("torch.nn.functional.dropout", "torch.nn.Dropout", "rate: float = 0.5", "rate"),
  alpha_dropout: random("torch.nn.functional.alpha_dropout", "torch.nn.AlphaDropout", "rate: float = 0.5", "rate"),
};
