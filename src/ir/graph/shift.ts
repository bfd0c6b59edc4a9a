/** log(sum exp x) by way of the largest x, and what is subtracted from it without losing digits. */
import { add, eq, exp, log, select, sub } from "../build.js";
import type { Expr } from "../expr.js";
import { each, reduce } from "./build.js";
import { rebuildTensors } from "./rebuild.js";
import type { MapNode, Reduce, Tensor } from "./tensor.js";

export const isLogSumExp = (tensor: Tensor): tensor is Reduce =>
  tensor.kind === "reduce" && (tensor.how === "logsumexp" || tensor.how === "maskedLogsumexp");

/** x and logsumexp b, the parts of exp(x - logsumexp b): a share of a softmax where x is b. */
export interface Share {
  readonly element: Tensor;
  readonly total: Reduce;
}

export function shareOf(tensor: Tensor): Share | undefined {
  const place = tensor.kind === "map" ? tensor.places[0] : undefined;
  // A map of no operands is a constant.
  if (tensor.kind !== "map" || place === undefined || tensor.value !== exp(place)) return undefined;
  const [difference] = tensor.operands;
  if (difference?.kind !== "map" || difference.operands.length !== 2) return undefined;
  const [a, b] = difference.places as [Expr, Expr];
  const [first, second] = difference.operands as [Tensor, Tensor];
  const isForwards = difference.value === sub(a, b);
  if (!isForwards && difference.value !== sub(b, a)) return undefined;
  const [element, total] = isForwards ? [first, second] : [second, first];
  return isLogSumExp(total) ? { element, total } : undefined;
}

/** The largest m of each row, and the sum s of exp(x - m): log(sum exp x) is m + log s. */
function shiftedSum({ operands: [tensor], over }: Reduce): readonly [largest: Tensor, total: Tensor] {
  const largest = reduce("max", tensor!, over);
  const powers = each((x, m) => exp(sub(x, m)), tensor!, largest);
  return [largest, reduce("sum", powers, over)];
}

/** With another value for a row of nothing but -Infinity, if it is masked. */
const unlessMasked = ({ how }: Reduce, m: Expr, masked: number, value: Expr): Expr =>
  how === "maskedLogsumexp" ? select(eq(m, -Infinity), masked, value) : value;

/** m + log s. */
export const logSumExp = (tensor: Reduce): Tensor =>
  each((m, s) => unlessMasked(tensor, m, Infinity, add(m, log(s))), ...shiftedSum(tensor));

/**
 * x - (m + log s) is (x - m) - log s, and its negative (m - x) + log s: where m is so large that m + log s is rounded to m,
 * the differences still have all their digits.
 */
function difference(tensor: MapNode): Tensor {
  const [first, second] = tensor.operands as readonly (Tensor | undefined)[];
  const [a, b] = tensor.places;
  if (first === undefined || second === undefined || a === undefined || b === undefined) return tensor;
  const [minuend, subtrahend] = tensor.value === sub(a, b) ? [first, second] : [second, first];
  if (tensor.value !== sub(a, b) && tensor.value !== sub(b, a)) return tensor;
  if (isLogSumExp(subtrahend))
    return each(
      (x, m, s) => unlessMasked(subtrahend, m, -Infinity, sub(sub(x, m), log(s))),
      minuend,
      ...shiftedSum(subtrahend),
    );
  if (isLogSumExp(minuend))
    return each(
      (x, m, s) => unlessMasked(minuend, m, Infinity, add(sub(m, x), log(s))),
      subtrahend,
      ...shiftedSum(minuend),
    );
  return tensor;
}

/** The graph with every difference from a logsumexp taken from the largest. */
export function fromLargest(roots: readonly Tensor[]): Tensor[] {
  const rebuilt = rebuildTensors(roots, (tensor) => (tensor.kind === "map" ? difference(tensor) : tensor));
  return roots.map((root) => rebuilt.get(root)!);
}
