/**
 * Plans for machines that work through all blocks at once, by the plain meaning of kernels: against what PyTorch computed, and
 * of random graphs against what those mean.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planGraph } from "../src/pipeline/layer.js";
import { createOracle } from "../src/pipeline/activation.js";
import type { GraphPlan, Target } from "../src/codegen/target.js";
import { neg } from "../src/ir/build.js";
import { each } from "../src/ir/graph/build.js";
import { graph, graphInputs, type GraphDefinition } from "../src/ir/graph/definition.js";
import { plainSteps } from "../src/ir/kernel.js";
import { js } from "../src/targets/js.js";
import { randomNumbers } from "./helpers/graph-derivatives.js";
import { meaningOf, type Instance } from "./helpers/graph-random.js";
import { countOf, type Numbers } from "./helpers/graph-run.js";
import { MATERIAL, build, steps } from "./helpers/random-graphs.js";
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

describe("random graphs", () => {
  const few = fc.constantFrom(3, 2, 4, 1, 5, 0);
  const sizesOfAxes = fc.record(Object.fromEntries(MATERIAL.axes.map(({ name }) => [name, few])));
  const program = fc.record({ steps: steps(10), also: fc.array(fc.nat(99), { maxLength: 3 }), layout: fc.nat(5) });

  /** The last tensor that is made, and some before it; some of them stored in another order. */
  function definitionOf({
    steps: made,
    also,
    layout,
  }: typeof program extends fc.Arbitrary<infer Drawn> ? Drawn : never): GraphDefinition {
    const all = build(made, MATERIAL).slice(MATERIAL.inputs.length);
    if (all.length === 0) all.push(each(neg, MATERIAL.inputs[0]!));
    const outputs = [...new Set([all.at(-1)!, ...also.map((which) => all[which % all.length]!)])];
    const entries = outputs.map((tensor, i) => {
      const axes = (layout + i) % 2 === 0 ? tensor.axes : [...tensor.axes].reverse();
      return [`y${i}`, { tensor, axes }] as const;
    });
    const sizes = Object.fromEntries(MATERIAL.axes.map(({ name }) => [name, {}]));
    const texts = { id: "random", title: "", formula: "", reference: "" };
    return graph({ ...texts, sizes, outputs: Object.fromEntries(entries) });
  }

  function instanceFor(definition: GraphDefinition, sizes: Numbers, seed: number): Instance {
    const random = randomNumbers(seed);
    const inputs = graphInputs(definition).filter(({ absent }) => absent === undefined || random() > 0);
    const numbers = (type: string, length: number) =>
      type === "int32"
        ? Int32Array.from({ length }, () => Math.floor((random() + 1) * 3) - 1)
        : Float32Array.from({ length }, random);
    const tensors = Object.fromEntries(
      inputs.map(({ name, type, axes }) => [name, numbers(type, countOf(axes, sizes))]),
    );
    const upstream = Object.fromEntries(
      definition.outputs.map(({ name, axes }) => [`d${name}`, numbers("float32", countOf(axes, sizes))]),
    );
    return { definition, given: sizes, sizes, parameters: {}, tensors, upstream };
  }

  const planned = { sweep: 0, contract: 0, fold: 0, store: 0 };

  it.each([1, 2, 3, 4])("compute what they mean, seed %i", (seed) => {
    fc.assert(
      fc.property(program, sizesOfAxes, fc.nat(), (drawn, sizes, numbers) => {
        const definition = definitionOf(drawn);
        const { functions } = planGraph(definition, target, "auto", oracle);
        const all = functions.flatMap(({ kernels }) => kernels.flatMap((kernel) => kernel.steps));
        for (const kind of new Set([...all, ...plainSteps(all)].map((step) => step.kind))) planned[kind] += 1;
        const instance = instanceFor(definition, sizes, numbers);
        const { outputs, gradients } = meaningOf(definition)(instance);
        const results = interpret(functions[0]!, { tensors: instance.tensors, sizes });
        const given = { ...results, ...instance.tensors, ...instance.upstream };
        const slopes = interpret(functions[1]!, { tensors: given, sizes });
        // One gradient may be small where parts of it cancel.
        const scale = Math.max(1, ...Object.values(gradients).map(largestOf));
        for (const [name, values] of Object.entries(outputs)) check(name, results[name]!, Float64Array.from(values));
        for (const [name, values] of Object.entries(gradients))
          check(name, slopes[name]!, Float64Array.from(values), scale);
      }),
      { numRuns: 200, seed },
    );
  });

  it("have all that plans can have", () => {
    for (const [what, count] of Object.entries(planned)) expect(count, what).toBeGreaterThan(10);
  });
});

describe.each(fixtureIds)("%s", (id) => {
  it.each(layerCases(id))("$name", run);

  it("adds to nothing in memory", () => {
    for (const { functions } of layerCases(id).map(({ definition }) => planOf(definition)))
      for (const { kernels } of functions)
        for (const { steps: inKernel, cleared } of kernels) {
          expect(cleared).toEqual([]);
          for (const step of inKernel.flatMap((one) => (one.kind === "sweep" ? [] : plainSteps([one]))))
            expect(
              step.kind === "contract"
                ? step.accumulate
                : (step.kind === "fold" ? step.folds : step.stores).some((one) => one.accumulate),
            ).toBe(false);
        }
  });
});
