/**
 * Convolutions, followed by an activation: the contraction of windows with weights.
 *
 * Channels and filters are written as groups × those of one group, which is how they are stored, so nothing is split or
 * joined.
 */
import { add } from "../ir/build.js";
import type { Definition } from "../ir/definition.js";
import { axis, each, input, sum, timesEach, windows } from "../ir/graph/build.js";
import { apply, graph, type GraphDefinition, type RequirementEntry, type SizeEntry } from "../ir/graph/definition.js";
import { floorDiv, minus, modulo, plus, times } from "../ir/graph/integer.js";
import type { Axis, Tensor } from "../ir/graph/tensor.js";

/** A spatial axis, by what its sizes are called. */
interface Spatial {
  readonly length: string;
  readonly out: string;
  readonly kernel: string;
  readonly stride: string;
  readonly padding: string;
  readonly dilation: string;
}

const LINE: readonly Spatial[] = [
  {
    length: "length",
    out: "outLength",
    kernel: "kernel",
    stride: "stride",
    padding: "padding",
    dilation: "dilation",
  },
];

const PLANE: readonly Spatial[] = ["Height", "Width"].map((along) => ({
  length: along.toLowerCase(),
  out: `out${along}`,
  kernel: `kernel${along}`,
  stride: `stride${along}`,
  padding: `padding${along}`,
  dilation: `dilation${along}`,
}));

const batch = axis("batch");
const groups = axis("groups");
const groupChannels = axis("groupChannels", floorDiv("channels", "groups"));
const groupFilters = axis("groupFilters", floorDiv("filters", "groups"));

/** From the first element of a window to the one after its last. */
const reach = ({ kernel, dilation }: Spatial) => plus(times(dilation, minus(kernel, 1)), 1);
const padded = ({ length, padding }: Spatial) => plus(length, times(2, padding));

/** How many windows fit: floor((length + 2 · padding - reach) / stride) + 1. */
const outAxis = (spatial: Spatial): Axis =>
  axis(spatial.out, plus(floorDiv(minus(padded(spatial), reach(spatial)), spatial.stride), 1));

/** Settings of an axis after the first are as those of the first unless given. */
function sizesOf(space: readonly Spatial[]): Readonly<Record<string, SizeEntry>> {
  const [first] = space;
  const settings = space.flatMap((spatial): [string, SizeEntry][] => {
    const otherwise = (name: "stride" | "padding" | "dilation", value: number) =>
      spatial === first ? value : first![name];
    const along = space.length === 1 ? "" : ` along the ${spatial.length}`;
    return [
      [
        spatial.kernel,
        {
          ...(spatial === first ? {} : { default: first!.kernel }),
          least: 1,
          documentation: `the size of a window${along}`,
        },
      ],
      [
        spatial.stride,
        { default: otherwise("stride", 1), least: 1, documentation: `from one window to the next${along}` },
      ],
      [spatial.padding, { default: otherwise("padding", 0), documentation: `zeros put on each side${along}` }],
      [
        spatial.dilation,
        {
          default: otherwise("dilation", 1),
          least: 1,
          documentation: `from one element of a window to the next${along}`,
        },
      ],
    ];
  });
  return {
    batch: { documentation: "how many inputs there are" },
    channels: { documentation: "channels of x" },
    ...Object.fromEntries(space.map(({ length }) => [length, { documentation: `the ${length} of x` }])),
    filters: { documentation: "channels of y" },
    ...Object.fromEntries(settings),
    groups: { default: 1, least: 1, documentation: "parts of the channels that are convolved by themselves" },
  };
}

const divides = (what: string): RequirementEntry => ({
  left: modulo(what, "groups"),
  relation: "==",
  right: 0,
  message: `${what} ({${what}}) must be divisible by groups ({groups})`,
});

const fits = (spatial: Spatial): RequirementEntry => ({
  left: reach(spatial),
  relation: "<=",
  right: padded(spatial),
  message:
    `the window, ${spatial.kernel} ({${spatial.kernel}}) with ${spatial.dilation} ({${spatial.dilation}}), must fit ` +
    `into the ${spatial.length} ({${spatial.length}}) with ${spatial.padding} ({${spatial.padding}}) on each side`,
});

function convolution(id: string, title: string, names: readonly string[], space: readonly Spatial[]) {
  const lengths = space.map(({ length }) => axis(length));
  const kernels = space.map(({ kernel }) => axis(kernel));
  const outs = space.map(outAxis);
  const filters = [groups, groupFilters];
  const x = input("x", [batch, groups, groupChannels, ...lengths], {
    documentation: `Batch × channels × ${lengths.map(({ name }) => name).join(" × ")}.`,
  });
  const weight = input("weight", [...filters, groupChannels, ...kernels], {
    documentation: `Filters × channels of a group × ${kernels.map(({ name }) => name).join(" × ")}.`,
  });
  const bias = input("bias", filters, { absent: 0, documentation: "Added to each filter." });
  const windowed = space.reduce<Tensor>(
    (tensor, { length, stride, padding, dilation }, i) =>
      windows(tensor, length, outs[i]!, kernels[i]!, { stride, padding, dilation }),
    x,
  );
  const product = sum(timesEach(windowed, weight), groupChannels, ...kernels);
  const preactivation = each(add, product, bias);
  return (activation: Definition): GraphDefinition =>
    graph({
      id,
      title,
      formula: "y = f(weight ⋆ x + bias)",
      sizes: sizesOf(space),
      requirements: [divides("channels"), divides("filters"), ...space.map(fits)],
      outputs: { y: { tensor: apply(activation, preactivation), axes: [batch, ...filters, ...outs] } },
      activations: [activation],
      names,
      reference: "",
    });
}

export const conv1d = convolution("conv1d", "Convolution along one axis", ["nn.Conv1d", "F.conv1d"], LINE);
export const conv2d = convolution("conv2d", "Convolution along two axes", ["nn.Conv2d", "F.conv2d"], PLANE);
