/**
 * Which functions may be computed in float16: those of which every value on the way is finite for every finite float16,
 * and that round at most once, so that the result is the float16 next to the exact one.
 */
import { topological, variableOf, type Expr } from "../../ir/expr.js";
import { interval, type Interval } from "../../ir/interval.js";
import { leafValue } from "../../ir/evaluate.js";
import { OPERATIONS, type OperationName } from "../../ir/ops.js";

const LARGEST = 65504;
const ROUNDING: ReadonlySet<OperationName> = new Set(["add", "sub", "mul"]);
const EXACT: ReadonlySet<OperationName> = new Set(["neg", "abs", "lt", "le", "eq", "and", "or", "not", "select"]);

/** A float16 has 11 binary digits, and 2^-24 as its smallest step. */
const isHalf = (value: number): boolean => {
  if (!(Math.abs(value) <= LARGEST)) return false;
  const exponent = value === 0 ? 0 : Math.max(-14, Math.floor(Math.log2(Math.abs(value))));
  return Number.isInteger(value / 2 ** (exponent - 10));
};

/** `rounds`: how many roundings there may be. */
export function computesInHalf(root: Expr, rounds: number): boolean {
  const ranges = new Map<Expr, Interval>();
  let rounded = 0;
  for (const node of topological([root])) {
    if (node.op === "variable") {
      if (variableOf(node).name !== "x") return false;
      ranges.set(node, interval(-LARGEST, LARGEST));
      continue;
    }
    if (node.args.length === 0) {
      const value = leafValue(node);
      if (!isHalf(value)) return false;
      ranges.set(node, interval(value, value));
      continue;
    }
    if (ROUNDING.has(node.op)) rounded += 1;
    else if (!EXACT.has(node.op)) return false;
    const range = OPERATIONS[node.op].interval(...node.args.map((arg) => ranges.get(arg)!));
    if (!(range.low >= -LARGEST && range.high <= LARGEST)) return false;
    ranges.set(node, range);
  }
  return rounded <= rounds;
}
