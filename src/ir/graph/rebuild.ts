/** Tensor graphs with some nodes replaced. */
import { expand, map, random, read, reduce, scatter, stopGradient, whole } from "./build.js";
import { element, substituteInteger, type Integer } from "./integer.js";
import { tensorsBelow, type Tensor } from "./tensor.js";

/** Rebuilds a graph bottom-up: `visit` gets each tensor once, its operands already rebuilt. */
export function rebuildTensors(
  roots: readonly Tensor[],
  visit: (rebuilt: Tensor, original: Tensor) => Tensor,
  /** Tensors of which nothing below is looked at. */
  known: ReadonlyMap<Tensor, Tensor> = new Map(),
): Map<Tensor, Tensor> {
  const results = new Map<Tensor, Tensor>(known);
  for (const tensor of tensorsBelow(roots))
    if (!results.has(tensor)) results.set(tensor, visit(withOperands(tensor, results), tensor));
  return results;
}

/** The same node on the operands' replacements. */
function withOperands(tensor: Tensor, replaced: ReadonlyMap<Tensor, Tensor>): Tensor {
  const operands = tensor.operands.map((operand) => replaced.get(operand)!);
  if (operands.every((operand, i) => operand === tensor.operands[i])) return tensor;
  const [operand] = operands;
  const place = (integer: Integer): Integer =>
    substituteInteger(integer, (part) => (part.tensor === undefined ? undefined : element(replaced.get(part.tensor)!)));
  switch (tensor.kind) {
    case "map":
      return expand(map(tensor.value, new Map(tensor.places.map((at, i) => [at, operands[i]!]))), tensor.axes);
    case "reduce":
      return reduce(tensor.how, operand!, tensor.over);
    case "read": {
      const at = Object.fromEntries(tensor.operands[0]!.axes.map((axis, i) => [axis.name, place(tensor.at[i]!)]));
      return read(operand!, at, tensor.axes, tensor.inside);
    }
    case "scatter":
      return scatter(operand!, tensor.at.map(place), tensor.axes, tensor.inside);
    case "integer":
      return whole(place(tensor.integer), tensor.axes);
    case "stop":
      return stopGradient(operand!);
    case "random":
      return random(tensor.axes, tensor.stream);
    case "input":
      return tensor;
  }
}
