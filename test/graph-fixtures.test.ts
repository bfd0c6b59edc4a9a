/** Graph activations and layers against what PyTorch computed: values and gradients, by the float64 meaning of graphs. */
import { describe, expect, it } from "vitest";
import { differentiableInputs, graphInputs } from "../src/ir/graph/definition.js";
import { evaluateGraph } from "../src/ir/graph/evaluate.js";
import { gradients, type Seed } from "../src/symbolic/vjp.js";
import { stored, upstreamOf } from "./helpers/graph-run.js";
import { fixtureIds, layerCases, type LayerCase } from "./helpers/layer-cases.js";

/** Of an element's own size; at most what is lost where sums cancel. */
const RELATIVE = 1e-12;
const CANCELLED = 1e-9;
/** Of the largest element of a value; of the largest gradient from above. */
const OF_VALUES = 1e-14;
const OF_GRADIENTS = 1e-13;

/** Cases in which the meaning of a formula as it is written is NaN, where PyTorch has a number. */
const MAY_BE_NAN: Readonly<Record<string, string>> = {
  "glu: tails": "the derivative of 1 / (1 + exp(-x)) is infinity / infinity; emitted code has another form of it",
  "swiglu: tails gate 0": "as glu's",
  "swiglu: tails gate 1": "as glu's",
  ...Object.fromEntries(
    ["swiglu_clamped", "swiglu_step", "situ"].flatMap((id) =>
      [0, 1].map((gate) => [`${id}: tails gate ${gate}`, "as glu's"]),
    ),
  ),
  "glu: infinite gates": "as its tails",
  "prelu_channels: extreme": "a comparison with NaN is NaN",
};

const largestOf = (values: Float64Array): number =>
  values.reduce((top, value) => (Number.isFinite(value) ? Math.max(top, Math.abs(value)) : top), 0);

interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
  readonly mayBeNaN: boolean;
}

function check(what: string, actual: readonly number[], expected: Float64Array, tolerance: Tolerance): void {
  expect(actual.length, `${what}: how many`).toBe(expected.length);
  for (const [i, value] of actual.entries()) {
    const wanted = expected[i]!;
    const isRight =
      Object.is(value, wanted) ||
      value === wanted ||
      Math.abs(value - wanted) <= tolerance.relative * Math.abs(wanted) + tolerance.absolute ||
      (tolerance.mayBeNaN && Number.isNaN(value));
    if (!isRight) expect.fail(`${what}[${i}] is ${value} instead of ${wanted}`);
  }
}

function run({
  name: caseName,
  definition,
  sizes,
  parameters,
  tensors,
  outputs,
  upstream,
  gradients: expected,
}: LayerCase): void {
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
  // The exponent of exp(x - logsumexp(x)) is only known to the last place of x.
  const reach = Math.max(...Object.values(tensors).map(largestOf));
  const tolerance = {
    relative: Math.min(CANCELLED, RELATIVE + reach * 2 ** -50),
    mayBeNaN: Object.hasOwn(MAY_BE_NAN, `${definition.id}: ${caseName}`),
  };
  Object.entries(outputs).forEach(([name, { output, values: wanted }], i) =>
    check(name, stored(values[i]!, output.tensor.axes, output, sizes), wanted, {
      ...tolerance,
      absolute: OF_VALUES * largestOf(wanted),
    }),
  );
  const absolute = OF_GRADIENTS * Math.max(1, ...Object.values(upstream).map(largestOf));
  inputs.forEach((tensor, i) => {
    const value = values[written.length + i]!;
    const inPlace = stored(value, results[i]!.axes, tensor, sizes);
    check(`the gradient of ${tensor.name}`, inPlace, expected[tensor.name]!, { ...tolerance, absolute });
  });
}

describe.each(fixtureIds)("%s", (id) => {
  const cases = layerCases(id);
  it("has cases", () => expect(cases.length).toBeGreaterThan(10));
  it.each(cases)("$name", run);
});
