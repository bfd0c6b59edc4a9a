/** Activations along one axis, and random ones. */
import { documentation } from "../../../codegen/python/text.js";
import { alias, alongAxis, classText, type LayerRow } from "./row.js";

/** Martins and Astudillo 2016: x sorted downwards, the support and its threshold. */
const SPARSEMAX = [
  "ordered = torch.sort(x, dim=dim, descending=True)[0]",
  "sums = torch.cumsum(ordered, dim) - 1",
  "counts = torch.cumsum(torch.ones_like(x), dim)",
  "size = (counts * ordered > sums).to(x.dtype).sum(dim, keepdim=True)",
  "total = sums.masked_fill(counts != size, 0.0).sum(dim, keepdim=True)",
  "return torch.relu(x - total / size)",
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
      given: ["dim: int = -1", ...(chosen ? ["gate: int = 1"] : [])],
      fields: ["self.dim = dim", ...(chosen ? ["self.gate = gate"] : [])],
      inputs: "x: Tensor",
      body: [
        "halves = x.chunk(2, self.dim)",
        chosen
          ? "return halves[1 - self.gate] * self.activation(halves[self.gate])"
          : "return halves[0] * self.activation(halves[1])",
      ],
      shown: ["dim", ...(chosen ? ["gate"] : [])],
    }),
});

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
  sparsemax: alongAxis({
    uses: ["torch.sort", "torch.cumsum"],
    axis: -1,
    body: SPARSEMAX,
  }),
  glu: gated(false),
  swiglu: gated(true),
  geglu: gated(true),
  geglu_tanh: gated(true),
  reglu: gated(true),
  prelu_channels: alias("torch.nn.PReLU"),
  rrelu_random: random(
    "torch.nn.functional.rrelu",
    "torch.nn.RReLU",
    "lower: float = 1 / 8, upper: float = 1 / 3",
    "lower, upper",
  ),
  dropout: random("torch.nn.functional.dropout", "torch.nn.Dropout", "rate: float = 0.5", "rate"),
  alpha_dropout: random("torch.nn.functional.alpha_dropout", "torch.nn.AlphaDropout", "rate: float = 0.5", "rate"),
};
