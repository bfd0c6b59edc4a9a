/** Emitted graphs at random sizes against their float64 meaning: 0, 1, primes, around the tiles, and all flags. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GraphDefinition } from "../src/ir/graph/definition.js";
import { drawnSizes, instanceOf, invoke, meaningOf, type Instance, type Meaning } from "./helpers/graph-random.js";
import {
  MODULE_TARGETS,
  emptyArray,
  functionOf,
  graphModule,
  type Arrays,
  type GraphModule,
  type ModuleTarget,
} from "./helpers/graph-modules.js";
import { graphDefinition, rowActivations } from "./helpers/layer-cases.js";

/** Layers with activations: of every kind of derivative, in the input, the output, and with a learnable parameter. */
const LAYERS: readonly (readonly [id: string, activation: string])[] = [
  ["dense", "relu"],
  ["dense", "gelu_erf"],
  ["dense", "prelu"],
  ["gated_dense", "silu"],
  ["conv1d", "softplus"],
  ["conv1d", "relu"],
  ["conv2d", "tanh"],
  ["layer_norm", "linear"],
  ["layer_norm", "gelu_tanh"],
  ["rms_norm", "elu"],
  ["batch_norm", "hardswish"],
  ["residual", "mish"],
  ["cross_entropy", "linear"],
  ["attention", "linear"],
  ["multihead_attention", "linear"],
  ["adaptive_log_softmax", "linear"],
];

const SUBJECTS: readonly (readonly [name: string, id: string, definition: GraphDefinition])[] = [
  ...rowActivations.map((definition) => [definition.id, definition.id, definition] as const),
  ...LAYERS.map(([id, activation]) => [`${id} ${activation}`, id, graphDefinition(id, activation)] as const),
];

const RUNS = 25;
interface Tolerance {
  readonly relative: number;
  readonly ofLargest: number;
}

/** WebAssembly multiplies and adds up in float32: where terms cancel, a few of its last places are left. */
const TOLERANCES: Readonly<Record<ModuleTarget, { readonly values: Tolerance; readonly gradients: Tolerance }>> = {
  js: { values: { relative: 1e-6, ofLargest: 1e-7 }, gradients: { relative: 1e-5, ofLargest: 1e-6 } },
  wasm: { values: { relative: 1e-6, ofLargest: 4e-6 }, gradients: { relative: 1e-5, ofLargest: 4e-6 } },
};

const largestOf = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((top, value) => (Number.isFinite(value) ? Math.max(top, Math.abs(value)) : top), 0);

function compare(
  what: string,
  actual: ArrayLike<number>,
  expected: readonly number[],
  { relative, ofLargest }: Tolerance,
  least = 0,
): void {
  expect(actual.length, `${what}: how many`).toBe(expected.length);
  const scale = Math.max(least, largestOf(expected));
  for (let i = 0; i < expected.length; i++) {
    const [value, wanted] = [actual[i]!, Math.fround(expected[i]!)];
    const isNear = Math.abs(value - wanted) <= relative * Math.abs(wanted) + ofLargest * scale;
    if (!Object.is(value, wanted) && !isNear) expect.fail(`${what}[${i}] is ${value} instead of ${expected[i]}`);
  }
}

/** Arrays with something in them that has to go. */
const used = (module: GraphModule, name: string, sizes: Instance["sizes"]): Record<string, Arrays[string]> =>
  Object.fromEntries(functionOf(module, name).outputs.map((of) => [of.name, emptyArray(of, sizes).fill(7)]));

/** Calls with outputs and a workspace that are not clean, and with none: the same, where each is asked for. */
function both(module: GraphModule, name: string, tensors: Arrays, { given, sizes }: Instance) {
  const outputs = used(module, name, sizes);
  const length = (module.exports["workspaceLength"] as (of: string, sizes: object) => number)(name, given);
  const workspace = new Float64Array(length + 3).fill(NaN);
  const written = invoke(module, name, tensors, given, outputs, length === 0 ? undefined : workspace);
  for (const [output, array] of Object.entries(outputs)) expect(written[output], output).toBe(array);
  const fresh = invoke(module, name, tensors, given);
  for (const [output, array] of Object.entries(fresh))
    if (array !== undefined) expect(array, `${name}: ${output}`).toEqual(outputs[output]);
  return outputs;
}

function check(module: GraphModule, instance: Instance, meaning: Meaning, target: ModuleTarget): void {
  const { values, gradients } = TOLERANCES[target];
  const { tensors, upstream } = instance;
  const results = both(module, "forward", tensors, instance);
  for (const [name, expected] of Object.entries(meaning.outputs)) compare(name, results[name]!, expected, values);
  for (const [extra, outputs] of Object.entries(meaning.extras)) {
    const found = both(module, extra, tensors, instance);
    for (const [name, expected] of Object.entries(outputs)) compare(extra, found[name]!, expected, values);
  }
  const slopes = both(module, "backward", { ...tensors, ...results, ...upstream }, instance);
  const above = Math.max(...Object.values(upstream).map(largestOf));
  for (const [name, expected] of Object.entries(meaning.gradients))
    compare(name, slopes[name]!, expected, gradients, above);
}

describe.each(MODULE_TARGETS)("emitted code at random sizes: %s", (target) => {
  it.each(SUBJECTS)("%s", async (_, id, definition) => {
    const module = await graphModule(definition, "auto", target);
    const meaning = meaningOf(definition);
    const elements = new Set<number>();
    fc.assert(
      fc.property(drawnSizes(id), fc.integer(), (sizes, seed) => {
        const instance = instanceOf(definition, sizes, seed);
        const expected = meaning(instance);
        elements.add(Object.values(expected.outputs)[0]!.length);
        check(module, instance, expected, target);
      }),
      { numRuns: RUNS, seed: 11 },
    );
    expect(elements).toContain(0);
    expect(Math.max(...elements)).toBeGreaterThan(4);
  });
});
