/** How far computed results are from the reference, in units of the last place of float64 or float32. */
import type { Column } from "../ir/evaluate.js";
import { LARGEST, type ArithmeticName, type Precision } from "./arithmetic.js";
import type { Reference } from "./oracle.js";

/** The floats in which operations are computed, and those in which arguments and results are stored and judged. */
export interface Floats {
  readonly computed: ArithmeticName;
  readonly stored: Precision;
  /** Errors are counted in no smaller unit than this, where results are terms of a sum. */
  readonly leastUnit?: number;
}

const bytes = new DataView(new ArrayBuffer(8));

const LAYOUTS: Readonly<
  Record<Precision, { readonly digits: number; readonly lowest: number; readonly highest: number }>
> = {
  float64: { digits: 52, lowest: -1022, highest: 1023 },
  float32: { digits: 23, lowest: -126, highest: 127 },
};

/** The distance from |value| to the next larger number of a precision. */
export function spacing(value: number, precision: Precision = "float64"): number {
  const magnitude = Math.abs(value);
  const { digits, lowest, highest } = LAYOUTS[precision];
  bytes.setFloat64(0, magnitude);
  const exponent = (bytes.getUint16(0) >> 4) - 1023;
  return 2 ** (Math.max(lowest, Math.min(exponent, highest)) - digits);
}

/** The number one step above (or below) a finite number of a precision. */
export function neighbour(value: number, direction: 1 | -1, precision: Precision = "float64"): number {
  if (precision === "float32") {
    const single = Math.fround(value);
    if (single === 0) return direction * 2 ** -149;
    bytes.setFloat32(0, single);
    bytes.setInt32(0, bytes.getInt32(0) + (single > 0 ? direction : -direction));
    return bytes.getFloat32(0);
  }
  if (value === 0) return direction * Number.MIN_VALUE;
  bytes.setFloat64(0, value);
  bytes.setBigInt64(0, bytes.getBigInt64(0) + BigInt(value > 0 ? direction : -direction));
  return bytes.getFloat64(0);
}

/** The error of a total loss: NaN or an infinity for a number. */
export const LOST = 2 ** 64;

/** A reference with the unit in which each point's error is counted. */
export interface Yardstick {
  readonly reference: Reference;
  readonly precision: Precision;
  readonly units: Float64Array;
}

/** |got - reference| in the unit of point i; 0 for the right infinity, and where no value is known. */
export function errorAt({ reference: { high, low }, precision, units }: Yardstick, got: number, i: number): number {
  const rounded = precision === "float32" ? Math.fround(got) : got;
  const exact = high[i]!;
  if (Number.isNaN(exact)) return 0;
  const error = Math.abs(rounded - exact - low[i]!) / units[i]!;
  if (error < LOST) return error;
  const wanted = precision === "float32" ? Math.fround(exact) : exact;
  if (rounded === wanted) return 0;
  // Beyond the largest number the exact value rounds to infinity: to stop at that number is one step off.
  return Math.abs(rounded) === LARGEST[precision] && wanted === Math.sign(rounded) * Infinity ? 1 : LOST;
}

export interface Score {
  /** Sum over the points of log2 of the error above 1: the lost bits. */
  readonly bits: number;
  readonly worst: number;
}

export function score(got: Column, yardstick: Yardstick): Score {
  let [bits, worst] = [0, 0];
  for (let i = 0; i < got.length; i++) {
    const error = errorAt(yardstick, got[i]!, i);
    if (error > worst) worst = error;
    // An error of at most one unit does not count as lost: even the best rounding leaves some.
    if (error > 1) bits += Math.log2(error);
  }
  return { bits, worst };
}

/** Negative when a loses fewer bits than b, by a tenth of a bit per hundred points or more. */
export const compareScores = (a: Score, b: Score, points: number): number =>
  Math.abs(a.bits - b.bits) > points / 1000 ? a.bits - b.bits : 0;
