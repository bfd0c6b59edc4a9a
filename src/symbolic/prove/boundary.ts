/**
 * What is right at a single input between two cells. Where the function is continuous and its derivatives from both sides
 * agree, that is the derivative, whatever a comparison selects; elsewhere it is what the formula's own comparison selects.
 */
import type { Expr } from "../../ir/expr.js";
import type { Fraction } from "./fraction.js";
import type { Normalizer } from "./normalize.js";
import { Resolver } from "./resolve.js";
import { Undefined } from "./signs.js";
import type { Task } from "./task.js";

/** The formula of a cell without its conditions; absent where it has no value there. */
export type Neighbour = Expr | undefined;

export interface PointValues {
  /** Absent where there is no value. */
  readonly expected: Fraction | undefined;
  /** What the formula's comparison selects, where parameters happen to make kinks meet: that is right as well. */
  readonly selected?: Fraction;
  readonly actual: Fraction | undefined;
  readonly expectedExpr: Expr;
  readonly actualExpr: Expr;
}

/** Both sides at the point; undefined where the formula itself has no value, so that nothing is claimed. */
export function valuesAt(task: Task, n: Normalizer, before: Neighbour, after: Neighbour): PointValues | undefined {
  const resolver = new Resolver(n);
  const valueOf = (expr: Expr): Fraction | undefined => orUndefined(() => n.fraction(expr));
  const resolved = (expr: Expr): { expr: Expr; value: Fraction } | undefined =>
    orUndefined(() => {
      const smooth = resolver.resolve(expr);
      return { expr: smooth, value: n.fraction(smooth) };
    });
  const formula = resolved(task.formula);
  const actual = resolved(task.claim);
  if (task.order === 0) {
    if (formula === undefined && actual === undefined) return undefined;
    return {
      expected: formula?.value,
      actual: actual?.value,
      expectedExpr: formula?.expr ?? task.formula,
      actualExpr: actual?.expr ?? task.claim,
    };
  }
  if (formula === undefined) return undefined;
  const common =
    before === undefined || after === undefined ? undefined : bothSides(task, n, formula.value, before, after, valueOf);
  const meets = common !== undefined && n.region.equalities.length > 0;
  const selected = common === undefined || meets ? resolved(task.expected) : undefined;
  const right = common ?? selected;
  if (right === undefined) return undefined;
  return {
    expected: right.value,
    actual: actual?.value,
    expectedExpr: right.expr,
    actualExpr: actual?.expr ?? task.claim,
    ...(meets && selected !== undefined && { selected: selected.value }),
  };
}

/** The derivative at the point where both neighbours have the same value and the same derivatives up to the order asked for. */
function bothSides(
  task: Task,
  n: Normalizer,
  value: Fraction,
  left: Expr,
  right: Expr,
  valueOf: (expr: Expr) => Fraction | undefined,
): { expr: Expr; value: Fraction } | undefined {
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

function orUndefined<Result>(compute: () => Result): Result | undefined {
  try {
    return compute();
  } catch (error) {
    if (error instanceof Undefined) return undefined;
    throw error;
  }
}
