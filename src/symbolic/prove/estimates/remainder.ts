/**
 * How near a Taylor polynomial at 0 is to its function f. The next coefficients are exact rationals; all after them are
 * bounded by Cauchy's |c_k| <= M/R^k, M being the value at R of a majorant: a series whose coefficients are nowhere smaller
 * in magnitude than those of f.
 */
import { topological, type Expr } from "../../../ir/expr.js";
import { addIntervals, interval, multiplyIntervals, widened, type Interval } from "../../../ir/interval.js";
import type { OperationName } from "../../../ir/ops.js";
import { compareRational, rational, rationalToNumber, type Rational } from "../../../ir/rational.js";
import { taylorSeries } from "../../taylor.js";
import type { Fraction } from "../algebra/fraction.js";
import type { Kernels } from "../algebra/kernels.js";

/** Coefficients that are looked at beyond the polynomial, and pieces in which the polynomial is bounded from below. */
const [MORE, PIECES, STEPS] = [16, 64, 24];

/** The logarithm of a bound on |polynomial - f| / |f| for |x| < radius; undefined where it is no Taylor polynomial of f. */
export function truncation(f: Expr, polynomial: Fraction, kernels: Kernels, radius: number): number | undefined {
  const coefficients = coefficientsOf(polynomial, kernels);
  if (coefficients === undefined || !(radius < Infinity)) return undefined;
  const count = coefficients.length;
  const series = taylorSeries(f, kernels.input, count + MORE);
  if (series === undefined || coefficients.some((value, i) => compareRational(value, series[i]!) !== 0))
    return undefined;
  const first = series.findIndex(({ numerator }) => numerator !== 0n);
  if (first < 0 || first >= count) return undefined;
  const values = series.map(rationalToNumber);
  // Both over |x|^first: the polynomial from below, what is missing from above.
  const least = lowerBound(values.slice(first, count), radius);
  let missing = tailBound(f, kernels.input, radius, first, series.length);
  for (let i = count; i < values.length; i++) missing += Math.abs(values[i]!) * radius ** (i - first);
  missing *= 1 + 2 ** -30;
  return missing < least ? Math.log2(missing / (least - missing)) + 2 ** -20 : undefined;
}

/** The coefficients of a polynomial in the input alone. */
function coefficientsOf({ numerator, denominator, factors }: Fraction, kernels: Kernels): Rational[] | undefined {
  if (factors.size > 0) return undefined;
  const found: Rational[] = [];
  const input = kernels.variable(kernels.input);
  for (const [{ generators, exponents }, coefficient] of numerator) {
    const [exponent = 0] = exponents;
    if (generators.some((generator) => generator !== input) || exponent < 0 || !Number.isInteger(exponent))
      return undefined;
    found[exponent] = rational(coefficient, denominator);
  }
  return Array.from(found, (value) => value ?? rational(0n));
}

/** Below |Σ c_i·x^i| for |x| <= radius. */
function lowerBound(coefficients: readonly number[], radius: number): number {
  let least = Infinity;
  for (let i = 0; i < PIECES; i++) {
    const x = widened((2 * radius * i) / PIECES - radius, (2 * radius * (i + 1)) / PIECES - radius);
    const value = coefficients.reduceRight<Interval>(
      (sum, c) => addIntervals(multiplyIntervals(sum, x), widened(c, c)),
      interval(0, 0),
    );
    least = Math.min(least, Math.max(value.low, -value.high));
  }
  return least;
}

/** Above Σ |c_k|·radius^(k - first) over k >= from, at the best of a few R. */
function tailBound(f: Expr, input: Expr, radius: number, first: number, from: number): number {
  let best = Infinity;
  for (let step = 1; step <= STEPS; step++) {
    const ratio = 2 ** (-step / 8);
    const majorant = majorantAt(f, input, radius / ratio);
    const bound = (majorant * ratio ** from) / (1 - ratio) / radius ** first;
    // Where there is no majorant the bound is no number.
    if (bound < best) best = bound;
  }
  return best;
}

/** The majorant's value at R; infinite or NaN where there is none. */
function majorantAt(f: Expr, input: Expr, R: number): number {
  const known = new Map<Expr, number>([[input, R]]);
  for (const node of topological([f])) {
    if (known.has(node)) continue;
    const [a, b] = node.args.map((arg) => known.get(arg)!);
    let value = NaN;
    if (node.op === "rational") value = Math.abs(rationalToNumber(node.payload as Rational));
    else if (node.op === "div") value = quotientAt(a!, b!, node.args[1]!, input, R);
    else value = MAJORANTS[node.op]?.(a!, b ?? 0) ?? NaN;
    // More than a few roundings.
    known.set(node, value * (1 + 2 ** -40));
  }
  return known.get(f)!;
}

/** A series without its first terms, which are 0: its coefficients stand for lower powers of the input. */
const MOST_SHIFTED = 12;

/** a/b: both over the power of the input with which b begins. */
function quotientAt(a: number, b: number, divisor: Expr, input: Expr, R: number): number {
  const series = taylorSeries(divisor, input, MOST_SHIFTED);
  const shift = series?.findIndex(({ numerator }) => numerator !== 0n) ?? -1;
  if (shift < 0) return Infinity;
  return (a / R ** shift) * reciprocal(b / R ** shift, rationalToNumber(series![shift]!));
}

/** Of 1/(c - r), r being at most `majorant` - |c|. */
function reciprocal(majorant: number, c: number): number {
  const room = 2 * Math.abs(c) - majorant;
  return room > 0 ? 1 / room : Infinity;
}

type Majorant = (a: number, b: number) => number;

/** tan where it still is one. */
const tangent = (a: number): number => (a < 1.57 ? Math.tan(a) : Infinity);

const MAJORANTS: { readonly [K in OperationName]?: Majorant } = {
  add: (a, b) => a + b,
  sub: (a, b) => a + b,
  mul: (a, b) => a * b,
  neg: (a) => a,
  exp: (a) => Math.exp(a),
  expm1: (a) => Math.expm1(a),
  tanh: tangent,
  sigmoid: (a) => 0.5 + tangent(a / 2) / 2,
  // Of log(1 + r) and √(1 + r), r being at most a - 1.
  log: (a) => (a < 2 ? -Math.log(2 - a) : Infinity),
  sqrt: (a) => (a < 2 ? 2 - Math.sqrt(2 - a) : Infinity),
  log1p: (a) => (a < 1 ? -Math.log1p(-a) : Infinity),
  sin: (a) => Math.sinh(a),
  sinh: (a) => Math.sinh(a),
  cos: (a) => Math.cosh(a),
  cosh: (a) => Math.cosh(a),
};
