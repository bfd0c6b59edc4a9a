/**
 * How an axis is reduced, one row each: what it means on float64, and the derivative by an element.
 *
 * All are over the reals; in floats they are written so that nothing overflows on the way.
 */
import { add, constant, div, exp, log, lt, max, select, sub } from "../build.js";
import type { Expr } from "../expr.js";
import { each, reduce } from "./build.js";
import type { Axis, Tensor } from "./tensor.js";

export interface Reduction {
  /** The value of a row. */
  readonly evaluate: (row: Float64Array) => number;
  /** The derivative of the result by each element; undefined: it is 0 almost everywhere. */
  readonly slope?: (element: Tensor, result: Tensor, over: readonly Axis[]) => Tensor;
  /** The value of a row of expressions, where it is one. */
  readonly unrolled?: (row: readonly Expr[]) => Expr;
  /** A word for the result. */
  readonly noun: string;
}

/** 1 for each element that counts, divided by how many do: they share the gradient. */
const shared = (counts: Tensor, over: readonly Axis[]): Tensor => each(div, counts, reduce("sum", counts, over));

/** As two steps, so that what they make is found again where a definition has x - logsumexp(x) or its exponential. */
const softmax = (element: Tensor, result: Tensor): Tensor => each(exp, each(sub, element, result));

const ROWS = {
  sum: {
    evaluate: (row) => row.reduce((sum, value) => sum + value, 0),
    slope: () => each(() => constant(1)),
    unrolled: (row) => row.reduce(add, constant(0)),
    noun: "sum",
  },
  max: {
    // NaN stays.
    evaluate: (row) => row.reduce((largest, value) => Math.max(largest, value), -Infinity),
    // Those as large as the largest share its gradient, as in PyTorch's amax.
    slope: (element, result, over) =>
      shared(
        each((x, m) => select(lt(x, m), 0, 1), element, result),
        over,
      ),
    unrolled: (row) => row.reduce((largest, element) => max(largest, element)),
    noun: "largest",
  },
  logsumexp: {
    evaluate: logSumExp,
    slope: softmax,
    unrolled: logOfSum,
    noun: "total",
  },
  // Infinity for a row of nothing but -Infinity, so that its softmax is zeros.
  maskedLogsumexp: {
    evaluate: (row) => (row.every((value) => value === -Infinity) ? Infinity : logSumExp(row)),
    slope: softmax,
    // No real number is -Infinity.
    unrolled: logOfSum,
    noun: "total",
  },
  // The t with sum max(x - t, 0) = 1.
  threshold: {
    evaluate: simplexThreshold,
    slope: (element, result, over) =>
      shared(
        each((x, t) => select(lt(t, x), 1, 0), element, result),
        over,
      ),
    noun: "threshold",
  },
  // The t with sum max(x - t, 0)^2 = 1.
  squareThreshold: {
    evaluate: squareThreshold,
    slope: (element, result, over) =>
      shared(
        each((x, t) => max(sub(x, t), 0), element, result),
        over,
      ),
    noun: "threshold",
  },
  // The place of the first of the largest, or of the first NaN.
  argmax: {
    evaluate: (row) => {
      let at = 0;
      for (let i = 1; i < row.length; i++) if (row[i]! > row[at]! || (row[i] !== row[i] && row[at] === row[at])) at = i;
      return at;
    },
    noun: "place",
  },
} satisfies Readonly<Record<string, Reduction>>;

export type ReductionName = keyof typeof ROWS;
export const REDUCTIONS: { readonly [K in ReductionName]: Reduction } = ROWS;

/** Reductions that go through a row until what is above a threshold comes to 1. */
export type ThresholdName = "threshold" | "squareThreshold";
export const isThreshold = (how: ReductionName): how is ThresholdName =>
  how === "threshold" || how === "squareThreshold";

function logOfSum(row: readonly Expr[]): Expr {
  return log(row.map((element) => exp(element)).reduce(add));
}

/** m + log(sum exp(x - m)) with m the largest: NaN where that is infinite, as in the frameworks' softmax. */
function logSumExp(row: Float64Array): number {
  const largest = row.reduce((m, value) => Math.max(m, value), -Infinity);
  return largest + Math.log(row.reduce((sum, value) => sum + Math.exp(value - largest), 0));
}

/**
 * Michelot 1986: t = (sum of the elements above t - 1) / (how many there are), again until it holds; it only grows, and
 * each time drops at least one element. Begins from the largest minus 1, below which no element can be in the support.
 */
function simplexThreshold(row: Float64Array): number {
  const largest = row.reduce((m, value) => Math.max(m, value), -Infinity);
  if (!Number.isFinite(largest)) return NaN;
  for (let t = largest - 1; ;) {
    let [sum, count] = [0, 0];
    for (const value of row)
      if (value > t) {
        sum += value - largest;
        count += 1;
      }
    const next = largest + (sum - 1) / count;
    if (!(next > t)) return next;
    t = next;
  }
}

/**
 * Newton's method for the t with sum max(x - t, 0)^2 = 1: t + (sum of u^2 - 1) / (2 sum of u) with u = x - t of the elements
 * above t, again as long as it grows. The sum falls and is convex in t, so that from the largest minus 1, where it is 1 or
 * more, no step goes too far.
 */
function squareThreshold(row: Float64Array): number {
  const largest = row.reduce((m, value) => Math.max(m, value), -Infinity);
  if (!Number.isFinite(largest)) return NaN;
  for (let t = largest - 1; ;) {
    let [squares, sum] = [0, 0];
    for (const value of row)
      if (value > t) {
        squares += (value - t) ** 2;
        sum += value - t;
      }
    const next = t + (squares - 1) / (2 * sum);
    if (!(next > t)) return t;
    t = next;
  }
}
