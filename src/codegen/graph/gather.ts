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

/** Where a source's position along an axis is, and what has to hold for one to land on the target. */
interface Source {
  readonly places: ReadonlyMap<string, Integer>;
  readonly conditions: readonly { readonly left: Integer; readonly right: Integer }[];
}

function sourceOf(tensor: Scatter, given: readonly Axis[]): Source {
  const isPassedOn = (axis: Axis): boolean =>
    has(given, axis.name) && tensor.at[tensor.axes.indexOf(axis)] === position(axis);
  const fixed = new Set([
    ...tensor.axes.filter(isPassedOn).map(({ name }) => name),
    ...tensor.operands.slice(1).flatMap((index) => index.axes.map(({ name }) => name)),
  ]);
  const places = new Map<string, Integer>();
  const conditions: { left: Integer; right: Integer }[] = [];
  for (const [i, axis] of tensor.axes.entries()) {
    if (isPassedOn(axis)) continue;
    const at = tensor.at[i]!;
    const form = linear(at);
    const solved = [...(form?.factors ?? [])].find(
      ([name, factor]) => isFactor(factor) && !fixed.has(name) && !places.has(name),
    );
    if (form === undefined || solved === undefined) {
      conditions.push({ left: at, right: position(axis) });
      continue;
    }
    const [name, factor] = solved;
    let distance = minus(position(axis), form.rest);
    for (const [other, by] of form.factors)
      if (other !== name) distance = minus(distance, times(by, position({ name: other })));
    places.set(name, floorDiv(distance, factor));
    if (factor !== ONE) conditions.push({ left: modulo(distance, factor), right: ZERO });
  }
  return { places, conditions };
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
  const { places, conditions } = sourceOf(tensor, value.axes);
  const isTarget = ({ name }: Axis): boolean => has(tensor.axes, name);
  const isSame = (axis: Axis): boolean =>
    tensor.axes.some(({ name }, i) => name === axis.name && tensor.at[i] === position(axis));
  const left = value.axes.filter((axis) => !isSame(axis) && !places.has(axis.name));
  // What is summed over goes by another name than the target's axes.
  const renamed = new Map([...left, ...summed].map((axis) => [axis.name, isTarget(axis) ? renamedAxis(axis) : axis]));
  const known = new Map([...value.axes, ...tensor.axes, ...renamed.values()].map((axis) => [axis.name, axis]));
  const moved = (place: Integer): Integer =>
    substituteInteger(place, (part) =>
      part.kind === "position" && renamed.has(part.name) ? position(renamed.get(part.name)!) : undefined,
    );
  const axesOf = (place: Integer): Axis[] => [...new Set(positionsIn(place))].map((name) => known.get(name)!);
  /** A factor at the places of the sources. */
  const sourced = (factor: Tensor): Tensor => {
    const changed = factor.axes.filter(({ name }) => places.has(name) || renamed.get(name) !== known.get(name));
    const at: [string, Integer][] = factor.axes.flatMap((axis): [string, Integer][] => {
      const solved = places.get(axis.name);
      if (solved !== undefined) return [[axis.name, moved(solved)]];
      const other = renamed.get(axis.name);
      return other === undefined || other === axis ? [] : [[axis.name, position(other)]];
    });
    if (at.length === 0 || changed.length === 0) return factor;
    return read(
      factor,
      Object.fromEntries(at),
      at.flatMap(([, place]) => axesOf(place)),
      places.size === 0,
    );
  };
  const [first, ...rest] = [...factorsOf(body)].sort((a, b) => weight(b) - weight(a));
  /** The conditions go to the factor with the solved axes: they are mostly about the same axes. */
  function weight(factor: Tensor): number {
    return factor.axes.filter(
      ({ name }) => places.has(name) || tensor.operands.slice(1).some((of) => has(of.axes, name)),
    ).length;
  }
  const guarded = conditions.reduce<Tensor>((source, { left: a, right: b }) => {
    const [at, wanted] = [moved(a), moved(b)];
    return each(
      (element, place, target) => select(eq(place, target), element, 0),
      source,
      whole(at, axesOf(at)),
      whole(wanted, axesOf(wanted)),
    );
  }, sourced(first!));
  const product = rest.map(sourced).reduce(timesEach, guarded);
  const over = [...left, ...summed].map(({ name }) => renamed.get(name)!);
  return expand(reduce("sum", expand(product, over), over), tensor.axes);
}

const renamedAxis = ({ name, size }: Axis): Axis => axisOf(`${name}Source`, size);
