/**
 * The graph where numbers of their own have too few digits: thresholds, and in float32 log-sum-exp, whose shares are
 * quotients of shifted exponentials. A rounded mean leaves a residual mean in x - mean; subtract it (two-pass correction).
 */
import { add, div, eq, exp, le, lt, select, sub, variable } from "../../ir/build.js";
import { rebuild, type Expr } from "../../ir/expr.js";
import { each, map, reduce } from "../../ir/graph/build.js";
import { rebuildTensors } from "../../ir/graph/rebuild.js";
import { isThreshold } from "../../ir/graph/reductions.js";
import { shareOf } from "../../ir/graph/shift.js";
import type { MapNode, Reduce, Tensor } from "../../ir/graph/tensor.js";

export function forFloat32(roots: readonly Tensor[]): Tensor[] {
  const shared = sharesAsQuotients(roots);
  const centred = rebuildTensors(shared, (tensor) => (tensor.kind === "map" ? fromMean(tensor) : tensor));
  return shared.map((root) => centred.get(root)!);
}

/** Shares of a softmax as quotients of shifted exponentials. */
export function sharesAsQuotients(roots: readonly Tensor[]): Tensor[] {
  const shared = rebuildTensors(roots, (tensor) => (tensor.kind === "map" ? (share(tensor) ?? tensor) : tensor));
  return roots.map((root) => shared.get(root)!);
}

/** Thresholds are compared from the largest element on: beside a huge row they are no number of their own. */
export function thresholdsFromLargest(roots: readonly Tensor[]): Tensor[] {
  const shifted = rebuildTensors(roots, (tensor) => (tensor.kind === "map" ? fromLargestElement(tensor) : tensor));
  return roots.map((root) => shifted.get(root)!);
}

/** exp(x - logsumexp x) is exp(x - m) / (sum of exp(x - m)), with m the largest. */
function share(tensor: MapNode): Tensor | undefined {
  const found = shareOf(tensor);
  if (found === undefined) return undefined;
  const { element, total } = found;
  const largest = reduce("max", total.operands[0]!, total.over);
  const power = each((x, m) => exp(sub(x, m)), total.operands[0]!, largest);
  const sum = reduce("sum", power, total.over);
  const own = each((x, m) => exp(sub(x, m)), element, largest);
  return total.how === "maskedLogsumexp"
    ? each((e, s, m) => select(eq(m, -Infinity), 0, div(e, s)), own, sum, largest)
    : each(div, own, sum);
}

/** x and the threshold t of the same row: x - t and t < x from the largest element on. */
function fromLargestElement(tensor: MapNode): Tensor {
  const found = tensor.operands.find(
    (operand): operand is Reduce =>
      operand.kind === "reduce" && isThreshold(operand.how) && tensor.operands.includes(operand.operands[0]!),
  );
  if (found === undefined) return tensor;
  const [row] = found.operands as [Tensor];
  const largest = reduce("max", row, found.over);
  const shifted = each(sub, row, largest);
  const placeOf = (of: Tensor): Expr => tensor.places[tensor.operands.indexOf(of)]!;
  const [x, t] = [placeOf(row), placeOf(found)];
  const bindings = new Map(tensor.places.map((place, i) => [place, tensor.operands[i]!]));
  const [m, s] = [variable("wildcard", "the largest"), variable("wildcard", "from the largest")];
  bindings.set(m, largest).set(s, shifted);
  const value = rebuild([tensor.value], (expr) => {
    const [a, b] = expr.args;
    if (expr.op === "sub" && a === x && b === t) return sub(s, t);
    if (expr.op === "sub" && a === t && b === x) return sub(t, s);
    if (expr.op === "lt" || expr.op === "le") {
      const compare = expr.op === "lt" ? lt : le;
      if (a === t && b === x) return compare(t, s);
      if (a === x && b === t) return compare(s, t);
    }
    return expr;
  }).get(tensor.value)!;
  const threshold = reduce(found.how, shifted, found.over);
  bindings.set(t, threshold);
  return value === tensor.value
    ? map(rebuild([value], (expr) => (expr === t ? add(t, m) : expr)).get(value)!, bindings)
    : map(value, bindings);
}

/** x - m, with m the mean of a row that was rounded, is (x - m) - mean (x - m). */
function fromMean(tensor: MapNode): Tensor {
  const [first, second] = tensor.operands as readonly (Tensor | undefined)[];
  const [a, b] = tensor.places;
  if (second === undefined || tensor.operands.length > 2) return tensor;
  const isForwards = tensor.value === sub(a!, b!);
  if (!isForwards && tensor.value !== sub(b!, a!)) return tensor;
  const [row, mean] = isForwards ? [first!, second] : [second, first!];
  if (mean.kind !== "map" || mean.operands.length !== 2) return tensor;
  const [total, count] = mean.operands as [Tensor, Tensor];
  if (mean.value !== div(mean.places[0]!, mean.places[1]!) || count.kind !== "integer") return tensor;
  if (total.kind !== "reduce" || total.how !== "sum" || total.operands[0] !== row) return tensor;
  const rest = each(div, reduce("sum", tensor, total.over), count);
  return each(sub, tensor, rest);
}
