/** Activations with learnable parameters for each channel. */
import { add, div, exp, mul, naturalPower, parameter, sin, x as element } from "../ir/build.js";
import type { Expr } from "../ir/expr.js";
import { axis, each, input, map } from "../ir/graph/build.js";
import { graph, scalarParameter, type GraphDefinition } from "../ir/graph/definition.js";
import type { Tensor } from "../ir/graph/tensor.js";
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

const EPSILON = parameter("epsilon", [0, Infinity]);
const signal = input("x", [rows, channels, inner], { documentation: "Signals × channels × samples." });
const logarithmOf = (name: string, of: string): Tensor =>
  input(name, [channels], {
    documentation: `The logarithm of the ${of} of each channel. Learnable; usually begins as 0.`,
  });
const [alpha, beta] = [logarithmOf("alpha", "frequency"), logarithmOf("beta", "inverse magnitude")];

const snakeBeta = (x: Expr, frequency: Expr, magnitude: Expr): Expr =>
  add(x, div(naturalPower(sin(mul(exp(frequency), x)), 2), add(exp(magnitude), EPSILON)));

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
  graph({
    id: "snake_channels",
    title: "SnakeBeta with a frequency and a magnitude for each channel",
    formula: "x + sin(e^alpha · x)² / (e^beta + epsilon)",
    sizes: {
      rows: { documentation: "how many elements there are before the channels: the batch" },
      channels: { documentation: "how many channels there are" },
      inner: { default: 1, documentation: "elements after the channels: the samples of a signal" },
    },
    parameters: [scalarParameter(EPSILON, 1e-9)],
    outputs: { y: { tensor: each(snakeBeta, signal, alpha, beta), axes: signal.axes } },
    names: ["SnakeBeta"],
    reference: "Lee et al. 2022, BigVGAN: a universal neural vocoder, arXiv:2206.04658",
  }),
];
