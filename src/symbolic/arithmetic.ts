/** In which floats emitted code computes, as models of their arithmetic that the search measures in. */

import type { FloatModel } from "../ir/evaluate.js";

export type Precision = "float64" | "float32";

/** The largest float of each. */
export const LARGEST: Readonly<Record<Precision, number>> = {
  float64: Number.MAX_VALUE,
  float32: 3.4028234663852886e38,
};

export interface Arithmetic extends FloatModel {
  readonly precision: Precision;
  /** In which precision literals stand in the code. */
  readonly literals: Precision;
  /** Whether error-free transformations (TwoSum, TwoProduct) work here. */
  readonly residuals: boolean;
  /** Whether roots, too, are worth correcting for the rounding errors of their arguments. */
  readonly mendsRoots: boolean;
  /** Numbers below this magnitude may become 0 anywhere. */
  readonly smallest: number;
  /** Powers of two beyond which the input may be held fixed: its square, or its cube, is finite. */
  readonly holds: readonly number[];
  /** Bounds for exp's argument: nearly the largest at which exp is finite, and one with room for a square. */
  readonly exponents: readonly number[];
  /**
   * Beyond these powers of two the input of a residual may be held fixed; the second where an exponential of it grows, which
   * is infinite from there on, so that no residual may change its sign.
   */
  readonly held: { readonly bounded: readonly number[]; readonly growing: readonly number[] };
  /** Into how many parts the gaps between measured inputs are divided: more where every operation rounds much. */
  readonly parts: number;
  /** Whether the function's input is then held as well: compilers may compute the same thing twice in two ways. */
  readonly holdsTogether: boolean;
}

const SMALLEST_NORMAL = 2 ** -126;
/** Subnormal results flushed: what a GPU may do. */
const flushed = (value: number): number => {
  const single = Math.fround(value);
  return Math.abs(single) < SMALLEST_NORMAL ? 0 * single : single;
};

const word = new Int32Array(1);
const single = new Float32Array(word.buffer);

/** Up to a part of the last place beside the value, either way. */
const beside =
  (part: number) =>
  (exact: number): number => {
    single[0] = exact;
    const exponent = (word[0]! >> 23) & 255;
    if (exponent === 0 || exponent === 255) return exact;
    const noise = Math.imul(word[0]!, 0x9e3779b1) / 2 ** 31;
    return exact + part * noise * 2 ** (exponent - 150);
  };

/** A result as functions of frameworks may give it, before it is rounded. */
export const asInFrameworks = beside(0.5);

const SINGLE = {
  precision: "float32",
  holds: [60, 40, 20],
  exponents: [88, 40],
  held: { bounded: [60, 40], growing: [60, 40] },
  holdsTogether: true,
} as const;

export const ARITHMETICS = {
  float64: {
    precision: "float64",
    literals: "float64",
    round: undefined,
    residuals: true,
    mendsRoots: false,
    smallest: 0,
    holds: [300, 40],
    exponents: [700, 300],
    held: { bounded: [300], growing: [20] },
    parts: 1,
    holdsTogether: false,
  },
  /** Operations on whole tensors: what one of them loses would cost several passes. */
  float32: {
    ...SINGLE,
    literals: "float64",
    round: Math.fround,
    // 0 from -88.7 on, where exp(-x) is infinite.
    functions: { sigmoid: (value) => 1 / (1 + Math.fround(Math.exp(-value))) },
    residuals: false,
    mendsRoots: false,
    smallest: 0,
    parts: 3,
  },
  /** Scalars in a shader. */
  shader: {
    ...SINGLE,
    literals: "float32",
    holds: [120, 60, 40, 20],
    parts: 1,
    round: flushed,
    // The shader library's functions are off by so much.
    approximate: beside(0.4),
    residuals: true,
    mendsRoots: true,
    smallest: SMALLEST_NORMAL,
  },
} as const satisfies Readonly<Record<string, Arithmetic>>;

export type ArithmeticName = keyof typeof ARITHMETICS;
