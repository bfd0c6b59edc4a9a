/** An activation whose learned numbers are one for each channel or one for each element, as a graph. */
import { parameter, x } from "../ir/build.js";
import type { Definition, Learning } from "../ir/definition.js";
import { substitute, type Expr } from "../ir/expr.js";
import type { Unit } from "./gated.js";
import { axis, input, map } from "../ir/graph/build.js";
import { graph, type GraphDefinition, type SizeEntry } from "../ir/graph/definition.js";
import type { Axis, Tensor } from "../ir/graph/tensor.js";
import { formulaText } from "../ir/print.js";

const channels = axis("channels");
const all = axis("size");

interface Layout {
  readonly axes: readonly Axis[];
  readonly sizes: Readonly<Record<string, SizeEntry>>;
  readonly documentation: string;
}

const BY_CHANNEL: Layout = {
  axes: [axis("rows"), channels, axis("inner")],
  sizes: {
    rows: { documentation: "how many elements there are before the channels: the batch" },
    channels: { documentation: "how many channels there are" },
    inner: { default: 1, documentation: "elements after the channels, such as pixels" },
  },
  documentation: "Rows × channels × inner.",
};

const BY_ELEMENT: Layout = {
  axes: [all],
  sizes: { size: { documentation: "how many elements each tensor has" } },
  documentation: "",
};

const learns = ({ parameters }: Definition, how: Learning): boolean =>
  parameters.some(({ learnable }) => learnable === how);

/** Whether some of its learned numbers are a tensor, so that it is no function of one element alone. */
export const isSpread = (definition: Definition): boolean =>
  learns(definition, "channel") || learns(definition, "element");

/** A formula of the input and of a second one as a gated unit: the input is its value, the second one its gate. */
export function unitOf(definition: Definition): Unit | undefined {
  const learned = definition.parameters.filter(({ learnable }) => learnable !== false);
  const [second] = learned;
  if (learned.length !== 1 || second!.learnable !== "element") return undefined;
  const { id, title, formula, reference } = definition;
  const bindings = (value: Tensor, gate: Tensor): ReadonlyMap<Expr, Tensor> =>
    new Map([
      [x, value],
      [second!.symbol, gate],
    ]);
  return {
    id,
    title,
    formula: formulaText(
      substitute(
        formula,
        new Map([
          [x, parameter("value")],
          [second!.symbol, parameter("gate")],
        ]),
      ),
    ),
    of: (value, gate) => map(formula, bindings(value, gate)),
    activations: [definition],
    chosen: false,
    reference,
  };
}

/** The activation of every element, with its learned numbers as tensors. */
export function spread(definition: Definition): GraphDefinition {
  const { id, title, formula, parameters, names, reference } = definition;
  const { axes, sizes, documentation } = learns(definition, "channel") ? BY_CHANNEL : BY_ELEMENT;
  const axesOf: Readonly<Record<"true" | "channel" | "element", readonly Axis[]>> = {
    true: [],
    channel: [channels],
    element: axes,
  };
  const tensors = parameters.flatMap(({ name, symbol, learnable, default: initial }): [Expr, Tensor][] => {
    if (learnable === false) return [];
    const words = learnable === "element" ? "One for each element." : `Learnable; usually begins as ${initial}.`;
    return [[symbol, input(name, axesOf[`${learnable}`], { documentation: words })]];
  });
  const bindings = new Map<Expr, Tensor>([[x, input("x", axes, { documentation })], ...tensors]);
  return graph({
    id,
    title,
    formula: formulaText(formula),
    sizes,
    outputs: { y: { tensor: map(formula, bindings), axes } },
    activations: [definition],
    names,
    reference,
  });
}
