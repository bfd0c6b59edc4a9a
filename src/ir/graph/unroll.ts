/** Tensor graphs at fixed sizes as an expression for each element: over the reals, what `evaluate.ts` is in float64. */
import { add, constant, parameter } from "../build.js";
import { evaluate } from "../evaluate.js";
import { substitute, type Expr } from "../expr.js";
import { Places } from "./places.js";
import { REDUCTIONS } from "./reductions.js";
import { tensorsBelow, type Axis, type Tensor } from "./tensor.js";

export interface UnrolledInputs {
  /** The elements of tensors by the name of the input, as stored. */
  readonly tensors: Readonly<Record<string, readonly Expr[]>>;
  readonly sizes: Readonly<Record<string, number>>;
}

/** Each root's elements, row-major along some order of its axes; undefined where a reduction is no expression. */
export function unrollGraph(
  roots: readonly (readonly [Tensor, readonly Axis[]])[],
  inputs: UnrolledInputs,
): (readonly Expr[])[] | undefined {
  const values = new Map<Tensor, readonly Expr[]>();
  const places = new Places<Expr>(inputs.sizes, values, (element) => evaluate(element, {}));
  for (const tensor of tensorsBelow(roots.map(([tensor]) => tensor))) {
    const elements = unrolled(tensor, inputs, places);
    if (elements === undefined) return undefined;
    values.set(tensor, elements);
  }
  return roots.map(([tensor, axes]) => places.spread(tensor, axes));
}

function unrolled(tensor: Tensor, { tensors }: UnrolledInputs, places: Places<Expr>): readonly Expr[] | undefined {
  const count = places.count(tensor.axes);
  const [operand] = tensor.operands;
  const result = Array<Expr>(count).fill(constant(0));
  switch (tensor.kind) {
    case "input": {
      const stored = tensors[tensor.name];
      if (stored !== undefined) return places.read(tensor, stored);
      if (tensor.absent === undefined) throw new RangeError(`"${tensor.name}" is not given`);
      return result.fill(constant(tensor.absent));
    }
    case "map": {
      const columns = tensor.operands.map((of) => places.spread(of, tensor.axes));
      return result.map((_, i) =>
        substitute(tensor.value, new Map(tensor.places.map((place, k) => [place, columns[k]![i]!]))),
      );
    }
    case "reduce": {
      const { unrolled: row, evaluate: valueOf } = REDUCTIONS[tensor.how];
      const elements = places.spread(operand!, [...tensor.axes, ...tensor.over]);
      const length = places.count(tensor.over);
      if (length === 0) return result.fill(constant(valueOf(new Float64Array(0))));
      return row && result.map((_, i) => row(elements.slice(i * length, (i + 1) * length)));
    }
    case "read":
      return places.gather(tensor, constant(0));
    case "scatter":
      places.each(operand!.axes, (place, i) => {
        const to = places.target(tensor.axes, tensor, place);
        if (to !== undefined) result[to] = add(result[to]!, places.values.get(operand!)![i]!);
      });
      return result;
    case "random":
      return result.map((_, i) => parameter(`u${tensor.stream}_${i}`, [0, 1]));
    case "integer":
      places.each(tensor.axes, (place, i) => {
        result[i] = constant(places.integer(tensor.integer, place));
      });
      return result;
    case "stop":
      return places.spread(operand!, operand!.axes);
  }
}
