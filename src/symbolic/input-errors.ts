/** Errors that the last digits of the input explain: cos(1.1 x) far out, whose argument no float holds. */
import { constant, x } from "../ir/build.js";
import { substitute, variables, variableOf, type Expr } from "../ir/expr.js";
import type { Precision } from "./arithmetic.js";
import { derivative } from "./derivative.js";
import type { Point } from "./oracle.js";
import { spacing } from "./score.js";

/** Errors of half of the digits, in ULP: of smaller ones it is not asked where they come from. */
export const HALF: Readonly<Record<Precision, number>> = { float64: 2 ** 27, float32: 2 ** 12 };
/** Last places of an input that are as good as none. */
const LAST_PLACES = 8;

/**
 * Whether an error, in ULP and as it is, at the point of some number is large, and no larger than what a change of the input
 * by a few last places does: |f'(x)| times them, with the exact derivative.
 */
export function inputErrors(
  exact: Expr,
  points: readonly Point[],
  nearest: (closed: Expr) => number,
  precision: Precision,
): (ulp: number, error: number, point: number) => boolean {
  const known = new Map<number, number>();
  let slope: Expr | undefined;
  const changeAt = (i: number): number => {
    slope ??= derivative(exact, x);
    const values = new Map(variables(slope).map((of) => [of, constant(points[i]![variableOf(of).name]!)]));
    const steepness = Math.abs(nearest(substitute(slope, values)));
    return Number.isFinite(steepness) ? steepness * LAST_PLACES * spacing(points[i]!["x"]!, precision) : 0;
  };
  return (ulp, error, i) => {
    if (!(ulp > HALF[precision]) || !Number.isFinite(error) || !Number.isFinite(points[i]!["x"]!)) return false;
    if (!known.has(i)) known.set(i, changeAt(i));
    return Math.abs(error) <= known.get(i)!;
  };
}
