/**
 * Scatters as gathers: what lands on a place is summed there, so that every place is written once and in any order.
 *
 * An element at place p lands on t = c · p + r: then p is floor((t - r) / c), where that leaves no remainder and is inside.
 * Where nothing can be solved - an element of an index tensor - every source is asked whether it lands on t. Sums that the
 * scattered tensor already is become one with that over the sources: the gradient of a convolution is a product of matrices.
 */
import { eq, select } from "../../ir/build.js";
import { node, type Expr } from "../../ir/expr.js";
import { axis as axisOf, each, expand, read, reduce, timesEach, whole } from "../../ir/graph/build.js";
import {
  constantInteger,
  floorDiv,
  integerParts,
  minus,
  modulo,
  plus,
  position,
  substituteInteger,
  times,
  type Integer,
} from "../../ir/graph/integer.js";
import { has, type Axis, type Scatter, type Tensor } from "../../ir/graph/tensor.js";

/** rest + the sum of factor · position along an axis. */
interface Linear {
  readonly factors: ReadonlyMap<string, Integer>;
  readonly rest: Integer;
}

const ZERO = constantInteger(0);
const ONE = constantInteger(1);
const positionsIn = (place: Integer): string[] =>
  integerParts(place).flatMap(({ kind, name }) => (kind === "position" ? [name] : []));
const hasElement = (place: Integer): boolean => integerParts(place).some(({ kind }) => kind === "element");

function linear(place: Integer): Linear | undefined {
  if (hasElement(place)) return undefined;
  if (positionsIn(place).length === 0) return { factors: new Map(), rest: place };
  if (place.kind === "position") return { factors: new Map([[place.name, ONE]]), rest: ZERO };
  const [a, b] = place.args.map(linear);
  if (a === undefined || b === undefined) return undefined;
  if (place.kind === "add") {
    const factors = new Map(a.factors);
    for (const [name, factor] of b.factors) factors.set(name, plus(factors.get(name) ?? 0, factor));
    return { factors, rest: plus(a.rest, b.rest) };
  }
  const [of, by] = a.factors.size === 0 ? [b, a] : [a, b];
  if (place.kind !== "mul" || by.factors.size > 0) return undefined;
  const scaled = [...of.factors].map(([name, factor]) => [name, times(factor, by.rest)] as const);
  return { factors: new Map(scaled), rest: times(of.rest, by.rest) };
}

/** Strides and sizes, which are not negative. */
const isFactor = (factor: Integer): boolean =>
  factor.kind === "size" || (factor.kind === "constant" && factor.value > 0);

/** Names of the source's axes, where the target has other axes of the same name. */
type Renamed = ReadonlyMap<string, Axis>;

/** Where a source's position along an axis is, and what has to hold for it to land on the target. */
interface Source {
  readonly places: ReadonlyMap<string, Integer>;
  readonly conditions: readonly { readonly left: Tensor; readonly right: Tensor }[];
}

const isPassedOn = ({ axes, at, operands }: Scatter, axis: Axis): boolean =>
  has(operands[0]!.axes, axis.name) && axes.some(({ name }, i) => name === axis.name && at[i] === position(axis));

function sourceOf(tensor: Scatter, renamed: Renamed, known: ReadonlyMap<string, Axis>): Source {
  const axesOf = (place: Integer): Axis[] => [...new Set(positionsIn(place))].map((name) => known.get(name)!);
  const wholeOf = (place: Integer): Tensor => whole(place, axesOf(place));
  const atSource = (place: Integer): Integer =>
    substituteInteger(place, (part) => {
      const axis = part.kind === "position" ? renamed.get(part.name) : undefined;
      return axis === undefined ? undefined : position(axis);
    });
  /** An element of an index tensor goes with the axes of that. */
  const sourceWhole = (place: Integer): Tensor =>
    hasElement(place) ? withNames(wholeOf(place), renamed) : wholeOf(atSource(place));
  const fixed = new Set(tensor.operands.slice(1).flatMap((index) => index.axes.map(({ name }) => name)));
  const places = new Map<string, Integer>();
  const conditions: { left: Tensor; right: Tensor }[] = [];
  for (const [i, axis] of tensor.axes.entries()) {
    if (isPassedOn(tensor, axis)) continue;
    const at = tensor.at[i]!;
    const form = linear(at);
    const solved = [...(form?.factors ?? [])].find(
      ([name, factor]) =>
        isFactor(factor) && !fixed.has(name) && !places.has(name) && !isPassedOn(tensor, known.get(name)!),
    );
    if (form === undefined || solved === undefined) {
      conditions.push({ left: sourceWhole(at), right: wholeOf(position(axis)) });
      continue;
    }
    const [name, factor] = solved;
    let distance = minus(position(axis), form.rest);
    for (const [other, by] of form.factors)
      if (other !== name) distance = minus(distance, times(by, atSource(position({ name: other }))));
    places.set(name, floorDiv(distance, factor));
    if (factor !== ONE) conditions.push({ left: wholeOf(modulo(distance, factor)), right: whole(0) });
  }
  return { places, conditions };
}

function withNames(tensor: Tensor, renamed: Renamed): Tensor {
  const changed = tensor.axes.filter(({ name }) => renamed.has(name));
  if (changed.length === 0) return tensor;
  const at = Object.fromEntries(changed.map(({ name }) => [name, position(renamed.get(name)!)]));
  return read(
    tensor,
    at,
    changed.map(({ name }) => renamed.get(name)!),
    true,
  );
}

/** The two factors of a product, or what is no product. */
function factorsOf(tensor: Tensor): readonly Tensor[] {
  if (tensor.kind !== "map" || tensor.operands.length !== 2) return [tensor];
  const [a, b] = tensor.places as [Expr, Expr];
  return tensor.value === node("mul", a, b) || tensor.value === node("mul", b, a) ? tensor.operands : [tensor];
}

export function gathered(tensor: Scatter): Tensor {
  const [value] = tensor.operands as [Tensor];
  const isSum = value.kind === "reduce" && value.how === "sum";
  const summed = isSum ? value.over : [];
  const body = isSum ? value.operands[0]! : value;
  const own = [...value.axes.filter((axis) => !isPassedOn(tensor, axis)), ...summed];
  const renamed: Renamed = new Map(
    own.flatMap((axis) => (has(tensor.axes, axis.name) ? [[axis.name, renamedAxis(axis)] as const] : [])),
  );
  const known = new Map([...own, ...tensor.axes, ...renamed.values()].map((axis) => [axis.name, axis]));
  const { places, conditions } = sourceOf(tensor, renamed, known);
  /** A factor at the places of the sources. */
  const sourced = (factor: Tensor): Tensor => {
    const at = factor.axes.flatMap(({ name }): [string, Integer][] => {
      const place = places.get(name) ?? (renamed.has(name) ? position(renamed.get(name)!) : undefined);
      return place === undefined ? [] : [[name, place]];
    });
    if (at.length === 0) return factor;
    const newAxes = new Set(at.flatMap(([, place]) => positionsIn(place)));
    const isInside = at.every(([name]) => !places.has(name));
    return read(
      factor,
      Object.fromEntries(at),
      [...newAxes].map((name) => known.get(name)!),
      isInside,
    );
  };
  /** The conditions go to the factor with the solved axes: they are mostly about the same axes. */
  const weight = ({ axes }: Tensor): number =>
    axes.filter(({ name }) => places.has(name) || tensor.operands.slice(1).some((of) => has(of.axes, name))).length;
  const [first, ...rest] = [...factorsOf(body)].sort((a, b) => weight(b) - weight(a));
  const guarded = conditions.reduce<Tensor>(
    (source, { left, right }) =>
      each((element, place, wanted) => select(eq(place, wanted), element, 0), source, left, right),
    sourced(first!),
  );
  const product = rest.map(sourced).reduce(timesEach, guarded);
  const over = own.flatMap((axis) => (places.has(axis.name) ? [] : [renamed.get(axis.name) ?? axis]));
  return expand(reduce("sum", expand(product, over), over), tensor.axes);
}

const renamedAxis = ({ name, size }: Axis): Axis => axisOf(`${name}Source`, size);
