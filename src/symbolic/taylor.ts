/** Exact power series at 0: near a zero where terms cancel, the series has the digits that the formula loses. */
import { abs, constant, fromRational, lt, mul, polynomial, select } from "../ir/build.js";
import { topological, type Expr } from "../ir/expr.js";
import type { OperationName } from "../ir/ops.js";
import {
  addRational,
  invertRational,
  multiplyRational,
  negateRational,
  rational,
  rationalToNumber,
  type Rational,
} from "../ir/rational.js";

/** Coefficients of 1, x, x², ... */
type Series = readonly Rational[];

const TERMS = 76;
const ZERO = rational(0n);
const ONE = rational(1n);

const isZero = (value: Rational): boolean => value.numerator === 0n;
const isOne = (value: Rational): boolean => value.numerator === value.denominator;
const integer = (value: number): Rational => rational(BigInt(value));
const over = (value: Rational, n: number): Rational => multiplyRational(value, rational(1n, BigInt(n)));

/** As long as the shorter of the two. */
const plus = (a: Series, b: Series): Series => a.slice(0, b.length).map((value, i) => addRational(value, b[i]!));
const scale = (a: Series, factor: Rational): Series => a.map((value) => multiplyRational(value, factor));
const negate = (a: Series): Series => a.map(negateRational);
const constantSeries = (value: Rational, length: number): Series => [value, ...Array<Rational>(length - 1).fill(ZERO)];

const times = (a: Series, b: Series): Series => a.slice(0, b.length).map((_, n) => convolution(a, b, n));

/** a/b where b has a zero of an order that a has as well: the last terms of the series are then unknown. */
function quotient(a: Series, b: Series): Series | undefined {
  const shift = b.findIndex((value) => !isZero(value));
  if (shift < 0 || a.slice(0, shift).some((value) => !isZero(value))) return undefined;
  const inverse = invertRational(b[shift]!);
  const result: Rational[] = [];
  for (let n = 0; n + shift < Math.min(a.length, b.length); n++) {
    let rest = a[n + shift]!;
    for (let i = 0; i < n; i++)
      rest = addRational(rest, negateRational(multiplyRational(result[i]!, b[n - i + shift]!)));
    result.push(multiplyRational(rest, inverse));
  }
  return result;
}

const differentiate = (a: Series): Series => [
  ...a.slice(1).map((value, i) => multiplyRational(value, integer(i + 1))),
  ZERO,
];

/** The n-th coefficient of a·b; only coefficients up to n are read. */
function convolution(a: Series, b: Series, n: number): Rational {
  let sum = ZERO;
  for (let i = 0; i <= n; i++)
    if (!isZero(a[i]!) && !isZero(b[n - i]!)) sum = addRational(sum, multiplyRational(a[i]!, b[n - i]!));
  return sum;
}

/** The f with f(0) = start and f' = slope, found term by term: `slope(f, n)` may read f up to its n-th coefficient. */
function solve(start: Rational, length: number, slope: (f: Series, n: number) => Rational): Series {
  const result: Rational[] = [start];
  for (let n = 1; n < length; n++) result.push(over(slope(result, n - 1), n));
  return result;
}

/** f' = (c0 + c1·f + c2·f²)·u': exp, expm1, tanh and sigmoid are of this kind. */
function riccati(u: Series, start: Rational, [c0, c1, c2]: readonly [number, number, number]): Series | undefined {
  if (!isZero(u[0]!)) return undefined;
  const du = differentiate(u);
  const squares: Rational[] = [];
  return solve(start, u.length, (f, n) => {
    squares[n] = c2 === 0 ? ZERO : convolution(f, f, n);
    const linear = c1 === 0 ? ZERO : multiplyRational(integer(c1), convolution(f, du, n));
    const quadratic = c2 === 0 ? ZERO : multiplyRational(integer(c2), convolution(squares, du, n));
    return addRational(multiplyRational(integer(c0), du[n]!), addRational(linear, quadratic));
  });
}

const seriesOf: { readonly [K in OperationName]?: (a: Series, b: Series) => Series | undefined } = {
  add: plus,
  sub: (a, b) => plus(a, negate(b)),
  mul: times,
  div: quotient,
  neg: negate,
  exp: (u) => riccati(u, ONE, [0, 1, 0]),
  expm1: (u) => riccati(u, ZERO, [1, 1, 0]),
  tanh: (u) => riccati(u, ZERO, [1, 0, -1]),
  sigmoid: (u) => riccati(u, rational(1n, 2n), [0, 1, -1]),
  log: (u) => (isOne(u[0]!) ? logarithm(u) : undefined),
  log1p: (u) => (isZero(u[0]!) ? logarithm(plus(constantSeries(ONE, u.length), u)) : undefined),
  sqrt: (u) => (isOne(u[0]!) ? root(u) : undefined),
  sin: (u) => powers(u, 1, -1n),
  cos: (u) => powers(u, 0, -1n),
  sinh: (u) => powers(u, 1, 1n),
  cosh: (u) => powers(u, 0, 1n),
};

/** log u with u(0) = 1: its slope is u'/u. */
function logarithm(u: Series): Series | undefined {
  const slope = quotient(differentiate(u), u);
  return slope && [ZERO, ...slope.slice(0, -1).map((value, i) => over(value, i + 1))];
}

/** The f with f(0) = 1 and f² = u: 2·f_n = u_n - Σ f_i·f_(n-i) over 0 < i < n. */
function root(u: Series): Series {
  const result: Rational[] = [ONE];
  for (let n = 1; n < u.length; n++) {
    let rest = u[n]!;
    for (let i = 1; i < n; i++) rest = addRational(rest, negateRational(multiplyRational(result[i]!, result[n - i]!)));
    result.push(over(rest, 2));
  }
  return result;
}

/** Σ sign^k·u^(2k + odd)/(2k + odd)!. */
function powers(a: Series, odd: 0 | 1, sign: 1n | -1n): Series | undefined {
  if (!isZero(a[0]!)) return undefined;
  let term = odd === 1 ? a : constantSeries(ONE, a.length);
  let sum = term;
  const square = times(a, a);
  for (let k = odd + 2; k < a.length; k += 2) {
    term = scale(times(term, square), rational(sign, BigInt(k * (k - 1))));
    sum = plus(sum, term);
  }
  return sum;
}

/** Terms that quotients of what vanishes at 0 may cost. */
const SPARE = 12;

/** The Taylor series of an expression of the input alone, where every step has one with rational coefficients. */
export function taylorSeries(expr: Expr, input: Expr, length: number): Series | undefined {
  const [series, most] = [new Map<Expr, Series>(), length + SPARE];
  for (const node of topological([expr])) {
    let result: Series | undefined;
    if (node === input) result = [ZERO, ONE, ...Array<Rational>(most - 2).fill(ZERO)];
    else if (node.op === "rational") result = constantSeries(node.payload as Rational, most);
    else result = seriesOf[node.op]?.(series.get(node.args[0]!)!, series.get(node.args[1] ?? node.args[0]!)!);
    if (result === undefined) return undefined;
    series.set(node, result);
  }
  const found = series.get(expr)!;
  return found.length < length ? undefined : found.slice(0, length);
}

/** Radii at which the series may take over, and what it may leave out, relative to its first term. */
const RADII = [0.5, 0.875];
const TRUNCATION = 2 ** -56;

/** The expression beside 0, where it is another at 0 itself. */
function beside(expr: Expr, input: Expr): Expr {
  const [condition, , otherwise] = expr.args;
  const isAtZero = expr.op === "select" && condition!.op === "eq" && condition!.args.includes(input);
  return isAtZero && condition!.args.includes(constant(0)) ? otherwise! : expr;
}

/**
 * x^first · polynomial(x or x²) near 0, the expression elsewhere: one candidate per radius. Unless `everywhere`, only where
 * there is a zero of higher order: without one nothing cancels that rewriting does not handle.
 */
export function taylorForms(whole: Expr, input: Expr, everywhere = false): Expr[] {
  const expr = everywhere ? beside(whole, input) : whole;
  if (expr.op === "select" || !cancels(expr) || topological([expr]).length > 60) return [];
  const beginning = taylorSeries(expr, input, 4);
  if (beginning === undefined) return [];
  if (!everywhere && (!isZero(beginning[0]!) || !isZero(beginning[1]!))) return [];
  const series = taylorSeries(expr, input, TERMS);
  if (series === undefined) return [];
  const first = series.findIndex((value) => !isZero(value));
  if (first < 0) return [];
  const values = series.map(rationalToNumber);
  const parity = values.every((value, i) => value === 0 || (i - first) % 2 === 0);
  const step = parity ? 2 : 1;
  return RADII.flatMap((radius) => {
    let last = values.length - 1;
    const negligible = (i: number): boolean =>
      Math.abs(values[i]! * radius ** (i - first)) < TRUNCATION * Math.abs(values[first]!) * (1 - radius ** step / 2.5);
    if (!negligible(last - (parity ? (last - first) % 2 : 0))) return [];
    while (last > first && negligible(last)) last -= 1;
    const coefficients = [];
    for (let i = first; i <= last; i += step) coefficients.push(fromRational(series[i]!));
    const argument = parity ? mul(input, input) : input;
    const sum = polynomial(coefficients, argument);
    const power = Array.from({ length: first }, () => input).reduce<Expr | undefined>(
      (product, factor) => (product === undefined ? factor : mul(product, factor)),
      undefined,
    );
    const near = power === undefined ? sum : mul(power, sum);
    return [select(lt(abs(input), fromRational(rational(BigInt(radius * 8), 8n))), near, expr)];
  });
}

/** A difference somewhere: what may cancel. */
const cancels = (expr: Expr): boolean => topological([expr]).some((node) => node.op === "sub" || node.op === "add");
