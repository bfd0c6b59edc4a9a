/**
 * From a graph over the reals to one that kernels compute: composite reductions taken apart, `stop` gone, reads of computed
 * elements computed at the places that are read, and every expression in operations that the target writes.
 */
import { and, ge, lt, select } from "../../ir/build.js";
import { rebuild, type Expr } from "../../ir/expr.js";
import { each, expand, map, read, scatter, whole } from "../../ir/graph/build.js";
import {
  floorDiv,
  integerParts,
  modulo,
  position,
  substituteInteger,
  times,
  type Integer,
} from "../../ir/graph/integer.js";
import { rebuildTensors } from "../../ir/graph/rebuild.js";
import { fromLargest, isLogSumExp, logSumExp } from "../../ir/graph/shift.js";
import type { Axis, MapNode, Read, Scatter, Tensor } from "../../ir/graph/tensor.js";
import { gathered } from "./gather.js";
import type { MachineName } from "./machine.js";
import { Singles } from "./singles.js";
import { forFloat32, sharesAsQuotients, thresholdsFromLargest } from "./single.js";

/** The reductions that are written out for a machine: where a row is kept, a share of it needs no second exponential. */
const EXPANDED: { readonly [K in MachineName]: (roots: readonly Tensor[]) => readonly Tensor[] } = {
  sequential: (roots) => roots,
  roomy: sharesAsQuotients,
  parallel: forFloat32,
};

/** Whether two places stand for float32 numbers, and the first is at most as large as the second. */
export type IsAtMost = (a: Expr, b: Expr) => boolean;

/** The graph lowered; `lowerValue` writes an expression in the target's operations, given its operands' places. */
export function lowerGraph(
  roots: readonly Tensor[],
  lowerValue: (value: Expr, places: readonly Expr[], isAtMost: IsAtMost) => Expr,
  machine: MachineName,
): Tensor[] {
  const rebuilt = (tensors: readonly Tensor[], visit: (tensor: Tensor) => Tensor): Tensor[] => {
    const results = rebuildTensors(tensors, visit);
    return tensors.map((tensor) => results.get(tensor)!);
  };
  const settled = (tensor: Tensor): Tensor =>
    machine === "parallel" && tensor.kind === "scatter" ? gathered(tensor) : tensor;
  const held = thresholdsFromLargest(EXPANDED[machine](roots));
  const lowered = rebuilt(fromLargest(held), (tensor) => {
    switch (tensor.kind) {
      case "stop":
        return tensor.operands[0]!;
      case "reduce":
        return isLogSumExp(tensor) ? logSumExp(tensor) : tensor;
      case "scatter":
        return unsplit(composed(tensor)) ?? settled(composed(tensor));
      default:
        return tensor;
    }
  });
  const sunk = rebuilt(lowered, (tensor) => (tensor.kind === "read" ? sink(tensor) : tensor));
  const singles = new Singles();
  return rebuilt(sunk, (tensor) => {
    let made = tensor;
    if (tensor.kind === "map") {
      const operands = bindings(tensor);
      const isAtMost: IsAtMost = (a, b) => singles.isAtMost(operands.get(a), operands.get(b));
      made = withValue(tensor, lowerValue(tensor.value, tensor.places, isAtMost));
    }
    singles.note(made, tensor);
    return made;
  });
}

const bindings = ({ places, operands }: MapNode): Map<Expr, Tensor> =>
  new Map(places.map((place, i) => [place, operands[i]!]));

const withValue = (tensor: MapNode, value: Expr): Tensor =>
  expand(map(ofNumbers(value, tensor), bindings(tensor)), tensor.axes);

/** The value without looking whether draws and whole numbers are numbers: they always are. */
function ofNumbers(value: Expr, { operands, places }: MapNode): Expr {
  const numbers = new Set(places.filter((_, i) => operands[i]!.kind === "random" || operands[i]!.kind === "integer"));
  if (numbers.size === 0) return value;
  return rebuild([value], (expr) => {
    const [condition, then] = expr.args;
    const [a, b] = condition?.args ?? [];
    const isTrue = expr.op === "select" && condition!.op === "eq" && a === b && numbers.has(a!);
    return isTrue ? then! : expr;
  }).get(value)!;
}

/** Adding up twice is adding up once, if what is outside the first time is outside the second time too. */
function composed(tensor: Scatter): Tensor {
  const [inner] = tensor.operands as [Tensor];
  if (inner.kind !== "scatter") return tensor;
  const places = new Map(inner.axes.map((axis, i) => [axis.name, inner.at[i]!]));
  const isPassedOn = ({ name }: Axis): boolean =>
    tensor.axes.some((axis, i) => axis.name === name && tensor.at[i] === position(axis));
  const isChecked = inner.axes.every(
    (axis, i) => inner.inside || inner.at[i] === position(axis) || (isPassedOn(axis) && !tensor.inside),
  );
  if (!isChecked || tensor.operands.length > 1) return tensor;
  const at = tensor.at.map((place) =>
    substituteInteger(place, (part) => (part.kind === "position" ? places.get(part.name) : undefined)),
  );
  return scatter(inner.operands[0]!, at, tensor.axes, tensor.inside && inner.inside);
}

/**
 * Adding at outer · size + inner, each place once, is reading at floor(i / size) and i mod size: what a `split` gives back
 * is a `merge`.
 */
function unsplit(tensor: Tensor): Tensor | undefined {
  if (tensor.kind !== "scatter") return undefined;
  const [operand] = tensor.operands;
  const at: Record<string, Integer> = {};
  for (const [i, axis] of tensor.axes.entries()) {
    const place = tensor.at[i]!;
    if (place === position(axis)) continue;
    const parts = splitParts(place, operand!);
    if (parts === undefined) return undefined;
    at[parts.outer] = floorDiv(position(axis), parts.size);
    at[parts.inner] = modulo(position(axis), parts.size);
  }
  const kept = tensor.axes.filter((axis, i) => tensor.at[i] === position(axis));
  const covered = operand!.axes.every(({ name }) => name in at || kept.some((axis) => axis.name === name));
  return covered && Object.keys(at).length > 0 ? read(operand!, at, tensor.axes, true) : undefined;
}

/** The axes of outer · size(inner) + inner. */
function splitParts(place: Integer, operand: Tensor): { outer: string; inner: string; size: Integer } | undefined {
  if (place.kind !== "add" || place.args[1]!.kind !== "position") return undefined;
  const inner = operand.axes.find(({ name }) => name === place.args[1]!.name);
  const outer = operand.axes.find((axis) => inner !== undefined && place.args[0] === times(position(axis), inner.size));
  return inner === undefined || outer === undefined
    ? undefined
    : { outer: outer.name, inner: inner.name, size: inner.size };
}

/** A read of what is computed elementwise, or of another read, is computed at the places that are read. */
function sink(tensor: Read, sunk = new Map<Tensor, Tensor>()): Tensor {
  const [source] = tensor.operands as [Tensor];
  const places = new Map(source.axes.map((axis, i) => [axis.name, tensor.at[i]!]));
  const moved = (integer: Integer): Integer =>
    substituteInteger(integer, (part) => (part.kind === "position" ? places.get(part.name) : undefined));
  const readOf = (operand: Tensor): Tensor => {
    const at = Object.fromEntries(operand.axes.map(({ name }) => [name, places.get(name)!]));
    const moved = read(operand, at, tensor.axes, tensor.inside);
    const known = sunk.get(moved);
    if (known !== undefined || moved.kind !== "read") return known ?? moved;
    const result = sink(moved, sunk);
    sunk.set(moved, result);
    return result;
  };
  // An index tensor is read at the loop's current positions. If this read remaps one of those axes, materialise the
  // source first.
  const isMoved = (integer: Integer): boolean =>
    integerParts(integer).some((part) => part.tensor?.axes.some((axis) => places.get(axis.name) !== position(axis)));
  if (source.kind === "integer" ? isMoved(source.integer) : source.kind === "read" && source.at.some(isMoved))
    return tensor;
  if (source.kind === "integer") return guarded(tensor, whole(moved(source.integer), tensor.axes));
  if (source.kind === "map") {
    const operands = source.operands.map(readOf);
    const value = map(source.value, new Map(source.places.map((place, i) => [place, operands[i]!])), tensor.axes);
    return guarded(tensor, value);
  }
  if (source.kind === "read") {
    const [origin] = source.operands as [Tensor];
    const at = Object.fromEntries(origin.axes.map(({ name }, i) => [name, moved(source.at[i]!)]));
    const composed = read(origin, at, tensor.axes, source.inside && tensor.inside);
    // An axis that the first read only passes on is checked by the read that is left.
    const isPassedOn = (axis: Axis): boolean =>
      !source.inside && origin.axes.some(({ name }, i) => name === axis.name && source.at[i] === position(axis));
    return guarded(tensor, composed, isPassedOn);
  }
  return tensor;
}

/** The value where the read is inside its source, else 0. */
function guarded(
  { operands: [source], at, axes, inside }: Read,
  value: Tensor,
  isChecked: (axis: Axis) => boolean = () => false,
): Tensor {
  if (inside) return value;
  return source!.axes.reduce((within, axis, i) => {
    if (at[i] === position(axis) || isChecked(axis)) return within;
    return each(
      (element, place, size) => select(and(ge(place, 0), lt(place, size)), element, 0),
      within,
      whole(at[i]!, axes),
      whole(axis.size),
    );
  }, value);
}
