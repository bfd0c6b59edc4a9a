/** float16 as numbers: reading patterns, and how far a result is from an exact value. */

export const LARGEST_HALF = 65504;

/** The number that 16 bits stand for. */
export function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

/** The bits of the nearest float16, ties to even. */
export function toHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (magnitude >= 65520) return sign | 0x7c00;
  const exponent = Math.max(-14, Math.floor(Math.log2(magnitude)));
  const units = magnitude / 2 ** (exponent - 10);
  const below = Math.floor(units);
  const rest = units - below;
  const rounded = below + (rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? 1 : 0);
  // A carry into the next exponent is one in the bits, too.
  return sign | (rounded + (exponent + 14) * 1024);
}

export const EVERY_HALF = Uint16Array.from({ length: 65536 }, (_, i) => i);

/** In steps of float16 from the float16 nearest to the exact value. */
export function halfSteps(got: number, exact: number): number {
  if (Number.isNaN(exact)) return Number.isNaN(got) ? 0 : Infinity;
  if (Number.isNaN(got)) return Infinity;
  const order = (bits: number): number => (bits & 0x8000 ? -(bits & 0x7fff) : bits);
  return Math.abs(order(toHalf(got)) - order(toHalf(exact)));
}
