/** Graph activations and layers against what PyTorch computed: values and gradients, by the float64 meaning of graphs. */
import { describe, expect, it } from "vitest";
import { differentiableInputs, graphInputs } from "../src/ir/graph/definition.js";
import { evaluateGraph } from "../src/ir/graph/evaluate.js";
import { gradients, type Seed } from "../src/symbolic/vjp.js";
import { stored, upstreamOf } from "./helpers/graph-run.js";
import { fixtureIds, layerCases, type LayerCase } from "./helpers/layer-cases.js";

/** Of an element's own size, and, where sums cancel, of the largest element. */
const RELATIVE = 1e-12;
const OF_THE_LARGEST = 1e-14;

function check(what: string, actual: readonly number[], expected: Float64Array): void {
  expect(actual.length, `${what}: how many`).toBe(expected.length);
  const largest = expected.reduce((top, value) => (Number.isFinite(value) ? Math.max(top, Math.abs(value)) : top), 0);
  for (const [i, value] of actual.entries()) {
    const wanted = expected[i]!;
    const tolerance = RELATIVE * Math.abs(wanted) + OF_THE_LARGEST * largest;
    const isRight = Object.is(value, wanted) || value === wanted || Math.abs(value - wanted) <= tolerance;
    if (!isRight) expect.fail(`${what}[${i}] is ${value} instead of ${wanted}`);
  }
}

function run({ definition, sizes, parameters, tensors, outputs, upstream, gradients: expected }: LayerCase): void {
  const seeds: Seed[] = Object.keys(upstream).map((name) => {
    const { output } = outputs[name]!;
    return { of: output.tensor, gradient: upstreamOf(name, output) };
  });
  const inputs = differentiableInputs(definition).filter(({ name }) => Object.hasOwn(expected, name));
  expect(inputs.map(({ name }) => name).sort()).toEqual(Object.keys(expected).sort());
  const names = graphInputs(definition).map(({ name }) => name);
  for (const name of Object.keys(tensors)) expect(names).toContain(name);

  const written = Object.values(outputs).map(({ output }) => output);
  const results = gradients(seeds, inputs);
  const values = evaluateGraph([...written.map(({ tensor }) => tensor), ...results], {
    tensors: {
      ...tensors,
      ...Object.fromEntries(Object.entries(upstream).map(([name, value]) => [`upstream of ${name}`, value])),
    },
    sizes,
    parameters,
  });
  Object.entries(outputs).forEach(([name, { output, values: wanted }], i) =>
    check(name, stored(values[i]!, output.tensor.axes, output, sizes), wanted),
  );
  inputs.forEach((tensor, i) => {
    const value = values[written.length + i]!;
    check(`the gradient of ${tensor.name}`, stored(value, results[i]!.axes, tensor, sizes), expected[tensor.name]!);
  });
}

describe.each(fixtureIds)("%s", (id) => {
  const cases = layerCases(id);
  it("has cases", () => expect(cases.length).toBeGreaterThan(10));
  it.each(cases)("$name", run);
});
