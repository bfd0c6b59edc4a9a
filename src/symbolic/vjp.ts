/**
 * Reverse mode on tensor graphs: the gradients of inputs from those of outputs, again a graph. The derivative of a `map` is
 * the derivative of its expression; a reduction's is in its row; `read` and `scatter` are each other's adjoint.
 * Applied to its own result it gives second derivatives.
 */
import { constant, mul, neg } from "../ir/build.js";
import { each, expand, map, plusEach, reduce, read, scatter, whole } from "../ir/graph/build.js";
import { REDUCTIONS } from "../ir/graph/reductions.js";
import { tensorsBelow, without, type MapNode, type Tensor } from "../ir/graph/tensor.js";
import { derivative } from "./derivative.js";
import { normalForm } from "./simplify.js";

export interface Seed {
  readonly of: Tensor;
  readonly gradient: Tensor;
}

/** For each of `by`, the sum over the seeds of gradient · d(of)/d(by), along the axes of `by`. */
export function gradients(seeds: readonly Seed[], by: readonly Tensor[]): Tensor[] {
  const adjoints = new Map<Tensor, Tensor>();
  const contribute = (to: Tensor, gradient: Tensor): void => {
    const before = adjoints.get(to);
    adjoints.set(to, before === undefined ? gradient : plusEach(before, gradient));
  };
  for (const { of, gradient } of seeds) contribute(of, gradient);
  const order = tensorsBelow(seeds.map(({ of }) => of));
  const needed = above(order, by);
  for (const tensor of order.reverse()) {
    const gradient = adjoints.get(tensor);
    if (gradient === undefined || !needed.has(tensor)) continue;
    for (const [operand, part] of partsOf(tensor, gradient))
      if (needed.has(operand)) contribute(operand, alongAxesOf(operand, tensor, part));
  }
  return by.map((tensor) => expand(adjoints.get(tensor) ?? whole(0), tensor.axes));
}

/** The tensors between `by` and the roots, `by` included: only these need an adjoint. */
function above(order: readonly Tensor[], by: readonly Tensor[]): ReadonlySet<Tensor> {
  const needed = new Set<Tensor>(by);
  for (const tensor of order) if (tensor.operands.some((operand) => needed.has(operand))) needed.add(tensor);
  return needed;
}

/**
 * An operand of a `map` that lacks an axis of the result is used once for each place along it: its parts add up.
 * Other nodes say themselves which axes become which.
 */
function alongAxesOf(operand: Tensor, result: Tensor, part: Tensor): Tensor {
  const repeated = result.kind === "map" ? without(result.axes, operand.axes) : [];
  return reduce("sum", expand(part, repeated), repeated);
}

/** The gradient's way back through one tensor, to each operand. */
function partsOf(tensor: Tensor, gradient: Tensor): readonly (readonly [Tensor, Tensor])[] {
  const [operand] = tensor.operands;
  switch (tensor.kind) {
    case "map":
      return tensor.operands.flatMap((of, i) => {
        const slope = partial(tensor, i);
        return slope === undefined ? [] : [[of, product(gradient, slope)] as const];
      });
    case "reduce": {
      const slope = REDUCTIONS[tensor.how].slope?.(operand!, tensor, tensor.over);
      return slope === undefined ? [] : [[operand!, product(gradient, slope)]];
    }
    case "read":
      return [[operand!, scatter(expand(gradient, tensor.axes), tensor.at, operand!.axes, tensor.inside)]];
    case "scatter": {
      const places = Object.fromEntries(tensor.axes.map(({ name }, i) => [name, tensor.at[i]!]));
      return [[operand!, read(expand(gradient, tensor.axes), places, operand!.axes, tensor.inside)]];
    }
    case "input":
    case "random":
    case "integer":
    case "stop":
      return [];
  }
}

/** The derivative by one operand, as a tensor; undefined where it is 0. */
function partial(tensor: MapNode, by: number): Tensor | undefined {
  const slope = normalForm(derivative(tensor.value, tensor.places[by]!));
  if (slope === constant(0)) return undefined;
  const bindings = new Map(tensor.places.map((place, i) => [place, tensor.operands[i]!]));
  // The expression without its negation may be there already, as exp(x - m) is among its own derivatives.
  return slope.op === "neg" && !slope.closed ? each(neg, map(slope.args[0]!, bindings)) : map(slope, bindings);
}

/** Gradient · slope; a slope that is the same everywhere is part of the expression. */
const product = (gradient: Tensor, slope: Tensor): Tensor =>
  slope.kind === "map" && slope.value.closed
    ? each((g) => normalForm(mul(slope.value, g)), gradient)
    : each(mul, gradient, slope);
