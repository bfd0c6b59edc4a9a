/** The cases of `fixtures/layers`: what PyTorch computed, in terms of definitions, their sizes and parameters. */
import { readFileSync, readdirSync } from "node:fs";
import { channelwise } from "../../src/activations/channelwise.js";
import { gatedUnits } from "../../src/activations/gated.js";
import { rowwise } from "../../src/activations/rowwise.js";
import { stochastic } from "../../src/activations/stochastic.js";
import { findDefinition } from "../../src/catalogue.js";
import { graphInputs, type GraphDefinition, type Output } from "../../src/ir/graph/definition.js";
import { layers } from "../../src/layers/layers.js";
import { completeParameters, completeSizes, type Numbers } from "./graph-run.js";

const folder = new URL("../fixtures/layers/", import.meta.url);

type Datum = number | "NaN" | "Infinity" | "-Infinity";
type Option = number | string | readonly number[] | null;

interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: readonly Datum[];
  readonly type?: "int32" | "uint8";
}

interface StoredCase {
  readonly name: string;
  readonly options: Readonly<Record<string, Option>>;
  readonly inputs: Readonly<Record<string, StoredTensor>>;
  readonly outputs: Readonly<Record<string, StoredTensor>>;
  readonly upstream: Readonly<Record<string, StoredTensor>>;
  readonly gradients: Readonly<Record<string, StoredTensor>>;
}

export type Tensors = Readonly<Record<string, Float64Array>>;

export interface LayerCase {
  readonly name: string;
  readonly definition: GraphDefinition;
  /** The sizes that callers give, and all of them. */
  readonly given: Numbers;
  readonly sizes: Numbers;
  readonly parameters: Numbers;
  /** Inputs as stored. */
  readonly tensors: Tensors;
  /** By the name in the fixture: which output it is, and its values as stored. */
  readonly outputs: Readonly<Record<string, { readonly output: Output; readonly values: Float64Array }>>;
  /** For some outputs, by the same names, the gradient from above; it is 0 for the others. */
  readonly upstream: Tensors;
  /** By the name of the input. */
  readonly gradients: Tensors;
}

export const rowActivations: readonly GraphDefinition[] = [...rowwise, ...gatedUnits, ...channelwise, ...stochastic];

export const fixtureIds: readonly string[] = readdirSync(folder)
  .filter((file) => file.endsWith(".json"))
  .map((file) => file.slice(0, -".json".length))
  .sort();

/** The definition with an id; `activation` is the one in a layer. */
export function graphDefinition(id: string, activation = "linear"): GraphDefinition {
  const layer = layers.find((candidate) => candidate.id === id);
  const found = layer?.define(findDefinition(activation)!) ?? rowActivations.find((candidate) => candidate.id === id);
  if (found === undefined) throw new RangeError(`no graph is called ${id}`);
  return found;
}

/** Options that say how PyTorch was called, where sizes say the same. */
const SAID_BY_SIZES = new Set([
  "shape",
  "axis",
  "parameters",
  "sharedAxes",
  "slopeShape",
  "outLength",
  "outHeight",
  "outWidth",
  "classes",
  "clusters",
  "headBias",
  "activation",
  "weights",
]);

/** Options that definitions say in another way. */
function translated(id: string, { name, options, inputs, outputs }: StoredCase): Numbers {
  if (id === "adaptive_log_softmax") {
    const cutoffs = [...(options["cutoffs"] as readonly number[]), options["classes"] as number];
    const sizes = cutoffs.slice(1).map((cutoff, i) => [`size_${i}`, cutoff - cutoffs[i]!]);
    return { ...Object.fromEntries(sizes), divisor: options["divValue"] as number };
  }
  // PyTorch gives NaN or zeros for a query that attends to nothing, as it chooses its kernels.
  const isZero = name.includes("fully masked") && !Object.values(outputs).some(({ data }) => data.includes("NaN"));
  const settings: Numbers = isZero ? { masked: 1 } : {};
  return id === "multihead_attention" ? { ...settings, extra: "extraKey" in inputs ? 1 : 0 } : settings;
}

const numbers = ({ data }: StoredTensor): Float64Array => Float64Array.from(data, Number);

const each = <From, To>(record: Readonly<Record<string, From>>, value: (from: From, name: string) => To) =>
  Object.fromEntries(Object.entries(record).map(([name, from]) => [name, value(from, name)]));

function caseOf(id: string, stored: StoredCase): LayerCase {
  const { name, options, inputs, outputs, upstream, gradients } = stored;
  const definition = graphDefinition(id, options["activation"] as string | undefined);
  const given: Record<string, number> = {};
  const scalars: Record<string, number> = {};
  const settings: Readonly<Record<string, Option>> = { ...options, ...translated(id, stored) };
  for (const [key, value] of Object.entries(settings)) {
    if (definition.sizes.some((size) => size.name === key)) given[key] = value as number;
    else if (definition.parameters.some((parameter) => parameter.name === key)) scalars[key] = Number(value);
    else if (!SAID_BY_SIZES.has(key) && !(id === "adaptive_log_softmax" && ["cutoffs", "divValue"].includes(key)))
      throw new RangeError(`${id}, ${name}: the option ${key} means nothing`);
  }
  const extra = (output: string): string =>
    output === "weights" && options["weights"] === "averaged" ? "averagedWeights" : output;
  const outputOf = (output: string): Output =>
    definition.outputs.find((candidate) => candidate.name === output) ??
    definition.extras.find((candidate) => candidate.name === extra(output))!.outputs[0]!;
  // Clusters that PyTorch does not have are empty ones.
  const empty = graphInputs(definition).filter((input) => /^(tail|projection)_/.test(input.name));
  return {
    name,
    definition,
    given,
    sizes: completeSizes(definition, given),
    parameters: completeParameters(definition, scalars),
    tensors: {
      ...Object.fromEntries(empty.map((input) => [input.name, new Float64Array(0)])),
      ...each(inputs, numbers),
    },
    outputs: each(outputs, (tensor, output) => ({ output: outputOf(output), values: numbers(tensor) })),
    upstream: each(upstream, numbers),
    gradients: each(gradients, numbers),
  };
}

export function layerCases(id: string): readonly LayerCase[] {
  const { cases } = JSON.parse(readFileSync(new URL(`${id}.json`, folder), "utf8")) as { cases: readonly StoredCase[] };
  return cases.map((stored) => caseOf(id, stored));
}
