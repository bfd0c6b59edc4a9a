/** Plans of graphs, run by the plain meaning of kernels, against the meaning of the graphs. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findDefinition } from "../src/catalogue.js";
import type { GraphPlan } from "../src/codegen/target.js";
import { planGraph } from "../src/pipeline/layer.js";
import { createOracle } from "../src/pipeline/activation.js";
import { add, exp, mul, neg, sub, tanh } from "../src/ir/build.js";
import { contract, each, input, largest as largestOf, logSumExp, read } from "../src/ir/graph/build.js";
import { graph, graphInputs, type GraphDefinition, type OutputEntry } from "../src/ir/graph/definition.js";
import { element, minus, plus, position } from "../src/ir/graph/integer.js";
import { tensorsBelow, type Axis, type Tensor } from "../src/ir/graph/tensor.js";
import { formulaText } from "../src/ir/print.js";
import { allBlocks, plainSteps } from "../src/ir/kernel.js";
import { layers, withActivation } from "../src/layers/layers.js";
import { targets } from "../src/registry.js";
import { randomNumbers } from "./helpers/graph-derivatives.js";
import { drawnSizes, instanceOf, meaningOf, type Instance, type Meaning } from "./helpers/graph-random.js";
import { countOf, type Numbers } from "./helpers/graph-run.js";
import { interpret } from "./helpers/kernel-interpreter.js";
import { rowActivations } from "./helpers/layer-cases.js";
import { MATERIAL, build, graphText, steps, type Step } from "./helpers/random-graphs.js";

const oracle = await createOracle();

/** Loops compute exponentials and the like within 2^-30, and sums may cancel. */
const TOLERANCE = 1e-7;

function compare(what: string, actual: ArrayLike<number>, expected: ArrayLike<number>, scale: number): void {
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

type Values = Readonly<Record<string, ArrayLike<number>>>;

/** Runs forward, backward with what forward has kept, and what else there is. */
function check(plan: GraphPlan, meaning: Meaning, instance: Instance, extents: Numbers): void {
  const { sizes, parameters, tensors, upstream } = instance;
  const run = (name: string, given: Values, expected: Values, scale?: number): Values => {
    const of = plan.functions.find((candidate) => candidate.name === name)!;
    const call = { tensors: given, sizes, parameters, extents };
    const found = interpret(of, call);
    const optional = new Set(of.outputs.flatMap((output) => (output.optional ? [output.name] : [])));
    // Nothing else depends on what callers may leave out.
    const least = optional.size === 0 ? found : interpret(of, { ...call, leftOut: optional });
    for (const [output, values] of Object.entries(expected)) {
      compare(`${name}: ${output}`, found[output]!, values, scale ?? largest(values));
      if (!optional.has(output)) compare(`${name}: ${output}`, least[output]!, values, scale ?? largest(values));
    }
    return found;
  };
  const forward = run("forward", tensors, meaning.outputs);
  for (const [extra, outputs] of Object.entries(meaning.extras)) run(extra, tensors, outputs);
  // One gradient may be small where parts of it cancel.
  const scale = Math.max(...Object.values(meaning.gradients).map(largest));
  run("backward", { ...tensors, ...forward, ...upstream }, meaning.gradients, scale);
}

interface Program {
  readonly steps: readonly Step[];
  /** Which of the tensors are outputs, besides the last; and which one is worth keeping. */
  readonly also: readonly number[];
  readonly internal: number;
  /** Whether outputs are stored in another order, or with a layout of their own. */
  readonly layout: number;
}

const definitionFor = (
  outputs: readonly OutputEntry[],
  internals: Readonly<Record<string, Tensor>> = {},
): GraphDefinition =>
  graph({
    id: "random",
    title: "",
    formula: "",
    sizes: { a: {}, b: {}, c: {}, d: {} },
    outputs: Object.fromEntries(outputs.map((output, i) => [`y${i}`, output])),
    internals,
    reference: "",
  });

function definitionOf({ steps, also, internal, layout }: Program): GraphDefinition {
  const all = build(steps, MATERIAL);
  const made = all.slice(MATERIAL.inputs.length);
  if (made.length === 0) made.push(each(neg, all[0]!));
  const outputs = [...new Set([made.at(-1)!, ...also.map((which) => made[which % made.length]!)])];
  const entryOf = (tensor: Tensor): OutputEntry => {
    const axes = layout % 2 === 0 ? tensor.axes : [...tensor.axes].reverse();
    return layout % 3 === 0 && axes.length === 2 ? { tensor, axes, strides: [1, axes[0]!.size] } : { tensor, axes };
  };
  const inside = made[internal % made.length]!;
  return definitionFor(outputs.map(entryOf), internal % 4 === 0 && !outputs.includes(inside) ? { hidden: inside } : {});
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

/** What has been planned, to see that there was something to check. */
const planned = { sweep: 0, contract: 0, fold: 0, store: 0, kept: 0, kernels: 0 };

function planOf(definition: GraphDefinition): GraphPlan {
  const plan = planGraph(definition, targets.js, "auto", oracle);
  const all = plan.functions.flatMap(({ kernels }) => kernels.flatMap(({ steps }) => steps));
  for (const kind of new Set([...all, ...plainSteps(all)].map((step) => step.kind))) planned[kind] += 1;
  if (plan.functions[0]!.outputs.some(({ optional }) => optional)) planned.kept += 1;
  if (plan.functions.some(({ kernels }) => kernels.length > 1)) planned.kernels += 1;
  return plan;
}

interface Call {
  readonly sizes: Numbers;
  readonly extents: Numbers;
  readonly seed: number;
}

function checkCalls(definition: GraphDefinition, calls: readonly Call[]): void {
  try {
    const plan = planOf(definition);
    const meaning = meaningOf(definition);
    for (const { sizes, extents, seed } of calls) {
      const instance = instanceFor(definition, sizes, seed);
      check(plan, meaning(instance), instance, extents);
    }
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${described(definition)}`, { cause: error });
  }
}

describe("plans of random graphs", () => {
  const program = fc.record({
    steps: steps(10),
    also: fc.array(fc.nat(99), { maxLength: 3 }),
    internal: fc.nat(99),
    layout: fc.nat(5),
  });

  it.each([1, 2, 3, 4])("compute what the graphs mean, seed %i", (seed) => {
    fc.assert(
      fc.property(program, fc.array(call, { minLength: 2, maxLength: 2 }), (drawn, calls) =>
        checkCalls(definitionOf(drawn), calls),
      ),
      { numRuns: 250, seed },
    );
  });

  it("have all that plans can have", () => {
    for (const [what, count] of Object.entries(planned)) expect(count, what).toBeGreaterThan(20);
  });
});

describe("plans of graphs that were wrong once", () => {
  const [a, b, c, d] = MATERIAL.axes as readonly [Axis, Axis, Axis, Axis];
  const u = input("u", [a, b]);
  const values = input("values", [d, c]);
  const t = input("t", [b, c]);
  const joined = (one: Tensor, other: Tensor): Tensor => each((x, y) => tanh(mul(x, add(y, 1))), one, other);
  const all = ["a", "b", "c", "d"];
  const same = (value: number): Numbers => Object.fromEntries(all.map((name) => [name, value]));
  const calls: readonly Call[] = [
    { sizes: same(3), extents: same(1), seed: 1 },
    { sizes: { a: 5, b: 3, c: 4, d: 2 }, extents: same(2), seed: 2 },
  ];
  const checkTensors = (tensors: readonly Tensor[], internals?: Readonly<Record<string, Tensor>>): void =>
    checkCalls(
      definitionFor(
        tensors.map((tensor) => ({ tensor, axes: tensor.axes })),
        internals,
      ),
      calls,
    );

  it("add what is summed over blocks to what other kernels have added", () => {
    checkTensors([joined(t, u), logSumExp(t, b)]);
  });

  it("read an index tensor at the place of its own", () => {
    const gathered = read(t, { b: element(input("index", [c], { type: "int32" })) });
    checkTensors([read(gathered, { c: plus(position(a), 1) }, [a])]);
  });

  it("do not sweep over what is read at other places", () => {
    const scores = read(contract(t, u, b), { c: minus(2, position(c)) }, [c]);
    const weights = each(exp, each(sub, scores, logSumExp(scores, c)));
    checkTensors([contract(weights, values, c)]);
  });

  it("find the largest among elements that are made again", () => {
    const elements = joined(t, u);
    const weights = each(exp, each(sub, elements, logSumExp(elements, b)));
    const top = largestOf(contract(weights, input("k", [d, b]), b), a);
    checkTensors([each(tanh, top)], { hidden: top });
    checkTensors([top]);
  });

  it("make operands of products in order", () => {
    const first = joined(t, u);
    const second = joined(first, u);
    const third = joined(first, second);
    checkTensors([contract(third, values, c), contract(joined(second, third), values, c)]);
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

/** Blocks are small, so sizes need not be large. */
const small = (drawn: Numbers): Numbers =>
  Object.fromEntries(Object.entries(drawn).map(([name, size]) => [name, size > 8 ? 4 + (size % 5) : size]));

/** A row of NaN that is dropped as a whole is 0 in the graph, and NaN where it is divided by its sum last. */
function withoutLostRows(instance: Instance): Instance {
  const { parameters, sizes } = instance;
  if (!Object.hasOwn(parameters, "masked") || !Object.hasOwn(parameters, "rate")) return instance;
  const rate = sizes["features"] === 0 ? 0 : parameters["rate"]!;
  return { ...instance, parameters: { ...parameters, rate, masked: rate > 0 ? 1 : parameters["masked"]! } };
}

describe("plans of definitions", () => {
  it.each(definitions.map((definition) => [definition.id, definition] as const))("%s", (id, definition) => {
    const plan = planGraph(definition, targets.js, "auto", oracle);
    const meaning = meaningOf(definition);
    const sizes = drawnSizes(id.replace(/_(relu|gelu_erf)$/, ""));
    const blocks = plan.functions.flatMap(({ kernels }) => kernels.flatMap(allBlocks));
    const extents = fc.record(Object.fromEntries(blocks.map(({ axis }) => [axis.name, extent])));
    fc.assert(
      fc.property(sizes, fc.nat(), extents, (drawn, seed, blockExtents) => {
        const instance = withoutLostRows(instanceOf(definition, small(drawn), seed));
        check(plan, meaning(instance), instance, blockExtents);
      }),
      { numRuns: 20, seed: 3 },
    );
  });
});
