/** Exact rational numbers: numerator / denominator in lowest terms, denominator > 0. */
export interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const SAFE = 2n ** 53n;
export const isSafe = (value: bigint): boolean => -SAFE <= value && value <= SAFE;

/** The greatest common divisor; in floats where they hold both numbers, as they mostly do. */
export function gcd(a: bigint, b: bigint): bigint {
  let [u, v] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (!(isSafe(u) && isSafe(v))) {
    if (v === 0n) return u;
    [u, v] = [v, u % v];
  }
  let [m, n] = [Number(u), Number(v)];
  while (n !== 0) [m, n] = [n, m % n];
  return BigInt(m);
}

export function rational(numerator: bigint, denominator: bigint = 1n): Rational {
  if (denominator === 1n) return { numerator, denominator };
  if (denominator === 0n) throw new RangeError("a rational needs a denominator other than 0");
  const sign = denominator < 0n ? -1n : 1n;
  const divisor = gcd(numerator, sign * denominator);
  if (divisor === 1n && sign === 1n) return { numerator, denominator };
  return { numerator: (sign * numerator) / divisor, denominator: (sign * denominator) / divisor };
}

export const addRational = (a: Rational, b: Rational): Rational =>
  rational(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator);

export const multiplyRational = (a: Rational, b: Rational): Rational =>
  rational(a.numerator * b.numerator, a.denominator * b.denominator);

export const negateRational = (a: Rational): Rational => ({ numerator: -a.numerator, denominator: a.denominator });

export const invertRational = (a: Rational): Rational => rational(a.denominator, a.numerator);

/** Negative, zero or positive as a is below, equal to or above b. */
export const compareRational = (a: Rational, b: Rational): number => {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
};

/** The rational that a finite float64 is. */
export function rationalFromNumber(value: number): Rational {
  if (!Number.isFinite(value)) throw new RangeError(`${value} is not a rational number`);
  let [scaled, exponent] = [value, 0];
  while (!Number.isInteger(scaled)) {
    // Halves of a subnormal would be lost, doublings are exact.
    scaled *= 2;
    exponent += 1;
  }
  return rational(BigInt(scaled), 1n << BigInt(exponent));
}

/** The longest exponent that a decimal may have: beyond it a float64 is 0 or infinite anyway. */
const LARGEST_EXPONENT = 400;

/** The rational that a decimal literal such as `0.044715` or `1e-3` spells, exactly. */
export function rationalFromDecimal(text: string): Rational {
  const match = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!match || (match[2] === "" && match[3] === "")) throw new RangeError(`"${text}" is not a decimal number`);
  const [, sign, whole = "", fraction = "", exponentText = "0"] = match;
  const exponent = Number(exponentText) - fraction.length;
  if (Math.abs(exponent) > LARGEST_EXPONENT) throw new RangeError(`the exponent of ${text} is out of range`);
  const digits = BigInt(whole + fraction) * (sign === "-" ? -1n : 1n);
  const power = 10n ** BigInt(Math.abs(exponent));
  return exponent < 0 ? rational(digits, power) : rational(digits * power);
}

const bitLength = (value: bigint): number => value.toString(2).length;

/** The float64 nearest to a (ties to even); the sign of an exact 0 is plus. */
export function rationalToNumber(a: Rational): number {
  if (a.numerator === 0n) return 0;
  // Both are floats, and division rounds once.
  if (isSafe(a.numerator) && isSafe(a.denominator)) return Number(a.numerator) / Number(a.denominator);
  const magnitude = a.numerator < 0n ? -a.numerator : a.numerator;
  // 66 quotient bits and a sticky bit decide every rounding to 53 or fewer bits.
  const shift = 66 - (bitLength(magnitude) - bitLength(a.denominator));
  const [n, d] =
    shift >= 0 ? [magnitude << BigInt(shift), a.denominator] : [magnitude, a.denominator << BigInt(-shift)];
  let quotient = n / d;
  let exponent = -shift;
  if (n % d !== 0n) quotient |= 1n;
  const lowest = exponent + bitLength(quotient) - 53;
  if (lowest < -1074) {
    // Round at the subnormal spacing 2^-1074 once, not twice.
    const drop = BigInt(-1074 - exponent);
    const kept = quotient >> drop;
    const rest = quotient - (kept << drop);
    const half = 1n << (drop - 1n);
    quotient = rest > half || (rest === half && (kept & 1n) === 1n) ? kept + 1n : kept;
    exponent = -1074;
  }
  const value = scaleByPowerOfTwo(Number(quotient), exponent);
  return a.numerator < 0n ? -value : value;
}

/** value * 2^exponent in steps that neither overflow nor round twice on the way to a representable result. */
export function scaleByPowerOfTwo(value: number, exponent: number): number {
  let [result, left] = [value, exponent];
  while (left > 1000) [result, left] = [result * 2 ** 1000, left - 1000];
  while (left < -1000) [result, left] = [result * 2 ** -1000, left + 1000];
  return result * 2 ** left;
}

/** True when the float64 nearest to a is a itself. */
export function isRepresentable(a: Rational): boolean {
  if ((a.denominator & (a.denominator - 1n)) !== 0n) return false;
  const value = rationalToNumber(a);
  if (!Number.isFinite(value)) return false;
  return compareRational(rationalFromNumber(value), a) === 0;
}
