/** Gradients of graphs against differences of their float64 meaning. */
import { expect } from "vitest";
import { input } from "../../src/ir/graph/build.js";
import { evaluateGraph, type GraphInputs } from "../../src/ir/graph/evaluate.js";
import type { Input, Tensor } from "../../src/ir/graph/tensor.js";
import { gradients } from "../../src/symbolic/vjp.js";
import { countOf, stored, type Numbers } from "./graph-run.js";

export type Random = () => number;

/** Numbers in [-1, 1) from a seed: mulberry32. */
export function randomNumbers(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1;
  };
}

export const randomTensor = ({ axes }: Pick<Tensor, "axes">, sizes: Numbers, random: Random): Float64Array =>
  Float64Array.from({ length: countOf(axes, sizes) }, random);

export interface Derivatives {
  /** The gradients, one for each tensor they are by, and the upstreams that they are of. */
  readonly results: readonly Tensor[];
  readonly upstreams: readonly Input[];
  readonly inputs: GraphInputs;
}

const STEP = 2 ** -13;
/** The central difference with an error of the order of STEP⁶. */
const STENCIL = [
  [1, 45],
  [-1, -45],
  [2, -9],
  [-2, 9],
  [3, 1],
  [-3, -1],
] as const;

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i]! * b[i]!;
  return total;
};

/**
 * Compares, for each input, gradient · direction with the difference of roots · upstreams along it, for a random
 * upstream of every root and random directions. `level` tells the upstreams of a second derivative from those of the first.
 */
export function checkGradients(
  roots: readonly Tensor[],
  by: readonly Input[],
  inputs: GraphInputs,
  random: Random,
  { tolerance = 1e-9, level = "first" } = {},
): Derivatives {
  const upstreams = roots.map((root, i) => input(`${level} upstream ${i}`, root.axes));
  const given = upstreams.map((upstream) => randomTensor(upstream, inputs.sizes, random));
  const tensors = {
    ...inputs.tensors,
    ...Object.fromEntries(upstreams.map(({ name }, i) => [name, given[i]!])),
  };
  const results = gradients(
    roots.map((of, i) => ({ of, gradient: upstreams[i]! })),
    by,
  );
  const values = evaluateGraph(results, { ...inputs, tensors });
  for (const [i, variable] of by.entries()) {
    expect(results[i]!.axes.map(({ name }) => name).sort()).toEqual(variable.axes.map(({ name }) => name).sort());
    const direction = randomTensor(variable, inputs.sizes, random);
    const at = inputs.tensors[variable.name]!;
    const scalar = (step: number): number => {
      const moved = Float64Array.from(direction, (value, j) => at[j]! + step * value);
      const outputs = evaluateGraph(roots, { ...inputs, tensors: { ...inputs.tensors, [variable.name]: moved } });
      return outputs.reduce((total, output, j) => total + dot(output, given[j]!), 0);
    };
    const difference = STENCIL.reduce((sum, [steps, weight]) => sum + weight * scalar(steps * STEP), 0) / (60 * STEP);
    const slope = dot(stored(values[i]!, results[i]!.axes, variable, inputs.sizes), direction);
    const scale = Math.max(1, Math.abs(difference), Math.abs(scalar(0)));
    if (!(Math.abs(slope - difference) <= tolerance * scale))
      expect.fail(`the gradient by ${variable.name} along a direction is ${slope}, differences give ${difference}`);
  }
  return { results, upstreams, inputs: { ...inputs, tensors } };
}
