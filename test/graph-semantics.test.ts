/** What graph activations and layers mean: their sizes, rows that are special, and what is drawn. */
import { describe, expect, it } from "vitest";
import { differentiableInputs, graphInputs, type GraphDefinition } from "../src/ir/graph/definition.js";
import { evaluateGraph } from "../src/ir/graph/evaluate.js";
import { gradients } from "../src/symbolic/vjp.js";
import { randomNumbers, randomTensor } from "./helpers/graph-derivatives.js";
import { completeParameters, completeSizes, upstreamOf, type Numbers } from "./helpers/graph-run.js";
import { graphDefinition } from "./helpers/layer-cases.js";

describe("sizes of layers are checked", () => {
  const check = (id: string, sizes: Numbers) => () => completeSizes(graphDefinition(id), sizes);
  const line = { batch: 1, channels: 6, length: 5, filters: 4, kernel: 3 };
  const heads = { queries: 2, batch: 2, embed: 6 };
  const scores = { batch: 3, heads: 2, queries: 2, features: 2 };
  it.each<readonly [() => unknown, string]>([
    [check("conv1d", { ...line, groups: 4 }), "channels (6) must be divisible by groups (4)"],
    [check("conv1d", { ...line, groups: 3 }), "filters (4) must be divisible by groups (3)"],
    [
      check("conv1d", { ...line, dilation: 4, padding: 1 }),
      "the window, kernel (3) with dilation (4), must fit into the length (5) with padding (1) on each side",
    ],
    [check("conv1d", { ...line, stride: 0 }), "stride (0) must be from 1"],
    [check("multihead_attention", { ...heads, heads: 4 }), "embed (6) must be divisible by heads (4)"],
    [
      check("multihead_attention", { ...heads, heads: 2, maskHeads: 2 }),
      "maskHeads (2) must be 1 or batch (2) · heads (2)",
    ],
    [check("multihead_attention", { ...heads, batchFirst: 2 }), "batchFirst (2) must be from 0 to 1"],
    [check("attention", { ...scores, maskBatch: 2 }), "maskBatch (2) must be 1 or batch (3)"],
    [check("attention", { ...scores, maskHeads: 3 }), "maskHeads (3) must be 1 or heads (2)"],
    [
      check("adaptive_log_softmax", { rows: 1, inputs: 4, shortlist: 2, size_0: 2, size_2: 3 }),
      "size_1 (0) must not be 0 where size_2 (3) is not",
    ],
    [check("adaptive_log_softmax", { rows: 1, inputs: 4, shortlist: 0, size_0: 1 }), "shortlist (0) must be from 1"],
    [check("swiglu", { rows: 1, columns: 2, gate: 2 }), "gate (2) must be from 0 to 1"],
  ])("%#: %s", (run, message) => expect(run).toThrow(message));

  it("has the defaults of PyTorch", () => {
    const plane = {
      batch: 1,
      channels: 1,
      height: 9,
      width: 9,
      filters: 1,
      kernelHeight: 3,
      strideHeight: 2,
      paddingHeight: 1,
    };
    expect(completeSizes(graphDefinition("conv2d"), plane)).toMatchObject({
      kernelWidth: 3,
      strideWidth: 2,
      paddingWidth: 1,
    });
    expect(completeSizes(graphDefinition("multihead_attention"), heads)).toMatchObject({
      keys: 2,
      keyFeatures: 6,
      extra: 0,
    });
    const adaptive = { rows: 1, inputs: 70, shortlist: 2, size_0: 2, size_1: 3 };
    expect(completeSizes(graphDefinition("adaptive_log_softmax"), adaptive)).toMatchObject({
      width_0: 17,
      width_1: 4,
      width_2: 0,
    });
  });
});

/** The outputs of a definition, and the gradients of an upstream of ones. */
function run(
  definition: GraphDefinition,
  given: Numbers,
  tensors: Readonly<Record<string, readonly number[]>>,
  settings: Numbers = {},
) {
  const sizes = completeSizes(definition, given);
  const by = differentiableInputs(definition).filter(({ name }) => name in tensors);
  const [output] = definition.outputs;
  const upstream = upstreamOf("y", output!);
  const roots = [output!.tensor, ...gradients([{ of: output!.tensor, gradient: upstream }], by)];
  const inputs = { sizes, parameters: completeParameters(definition, settings) };
  const count = evaluateGraph([output!.tensor], { ...inputs, tensors })[0]!.length;
  const ones = Array.from({ length: count }, (_, i) => i + 1);
  const [y, ...slopes] = evaluateGraph(roots, { ...inputs, tensors: { ...tensors, [upstream.name]: ones } });
  return { y: [...y!], gradients: Object.fromEntries(by.map(({ name }, i) => [name, [...slopes[i]!]])) };
}

const INF = Infinity;

describe("special rows", () => {
  const row = (id: string, x: readonly number[], settings: Numbers = {}) =>
    run(graphDefinition(id), { rows: 1, columns: x.length }, { x }, settings);
  const nan = (length: number) => new Array<number>(length).fill(NaN);

  it.each([
    ["softmax", [-INF, -INF], nan(2)],
    ["softmax", [0, INF, 1], nan(3)],
    ["softmax", [0, NaN], nan(2)],
    ["softmax", [-INF, 3], [0, 1]],
    ["softmax", [5], [1]],
    ["softmax", [], []],
    ["softmin", [INF, INF], nan(2)],
    ["softmin", [INF, 1], [0, 1]],
    ["log_softmax", [0, 200], [-200, 0]],
    ["log_softmax", [-INF, 7], [-INF, 0]],
    ["log_softmax", [-INF, -INF], nan(2)],
    ["log_softmax", [5], [0]],
    ["log_softmax", [], []],
    ["sparsemax", [-INF, 2], [0, 1]],
    ["sparsemax", [0.5, 0.5, 0], [0.5, 0.5, 0]],
    ["sparsemax", [7], [1]],
    ["sparsemax", [], []],
  ])("%s of %j", (id, x, y) => expect(row(id, x).y).toEqual(y));

  it("masked_softmax: masked rows are zeros, and so is their gradient", () => {
    const definition = graphDefinition("masked_softmax");
    const x = [-INF, -INF, -INF, 0, 0, -INF];
    const result = run(definition, { rows: 2, columns: 3 }, { x });
    expect(result.y).toEqual([0, 0, 0, 0.5, 0.5, 0]);
    expect(result.gradients["x"]!.slice(0, 3).map(Math.abs)).toEqual([0, 0, 0]);
    expect(result.gradients["x"]!.every(Number.isFinite)).toBe(true);
    expect(result.gradients["x"]![3]).not.toBe(0);
    expect(run(graphDefinition("softmax"), { rows: 2, columns: 3 }, { x }).y).toEqual([NaN, NaN, NaN, 0.5, 0.5, 0]);
  });

  it("attention: queries that attend to nothing", () => {
    const sizes = { batch: 1, heads: 1, queries: 2, keys: 2, features: 1 };
    const tensors = { query: [1, 2], key: [1, 2], value: [3, 5], mask: [-INF, -INF, 0, -INF] };
    const masked = run(graphDefinition("attention"), sizes, tensors, { masked: 1 });
    expect(masked.y).toEqual([0, 3]);
    for (const name of ["query", "key", "value"]) expect(masked.gradients[name]!.every(Number.isFinite)).toBe(true);
    expect(masked.gradients["value"]).toEqual([2, 0]);
    expect(run(graphDefinition("attention"), sizes, tensors).y).toEqual([NaN, 3]);
  });

  it("cross_entropy: ignored rows have no part, wherever their class is", () => {
    const sizes = { rows: 3, classes: 2 };
    const { y, gradients } = run(graphDefinition("cross_entropy"), sizes, {
      x: [0, 0, 1, 2, 0, 0],
      target: [0, -100, 1],
    });
    expect(y).toEqual([Math.LN2, 0, Math.LN2]);
    expect(gradients["x"]!.slice(2, 4).map(Math.abs)).toEqual([0, 0]);
    expect(gradients["x"]!.slice(4)).toEqual([1.5, -1.5]);
  });
});

describe("what is drawn", () => {
  const size = 20_000;
  const x = Array.from({ length: size }, (_, i) => Math.sin(i * i));
  const dropped = (id: string, settings: Numbers) =>
    run(graphDefinition(id), { size }, { x }, { seed: 9, counter: 4, ...settings });

  it("dropout keeps 1 - rate of the elements, and the mean", () => {
    const { y } = dropped("dropout", { rate: 0.25 });
    const kept = y.filter((value) => value !== 0).length / size;
    expect(Math.abs(kept - 0.75)).toBeLessThan(4 * Math.sqrt((0.25 * 0.75) / size));
    for (const [i, value] of y.entries()) if (value !== 0) expect(value).toBe(x[i]! / 0.75);
    expect(dropped("dropout", { rate: 0 }).y).toEqual(x);
  });

  it.each(["dropout", "alpha_dropout"])("%s with the rate 1 is zeros with the gradient 0", (id) => {
    const { y, gradients } = dropped(id, { rate: 1 });
    expect(y.every((value) => value === 0)).toBe(true);
    expect(gradients["x"]!.every((value) => value === 0)).toBe(true);
  });

  it("alpha_dropout is what PyTorch's is", () => {
    const { y, gradients } = dropped("alpha_dropout", { rate: 0.5 });
    for (const [i, value] of y.entries())
      expect(value).toBeCloseTo(Math.abs(value + 0.779194) < 1e-5 ? -0.779194 : 0.886405 * x[i]! + 0.779194, 5);
    expect(new Set(gradients["x"]!.map((value, i) => Math.round((value / (i + 1)) * 1e6)))).toEqual(
      new Set([0, 886405]),
    );
    expect(dropped("alpha_dropout", { rate: 0 }).y).toEqual(x);
  });

  it("rrelu_random draws slopes from its range for what is not positive", () => {
    const { y } = dropped("rrelu_random", { lower: 0.1, upper: 0.4 });
    const slopes = y.map((value, i) => value / x[i]!).filter((_, i) => x[i]! <= 0 && x[i] !== 0);
    expect(y.every((value, i) => x[i]! <= 0 || value === x[i])).toBe(true);
    expect(Math.min(...slopes)).toBeGreaterThanOrEqual(0.1 - 1e-15);
    expect(Math.max(...slopes)).toBeLessThan(0.4);
    expect(slopes.reduce((sum, slope) => sum + slope, 0) / slopes.length).toBeCloseTo(0.25, 2);
  });

  it("attention drops weights, and returns what is left of them", () => {
    const definition = graphDefinition("multihead_attention");
    const sizes = completeSizes(definition, { queries: 20, batch: 2, embed: 4, heads: 2 });
    const random = randomNumbers(1);
    const tensors = Object.fromEntries(
      graphInputs(definition)
        .filter(({ absent }) => absent === undefined)
        .map((tensor) => [tensor.name, randomTensor(tensor, sizes, random)]),
    );
    const weights = (rate: number): Float64Array => {
      const parameters = completeParameters(definition, { rate, seed: 2 });
      return evaluateGraph([definition.extras[0]!.outputs[0]!.tensor], { tensors, sizes, parameters })[0]!;
    };
    const [all, some] = [weights(0), weights(0.25)];
    for (const [i, weight] of some.entries()) if (weight !== 0) expect(weight).toBe(all[i]! / 0.75);
    const kept = some.filter((weight) => weight !== 0).length / some.length;
    expect(Math.abs(kept - 0.75)).toBeLessThan(4 * Math.sqrt((0.25 * 0.75) / some.length));
  });
});
