/** Forms of one expression, measured at certain inputs. */
import type { Expr } from "../ir/expr.js";
import type { Bench } from "./construct/construct.js";
import type { Measure, Ruler } from "./measure.js";
import type { Point, Reference } from "./oracle.js";

export interface Yard {
  readonly points: readonly Point[];
  readonly reference: Reference;
  readonly measure: Measure;
  /** The same with functions of a framework. */
  readonly framework: Measure;
  readonly ruler: Ruler;
  /** It tells whether a form is good enough: digits of the smallest numbers do not matter for that. */
  readonly coarse: Ruler;
}

/** Points are by parameter sets, and in each by inputs. */
export function benchOf(yard: Yard, inputs: readonly number[], sets: number): Bench {
  const { measure, ruler, coarse, points, reference } = yard;
  const neighbours = points.map(({ x: input }, i) => (input === -Infinity ? i + 1 : input === Infinity ? i - 1 : i));
  return {
    inputs,
    sets,
    points: points.length,
    judge: ruler.judge,
    withoutLimit: (form) => {
      const values = measure.column(form);
      return values.reduce((count, value, i) => {
        const inwards = neighbours[i]! - i;
        const isUnknown = inwards !== 0 && Number.isNaN(reference.high[i]!);
        const isSteady = values[i + inwards] === values[i + 2 * inwards];
        return count + (isUnknown && isSteady && Number.isNaN(value) ? 1 : 0);
      }, 0);
    },
    worst: (form) => coarseError(yard, form),
    lost: (form) => {
      const values = measure.column(form);
      const own = coarse.errors(values);
      // An infinite input may be held at the largest float, which is next to it.
      const held = coarse.errors(values.map((value, i) => values[neighbours[i]!] ?? value));
      return Float64Array.from(inputs, (_, i) => {
        let bits = 0;
        for (let set = 0; set < sets; set++) {
          const at = set * inputs.length + i;
          bits += Math.log2(Math.max(1, Math.min(own[at]!, held[at]!)));
        }
        return bits;
      });
    },
  };
}

/** Beyond what a float32 holds an error is said, but nothing is done for it; at an infinite input something is. */
export function coarseError({ coarse, measure }: Yard, form: Expr): number {
  const worst = coarse.worst(measure.column(form));
  return (Number.isFinite(worst.at) ? (worst.counted ?? worst) : worst).ulp;
}
