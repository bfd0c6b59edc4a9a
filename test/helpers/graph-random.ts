/** Random calls of graphs: sizes, scalars, tensors that may be absent, and what the float64 meaning makes of them. */
import { units } from "../../src/activations/gated.js";
import fc from "fast-check";
import { differentiableInputs, graphInputs, type GraphDefinition, type Output } from "../../src/ir/graph/definition.js";
import { evaluateGraph } from "../../src/ir/graph/evaluate.js";
import type { Input } from "../../src/ir/graph/tensor.js";
import { gradients } from "../../src/symbolic/vjp.js";
import { randomNumbers, type Random } from "./graph-derivatives.js";
import { functionOf, isSingle, type Arrays, type GraphModule, type MutableArrays } from "./graph-modules.js";
import { completeParameters, completeSizes, countOf, stored, upstreamOf, type Numbers } from "./graph-run.js";

export interface Instance {
  readonly definition: GraphDefinition;
  /** What callers say: sizes that have no default, or another value; and scalars. */
  readonly given: Numbers;
  readonly sizes: Numbers;
  readonly parameters: Numbers;
  readonly tensors: MutableArrays;
  /** `dy` and the like, by the names that `backward` gives them. */
  readonly upstream: MutableArrays;
}

type Sizes = Readonly<Record<string, fc.Arbitrary<number>>>;

const few = fc.constantFrom(1, 2, 3, 0, 5);
/** Around the tiles of 64 places, and primes. */
const many = fc.constantFrom(1, 2, 7, 0, 13, 31, 63, 64, 65, 67, 127, 128, 129);
const flag = fc.constantFrom(0, 1);
const ROW: Sizes = { rows: few, columns: many, inner: few };
const FLAT: Sizes = { rows: many, inputs: few, outputs: few };
const PLAIN: Sizes = { size: fc.constantFrom(0, 1, 2, 3, 31, 64, 127, 1009) };

const onlyRowwise = [
  "softmax",
  "masked_softmax",
  "log_softmax",
  "softmin",
  "sparsemax",
  "entmax15",
  "gumbel_softmax",
  "glu",
];
const gated = units.filter(({ chosen }) => chosen).map(({ id }) => id);
const stochastic = ["rrelu_random", "dropout", "alpha_dropout"];

const window = (along: string, length: string): Sizes => ({
  [`kernel${along}`]: fc.constantFrom(1, 2, 3),
  [`stride${along}`]: fc.constantFrom(1, 2, 3),
  [`padding${along}`]: fc.constantFrom(0, 1, 2),
  [`dilation${along}`]: fc.constantFrom(1, 2),
  // How much longer than one window it is; `fitted` makes it the length.
  [length]: fc.constantFrom(3, 0, 1, 5, 8),
});
const CHANNELS: Sizes = { batch: few, channels: few, filters: few, groups: fc.constantFrom(1, 2, 3) };

const SIZES: Readonly<Record<string, Sizes>> = {
  ...Object.fromEntries(onlyRowwise.map((id) => [id, ROW])),
  ...Object.fromEntries(gated.map((id) => [id, { ...ROW, gate: flag }])),
  ...Object.fromEntries([...stochastic, "residual"].map((id) => [id, PLAIN])),
  softmax2d: { rows: few, channels: many, inner: few },
  softmax_sink: { batch: few, heads: few, rows: few, columns: many },
  snake_channels: { rows: few, channels: few, inner: many },
  prelu_channels: { rows: few, channels: few, middle: few, features: few, inner: few },
  dense: FLAT,
  gated_dense: FLAT,
  conv1d: { ...CHANNELS, ...window("", "length") },
  conv2d: { ...CHANNELS, ...window("Height", "height"), ...window("Width", "width") },
  layer_norm: { rows: few, columns: many },
  ...Object.fromEntries(["rms_norm", "dyt", "derf", "poly_norm"].map((id) => [id, { rows: few, columns: many }])),
  batch_norm: { batch: few, channels: few, inner: many },
  cross_entropy: { rows: few, classes: many },
  attention: {
    ...{ batch: fc.constantFrom(1, 2, 0), heads: fc.constantFrom(1, 2), queries: fc.constantFrom(1, 2, 5, 0, 63, 65) },
    ...{ keys: fc.constantFrom(1, 2, 3, 7, 0, 13, 129), features: few, valueFeatures: few },
    ...{ maskBatch: flag, maskHeads: flag },
  },
  multihead_attention: {
    ...{ batch: few, queries: fc.constantFrom(1, 2, 5, 0, 33, 65), keys: fc.constantFrom(1, 2, 3, 7, 0, 35) },
    ...{ embed: fc.constantFrom(1, 2, 3), heads: fc.constantFrom(1, 2, 3), keyFeatures: few, valueFeatures: few },
    ...{ batchFirst: flag, extra: flag, zeroAttention: flag, maskHeads: flag },
  },
  adaptive_log_softmax: {
    ...{ rows: many, inputs: few, shortlist: fc.constantFrom(1, 2, 7), divisor: fc.constantFrom(1, 2, 4) },
    ...{ size_0: fc.constantFrom(1, 2, 5), size_1: few, size_2: few },
  },
};

/** Sizes that fulfil what the definition requires. */
function fitted(drawn: Numbers): Numbers {
  const sizes: Record<string, number> = { ...drawn };
  const groups = drawn["groups"];
  if (groups !== undefined) for (const name of ["channels", "filters"] as const) sizes[name] = drawn[name]! * groups;
  for (const [along, length] of [
    ["", "length"],
    ["Height", "height"],
    ["Width", "width"],
  ] as const)
    if (drawn[length] !== undefined) {
      const reach = drawn[`dilation${along}`]! * (drawn[`kernel${along}`]! - 1) + 1;
      sizes[length] = Math.max(0, reach - 2 * drawn[`padding${along}`]!) + drawn[length];
    }
  const orOne = (flagged: number | undefined, all: number): number => (flagged === 1 ? Math.max(1, all) : 1);
  if (drawn["embed"] !== undefined) {
    sizes["embed"] = drawn["embed"] * drawn["heads"]!;
    sizes["maskHeads"] = orOne(drawn["maskHeads"], drawn["batch"]! * drawn["heads"]!);
  } else if (drawn["maskBatch"] !== undefined) {
    sizes["maskBatch"] = orOne(drawn["maskBatch"], drawn["batch"]!);
    sizes["maskHeads"] = orOne(drawn["maskHeads"], drawn["heads"]!);
  }
  if (drawn["size_1"] === 0) sizes["size_2"] = 0;
  return sizes;
}

const pick = <T>(random: Random, values: readonly T[]): T =>
  values[Math.min(values.length - 1, Math.floor(((random() + 1) / 2) * values.length))]!;

/** Scalars other than their defaults, half of the time. */
const SCALARS: Readonly<Record<string, readonly number[]>> = {
  rate: [0, 0.25, 0.7, 1],
  epsilon: [1e-3, 0.1],
  smoothing: [0, 0.1, 1],
  ignore: [-100, 0, 2],
  causal: [0, 1],
  scale: [Infinity, 0.3, -1],
  masked: [0, 1],
};

function valuesOf(input: Input, sizes: Numbers, parameters: Numbers, random: Random): Arrays[string] {
  const count = countOf(input.axes, sizes);
  const make = (value: () => number): number[] => Array.from({ length: count }, value);
  if (input.type === "uint8") return Uint8Array.from(make(() => (random() > 0.4 ? 1 : 0)));
  if (input.type === "int32") {
    const classes =
      sizes["classes"] ?? ["shortlist", "size_0", "size_1", "size_2"].reduce((n, name) => n + sizes[name]!, 0);
    const { ignore } = parameters;
    return Int32Array.from(
      make(() =>
        ignore !== undefined && (classes === 0 || random() > 0.6) ? ignore : Math.floor(((random() + 1) / 2) * classes),
      ),
    );
  }
  if (input.name === "mask") return Float32Array.from(make(() => (random() > 0.5 ? -Infinity : random())));
  const isPositive = input.name === "variance";
  return Float32Array.from(make(() => (isPositive ? random() + 1.01 : 2 * random())));
}

/** The call that sizes and a seed stand for. */
export function instanceOf(definition: GraphDefinition, drawn: Numbers, seed: number): Instance {
  const random = randomNumbers(seed);
  const given = fitted(drawn);
  const sizes = completeSizes(definition, given);
  const word = (): number => Math.floor(((random() + 1) / 2) * 2 ** 32);
  const scalars = definition.parameters.flatMap(({ name }) =>
    Object.hasOwn(SCALARS, name) && random() > 0 ? [[name, pick(random, SCALARS[name]!)] as const] : [],
  );
  const parameters = completeParameters(definition, {
    ...Object.fromEntries(scalars),
    seed: pick(random, [0, 2 ** 32 - 1, word()]),
    counter: pick(random, [0, 2 ** 32 - 1, word()]),
  });
  const inputs = graphInputs(definition);
  const here = inputs.filter(({ absent }) => absent === undefined || random() > -0.3);
  const upstream = definition.outputs.filter(({ type }) => type === "float32");
  return {
    definition,
    given: { ...given, ...parameters },
    sizes,
    parameters,
    tensors: Object.fromEntries(here.map((input) => [input.name, valuesOf(input, sizes, parameters, random)])),
    upstream: Object.fromEntries(
      upstream.map(({ name, axes }) => [`d${name}`, Float32Array.from({ length: countOf(axes, sizes) }, random)]),
    ),
  };
}

/** Random sizes of a layer or activation, of which `instanceOf` makes what is required. */
export const drawnSizes = (id: string): fc.Arbitrary<Numbers> => fc.record(SIZES[id]!);

export interface Meaning {
  readonly outputs: Readonly<Record<string, number[]>>;
  /** By the name of the extra function, then of its output. */
  readonly extras: Readonly<Record<string, Readonly<Record<string, number[]>>>>;
  /** `dx` and the like. */
  readonly gradients: Readonly<Record<string, number[]>>;
}

/** What the float64 meaning of a definition says, all elements as stored. */
export function meaningOf(definition: GraphDefinition): (instance: Instance) => Meaning {
  const inputs = differentiableInputs(definition);
  const seeds = definition.outputs
    .filter(({ type }) => type === "float32")
    .map((output) => ({ of: output.tensor, gradient: upstreamOf(output.name, output) }));
  const slopes = gradients(seeds, inputs);
  const extras = definition.extras.flatMap((extra) => extra.outputs.map((output) => ({ extra: extra.name, output })));
  const written = [...definition.outputs, ...extras.map(({ output }) => output)];
  return ({ sizes, parameters, tensors, upstream }) => {
    const above = Object.entries(upstream).map(([name, values]) => [`upstream of ${name.slice(1)}`, values]);
    const values = evaluateGraph([...written.map(({ tensor }) => tensor), ...slopes], {
      tensors: { ...tensors, ...Object.fromEntries(above) },
      sizes,
      parameters,
    });
    const at = (i: number, output: Output): number[] => stored(values[i]!, output.tensor.axes, output, sizes);
    const count = definition.outputs.length;
    const ofExtras: Record<string, Record<string, number[]>> = {};
    extras.forEach(({ extra, output }, i) => {
      ofExtras[extra] = { ...ofExtras[extra], [output.name]: at(count + i, output) };
    });
    return {
      outputs: Object.fromEntries(definition.outputs.map((output, i) => [output.name, at(i, output)])),
      extras: ofExtras,
      gradients: Object.fromEntries(
        inputs.map((input, i) => [
          `d${input.name}`,
          stored(values[written.length + i]!, slopes[i]!.axes, input, sizes),
        ]),
      ),
    };
  };
}

export type Outputs = Readonly<Record<string, Arrays[string] | null | undefined>>;

/** Calls a function of a module as a program would; gives what it returns, by the names of outputs. */
export function invoke(
  module: GraphModule,
  name: string,
  tensors: Readonly<Record<string, unknown>>,
  numbers: object,
  outputs: Readonly<Record<string, unknown>> = {},
  workspace?: unknown,
): Readonly<Record<string, Arrays[string] | null>> {
  const run = module.exports[name] as (...parameters: readonly unknown[]) => unknown;
  const { inputs, outputs: written } = functionOf(module, name);
  const end = workspace === undefined ? [numbers] : [numbers, workspace];
  if (!isSingle(module)) {
    const given = Object.fromEntries(inputs.flatMap((of) => (of.name in tensors ? [[of.name, tensors[of.name]]] : [])));
    return run(given, outputs, ...end) as Record<string, Arrays[string] | null>;
  }
  const [output] = written;
  const saved = inputs.some((of) => of.name !== "dy") ? [tensors[module.plan.saves[0]!]] : [];
  const operands = name === "forward" ? [tensors["x"]] : [tensors["dy"], ...saved];
  return { [output!.name]: run(...operands, outputs[output!.name], ...end) as Float32Array };
}
