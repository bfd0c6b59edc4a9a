/** How rows are reduced in WGSL, one row each: the state of a lane, an element more, two lanes' states as one. */
import type { ReductionName, ThresholdName } from "../../../ir/graph/reductions.js";

interface Field {
  /** Ends the name of its variable. */
  readonly suffix: string;
  readonly type: "f32" | "u32";
  readonly initial: string;
}

export interface Reduction {
  readonly fields: readonly Field[];
  /** Fields that a lane has of its own, for what rounding loses; `settle` brings them into the others. */
  readonly own?: readonly Field[];
  readonly settle?: (state: (suffix: string) => string) => readonly string[];
  /** Lines for one element more; `index` is its number in the row. */
  readonly add: (state: (suffix: string) => string, value: string, index: string) => readonly string[];
  /** Lines that bring another lane's state into this. */
  readonly join: (state: (suffix: string) => string, other: (suffix: string) => string) => readonly string[];
  /** The result as f32. */
  readonly result: (state: (suffix: string) => string) => string;
}

/** Whether a replaces b as the largest so far: NaN replaces every number and stays. */
const isLarger = (a: string, b: string): string => `is_nan(${a}) | ((${a} > ${b}) & !is_nan(${b}))`;

export const REDUCTIONS: {
  readonly [K in Exclude<ReductionName, ThresholdName | "logsumexp" | "maskedLogsumexp">]: Reduction;
} = {
  sum: {
    fields: [{ suffix: "", type: "f32", initial: "0.0" }],
    own: [{ suffix: "_lost", type: "f32", initial: "0.0" }],
    // Infinite sums have lost nothing that is a number.
    settle: (state) => [
      `${state("")} = select(${state("")} + ${state("_lost")}, ${state("")}, is_nan(${state("_lost")}));`,
    ],
    add: (state, value) => [`${state("_lost")} += sum_error(${state("")}, ${value});`, `${state("")} += ${value};`],
    join: (state, other) => [`${state("")} += ${other("")};`],
    result: (state) => state(""),
  },
  max: {
    fields: [{ suffix: "", type: "f32", initial: "-infinity()" }],
    add: (state, value) => [`${state("")} = select(${state("")}, ${value}, ${isLarger(value, state(""))});`],
    join: (state, other) => [`${state("")} = select(${state("")}, ${other("")}, ${isLarger(other(""), state(""))});`],
    result: (state) => state(""),
  },
  // The first of the largest or of NaN.
  argmax: {
    fields: [
      { suffix: "", type: "f32", initial: "-infinity()" },
      { suffix: "_place", type: "u32", initial: "0xffffffffu" },
    ],
    add: (state, value, index) => [
      `if (${isBefore(value, index, state)}) {`,
      `${state("")} = ${value};`,
      `${state("_place")} = ${index};`,
      "}",
    ],
    join: (state, other) => [
      `if (${isBefore(other(""), other("_place"), state)}) {`,
      `${state("")} = ${other("")};`,
      `${state("_place")} = ${other("_place")};`,
      "}",
    ],
    // Of no elements, the first place.
    result: (state) => `f32(select(${state("_place")}, 0u, ${state("_place")} == 0xffffffffu))`,
  },
};

/** Larger, or as large and earlier; NaN counts as the largest. */
function isBefore(value: string, place: string, state: (suffix: string) => string): string {
  const [largest, at] = [state(""), state("_place")];
  return (
    `(is_nan(${value}) & !is_nan(${largest})) | ` +
    `(!is_nan(${largest}) & (${value} > ${largest})) | ` +
    `((${place} < ${at}) & ((${value} == ${largest}) | (is_nan(${value}) & is_nan(${largest}))))`
  );
}
