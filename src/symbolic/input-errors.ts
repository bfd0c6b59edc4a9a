/** Errors that the last digits of the input explain: cos(1.1 x) far out, whose argument no float holds. */
import type { Precision } from "./arithmetic.js";
import type { SlopesAt } from "./measure.js";
import type { Point } from "./oracle.js";
import { spacing } from "./score.js";

/** Errors of half of the digits, in ULP: of smaller ones it is not asked where they come from. */
export const HALF: Readonly<Record<Precision, number>> = { float64: 2 ** 27, float32: 2 ** 12 };
/** Last places of an input that are as good as none, and how far apart slopes are asked for: beside a crest a wave is steep. */
const [LAST_PLACES, BETWEEN] = [8, 2];

/**
 * Whether an error, in ULP and as it is, at the point of some number is large, and no larger than what a change of the input
 * by a few last places does: the steepest of |f'(x)| there times them.
 */
export function inputErrors(
  points: readonly Point[],
  precision: Precision,
  slopesAt: SlopesAt,
): (ulp: number, error: number, point: number) => boolean {
  const known = new Map<number, number>();
  const changeAt = (i: number): number => {
    const at = points[i]!["x"]!;
    const place = spacing(at, precision);
    const beside: Point[] = [];
    for (let places = -LAST_PLACES; places <= LAST_PLACES; places += BETWEEN)
      beside.push({ ...points[i], x: at + places * place });
    const steepest = slopesAt(beside).reduce((most, slope) => Math.max(most, Math.abs(slope) || 0), 0);
    return Number.isFinite(steepest) ? steepest * LAST_PLACES * place : 0;
  };
  return (ulp, error, i) => {
    if (!(ulp > HALF[precision]) || !Number.isFinite(error) || !Number.isFinite(points[i]!["x"]!)) return false;
    if (!known.has(i)) known.set(i, changeAt(i));
    return Math.abs(error) <= known.get(i)!;
  };
}
