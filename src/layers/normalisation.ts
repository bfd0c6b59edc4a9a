/** Normalisation followed by an activation. */
import { add, div, erf, mul, naturalPower, parameter, sqrt, sub } from "../ir/build.js";
import { smooth } from "../activations/smooth.js";
import type { Definition } from "../ir/definition.js";
import { axis, contract, each, input, plusEach, read, sum, whole } from "../ir/graph/build.js";
import { apply, graph, scalarParameter, type GraphDefinition, type GraphEntry } from "../ir/graph/definition.js";
import type { Axis, Tensor } from "../ir/graph/tensor.js";

const EPSILON = parameter("epsilon", [0, Infinity]);

const rows = axis("rows");
const columns = axis("columns");
const batch = axis("batch");
const channels = axis("channels");
const inner = axis("inner");

const SIZES = {
  rows: { documentation: "how many rows are normalised" },
  columns: { documentation: "the length of a row" },
};

const scaleOf = (over: Axis): Tensor =>
  input("weight", [over], { absent: 1, documentation: "Learnable; usually begins as 1." });
const shiftOf = (over: Axis): Tensor =>
  input("bias", [over], { absent: 0, documentation: "Learnable; usually begins as 0." });

const x = input("x", [rows, columns], { documentation: "Rows of features." });
const images = input("x", [batch, channels, inner], { documentation: "Images × channels × pixels." });

const meanOver = (total: Tensor, over: Axis): Tensor => each(div, total, whole(over.size));
const deviation = (variance: Tensor): Tensor => each((square) => sqrt(add(square, EPSILON)), variance);
const affine = (normalised: Tensor, over: Axis): Tensor =>
  each(add, each(mul, normalised, scaleOf(over)), shiftOf(over));

export function layerNorm(activation: Definition): GraphDefinition {
  const centred = each(sub, x, meanOver(sum(x, columns), columns));
  const variance = meanOver(contract(centred, centred, columns), columns);
  const y = apply(activation, affine(each(div, centred, deviation(variance)), columns));
  return graph({
    id: "layer_norm",
    title: "Layer normalisation",
    formula: "y = f((x - mean x) / sqrt(variance x + epsilon) · weight + bias)",
    sizes: SIZES,
    parameters: [scalarParameter(EPSILON, 1e-5)],
    outputs: { y: { tensor: y, axes: [rows, columns] } },
    activations: [activation],
    names: ["nn.LayerNorm", "F.layer_norm", "layers.LayerNormalization"],
    reference: "Ba, Kiros and Hinton 2016, Layer normalization, arXiv:1607.06450",
  });
}

export function rmsNorm(activation: Definition): GraphDefinition {
  const size = deviation(meanOver(contract(x, x, columns), columns));
  const y = apply(activation, each(mul, each(div, x, size), scaleOf(columns)));
  return graph({
    id: "rms_norm",
    title: "RMS normalisation",
    formula: "y = f(x / sqrt(mean x² + epsilon) · weight)",
    sizes: SIZES,
    // PyTorch's default, the distance from 1 to the next float32.
    parameters: [scalarParameter(EPSILON, 2 ** -23)],
    outputs: { y: { tensor: y, axes: [rows, columns] } },
    activations: [activation],
    names: ["nn.RMSNorm", "F.rms_norm", "layers.RMSNormalization"],
    reference: "Zhang and Sennrich 2019, Root mean square layer normalization, arXiv:1910.07467",
  });
}

export function batchNorm(activation: Definition): GraphDefinition {
  const statistic = (name: string): Tensor =>
    input(name, [channels], { differentiable: false, documentation: `The running ${name} of each channel.` });
  const centred = each(sub, images, statistic("mean"));
  const y = apply(activation, affine(each(div, centred, deviation(statistic("variance"))), channels));
  return graph({
    id: "batch_norm",
    title: "Batch normalisation at inference",
    formula: "y = f((x - mean) / sqrt(variance + epsilon) · weight + bias)",
    sizes: {
      batch: { documentation: "how many images there are" },
      channels: { documentation: "how many channels an image has" },
      inner: { default: 1, documentation: "how many pixels a channel has" },
    },
    parameters: [scalarParameter(EPSILON, 1e-5)],
    outputs: { y: { tensor: y, axes: [batch, channels, inner] } },
    activations: [activation],
    names: ["nn.BatchNorm1d", "nn.BatchNorm2d", "nn.BatchNorm3d", "F.batch_norm", "layers.BatchNormalization"],
    reference: "Ioffe and Szegedy 2015, Batch normalization, arXiv:1502.03167",
  });
}

const tanh = smooth.find(({ id }) => id === "tanh")!;
const inputScale = input("inputScale", [], { documentation: "Learnable (alpha); usually begins as 0.5." });
const scaled = each(mul, inputScale, x);

/** A layer that takes the place of a normalisation: a squashing function of each element by itself. */
const squashed = (
  entry: Pick<GraphEntry, "id" | "title" | "formula" | "activations" | "reference" | "names">,
  of: Tensor,
) =>
  graph({
    ...entry,
    sizes: { rows: { documentation: "how many rows there are" }, columns: SIZES.columns },
    outputs: { y: { tensor: of, axes: [rows, columns] } },
  });

export const dynamicTanh = (activation: Definition): GraphDefinition =>
  squashed(
    {
      id: "dyt",
      title: "Dynamic tanh",
      formula: "y = f(tanh(inputScale · x) · weight + bias)",
      activations: [activation, tanh],
      names: ["DynamicTanh"],
      reference: "Zhu et al. 2025, Transformers without normalization, arXiv:2503.10622",
    },
    apply(activation, affine(apply(tanh, scaled), columns)),
  );

export function dynamicErf(activation: Definition): GraphDefinition {
  const shift = input("inputShift", [], { absent: 0, documentation: "Learnable (s); usually begins as 0." });
  return squashed(
    {
      id: "derf",
      title: "Dynamic erf",
      formula: "y = f(erf(inputScale · x + inputShift) · weight + bias)",
      activations: [activation],
      names: ["DynamicErf"],
      reference: "Chen et al. 2025, Stronger normalization-free transformers, arXiv:2512.10938",
    },
    apply(
      activation,
      affine(
        each((u, s) => erf(add(u, s)), scaled, shift),
        columns,
      ),
    ),
  );
}

/** Σ w·x^p / sqrt(mean x^2p + epsilon) over the powers 3, 2, 1, whose weights stand in this order, as in the original. */
export function polyNorm(activation: Definition): GraphDefinition {
  const weights = input("weight", [axis("powers", 3)], {
    documentation: "For the powers 3, 2 and 1. Learnable; usually begin as 1/3.",
  });
  const shift = input("bias", [], { absent: 0, documentation: "Learnable; usually begins as 0." });
  const terms = [3, 2, 1].map((power, i) => {
    const raised = each((element) => naturalPower(element, power), x);
    const size = deviation(meanOver(contract(raised, raised, columns), columns));
    return each(mul, each(div, raised, size), read(weights, { powers: i }));
  });
  return graph({
    id: "poly_norm",
    title: "PolyNorm",
    formula: "y = f(sum of weight · x^p / sqrt(mean x^2p + epsilon) over p = 3, 2, 1, + bias)",
    sizes: SIZES,
    parameters: [scalarParameter(EPSILON, 1e-6)],
    outputs: { y: { tensor: apply(activation, each(add, terms.reduce(plusEach), shift)), axes: [rows, columns] } },
    activations: [activation],
    names: ["PolyNorm"],
    reference: "Zhuo et al. 2024, Polynomial composition activations, arXiv:2411.03884",
  });
}
