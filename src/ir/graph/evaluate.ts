/** The float64 meaning of tensor graphs, element by element: what every target is tested against. */
import { columnEvaluator } from "../evaluate.js";
import { variableOf } from "../expr.js";
import { evaluateInteger, type Integer } from "./integer.js";
import { uniform } from "./random.js";
import { REDUCTIONS } from "./reductions.js";
import { fromLargest } from "./shift.js";
import { tensorsBelow, without, type Axis, type Input, type Tensor } from "./tensor.js";

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
  const context = new Context(inputs, values);
  const shifted = fromLargest(roots);
  for (const tensor of tensorsBelow(shifted)) values.set(tensor, compute(tensor, context));
  // Only the order of axes may be another one.
  return shifted.map((tensor, i) => spread(tensor, roots[i]!.axes, context));
}

/** The number that a size stands for. */
export const sizeOf = (size: Integer, sizes: Readonly<Record<string, number>>): number =>
  evaluateInteger(size, ({ name, text }) => {
    if (!Object.hasOwn(sizes, name)) throw new RangeError(`the size ${text} is not given`);
    return sizes[name]!;
  });

/** Positions along axes, by name. */
type Place = Map<string, number>;

class Context {
  constructor(
    readonly inputs: GraphInputs,
    readonly values: ReadonlyMap<Tensor, Float64Array>,
  ) {}

  readonly scalar = (name: string): number => this.inputs.parameters?.[name] ?? 0;
  readonly extent = (axis: Axis): number => sizeOf(axis.size, this.inputs.sizes);
  readonly count = (axes: readonly Axis[]): number => axes.reduce((product, axis) => product * this.extent(axis), 1);

  /** Calls `visit` for every place along the axes, row-major. */
  each(axes: readonly Axis[], visit: (place: Place, index: number) => void): void {
    const extents = axes.map(this.extent);
    const total = this.count(axes);
    const place: Place = new Map(axes.map(({ name }) => [name, 0]));
    for (let index = 0; index < total; index++) {
      visit(place, index);
      for (let i = axes.length - 1; i >= 0; i--) {
        const next = place.get(axes[i]!.name)! + 1;
        place.set(axes[i]!.name, next < extents[i]! ? next : 0);
        if (next < extents[i]!) break;
      }
    }
  }

  /** The row-major number of a place along some axes. */
  indexOf(axes: readonly Axis[], place: Place): number {
    return axes.reduce((index, axis) => index * this.extent(axis) + place.get(axis.name)!, 0);
  }

  elementOf(tensor: Tensor, place: Place): number {
    return this.values.get(tensor)![this.indexOf(tensor.axes, place)]!;
  }

  integer(value: Integer, place: Place): number {
    return evaluateInteger(value, (leaf) => {
      if (leaf.kind === "position") return place.get(leaf.name)!;
      if (leaf.kind === "element") return this.elementOf(leaf.tensor!, place);
      return sizeOf(leaf, this.inputs.sizes);
    });
  }

  /** The row-major number along `axes` of the places, undefined where one is outside. */
  target(axes: readonly Axis[], at: readonly Integer[], place: Place): number | undefined {
    let index = 0;
    for (const [i, axis] of axes.entries()) {
      const along = this.integer(at[i]!, place);
      if (along < 0 || along >= this.extent(axis)) return undefined;
      index = index * this.extent(axis) + along;
    }
    return index;
  }
}

function compute(tensor: Tensor, context: Context): Float64Array {
  const result = new Float64Array(context.count(tensor.axes));
  const [operand] = tensor.operands;
  switch (tensor.kind) {
    case "input":
      return readInput(tensor, context);
    case "map": {
      const bound = new Map(
        tensor.places.map((place, i) => [variableOf(place).name, spread(tensor.operands[i]!, tensor.axes, context)]),
      );
      const column = columnEvaluator(
        result.length,
        (name) => bound.get(name) ?? parameterColumn(name, result.length, context),
      );
      return column(tensor.value);
    }
    case "reduce": {
      const ordered = [...tensor.axes, ...tensor.over];
      const rows = spread(operand!, ordered, context);
      const length = context.count(tensor.over);
      for (let i = 0; i < result.length; i++)
        result[i] = REDUCTIONS[tensor.how].evaluate(rows.subarray(i * length, (i + 1) * length));
      return result;
    }
    case "read":
      context.each(tensor.axes, (place, i) => {
        const from = context.target(operand!.axes, tensor.at, place);
        if (from !== undefined) result[i] = context.values.get(operand!)![from]!;
        else if (tensor.inside) throw new RangeError("a place is outside of its axis");
      });
      return result;
    case "scatter":
      context.each(operand!.axes, (place, i) => {
        const to = context.target(tensor.axes, tensor.at, place);
        if (to !== undefined) result[to]! += context.values.get(operand!)![i]!;
        else if (tensor.inside) throw new RangeError("a place is outside of its axis");
      });
      return result;
    case "random":
      return result.map((_, i) => uniform(context.scalar("seed"), context.scalar("counter"), tensor.stream, i));
    case "integer":
      context.each(tensor.axes, (place, i) => {
        result[i] = context.integer(tensor.integer, place);
      });
      return result;
    case "stop":
      return context.values.get(operand!)!;
  }
}

function parameterColumn(name: string, length: number, { inputs }: Context): Float64Array | undefined {
  const value = inputs.parameters?.[name];
  return value === undefined ? undefined : new Float64Array(length).fill(value);
}

/** The elements along other axes: repeated where the tensor lacks one. */
function spread(tensor: Tensor, axes: readonly Axis[], context: Context): Float64Array {
  if (without(tensor.axes, axes).length > 0) throw new RangeError("a tensor cannot lose an axis");
  const values = context.values.get(tensor)!;
  const result = new Float64Array(context.count(axes));
  context.each(axes, (place, i) => {
    result[i] = values[context.indexOf(tensor.axes, place)]!;
  });
  return result;
}

function readInput(tensor: Input, context: Context): Float64Array {
  const stored = context.inputs.tensors[tensor.name];
  const count = context.count(tensor.axes);
  if (stored === undefined) {
    if (tensor.absent === undefined) throw new RangeError(`"${tensor.name}" is not given`);
    return new Float64Array(count).fill(tensor.absent);
  }
  if (stored.length !== count)
    throw new RangeError(`"${tensor.name}" has ${stored.length} elements instead of ${count}`);
  const result = new Float64Array(count);
  context.each(tensor.axes, (place, i) => {
    result[i] = stored[storedAt(tensor, place, context) ?? i]!;
  });
  return result;
}

/** Where an element of an input with a layout of its own is stored. */
function storedAt({ strides, axes }: Input, place: Place, { inputs }: Context): number | undefined {
  return strides?.reduce((at, stride, i) => at + sizeOf(stride, inputs.sizes) * place.get(axes[i]!.name)!, 0);
}
