/** Power series with exact coefficients. */
import type { OperationName } from "../ir/ops.js";
import { gcd, multiplyRational, rational, type Rational } from "../ir/rational.js";

/** Coefficients of 1, x, x², ... over one denominator: a convolution then divides once, not once for each product. */
export class Series {
  private readonly numerators: bigint[] = [];
  private denominator = 1n;

  constructor(coefficients: Iterable<Rational> = []) {
    for (const value of coefficients) this.push(value);
  }

  get length(): number {
    return this.numerators.length;
  }

  push({ numerator, denominator }: Rational): void {
    const factor = denominator / gcd(denominator, this.denominator);
    if (factor !== 1n) {
      this.denominator *= factor;
      this.numerators.forEach((value, i) => (this.numerators[i] = value * factor));
    }
    this.numerators.push(numerator * (this.denominator / denominator));
  }

  at(i: number): Rational {
    return rational(this.numerators[i]!, this.denominator);
  }

  isZero(i: number): boolean {
    return this.numerators[i] === 0n;
  }

  /** The number of its coefficients before the first that is not 0; -1 when all are. */
  get order(): number {
    return this.numerators.findIndex((value) => value !== 0n);
  }

  map(f: (value: Rational, i: number) => Rational): Series {
    return new Series(this.numerators.map((_, i) => f(this.at(i), i)));
  }

  /** As long as the shorter of the two. */
  plus(other: Series, sign: 1n | -1n = 1n): Series {
    const sum = new Series();
    const shared = gcd(this.denominator, other.denominator);
    const [mine, its] = [other.denominator / shared, (sign * this.denominator) / shared];
    sum.denominator = this.denominator * mine;
    for (let i = 0; i < Math.min(this.length, other.length); i++)
      sum.numerators.push(this.numerators[i]! * mine + other.numerators[i]! * its);
    return sum;
  }

  /** Σ a_i·b_(n-i) over `from` <= i <= n - `after`. */
  convolution(other: Series, n: number, from = 0, after = 0): Rational {
    let sum = 0n;
    for (let i = from; i <= n - after; i++) sum += this.numerators[i]! * other.numerators[n - i]!;
    return rational(sum, this.denominator * other.denominator);
  }

  times(other: Series): Series {
    const product = new Series();
    for (let n = 0; n < Math.min(this.length, other.length); n++) product.push(this.convolution(other, n));
    return product;
  }

  /** a/b where b has a zero of an order that a has as well: the last terms of the series are then unknown. */
  over(other: Series): Series | undefined {
    const shift = other.order;
    if (shift < 0 || this.numerators.slice(0, shift).some((value) => value !== 0n)) return undefined;
    const [above, below] = [this.from(shift), other.from(shift)];
    const first = below.at(0);
    const inverse = rational(first.denominator, first.numerator);
    const result = new Series();
    for (let n = 0; n < Math.min(above.length, below.length); n++) {
      const known = result.convolution(below, n, 0, 1);
      const rest = new Series([above.at(n)]).plus(new Series([known]), -1n);
      result.push(multiplyRational(rest.at(0), inverse));
    }
    return result;
  }

  derivative(): Series {
    const slope = this.from(1).map((value, i) => multiplyRational(value, integer(i + 1)));
    slope.push(ZERO);
    return slope;
  }

  /** The first coefficients. */
  first(length: number): Rational[] {
    return Array.from({ length }, (_, i) => this.at(i));
  }

  private from(start: number): Series {
    const rest = new Series();
    rest.denominator = this.denominator;
    rest.numerators.push(...this.numerators.slice(start));
    return rest;
  }
}

const ZERO = rational(0n);
const ONE = rational(1n);
const HALF = rational(1n, 2n);
const integer = (value: number): Rational => rational(BigInt(value));
const over = (value: Rational, n: number): Rational => multiplyRational(value, rational(1n, BigInt(n)));
const isOne = (value: Rational): boolean => value.numerator === value.denominator;

/** c, of this length. */
export const constantSeries = (value: Rational, length: number): Series =>
  new Series([value, ...Array<Rational>(length - 1).fill(ZERO)]);

/** x, of this length. */
export const inputSeries = (length: number): Series =>
  new Series([ZERO, ONE, ...Array<Rational>(length - 2).fill(ZERO)]);

/** The f with f(0) = start and f' = slope, found term by term: `slope(f, n)` may read f up to its n-th coefficient. */
function solve(start: Rational, length: number, slope: (f: Series, n: number) => Rational): Series {
  const result = new Series([start]);
  for (let n = 1; n < length; n++) result.push(over(slope(result, n - 1), n));
  return result;
}

/** f' = (c0 + c1·f + c2·f²)·u': exp, expm1, tanh and sigmoid are of this kind. */
function riccati(u: Series, start: Rational, [c0, c1, c2]: readonly [bigint, bigint, bigint]): Series | undefined {
  if (!u.isZero(0)) return undefined;
  const du = u.derivative();
  const factor = new Series();
  return solve(start, u.length, (f, n) => {
    const { numerator, denominator } = f.at(n);
    const square = c2 === 0n ? ZERO : f.convolution(f, n);
    const constantTerm = n === 0 ? c0 : 0n;
    const linear = rational(constantTerm * denominator + c1 * numerator, denominator);
    factor.push(
      rational(
        linear.numerator * square.denominator + c2 * square.numerator * linear.denominator,
        linear.denominator * square.denominator,
      ),
    );
    return factor.convolution(du, n);
  });
}

/** log u with u(0) = 1: its slope is u'/u. */
function logarithm(u: Series): Series | undefined {
  const slope = u.derivative().over(u);
  if (slope === undefined) return undefined;
  return new Series([ZERO, ...slope.first(slope.length - 1).map((value, i) => over(value, i + 1))]);
}

/** The f with f(0) = 1 and f² = u: 2·f_n = u_n - Σ f_i·f_(n-i) over 0 < i < n. */
function root(u: Series): Series {
  const result = new Series([ONE]);
  for (let n = 1; n < u.length; n++) {
    const rest = new Series([u.at(n)]).plus(new Series([result.convolution(result, n, 1, 1)]), -1n);
    result.push(multiplyRational(rest.at(0), HALF));
  }
  return result;
}

/** Σ sign^k·u^(2k + odd)/(2k + odd)!. */
function powers(u: Series, odd: 0 | 1, sign: 1n | -1n): Series | undefined {
  if (!u.isZero(0)) return undefined;
  let term = odd === 1 ? u : constantSeries(ONE, u.length);
  let sum = term;
  const square = u.times(u);
  for (let k = odd + 2; k < u.length; k += 2) {
    const factor = rational(sign, BigInt(k * (k - 1)));
    term = term.times(square).map((value) => multiplyRational(value, factor));
    sum = sum.plus(term);
  }
  return sum;
}

/** The series of each operation, by those of its arguments; none where its coefficients are not rational. */
export const SERIES: { readonly [K in OperationName]?: (a: Series, b: Series) => Series | undefined } = {
  add: (a, b) => a.plus(b),
  sub: (a, b) => a.plus(b, -1n),
  mul: (a, b) => a.times(b),
  div: (a, b) => a.over(b),
  neg: (a) => new Series(a.first(a.length).map(() => ZERO)).plus(a, -1n),
  exp: (u) => riccati(u, ONE, [0n, 1n, 0n]),
  expm1: (u) => riccati(u, ZERO, [1n, 1n, 0n]),
  tanh: (u) => riccati(u, ZERO, [1n, 0n, -1n]),
  sigmoid: (u) => riccati(u, HALF, [0n, 1n, -1n]),
  log: (u) => (isOne(u.at(0)) ? logarithm(u) : undefined),
  log1p: (u) => (u.isZero(0) ? logarithm(u.plus(constantSeries(ONE, u.length))) : undefined),
  sqrt: (u) => (isOne(u.at(0)) ? root(u) : undefined),
  sin: (u) => powers(u, 1, -1n),
  cos: (u) => powers(u, 0, -1n),
  sinh: (u) => powers(u, 1, 1n),
  cosh: (u) => powers(u, 0, 1n),
};
