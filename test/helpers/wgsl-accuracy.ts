/** How far float32 results of a shader are from the exact ones, where drivers may flush subnormal numbers to 0. */

const SMALLEST_NORMAL = 2 ** -126;
/** From here on down a product of small numbers may have lost digits on the way. */
const UNDERFLOWING = 2 ** -120;
const LARGEST = 3.4028234663852886e38;
const word = new Uint32Array(1);
const single = new Float32Array(word.buffer);

/** The distance of neighbouring float32 numbers at a magnitude that float32 has. */
function spacing(magnitude: number): number {
  single[0] = magnitude;
  const exponent = Math.max(((word[0]! >>> 23) & 0xff) - 127, -126);
  return 2 ** (Math.min(exponent, 127) - 23);
}

/** In units of the last place; Infinity where a number, an infinity or NaN is something else. */
export function errorInUlps(got: number, exact: number): number {
  if (Number.isNaN(exact)) return Number.isNaN(got) ? 0 : Infinity;
  const wanted = Math.fround(exact);
  if (got === wanted) return 0;
  // Up to half a step beyond the largest number rounding stops there.
  if (!Number.isFinite(wanted)) return Math.abs(got) === LARGEST && Math.sign(got) === Math.sign(wanted) ? 1 : Infinity;
  const magnitude = Math.abs(exact);
  // What is subnormal may be 0; and so may what is next to it, for what it is made of may be subnormal.
  if (magnitude < (got === 0 ? 4 : 1) * SMALLEST_NORMAL)
    return Math.abs(got - exact) <= Math.max(magnitude, SMALLEST_NORMAL) ? 0 : Infinity;
  // A compiler may multiply in another order, so that small factors meet first.
  const error = Math.abs(got - exact) / spacing(Math.min(Math.max(magnitude, UNDERFLOWING), LARGEST));
  return Number.isNaN(error) ? Infinity : error;
}

/** Every float32 whose bits are a multiple of an odd step: both signs, all exponents, infinities and NaN. */
export const everyFloat = (step: number): Float32Array =>
  new Float32Array(Uint32Array.from({ length: Math.floor(2 ** 32 / step) }, (_, i) => i * step).buffer);

const NAMED = [
  0, 1e-45, 1e-38, 1e-30, 1e-8, 0.5, 1, 3, 5, 6, 10, 13.2, 17.5, 20, 50, 87, 88, 88.73, 89, 100, 104, 1e3, 1e4,
];
const FAR = [65504, 65520, 1e9, 1e18, 1e19, 1e30, 1e38, LARGEST, Infinity];

/** Inputs at which formulas and drivers are known to break. */
export const EXTREMES = Float32Array.from([...NAMED, ...FAR].flatMap((value) => [value, -value]).concat(NaN));

export const concatenated = (...arrays: readonly Float32Array[]): Float32Array => {
  const result = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  arrays.reduce((offset, array) => (result.set(array, offset), offset + array.length), 0);
  return result;
};
