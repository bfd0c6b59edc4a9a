/** Inputs at which flushed intermediates spoil results that are not small: they are measured beside the usual ones. */
import type { Expr } from "../ir/expr.js";
import type { Arithmetic } from "./arithmetic.js";
import type { Oracle, Point } from "./oracle.js";
import { samplePoints } from "./points.js";

/** Result magnitudes (in units of the smallest normal) at which intermediates often underflow already. */
const LEVELS = [1.5, 4, 32, 2 ** 9, 2 ** 14];
const RATIO = 2 ** 0.25;
/** Magnitudes of inputs between which results of functions fall to nothing. */
const MAGNITUDES = Array.from({ length: 121 }, (_, i) => 2 ** -6 * RATIO ** i);
/** Parts of such a step, and parts of these. */
const FINER = 8;
/** Fractions of the bound at which the input is held: just before it, the terms beside a vanished one are largest. */
const BEFORE_HOLDS = [0.999, 0.97, 0.9, 0.75];

/**
 * The inputs where the magnitude of an expression with a set of parameters falls to the levels on its way to 0; none where
 * nothing is flushed.
 */
export function underflows(
  { smallest }: Arithmetic,
  exprs: readonly Expr[],
  sets: readonly Point[],
  oracle: Oracle,
): number[] {
  if (smallest === 0) return [];
  const levels = LEVELS.map((level) => level * smallest);
  /** The first of a run of inputs on whose other side the level lies. */
  const crossed = (inputs: readonly number[], sizes: ArrayLike<number>, level: number): number[] =>
    inputs.slice(0, -1).filter((_, i) => Math.abs(sizes[i]!) > level && Math.abs(sizes[i + 1]!) <= level);
  const finer = (expr: Expr, set: Point, start: number, ratio: number, wanted: readonly number[]): number[][] => {
    const inputs = Array.from({ length: FINER + 1 }, (_, i) => start * ratio ** (i / FINER));
    const sizes = oracle.evaluate([expr], samplePoints(inputs, [set]))[0]!.high;
    return wanted.map((level) => crossed(inputs, sizes, level));
  };
  const sides = [-1, 1].map((side) => {
    const inputs = MAGNITUDES.map((magnitude) => side * magnitude);
    return { inputs, values: oracle.evaluate(exprs, samplePoints(inputs, sets)) };
  });
  return exprs.flatMap((expr, which) =>
    sets.flatMap((set, s) =>
      sides.flatMap(({ inputs, values }) => {
        const sizes = values[which]!.high.subarray(s * inputs.length, (s + 1) * inputs.length);
        const starts = new Set(levels.flatMap((level) => crossed(inputs, sizes, level)));
        return [...starts].flatMap((start) =>
          finer(expr, set, start, RATIO, levels).flatMap((found, i) =>
            found.flatMap((near) => finer(expr, set, near, RATIO ** (1 / FINER), [levels[i]!])[0]!),
          ),
        );
      }),
    ),
  );
}

/** The inputs just before those at which inputs are held, where something is flushed. */
export const beforeHolds = ({ smallest, holds }: Arithmetic): number[] =>
  smallest === 0
    ? []
    : holds.flatMap((power) => BEFORE_HOLDS.flatMap((part) => [part * 2 ** power, -part * 2 ** power]));
