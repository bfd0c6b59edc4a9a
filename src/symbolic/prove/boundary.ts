/**
 * What is right at a single input between two cells. Where the function is continuous and its derivatives from both sides
 * agree, that is the derivative, whatever a comparison selects; elsewhere it is what the formula's own comparison selects.
 */
import type { Expr } from "../../ir/expr.js";
import type { Fraction } from "./fraction.js";
import type { Normalizer, Side } from "./normalize.js";
import { Resolver } from "./resolve.js";
import type { Task } from "./task.js";

/** The formula of a cell without its conditions; absent where it has no value there. */
export type Neighbour = Expr | undefined;

export interface PointValues {
  /** Absent where there is no value. */
  readonly expected: Fraction | undefined;
  readonly actual: Fraction | undefined;
  /** What the formula's comparison selects, where parameters happen to make kinks meet: that is right as well. */
  readonly selected: Fraction | undefined;
  readonly expectedExpr: Expr;
  readonly actualExpr: Expr;
  /** What the domains are read off. */
  readonly sides: { readonly formula: Side | undefined; readonly claim: Side | undefined };
}

/** Both sides at the point; undefined where the formula itself has no value, so that nothing is claimed. */
export function valuesAt(task: Task, n: Normalizer, before: Neighbour, after: Neighbour): PointValues | undefined {
  const resolved = (expr: Expr): Side | undefined => n.side(() => new Resolver(n).resolve(expr));
  const [formula, claim] = [resolved(task.formula), resolved(task.claim)];
  if (formula === undefined && (task.order > 0 || claim === undefined)) return undefined;
  const common =
    task.order === 0 || before === undefined || after === undefined
      ? undefined
      : bothSides(task, n, formula!.value, before, after);
  const meets = common !== undefined && n.region.equalities.length > 0;
  const selected = task.order > 0 && (common === undefined || meets) ? resolved(task.expected) : undefined;
  const right = task.order === 0 ? formula : (common ?? selected);
  if (right === undefined && task.order > 0) return undefined;
  return {
    expected: right?.value,
    actual: claim?.value,
    selected: selected?.value,
    expectedExpr: right?.expr ?? task.formula,
    actualExpr: claim?.expr ?? task.claim,
    sides: { formula, claim },
  };
}

/** The derivative at the point where both neighbours have the same value and the same derivatives up to the order asked for. */
function bothSides(
  task: Task,
  n: Normalizer,
  value: Fraction,
  left: Expr,
  right: Expr,
): Pick<Side, "expr" | "value"> | undefined {
  const valueOf = (expr: Expr): Fraction | undefined => n.side(() => expr)?.value;
  const same = (a: Fraction, b: Fraction): boolean => n.field.isZero(n.field.subtract(a, b));
  for (let order = 0; order <= task.order; order++) {
    const [a, b] = [task.differentiate(left, order), task.differentiate(right, order)];
    const [first, second] = [valueOf(a), valueOf(b)];
    if (first === undefined || second === undefined || !same(first, second)) return undefined;
    if (order === 0 && !same(first, value)) return undefined;
    if (order === task.order) {
      const expr = task.withGradient(a);
      return { expr, value: n.fraction(expr) };
    }
  }
  return undefined;
}
