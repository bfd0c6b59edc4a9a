/** Plans for machines that work through all blocks at once, by the plain meaning of kernels, against what PyTorch computed. */
import { describe, expect, it } from "vitest";
import { planGraph } from "../src/compile-graph.js";
import { createOracle } from "../src/compile.js";
import type { GraphPlan, Target } from "../src/codegen/target.js";
import type { GraphDefinition } from "../src/ir/graph/definition.js";
import { plainSteps } from "../src/ir/kernel.js";
import { js } from "../src/targets/js.js";
import { interpret } from "./helpers/kernel-interpreter.js";
import { fixtureIds, layerCases, type LayerCase } from "./helpers/layer-cases.js";

const target: Target = { ...js, graphs: { of: "kernels", machine: "parallel", emit: () => Promise.resolve([]) } };
const oracle = await createOracle();
const plans = new Map<string, GraphPlan>();

function planOf(definition: GraphDefinition): GraphPlan {
  const key = [definition.id, ...definition.activations.map(({ id }) => id)].join("-");
  const known = plans.get(key) ?? planGraph(definition, target, "auto", oracle);
  plans.set(key, known);
  return known;
}

const largestOf = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((top, value) => (Number.isFinite(value) ? Math.max(top, Math.abs(value)) : top), 0);

function check(what: string, actual: ArrayLike<number>, expected: Float64Array, scale = largestOf(expected)): void {
  expect(actual.length, `${what}: how many`).toBe(expected.length);
  for (const [i, wanted] of expected.entries()) {
    const value = actual[i]!;
    const isRight = Object.is(value, wanted) || Math.abs(value - wanted) <= 1e-6 * Math.abs(wanted) + 1e-7 * scale;
    if (!isRight) expect.fail(`${what}[${i}] is ${value} instead of ${wanted}`);
  }
}

/** A comparison with NaN is NaN in the meaning of expressions: emitted code has NaN found by its bits. */
const COMPARES_NAN = ["prelu_channels: extreme"];

function run({
  name: caseName,
  definition,
  sizes,
  parameters,
  tensors,
  outputs,
  upstream,
  gradients,
}: LayerCase): void {
  const { functions } = planOf(definition);
  const call = (name: string, given: Record<string, ArrayLike<number>>) =>
    interpret(
      functions.find((one) => one.name === name)!,
      { tensors: given, sizes, parameters },
    );
  const results = call("forward", tensors);
  for (const [name, { output, values }] of Object.entries(outputs)) {
    const extra = definition.extras.find((candidate) => candidate.outputs.includes(output));
    check(name, (extra === undefined ? results : call(extra.name, tensors))[output.name]!, values);
  }
  const ofExtras = Object.keys(upstream).some((name) => !Object.hasOwn(results, name));
  if (Object.keys(upstream).length === 0 || ofExtras) return;
  const above = definition.outputs.map(({ name }) => [
    `d${name}`,
    upstream[name] ?? new Float64Array(results[name]!.length),
  ]);
  const slopes = call("backward", { ...results, ...tensors, ...Object.fromEntries(above) });
  const scale = Math.max(...Object.values(upstream).map(largestOf));
  if (COMPARES_NAN.includes(`${definition.id}: ${caseName}`)) return;
  for (const [name, values] of Object.entries(gradients))
    check(`the gradient of ${name}`, slopes[`d${name}`]!, values, Math.max(scale, largestOf(values)));
}

describe.each(fixtureIds)("%s", (id) => {
  it.each(layerCases(id))("$name", run);

  it("adds to nothing in memory", () => {
    for (const { functions } of layerCases(id).map(({ definition }) => planOf(definition)))
      for (const { kernels } of functions)
        for (const { steps, cleared } of kernels) {
          expect(cleared).toEqual([]);
          for (const step of steps.flatMap((one) => (one.kind === "sweep" ? [] : plainSteps([one]))))
            expect(
              step.kind === "contract"
                ? step.accumulate
                : (step.kind === "fold" ? step.folds : step.stores).some((one) => one.accumulate),
            ).toBe(false);
        }
  });
});
