/** Derivatives of graphs by themselves: random ones, ties, and depth. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { add, exp, mul, tanh } from "../src/ir/build.js";
import { axis, each, input, reduce } from "../src/ir/graph/build.js";
import { evaluateGraph } from "../src/ir/graph/evaluate.js";
import { tensorsBelow, type Tensor } from "../src/ir/graph/tensor.js";
import { gradients } from "../src/symbolic/vjp.js";
import { checkGradients, randomNumbers, randomTensor } from "./helpers/graph-derivatives.js";
import type { Numbers } from "./helpers/graph-run.js";
import { DIFFERENTIATED, build, steps, type Step } from "./helpers/random-graphs.js";

describe("ties", () => {
  const columns = axis("columns");
  const x = input("x", [columns]);
  const gradientAt = (how: "max" | "threshold", at: readonly number[]): number[] => {
    const reduced = reduce(how, x, [columns]);
    const [gradient] = gradients([{ of: reduced, gradient: each(() => exp(0)) }], [x]);
    return [...evaluateGraph([gradient!], { tensors: { x: at }, sizes: { columns: at.length } })[0]!];
  };

  it("share the gradient of the largest", () => {
    expect(gradientAt("max", [1, 3, 3, 2])).toEqual([0, 0.5, 0.5, 0]);
    expect(gradientAt("max", [3, 3, 3])).toEqual([1 / 3, 1 / 3, 1 / 3]);
    expect(gradientAt("max", [-Infinity, 0])).toEqual([0, 1]);
  });

  it("are outside of a support that they are at the edge of", () => {
    // max(x - t, 0) sums to 1 at t = 1 with and without the elements that equal it.
    expect(gradientAt("threshold", [2, 1, 1, 0])).toEqual([1, 0, 0, 0]);
    expect(gradientAt("threshold", [2, 2, 0, 0])).toEqual([0.5, 0.5, 0, 0]);
  });
});

const { inputs: INPUTS } = DIFFERENTIATED;
const SIZES: Numbers = { a: 2, b: 3, c: 1 };
const rootOf = (program: readonly Step[]): Tensor => build(program, DIFFERENTIATED).at(-1)!;

describe("random graphs", () => {
  const evaluated = (seed: number) => {
    const random = randomNumbers(seed);
    return {
      random,
      inputs: {
        sizes: SIZES,
        tensors: Object.fromEntries(INPUTS.map((tensor) => [tensor.name, randomTensor(tensor, SIZES, random)])),
      },
    };
  };

  it("have right gradients", () => {
    const kinds = new Set<string>();
    fc.assert(
      fc.property(steps(8), fc.nat(), (program, seed) => {
        const root = rootOf(program);
        for (const { kind } of tensorsBelow([root])) kinds.add(kind);
        const { random, inputs } = evaluated(seed);
        checkGradients([root], INPUTS, inputs, random);
      }),
      { numRuns: 300, seed: 1 },
    );
    expect([...kinds].sort()).toEqual(["input", "map", "read", "reduce", "scatter"]);
  });

  it("have right second derivatives", () => {
    fc.assert(
      fc.property(steps(5), fc.nat(), (program, seed) => {
        const { random, inputs } = evaluated(seed);
        const { results, upstreams, inputs: extended } = checkGradients([rootOf(program)], INPUTS, inputs, random);
        checkGradients(results, [...INPUTS, ...upstreams], extended, random, { level: "second", tolerance: 1e-7 });
      }),
      { numRuns: 60, seed: 2 },
    );
  });
});

describe("deep graphs", () => {
  const x = input("x", [axis("size")]);
  const chain = (length: number): Tensor => {
    let tensor: Tensor = x;
    // Two ways back through each node: without sharing there would be 2^length.
    for (let i = 0; i < length; i++) tensor = each((a, b) => add(mul(0.5, a), mul(0.5, tanh(b))), tensor, tensor);
    return tensor;
  };
  const gradientOf = (length: number): Tensor => {
    const root = chain(length);
    return gradients([{ of: root, gradient: input("dy", root.axes) }], [x])[0]!;
  };

  it("have gradients of linear size", () => {
    const [half, all] = [2500, 5000].map((length) => tensorsBelow([gradientOf(length)]).length) as [number, number];
    expect(all).toBeGreaterThan(5000);
    expect(all / half).toBeCloseTo(2, 2);
  });

  it("have the right gradient", () => {
    const inputs = { tensors: { x: [0.5], dy: [1] }, sizes: { size: 1 } };
    const value = evaluateGraph([gradientOf(5000)], inputs)[0]![0]!;
    let [at, slope] = [0.5, 1];
    for (let i = 0; i < 5000; i++) {
      slope *= 0.5 + 0.5 * (1 - Math.tanh(at) ** 2);
      at = 0.5 * at + 0.5 * Math.tanh(at);
    }
    expect(value / slope).toBeCloseTo(1, 9);
  });
});
