/**
 * How an axis is reduced, one row each: what it means on float64, and the derivative by an element.
 *
 * All are over the reals; in floats they are written so that nothing overflows on the way.
 */
import { constant, div, exp, lt, select, sub, variable } from "../build.js";
import type { Expr } from "../expr.js";

export interface Reduction {
  /** The value of a row. */
  readonly evaluate: (row: Float64Array) => number;
  /**
   * The derivative of the result by one element, as an expression of `ELEMENT`, `RESULT` and, where it needs one, `COUNT`:
   * how many elements `counts` is 1 for. Undefined: it is 0 almost everywhere.
   */
  readonly derivative?: Expr;
  readonly counts?: Expr;
  /** The sentence for documentation. */
  readonly documentation: string;
}

/** An element of the row, what the row is reduced to, and how many elements count. */
export const ELEMENT: Expr = variable("wildcard", "element");
export const RESULT: Expr = variable("wildcard", "result");
export const COUNT: Expr = variable("wildcard", "count");

/** 1 for the elements that are as large as the largest: they share its gradient, as in PyTorch's amax. */
const IS_LARGEST = select(lt(ELEMENT, RESULT), 0, 1);
const IS_ABOVE = select(lt(RESULT, ELEMENT), 1, 0);

const ROWS = {
  sum: {
    evaluate: (row) => row.reduce((sum, value) => sum + value, 0),
    derivative: constant(1),
    documentation: "the sum",
  },
  max: {
    // NaN stays.
    evaluate: (row) => row.reduce((largest, value) => Math.max(largest, value), -Infinity),
    derivative: div(IS_LARGEST, COUNT),
    counts: IS_LARGEST,
    documentation: "the largest",
  },
  logsumexp: {
    evaluate: logSumExp,
    derivative: exp(sub(ELEMENT, RESULT)),
    documentation: "log(sum exp), shifted by the largest",
  },
  threshold: {
    evaluate: simplexThreshold,
    derivative: div(IS_ABOVE, COUNT),
    counts: IS_ABOVE,
    documentation: "the t with sum max(x - t, 0) = 1",
  },
  argmax: {
    evaluate: (row) => {
      let at = 0;
      for (let i = 1; i < row.length; i++) if (row[i]! > row[at]! || (row[i] !== row[i] && row[at] === row[at])) at = i;
      return at;
    },
    documentation: "the place of the first of the largest, or of the first NaN",
  },
} satisfies Readonly<Record<string, Reduction>>;

export type ReductionName = keyof typeof ROWS;
export const REDUCTIONS: { readonly [K in ReductionName]: Reduction } = ROWS;

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
