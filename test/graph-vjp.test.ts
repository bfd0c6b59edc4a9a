/** Derivatives of every definition, against differences: first and second. */
import { describe, expect, it } from "vitest";
import { input } from "../src/ir/graph/build.js";
import { differentiableInputs, graphInputs, type GraphDefinition } from "../src/ir/graph/definition.js";
import { evaluateGraph } from "../src/ir/graph/evaluate.js";
import { layers } from "../src/layers/layers.js";
import { gradients } from "../src/symbolic/vjp.js";
import { checkGradients, randomNumbers, randomTensor, type Random } from "./helpers/graph-derivatives.js";
import { completeParameters, completeSizes, countOf, type Numbers } from "./helpers/graph-run.js";
import { graphDefinition, rowActivations } from "./helpers/layer-cases.js";

interface Setting {
  readonly sizes: Numbers;
  readonly parameters?: Numbers;
}

const ROWS: readonly Setting[] = [{ sizes: { rows: 3, columns: 5, inner: 2 } }, { sizes: { rows: 1, columns: 1 } }];
const GATED: readonly Setting[] = [
  { sizes: { rows: 3, columns: 2, inner: 2, gate: 0 } },
  { sizes: { rows: 2, columns: 3 } },
];
const DENSE: readonly Setting[] = [
  { sizes: { rows: 3, inputs: 4, outputs: 2 } },
  { sizes: { rows: 1, inputs: 1, outputs: 1 } },
];
const NORMALISED: readonly Setting[] = [
  { sizes: { rows: 2, columns: 5 } },
  { sizes: { rows: 3, columns: 1 }, parameters: { epsilon: 0.5 } },
];
const DRAWN: readonly Setting[] = [
  { sizes: { size: 11 }, parameters: { seed: 7, counter: 2 } },
  { sizes: { size: 1 }, parameters: { seed: 1 } },
];

/** Sizes and parameters for each definition; sizes of 1 are among them. */
const SETTINGS: Readonly<Record<string, readonly Setting[]>> = {
  softmax: ROWS,
  masked_softmax: ROWS,
  log_softmax: ROWS,
  softmin: ROWS,
  softmax2d: [{ sizes: { rows: 2, channels: 3, inner: 4 } }, { sizes: { channels: 1, inner: 1 } }],
  sparsemax: ROWS,
  entmax15: ROWS,
  glu: GATED.map(({ sizes: { gate: _, ...sizes } }) => ({ sizes })),
  swiglu: GATED,
  geglu: GATED,
  geglu_tanh: GATED,
  reglu: GATED,
  swiglu_oai: GATED,
  swiglu_clamped: GATED,
  swiglu_step: GATED,
  situ: GATED,
  relu2_gated: GATED,
  softmax_sink: [{ sizes: { rows: 3, columns: 5 } }, { sizes: { rows: 1, columns: 1 } }],
  gumbel_softmax: ROWS,
  dyt: NORMALISED,
  derf: NORMALISED,
  poly_norm: NORMALISED,
  snake_channels: [{ sizes: { rows: 2, channels: 3, inner: 2 } }, { sizes: { rows: 2, channels: 1 } }],
  prelu_channels: [
    { sizes: { rows: 2, channels: 3, middle: 2, features: 2, inner: 2 } },
    { sizes: { rows: 2, channels: 1 } },
  ],
  rrelu_random: DRAWN,
  dropout: DRAWN,
  alpha_dropout: DRAWN,
  dense: DENSE,
  gated_dense: DENSE,
  conv1d: [
    {
      sizes: { batch: 2, channels: 4, length: 7, filters: 2, kernel: 3, stride: 2, padding: 2, dilation: 2, groups: 2 },
    },
    { sizes: { batch: 1, channels: 1, length: 1, filters: 1, kernel: 1 } },
  ],
  conv2d: [
    {
      sizes: {
        batch: 2,
        channels: 2,
        height: 4,
        width: 3,
        filters: 2,
        kernelHeight: 3,
        kernelWidth: 2,
        paddingWidth: 1,
      },
    },
    { sizes: { batch: 1, channels: 2, height: 3, width: 4, filters: 4, kernelHeight: 2, strideWidth: 2, groups: 2 } },
  ],
  layer_norm: NORMALISED,
  rms_norm: NORMALISED,
  batch_norm: [{ sizes: { batch: 2, channels: 3, inner: 4 } }, { sizes: { batch: 1, channels: 1 } }],
  residual: [{ sizes: { size: 5 } }, { sizes: { size: 1 } }],
  cross_entropy: [
    { sizes: { rows: 4, classes: 3 }, parameters: { ignore: 1 } },
    { sizes: { rows: 3, classes: 5 }, parameters: { smoothing: 0.2 } },
    { sizes: { rows: 1, classes: 1 } },
  ],
  attention: [
    {
      sizes: { batch: 2, heads: 2, queries: 3, keys: 4, features: 2, valueFeatures: 3, maskBatch: 2 },
      parameters: { causal: 1, masked: 1 },
    },
    {
      sizes: { batch: 1, heads: 2, queries: 2, features: 3, maskHeads: 2 },
      parameters: { rate: 0.4, seed: 5, scale: 0.3 },
    },
  ],
  multihead_attention: [
    { sizes: { queries: 3, keys: 2, batch: 2, embed: 4, heads: 2, keyFeatures: 3, extra: 1, maskHeads: 4 } },
    {
      sizes: { queries: 2, batch: 2, embed: 3, valueFeatures: 2, batchFirst: 1, zeroAttention: 1 },
      parameters: { rate: 0.3, masked: 1, seed: 3 },
    },
  ],
  adaptive_log_softmax: [
    { sizes: { rows: 6, inputs: 8, shortlist: 2, size_0: 2, size_1: 3, size_2: 1, divisor: 2 } },
    { sizes: { rows: 5, inputs: 4, shortlist: 3, size_0: 2 } },
  ],
};

const ACTIVATIONS = ["linear", "gelu_erf", "silu", "prelu", "leaky_relu"];

/** Random tensors; of integers those that mean something. */
function tensorsOf(definition: GraphDefinition, sizes: Numbers, random: Random): Record<string, ArrayLike<number>> {
  const classes =
    sizes["classes"] ?? ["shortlist", "size_0", "size_1", "size_2"].reduce((n, of) => n + (sizes[of] ?? 0), 0);
  return Object.fromEntries(
    graphInputs(definition).map((tensor) => {
      const values = randomTensor(tensor, sizes, random);
      if (tensor.type === "int32") return [tensor.name, values.map((value) => Math.floor(((value + 1) / 2) * classes))];
      if (tensor.type === "uint8") return [tensor.name, values.map((value) => (value > 0.7 ? 1 : 0))];
      return [tensor.name, tensor.name === "variance" ? values.map((value) => value + 1.5) : values];
    }),
  );
}

interface Subject extends Setting {
  readonly label: string;
  readonly definition: GraphDefinition;
  readonly seed: number;
}

const ids = [...rowActivations.map(({ id }) => id), ...layers.map(({ id }) => id)];

const subjects: readonly Subject[] = ids.flatMap((id, i) =>
  (SETTINGS[id] ?? []).flatMap((setting, j) =>
    (layers.find((layer) => layer.id === id)?.takesActivation === true ? ACTIVATIONS : [undefined]).map(
      (activation) => ({
        ...setting,
        label: `${id} ${activation ?? ""} ${JSON.stringify(setting.sizes)}`,
        definition: graphDefinition(id, activation),
        seed: 100 * i + j,
      }),
    ),
  ),
);

function prepared({ definition, sizes: given, parameters, seed }: Subject) {
  const random = randomNumbers(seed);
  const sizes = completeSizes(definition, given);
  const inputs = {
    sizes,
    parameters: completeParameters(definition, parameters),
    tensors: tensorsOf(definition, sizes, random),
  };
  return {
    random,
    inputs,
    by: differentiableInputs(definition),
    roots: definition.outputs.map(({ tensor }) => tensor),
  };
}

describe("gradients of definitions", () => {
  it("are all looked at", () => expect(Object.keys(SETTINGS).sort()).toEqual([...ids].sort()));

  it.each(subjects)("$label", (subject) => {
    const { random, inputs, by, roots } = prepared(subject);
    expect(by.length).toBeGreaterThan(0);
    checkGradients(roots, by, inputs, random);
  });
});

describe("second derivatives of definitions", () => {
  const first = subjects.filter(
    ({ label, definition, sizes }) =>
      sizes === SETTINGS[definition.id]![0]!.sizes &&
      (!/ (prelu|linear|silu)/.test(label) || definition.id === "dense"),
  );
  it("are of every definition", () =>
    expect(new Set(first.map(({ definition }) => definition.id)).size).toBe(ids.length));

  it.each(first)("$label", (subject) => {
    const { random, inputs, by, roots } = prepared(subject);
    const { results, upstreams, inputs: extended } = checkGradients(roots, by, inputs, random);
    checkGradients(results, [...by, ...upstreams], extended, random, { level: "second", tolerance: 1e-7 });
  });
});

describe("what is held constant", () => {
  it("has no gradient by integers, draws and stopped tensors", () => {
    const dropout = graphDefinition("dropout");
    const [x] = differentiableInputs(dropout);
    const sizes = { size: 8 };
    const parameters = { rate: 0.5, seed: 3, counter: 0 };
    const [gradient] = gradients([{ of: dropout.outputs[0]!.tensor, gradient: input("dy", x!.axes) }], [x!]);
    const tensors = { x: new Float64Array(countOf(x!.axes, sizes)).fill(1), dy: new Float64Array(8).fill(1) };
    const [y, dx] = evaluateGraph([dropout.outputs[0]!.tensor, gradient!], { tensors, sizes, parameters });
    expect([...dx!]).toEqual([...y!]);
    expect(new Set(y)).toEqual(new Set([0, 2]));
  });
});
