/** The float64 meaning of tensor graphs, element by element: what every target is tested against. */
import { columnEvaluator } from "../evaluate.js";
import { variableOf } from "../expr.js";
import { Places } from "./places.js";
import { uniform } from "./random.js";
import { REDUCTIONS } from "./reductions.js";
import { fromLargest } from "./shift.js";
import { tensorsBelow, type Tensor } from "./tensor.js";

export interface GraphInputs {
  /** Tensors by the name of the input, as stored. */
  readonly tensors: Readonly<Record<string, ArrayLike<number>>>;
  readonly sizes: Readonly<Record<string, number>>;
  /** Scalar parameters, and `seed` and `counter` where numbers are drawn. */
  readonly parameters?: Readonly<Record<string, number>>;
}

/** Each root's elements, row-major along its axes. */
export function evaluateGraph(roots: readonly Tensor[], inputs: GraphInputs): Float64Array[] {
  const values = new Map<Tensor, Float64Array>();
  const places = new Places<number>(inputs.sizes, values, (element) => element);
  const shifted = fromLargest(roots);
  for (const tensor of tensorsBelow(shifted)) values.set(tensor, compute(tensor, inputs, places));
  // Only the order of axes may be another one.
  return shifted.map((tensor, i) => Float64Array.from(places.spread(tensor, roots[i]!.axes)));
}

function compute(tensor: Tensor, { tensors, parameters = {} }: GraphInputs, places: Places<number>): Float64Array {
  const result = new Float64Array(places.count(tensor.axes));
  const [operand] = tensor.operands;
  switch (tensor.kind) {
    case "input": {
      const stored = tensors[tensor.name];
      if (stored !== undefined) return Float64Array.from(places.read(tensor, stored));
      if (tensor.absent === undefined) throw new RangeError(`"${tensor.name}" is not given`);
      return result.fill(tensor.absent);
    }
    case "map": {
      const spread = (of: Tensor): Float64Array => Float64Array.from(places.spread(of, tensor.axes));
      const bound = new Map(tensor.places.map((place, i) => [variableOf(place).name, spread(tensor.operands[i]!)]));
      const filled = (value: number | undefined): Float64Array | undefined =>
        value === undefined ? undefined : new Float64Array(result.length).fill(value);
      const column = columnEvaluator(result.length, (name) => bound.get(name) ?? filled(parameters[name]));
      return column(tensor.value);
    }
    case "reduce": {
      const rows = Float64Array.from(places.spread(operand!, [...tensor.axes, ...tensor.over]));
      const length = places.count(tensor.over);
      for (let i = 0; i < result.length; i++)
        result[i] = REDUCTIONS[tensor.how].evaluate(rows.subarray(i * length, (i + 1) * length));
      return result;
    }
    case "read":
      return Float64Array.from(places.gather(tensor, 0));
    case "scatter":
      places.each(operand!.axes, (place, i) => {
        const to = places.target(tensor.axes, tensor, place);
        if (to !== undefined) result[to]! += places.values.get(operand!)![i]!;
      });
      return result;
    case "random":
      return result.map((_, i) => uniform(parameters["seed"] ?? 0, parameters["counter"] ?? 0, tensor.stream, i));
    case "integer":
      places.each(tensor.axes, (place, i) => {
        result[i] = places.integer(tensor.integer, place);
      });
      return result;
    case "stop":
      return Float64Array.from(places.values.get(operand!)!);
  }
}
