/** The grade of what was measured of a function: right, off, or wrong. The one place that says which is which. */
import { ARITHMETICS, type Precision } from "../symbolic/arithmetic.js";
import type { Expr } from "../ir/expr.js";
import { HALF } from "../symbolic/input-errors.js";
import type { Place } from "../symbolic/measure.js";
import { spacing } from "../symbolic/score.js";
import type { Workbench } from "../symbolic/workbench.js";
import type { Accuracy, AccuracyReport, FunctionName, Target } from "./target.js";

export type Grade = "right" | "off" | "wrong";

/** ULP with which a quarter and half of the digits are lost: errors of 2^-39 and 2^-26, in float32 2^-17 and 2^-12. */
export const LOST: Readonly<Record<Precision, { readonly quarter: number; readonly half: number }>> = {
  float64: { quarter: 2 ** 13, half: HALF.float64 },
  float32: { quarter: 2 ** 6, half: HALF.float32 },
};

/** Results below these have few digits of their own where subnormal numbers are flushed. */
const TINY: Readonly<Record<Precision, number>> = { float64: 2 ** -1022, float32: 2 ** -116 };

/** In what follows errors near zeros of a function are counted in units of the last place of this number. */
const NEAR_ZERO = 0.1;

/** The place that decides on the grade. */
export interface Judgement extends Place {
  readonly grade: Grade;
  /** Whether the last digits of the input decide there, and nothing else is amiss. */
  readonly isOfInput?: true;
}

const isTiny = ({ got, right }: Place, precision: Precision): boolean =>
  Math.max(Math.abs(got), Math.abs(right)) < TINY[precision];

/** Whether half of the digits are lost at a place, and there are digits to lose. */
const isLost = (place: Place & { readonly ulp: number }, precision: Precision): boolean =>
  place.ulp > LOST[precision].half && !isTiny(place, precision);

/** How grave it is: 2 for what is wrong, 1 for what loses half of the digits at an input that no float32 holds. */
export const gravity = (accuracy: Accuracy, precision: Precision): number =>
  judge(accuracy, precision).grade === "wrong" ? 2 : isLost(accuracy, precision) ? 1 : 0;

/** The error of a form at the measured inputs, or a graver one elsewhere: no wrong value goes without a word. */
export const gravest = (bench: Workbench, expr: Expr, which: number, held: Precision): Accuracy =>
  bench
    .worstAnywhere(expr, which)
    .reduce((worst, other) => (gravity(other, held) > gravity(worst, held) ? other : worst), bench.worst(expr, which));

/**
 * Wrong is a function that loses half of the digits at an input that a float32 holds, or has no number for it; not so where
 * as much changes with the last digits of the input.
 */
export function judge(accuracy: Accuracy, precision: Precision): Judgement {
  const { counted = accuracy, nearZeros } = accuracy;
  const { quarter, half } = LOST[precision];
  if (isLost(counted, precision)) return { grade: "wrong", ...placeOf(counted) };
  if (nearZeros !== undefined && nearZeros.absolute > half * spacing(NEAR_ZERO, precision))
    return { grade: "wrong", ...placeOf(nearZeros.worst) };
  const isOff = accuracy.ulp > quarter && !isTiny(accuracy, precision);
  const ofInput = isOff && accuracy.isOfInput === true ? { isOfInput: true as const } : {};
  return { grade: isOff ? "off" : "right", ...placeOf(accuracy), ...ofInput };
}

const placeOf = ({ at, parameters, got, right }: Place): Place => ({ at, parameters, got, right });

/** The functions of one number; all else is of loops over float32 arrays. */
const SCALARS: Readonly<Record<FunctionName, true>> = { value: true, derivative: true, secondDerivative: true };

/** Functions with one grade at one place: often the same code under two names. */
export interface Shortfall extends Judgement {
  readonly functions: readonly string[];
}

/** The functions that are not right, the wrong ones first. */
export function shortfalls(accuracy: Partial<AccuracyReport>, { computed }: Pick<Target, "computed">): Shortfall[] {
  const found = new Map<string, Shortfall>();
  for (const [name, measured] of Object.entries(accuracy)) {
    if (measured === undefined) continue;
    const isLoop = !(name in SCALARS);
    const judged = judge(measured, isLoop ? "float32" : ARITHMETICS[computed].precision);
    if (judged.grade === "right") continue;
    const key = JSON.stringify([judged.grade, judged.at, judged.parameters, judged.got, judged.right]);
    found.set(key, { ...judged, functions: [...(found.get(key)?.functions ?? []), name] });
  }
  return [...found.values()].sort((a, b) => Number(b.grade === "wrong") - Number(a.grade === "wrong"));
}
