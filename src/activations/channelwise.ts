/** Activations with a learnable parameter for each channel. */
import { axis, input, map } from "../ir/graph/build.js";
import { graph, type GraphDefinition } from "../ir/graph/definition.js";
import { x as element } from "../ir/build.js";
import { piecewise } from "./piecewise.js";

const rows = axis("rows");
const channels = axis("channels");
const middle = axis("middle");
const features = axis("features");
const inner = axis("inner");

const prelu = piecewise.find(({ id }) => id === "prelu")!;

const x = input("x", [rows, channels, middle, features, inner], {
  documentation: "Seen so that the axes with slopes of their own are `channels` and `features`.",
});
const slope = input("slope", [channels, features], { documentation: "Learnable; usually begins as 0.25." });

export const channelwise: readonly GraphDefinition[] = [
  graph({
    id: "prelu_channels",
    title: "PReLU with a slope for each channel",
    formula: "x if x > 0, slope · x otherwise",
    sizes: {
      rows: { documentation: "how many elements there are before the axes with slopes: the batch" },
      channels: { documentation: "how many slopes there are (num_parameters); 1 for one slope for all" },
      middle: { default: 1, documentation: "elements between the two axes with slopes: those of shared_axes" },
      features: { default: 1, documentation: "slopes of each channel along a second axis" },
      inner: { default: 1, documentation: "elements after the axes with slopes, such as pixels" },
    },
    outputs: {
      y: {
        tensor: map(
          prelu.formula,
          new Map([
            [element, x],
            [prelu.parameters[0]!.symbol, slope],
          ]),
        ),
        axes: x.axes,
      },
    },
    reference: prelu.reference,
  }),
];
