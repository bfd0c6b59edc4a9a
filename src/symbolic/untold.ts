/**
 * Intervals that are as wide at every precision: of an exponential beyond the largest number of MPFR, or of a logarithm of a
 * negative number, and of what is made of them. Where a value is one of these there is no use in asking again with more bits.
 */
import type { Expr } from "../ir/expr.js";
import { isCondition, type OperationName } from "../ir/ops.js";
import { UP, type Binding, type Cell, type Pointer } from "./mpfr-binding.js";

/** Bits of a number from which on it counts as known. */
const KNOWN = 40;

/** Operations that give no number for known operands only where there is none. */
const ENDS: ReadonlySet<OperationName> = new Set<OperationName>([
  ...(["add", "sub", "mul", "div", "pow", "sqrt", "sin", "cos"] as const),
  ...(["log", "log1p", "log2", "log10", "acosh", "atanh"] as const),
]);

/** Whether the root's interval stays as wide as it is; all cells below it are filled. */
export function isUntold(
  m: Binding,
  order: readonly Expr[],
  root: Expr,
  cells: ReadonlyMap<Expr, Cell>,
  width: Pointer,
): boolean {
  const isKnown = (node: Expr): boolean => {
    const { low, high, truth } = cells.get(node)!;
    if (isCondition(node)) return truth !== undefined;
    if (m.mpfr_equal_p(low, high) !== 0) return m.mpfr_inf_p(low) === 0;
    if (!m.mpfr_regular_p(low) || !m.mpfr_regular_p(high) || m.mpfr_sgn(low) !== m.mpfr_sgn(high)) return false;
    m.mpfr_sub(width, high, low, UP);
    return m.mpfr_get_exp(low) - m.mpfr_get_exp(width) >= KNOWN;
  };
  const untold = new Set<Expr>();
  const known = new Set<Expr>();
  for (const node of order) {
    if (isKnown(node)) known.add(node);
    else if (node.args.every((arg) => known.has(arg))) {
      const { low, high } = cells.get(node)!;
      const isNothing = m.mpfr_nan_p(low) !== 0 && ENDS.has(node.op);
      const isBeyond = m.mpfr_inf_p(low) !== 0 || m.mpfr_inf_p(high) !== 0;
      if (isNothing || (isBeyond && !isCondition(node))) untold.add(node);
    } else if (node.args.every((arg) => known.has(arg) || untold.has(arg))) untold.add(node);
  }
  return untold.has(root);
}
