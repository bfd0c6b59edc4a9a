/** Inputs at which arithmetic that flushes what is small loses what is not: they are measured beside the usual ones. */
import type { Arithmetic } from "./arithmetic.js";

/** Sizes of results, in the smallest normal number, around which what a result is made of is often lost already. */
const LEVELS = [1.5, 4, 32, 2 ** 9, 2 ** 14];
const RATIO = 2 ** 0.25;
/** Magnitudes of inputs between which results of functions fall to nothing. */
const MAGNITUDES = Array.from({ length: 121 }, (_, i) => 2 ** -6 * RATIO ** i);
const FINER = 64;
/** Just before the input is held, what stands beside what has vanished is largest. */
const BEFORE_HOLDS = [0.999, 0.97, 0.9, 0.75];

/** What a function is at inputs. */
export type Values = (inputs: readonly number[]) => ArrayLike<number>;

/** The inputs where the magnitude of a function falls to the levels on its way to 0; none where nothing is flushed. */
export function underflows({ smallest }: Arithmetic, values: Values): number[] {
  if (smallest === 0) return [];
  const levels = LEVELS.map((level) => level * smallest);
  /** The first of a run of inputs on whose other side the level lies. */
  const crossed = (inputs: readonly number[], sizes: ArrayLike<number>, level: number): number[] =>
    inputs.slice(0, -1).filter((_, i) => Math.abs(sizes[i]!) > level && Math.abs(sizes[i + 1]!) <= level);
  return [-1, 1].flatMap((side) => {
    const inputs = MAGNITUDES.map((magnitude) => side * magnitude);
    const sizes = values(inputs);
    const starts = new Set(levels.flatMap((level) => crossed(inputs, sizes, level)));
    return [...starts].flatMap((start) => {
      const finer = Array.from({ length: FINER + 1 }, (_, i) => start * RATIO ** (i / FINER));
      const found = values(finer);
      return levels.flatMap((level) => crossed(finer, found, level));
    });
  });
}

/** The inputs just before those at which inputs are held, where something is flushed. */
export const beforeHolds = ({ smallest, holds }: Arithmetic): number[] =>
  smallest === 0
    ? []
    : holds.flatMap((power) => BEFORE_HOLDS.flatMap((part) => [part * 2 ** power, -part * 2 ** power]));
