/**
 * How large a number is, as the logarithm of its magnitude: exp(-2^100) and 2^1000·exp(-2^100) are told apart, where the
 * ends of an ordinary interval would both be the smallest float. A few last places are given up for that, so what cancels
 * has to be cancelled before.
 */
import type { Rational } from "../../../ir/rational.js";

/**
 * Logarithms are of base 2^65536, and this is that of 2: in bits the one of exp(9·x) would overflow where x is nearly the
 * largest float. A power of two, so that it changes no digit.
 */
export const PER_BIT = 2 ** -16;
const BITS = 1 / PER_BIT;

/** The logarithm of a magnitude. */
export const log = (magnitude: number): number => Math.log2(magnitude) * PER_BIT;

/** log|value| lies from `low` to `high`; a sign of 0 says that nothing is known of the sign. */
export interface Size {
  readonly sign: -1 | 0 | 1;
  readonly low: number;
  readonly high: number;
}

export const NOTHING_KNOWN: Size = { sign: 0, low: -Infinity, high: Infinity };
export const EXACTLY_ZERO: Size = { sign: 0, low: -Infinity, high: -Infinity };
export const ONE: Size = { sign: 1, low: 0, high: 0 };

/** More than the rounding of a logarithm and of the few additions after it. */
const SLACK = 2 ** -44;

/** Ends moved outwards; an end that is NaN (inf - inf) says nothing. */
export function size(sign: Size["sign"], low: number, high: number): Size {
  const below = low - SLACK * (PER_BIT + Math.abs(low));
  const above = high + SLACK * (PER_BIT + Math.abs(high));
  // An infinity less an infinity: it stays what it was.
  const [l, h] = [low === Infinity ? Number.MAX_VALUE : below, high === -Infinity ? high : above];
  return { sign, low: Number.isNaN(l) ? -Infinity : l, high: Number.isNaN(h) ? Infinity : h };
}

/** Whole numbers up to here are floats, or the nearest ones are as good. */
const SHORT = 2n ** 80n;

export function logOfInteger(value: bigint): number {
  const magnitude = value < 0n ? -value : value;
  if (magnitude < SHORT) return log(Number(magnitude));
  const digits = magnitude.toString(16).length;
  // Sixteen hexadecimal digits or more are kept: more than a float64 holds.
  const dropped = Math.max(0, digits - 20);
  return log(Number(magnitude >> BigInt(4 * dropped))) + 4 * dropped * PER_BIT;
}

export function sizeOfRational({ numerator, denominator }: Rational): Size {
  if (numerator === 0n) return EXACTLY_ZERO;
  const found = logOfInteger(numerator) - logOfInteger(denominator);
  return size(numerator < 0n ? -1 : 1, found, found);
}

export function product(a: Size, b: Size): Size {
  if (a === EXACTLY_ZERO || b === EXACTLY_ZERO) return EXACTLY_ZERO;
  return size((a.sign * b.sign) as Size["sign"], a.low + b.low, a.high + b.high);
}

export const inverse = ({ sign, low, high }: Size): Size => ({ sign, low: -high, high: -low });

/** a^exponent; fractional exponents are of positive numbers. */
export function power({ sign, low, high }: Size, exponent: number): Size {
  const signOfPower = Number.isInteger(exponent) && exponent % 2 === 0 ? 1 : sign;
  const [first, second] = [exponent * low, exponent * high];
  return size(signOfPower, Math.min(first, second), Math.max(first, second));
}

/** A sum, each term brought to the scale of the largest. */
export function sum(parts: readonly Size[]): Size {
  const terms = parts.filter((part) => part !== EXACTLY_ZERO);
  const [first, ...others] = terms;
  if (first === undefined || others.length === 0) return first ?? EXACTLY_ZERO;
  const common = others.every(({ sign }) => sign === first.sign) ? first.sign : 0;
  const largest = Math.max(...terms.map(({ low }) => low));
  const scale = Math.max(...terms.map(({ high }) => high));
  if (scale === -Infinity) return EXACTLY_ZERO;
  if (scale === Infinity) return common === 0 ? NOTHING_KNOWN : size(common, largest, Infinity);
  let [low, high, total] = [0, 0, 0];
  for (const term of terms) {
    const [least, most] = [2 ** (BITS * (term.low - scale)), 2 ** (BITS * (term.high - scale))];
    low += term.sign > 0 ? least : -most;
    high += term.sign < 0 ? -least : most;
    total += most;
  }
  const [from, to] = [low - total * SLACK, high + total * SLACK];
  const scaled = (value: number): number => log(Math.max(value, 0)) + scale;
  if (common !== 0)
    return size(common, Math.max(largest, scaled(common > 0 ? from : -to)), scaled(common > 0 ? to : -from));
  if (from > 0) return size(1, scaled(from), scaled(to));
  if (to < 0) return size(-1, scaled(-to), scaled(-from));
  return size(0, -Infinity, scaled(Math.max(-from, to)));
}

/** The real numbers of this size, from the lowest to the highest, times a factor: that may keep them finite. */
export function ends({ sign, low, high }: Size, factor = 1): readonly [low: number, high: number] {
  const shift = Math.log2(factor);
  const least = 2 ** (BITS * low + shift) * (1 - 2 ** -32);
  const most = 2 ** (BITS * high + shift) * (1 + 2 ** -32) + Number.MIN_VALUE;
  if (sign > 0) return [least, most];
  return sign < 0 ? [-most, -least] : [-most, most];
}

/** The size of the numbers from `low` to `high`. */
export function between(low: number, high: number): Size {
  if (low > 0) return size(1, log(low), log(high));
  if (high < 0) return size(-1, log(-high), log(-low));
  const sign = low === 0 && high > 0 ? 1 : high === 0 && low < 0 ? -1 : 0;
  return size(sign, -Infinity, log(Math.max(-low, high)));
}
