/** Builders of tensor graphs. Shapes are checked here: axes meet by name, and a name means one size. */
import { add, mul, variable } from "../build.js";
import { substitute, variableOf, variables, type Expr } from "../expr.js";
import { element, floorDiv, integer, integerParts, minus, modulo, plus, position, times } from "./integer.js";
import type { Integer, IntegerLike } from "./integer.js";
import type { ReductionName } from "./reductions.js";
import { has, indexTensors, intern, without, type Axis, type Input, type Tensor } from "./tensor.js";

/** An axis; its size is a named size of the same name unless said otherwise. */
export const axis = (name: string, size: IntegerLike = name): Axis => Object.freeze({ name, size: integer(size) });

export interface InputOptions {
  readonly type?: Input["type"];
  readonly differentiable?: boolean;
  readonly absent?: number;
  readonly strides?: readonly IntegerLike[];
  readonly documentation?: string;
}

/** A tensor that callers give. Integers have no gradient. */
export function input(name: string, axes: readonly Axis[], options: InputOptions = {}): Input {
  const { type = "float32", differentiable = type === "float32", absent, strides, documentation = "" } = options;
  return intern<Input>({
    kind: "input",
    axes: distinct(axes, `"${name}"`),
    operands: [],
    name,
    type,
    differentiable,
    absent,
    strides: strides?.map(integer),
    documentation,
  });
}

const PLACES = Array.from({ length: 12 }, (_, i) => variable("wildcard", `operand ${i}`));

/**
 * The tensor whose elements are `value`, its variables bound to operands; axes of `also` are added. Placeholders are
 * numbered as they occur, so that the same value of the same operands is the same tensor.
 */
export function map(given: Expr, bindings: ReadonlyMap<Expr, Tensor>, also: readonly Axis[] = []): Tensor {
  const used = variables(given).flatMap((place) => {
    const tensor = bindings.get(place);
    return tensor === undefined ? [] : [{ place, tensor }];
  });
  const numbered = used.map(({ place, tensor }, i): readonly [Expr, Tensor] => [
    variableOf(place).role === "wildcard" ? PLACES[i]! : place,
    tensor,
  ]);
  const value = substitute(given, new Map(used.map(({ place }, i) => [place, numbered[i]![0]])));
  if (numbered.length === 1 && value === numbered[0]![0] && without(also, numbered[0]![1].axes).length === 0)
    return numbered[0]![1];
  const operands = numbered.map(([, tensor]) => tensor);
  const axes = broadcast([
    ...operands.map((tensor) => [described(tensor), tensor.axes] as const),
    ["the result", also],
  ]);
  return intern({ kind: "map", axes, operands, value, places: numbered.map(([place]) => place) });
}

/** `each((a, b) => mul(a, b), x, w)`: an expression of the operands' elements. */
export function each(value: (...elements: Expr[]) => Expr, ...operands: Tensor[]): Tensor {
  const places = PLACES.slice(0, operands.length);
  return map(value(...places), new Map(places.map((place, i) => [place, operands[i]!])));
}

export const plusEach = (a: Tensor, b: Tensor): Tensor => each(add, a, b);
export const timesEach = (a: Tensor, b: Tensor): Tensor => each(mul, a, b);

/** The same elements along more axes. */
export const expand = (tensor: Tensor, axes: readonly Axis[]): Tensor =>
  axes.every(({ name }) => has(tensor.axes, name)) ? tensor : map(PLACES[0]!, new Map([[PLACES[0]!, tensor]]), axes);

export function reduce(how: ReductionName, tensor: Tensor, over: readonly Axis[]): Tensor {
  if (over.length === 0) return tensor;
  for (const { name } of over)
    if (!has(tensor.axes, name))
      throw new RangeError(`${how} over "${name}": ${described(tensor)} has ${named(tensor)}`);
  broadcast([
    [described(tensor), tensor.axes],
    [`the ${how}`, over],
  ]);
  const axes = tensor.axes.filter(({ name }) => !has(over, name));
  return intern({
    kind: "reduce",
    axes,
    operands: [tensor],
    how,
    over: tensor.axes.filter(({ name }) => has(over, name)),
  });
}

export const sum = (tensor: Tensor, ...over: Axis[]): Tensor => reduce("sum", tensor, over);
export const largest = (tensor: Tensor, over: Axis): Tensor => reduce("max", tensor, [over]);
export const logSumExp = (tensor: Tensor, over: Axis): Tensor => reduce("logsumexp", tensor, [over]);

/** sum over `over` of a·b, where axes of the same name meet: a product of matrices is one of these. */
export const contract = (a: Tensor, b: Tensor, ...over: Axis[]): Tensor => sum(timesEach(a, b), ...over);

export const stopGradient = (tensor: Tensor): Tensor => intern({ kind: "stop", axes: tensor.axes, operands: [tensor] });

/** An integer, such as a size or a position, as a number. */
export function whole(value: IntegerLike, axes: readonly Axis[] = []): Tensor {
  const places = integer(value);
  const operands = indexTensors([places]);
  const all = broadcast([["the integer", axes], ...operands.map((of) => [described(of), of.axes] as const)]);
  checkPositions([places], all);
  return intern({ kind: "integer", axes: all, operands, integer: places });
}

/** Draws one number per element; draws of different `stream`s are independent. */
export const random = (axes: readonly Axis[], stream = 0): Tensor =>
  intern({ kind: "random", axes: distinct(axes, "the draw"), operands: [], stream });

/**
 * The tensor at other places: for each axis that is replaced, the place along it in terms of the new axes. Places outside
 * give 0; `inside` promises that there are none.
 */
export function read(
  tensor: Tensor,
  at: Readonly<Record<string, IntegerLike>>,
  newAxes: readonly Axis[] = [],
  inside = false,
): Tensor {
  for (const name of Object.keys(at))
    if (!has(tensor.axes, name))
      throw new RangeError(`no axis "${name}" in ${described(tensor)}, which has ${named(tensor)}`);
  const places = tensor.axes.map((of) => (Object.hasOwn(at, of.name) ? integer(at[of.name]!) : position(of)));
  const indices = indexTensors(places);
  const kept = tensor.axes.filter(({ name }) => !Object.hasOwn(at, name));
  const axes = broadcast([
    [described(tensor), kept],
    ["the new axes", newAxes],
    ...indices.map((index) => [described(index), index.axes] as const),
  ]);
  checkPositions(places, axes);
  return intern({ kind: "read", axes, operands: [tensor, ...indices], at: places, inside });
}

/** Adds up the elements at the places along `axes`. */
export function scatter(tensor: Tensor, at: readonly Integer[], axes: readonly Axis[], inside = false): Tensor {
  const indices = indexTensors(at);
  checkPositions(at, tensor.axes);
  return intern({ kind: "scatter", axes: distinct(axes, "the scattered"), operands: [tensor, ...indices], at, inside });
}

/** The part of an axis that begins at `from`. */
export const slice = (tensor: Tensor, of: string, part: Axis, from: IntegerLike = 0): Tensor =>
  read(tensor, { [of]: plus(position(part), from) }, [part], true);

/** One axis under another name. */
export function rename(tensor: Tensor, of: string, to: Axis): Tensor {
  const renamed = slice(tensor, of, to);
  const found = tensor.axes.find(({ name }) => name === of)!;
  if (found.size !== to.size)
    throw new RangeError(`axis "${of}" has size ${found.size.text}, "${to.name}" has ${to.size.text}`);
  return renamed;
}

/** One axis as two: the place is outer · size(inner) + inner. */
export const split = (tensor: Tensor, of: string, outer: Axis, inner: Axis): Tensor =>
  read(tensor, { [of]: plus(times(position(outer), inner.size), position(inner)) }, [outer, inner], true);

/** Two axes as one, the inverse of `split`. */
export function merge(tensor: Tensor, outer: string, inner: string, merged: Axis): Tensor {
  const found = tensor.axes.find(({ name }) => name === inner);
  const size = found === undefined ? 1 : found.size;
  return read(
    tensor,
    { [outer]: floorDiv(position(merged), size), [inner]: modulo(position(merged), size) },
    [merged],
    true,
  );
}

export interface Window {
  readonly stride?: IntegerLike;
  readonly dilation?: IntegerLike;
  readonly padding?: IntegerLike;
}

/** Windows along an axis: the place is out · stride + kernel · dilation - padding, zeros outside. */
export const windows = (tensor: Tensor, of: string, out: Axis, kernel: Axis, window: Window = {}): Tensor => {
  const { stride = 1, dilation = 1, padding = 0 } = window;
  const place = plus(times(position(out), stride), times(position(kernel), dilation));
  return read(tensor, { [of]: minus(place, padding) }, [out, kernel]);
};

/** The elements along an axis that an index tensor names; its values have to be places along that axis. */
export const gather = (tensor: Tensor, of: string, index: Tensor): Tensor =>
  read(tensor, { [of]: element(index) }, [], true);

/** Tensors one after the other, each along an axis of its own: together they are `whole`. */
export function concatenate(parts: readonly (readonly [tensor: Tensor, along: string])[], whole: Axis): Tensor {
  let from: Integer = integer(0);
  const shifted = parts.map(([tensor, along]) => {
    const part = read(tensor, { [along]: minus(position(whole), from) }, [whole]);
    from = plus(from, tensor.axes.find(({ name }) => name === along)!.size);
    return part;
  });
  return shifted.reduce(plusEach);
}

const named = (tensor: Tensor): string =>
  tensor.axes.length === 0
    ? "no axes"
    : `the axes ${tensor.axes.map(({ name, size }) => `${name} (${size.text})`).join(", ")}`;

const described = (tensor: Tensor): string => (tensor.kind === "input" ? `"${tensor.name}"` : `the ${tensor.kind}`);

/** All axes, in the order in which they are first met; one name with two sizes is a mistake. */
function broadcast(groups: readonly (readonly [owner: string, axes: readonly Axis[]])[]): Axis[] {
  const met = new Map<string, { readonly axis: Axis; readonly owner: string }>();
  for (const [owner, axes] of groups)
    for (const axis of axes) {
      const before = met.get(axis.name);
      if (before === undefined) met.set(axis.name, { axis, owner });
      else if (before.axis.size !== axis.size)
        throw new RangeError(
          `axis "${axis.name}" has size ${before.axis.size.text} in ${before.owner} and ${axis.size.text} in ${owner}`,
        );
    }
  return [...met.values()].map(({ axis }) => axis);
}

function distinct(axes: readonly Axis[], owner: string): readonly Axis[] {
  const twice = axes.find(({ name }, i) => axes.findIndex((other) => other.name === name) !== i);
  if (twice !== undefined) throw new RangeError(`axis "${twice.name}" stands twice in ${owner}`);
  return axes;
}

function checkPositions(places: readonly Integer[], axes: readonly Axis[]): void {
  for (const place of places)
    for (const { kind, name } of integerParts(place))
      if (kind === "position" && !has(axes, name))
        throw new RangeError(`the place ${place.text} mentions the axis "${name}", which the result does not have`);
}
