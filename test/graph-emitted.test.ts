/** The emitted code of graph activations and layers against what PyTorch computed in float64. */
import { describe, expect, it } from "vitest";
import { graphInputs } from "../src/ir/graph/definition.js";
import { call, emptyArray, functionOf, graphModule, type MutableArrays } from "./helpers/graph-modules.js";
import { fixtureIds, layerCases, type LayerCase } from "./helpers/layer-cases.js";

/** Of an element; and of the largest element, where sums cancel. */
const VALUES = { relative: 1e-6, ofLargest: 1e-7 } as const;
const GRADIENTS = { relative: 1e-5, ofLargest: 1e-6 } as const;

const largestOf = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((top, value) => (Number.isFinite(value) ? Math.max(top, Math.abs(value)) : top), 0);

function check(
  what: string,
  actual: ArrayLike<number>,
  expected: Float64Array,
  { relative, ofLargest }: { readonly relative: number; readonly ofLargest: number },
  scale = largestOf(expected),
): void {
  expect(actual.length, `${what}: how many`).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const [value, wanted] = [actual[i]!, Math.fround(expected[i]!)];
    const isRight =
      Object.is(value, wanted) || Math.abs(value - wanted) <= relative * Math.abs(wanted) + ofLargest * scale;
    if (!isRight) expect.fail(`${what}[${i}] is ${value} instead of ${wanted}`);
  }
}

/** Extra functions, such as the weights of attention, have no gradient: of cases with one only the values are compared. */
async function run({ definition, given, sizes, parameters, tensors, outputs, upstream, gradients }: LayerCase) {
  const module = await graphModule(definition);
  const types = new Map(graphInputs(definition).map(({ name, type }) => [name, type]));
  const arrays: MutableArrays = {};
  for (const [name, values] of Object.entries(tensors)) {
    const type = types.get(name);
    arrays[name] =
      type === "int32"
        ? Int32Array.from(values)
        : type === "uint8"
          ? Uint8Array.from(values)
          : Float32Array.from(values);
  }
  const numbers = { ...given, ...parameters };
  const forward = functionOf(module, "forward");
  const kept = forward.outputs.filter(({ optional }) => optional);
  const results = call(
    module,
    "forward",
    arrays,
    numbers,
    Object.fromEntries(kept.map((of) => [of.name, emptyArray(of, sizes)])),
  );
  for (const [name, { output, values }] of Object.entries(outputs)) {
    const extra = definition.extras.find((candidate) => candidate.outputs.includes(output));
    const found = extra === undefined ? results : call(module, extra.name, arrays, numbers);
    check(name, found[output.name]!, values, VALUES);
  }
  const ofExtras = Object.keys(upstream).filter((name) => !forward.outputs.some((output) => output.name === name));
  if (Object.keys(upstream).length === 0 || ofExtras.length > 0) return;
  for (const { name } of forward.outputs) if (!Object.hasOwn(arrays, name)) arrays[name] = results[name]!;
  for (const of of functionOf(module, "backward").inputs.filter(
    ({ name }) => /^d/.test(name) && !Object.hasOwn(arrays, name),
  )) {
    const above = upstream[of.name.slice(1)];
    arrays[of.name] = above === undefined ? emptyArray(of, sizes) : Float32Array.from(above);
  }
  const wanted = functionOf(module, "backward").outputs.filter(({ name }) => Object.hasOwn(gradients, name.slice(1)));
  const slopes = call(
    module,
    "backward",
    arrays,
    numbers,
    Object.fromEntries(wanted.map((of) => [of.name, emptyArray(of, sizes)])),
  );
  const scale = Math.max(...Object.values(upstream).map(largestOf));
  for (const [name, values] of Object.entries(gradients))
    check(`the gradient of ${name}`, slopes[`d${name}`]!, values, GRADIENTS, Math.max(scale, largestOf(values)));
}

describe.each(fixtureIds)("%s", (id) => {
  it.each(layerCases(id))("$name", run);
});
