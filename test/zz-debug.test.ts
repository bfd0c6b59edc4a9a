import { dump } from "/tmp/dump.js";
/** Plans of graphs, run by the plain meaning of kernels, against the meaning of the graphs. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findDefinition } from "/work/main/src/catalogue.js";
import type { GraphPlan } from "/work/main/src/codegen/target.js";
import { planGraph } from "/work/main/src/compile-graph.js";
import { createOracle } from "/work/main/src/compile.js";
import { neg } from "/work/main/src/ir/build.js";
import { each } from "/work/main/src/ir/graph/build.js";
import { graph, graphInputs, type GraphDefinition, type OutputEntry } from "/work/main/src/ir/graph/definition.js";
import { tensorsBelow, type Tensor } from "/work/main/src/ir/graph/tensor.js";
import { formulaText } from "/work/main/src/ir/print.js";
import { plainSteps } from "/work/main/src/ir/kernel.js";
import { layers, withActivation } from "/work/main/src/layers/layers.js";
import { targets } from "/work/main/src/registry.js";
import { randomNumbers } from "/work/main/test/helpers/graph-derivatives.js";
import { drawnSizes, instanceOf, meaningOf, type Instance, type Meaning } from "/work/main/test/helpers/graph-random.js";
import { countOf, type Numbers } from "/work/main/test/helpers/graph-run.js";
import { interpret } from "/work/main/test/helpers/kernel-interpreter.js";
import { rowActivations } from "/work/main/test/helpers/layer-cases.js";
import { MATERIAL, build, graphText, steps, type Step } from "/work/main/test/helpers/random-graphs.js";

const oracle = await createOracle();

/** Loops compute exponentials and the like within 2^-30, and sums may cancel. */
const TOLERANCE = 1e-7;

function compare(what: string, actual: ArrayLike<number>, expected: readonly number[], scale: number): void {
  expect(actual.length, `${what}: how many`).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const [value, wanted] = [actual[i]!, expected[i]!];
    const isRight =
      value === wanted ||
      Object.is(value, wanted) ||
      Math.abs(value - wanted) <= TOLERANCE * Math.max(scale, Math.abs(wanted));
    if (!isRight) throw new Error(`${what}[${i}] is ${value} instead of ${wanted}`);
  }
}

const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((top, value) => (Number.isFinite(value) ? Math.max(top, Math.abs(value)) : top), 1);

/** Runs forward, backward with what forward has kept, and what else there is. */
function check(plan: GraphPlan, meaning: Meaning, instance: Instance, extents: Numbers): void {
  const { sizes, parameters, tensors, upstream } = instance;
  const run = (name: string, given: Readonly<Record<string, ArrayLike<number>>>): Record<string, Float64Array> =>
    interpret(
      plan.functions.find((of) => of.name === name)!,
      { tensors: given, sizes, parameters, extents },
    );
  const forward = run("forward", tensors);
  for (const [name, values] of Object.entries(meaning.outputs)) compare(name, forward[name]!, values, largest(values));
  for (const [extra, outputs] of Object.entries(meaning.extras)) {
    const found = run(extra, tensors);
    for (const [name, values] of Object.entries(outputs))
      compare(`${extra}: ${name}`, found[name]!, values, largest(values));
  }
  const backward = run("backward", { ...tensors, ...forward, ...upstream });
  for (const [name, values] of Object.entries(meaning.gradients)) {
    const all = Math.max(...Object.values(meaning.gradients).map(largest));
    compare(name, backward[name]!, values, all);
  }
}

interface Program {
  readonly steps: readonly Step[];
  /** Which of the tensors are outputs, besides the last; and which one is worth keeping. */
  readonly also: readonly number[];
  readonly internal: number;
  /** Whether outputs are stored in another order, or with a layout of their own. */
  readonly layout: number;
}

function definitionOf({ steps, also, internal, layout }: Program): GraphDefinition {
  const all = build(steps, MATERIAL);
  const made = all.slice(MATERIAL.inputs.length);
  if (made.length === 0) made.push(each(neg, all[0]!));
  const outputs = [...new Set([made.at(-1)!, ...also.map((which) => made[which % made.length]!)])];
  const entryOf = (tensor: Tensor): OutputEntry => {
    const axes = layout % 2 === 0 ? tensor.axes : [...tensor.axes].reverse();
    const [first] = axes;
    return layout % 3 === 0 && axes.length === 2 ? { tensor, axes, strides: [1, first!.size] } : { tensor, axes };
  };
  const inside = made[internal % made.length]!;
  return graph({
    id: "random",
    title: "",
    formula: "",
    sizes: { a: {}, b: {}, c: {}, d: {} },
    outputs: Object.fromEntries(outputs.map((tensor, i) => [`y${i}`, entryOf(tensor)])),
    internals: internal % 4 === 0 && !outputs.includes(inside) ? { hidden: inside } : {},
    reference: "",
  });
}

function instanceFor(definition: GraphDefinition, sizes: Numbers, seed: number): Instance {
  const random = randomNumbers(seed);
  const inputs = graphInputs(definition).filter(({ absent }) => absent === undefined || random() > 0);
  const place = (): number => Math.floor((random() + 1) * 3) - 1;
  return {
    definition,
    given: sizes,
    sizes,
    parameters: {},
    tensors: Object.fromEntries(
      inputs.map(({ name, type, axes }) => {
        const length = countOf(axes, sizes);
        return [name, type === "int32" ? Int32Array.from({ length }, place) : Float32Array.from({ length }, random)];
      }),
    ),
    upstream: Object.fromEntries(
      definition.outputs.map(({ name, axes }) => [
        `d${name}`,
        Float32Array.from({ length: countOf(axes, sizes) }, random),
      ]),
    ),
  };
}

const described = (definition: GraphDefinition): string => {
  const { outputs } = definition;
  const text = graphText(tensorsBelow(outputs.map(({ tensor }) => tensor)), (tensor) => {
    switch (tensor.kind) {
      case "input":
        return tensor.name;
      case "map":
        return `${formulaText(tensor.value)} of ${tensor.places.map((place) => formulaText(place)).join()}`;
      case "reduce":
        return `${tensor.how} over ${tensor.over.map(({ name }) => name).join()}`;
      case "read":
      case "scatter":
        return tensor.at.map((place) => place.text).join();
      default:
        return "";
    }
  });
  return `${text}\n${outputs.map(({ name, tensor, axes }) => `${name}[${axes.map((of) => of.name).join()}] = t${tensor.id}`).join("\n")}`;
};

const extent = fc.constantFrom(1, 2, 3);
const few = fc.constantFrom(3, 2, 4, 1, 5, 0);
const AXES = Object.fromEntries(MATERIAL.axes.map(({ name }) => [name, few]));
const EXTENTS = Object.fromEntries(MATERIAL.axes.map(({ name }) => [name, extent]));
const call = fc.record({ sizes: fc.record(AXES), extents: fc.record(EXTENTS), seed: fc.nat() });

describe("plans of random graphs", () => {
  it("compute what the graphs mean", () => {
    const program = fc.record({
      steps: steps(7),
      also: fc.array(fc.nat(99), { maxLength: 2 }),
      internal: fc.nat(99),
      layout: fc.nat(5),
    });
    const found = { sweeps: 0, products: 0, kept: 0, kernels: 0 };
    fc.assert(
      fc.property(program, fc.array(call, { minLength: 3, maxLength: 3 }), (program, calls) => {
        const definition = definitionOf(program);
        let plan: any;
        try {
          plan = planGraph(definition, targets.js, "auto", oracle);
          const all = plan.functions.flatMap(({ kernels }) => kernels.flatMap((kernel) => kernel.steps));
          if (all.some(({ kind }) => kind === "sweep")) found.sweeps += 1;
          if (plainSteps(all).some(({ kind }) => kind === "contract")) found.products += 1;
          if (plan.functions[0]!.outputs.some(({ optional }) => optional)) found.kept += 1;
          if (plan.functions.some(({ kernels }) => kernels.length > 1)) found.kernels += 1;
          const meaning = meaningOf(definition);
          for (const { sizes, extents, seed } of calls) {
            const instance = instanceFor(definition, sizes, seed);
            check(plan, meaning(instance), instance, extents);
          }
        } catch (error) {
          throw new Error(`${(error as Error).message}\n${described(definition)}\n${plan && dump(plan)}`, { cause: error });
        }
      }),
      { numRuns: Number(process.env["RUNS"] ?? 300), seed: Number(process.env["SEED"] ?? 1) },
    );
    console.log(found);
  });
});

const definitions: readonly GraphDefinition[] = [
  ...rowActivations,
  ...layers.flatMap((layer) =>
    layer.takesActivation
      ? ["relu", "gelu_erf"].map((id) => withActivation(layer, findDefinition(id)!))
      : [layer.define(findDefinition("linear")!)],
  ),
];

describe.skip("plans of definitions", () => {
  it.each(definitions.map((definition) => [definition.id, definition] as const))("%s", (id, definition) => {
    const plan = planGraph(definition, targets.js, "auto", oracle);
    const meaning = meaningOf(definition);
    const baseId = id.replace(/_(relu|gelu_erf)$/, "");
    const extents = fc.constantFrom(1, 2, 3);
    const axes = [
      ...new Set(
        plan.functions.flatMap(({ kernels }) => kernels.flatMap(({ blocks }) => blocks.map(({ axis }) => axis.name))),
      ),
    ];
    fc.assert(
      fc.property(drawnSizes(baseId), fc.nat(), extents, (drawn, seed, extent) => {
        const instance = instanceOf(definition, drawn, seed);
        check(plan, meaning(instance), instance, Object.fromEntries(axes.map((name) => [name, extent])));
      }),
      { numRuns: 8, seed: 3 },
    );
  });
});
