/** Exact power series at 0: near a zero where terms cancel, the series has the digits that the formula loses. */
import { abs, fromRational, lt, mul, polynomial, select } from "../ir/build.js";
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
const integer = (value: number): Rational => rational(BigInt(value));
const over = (value: Rational, n: number): Rational => multiplyRational(value, rational(1n, BigInt(n)));

const plus = (a: Series, b: Series): Series => a.map((value, i) => addRational(value, b[i]!));
const scale = (a: Series, factor: Rational): Series => a.map((value) => multiplyRational(value, factor));
const negate = (a: Series): Series => a.map(negateRational);
const constantSeries = (value: Rational, length: number): Series => [value, ...Array<Rational>(length - 1).fill(ZERO)];

const times = (a: Series, b: Series): Series => a.map((_, n) => convolution(a, b, n));

function quotient(a: Series, b: Series): Series | undefined {
  const shift = b.findIndex((value) => !isZero(value));
  if (shift < 0 || a.slice(0, shift).some((value) => !isZero(value))) return undefined;
  const inverse = invertRational(b[shift]!);
  const result: Rational[] = [];
  for (let n = 0; n + shift < a.length; n++) {
    let rest = a[n + shift]!;
    for (let i = 0; i < n; i++)
      rest = addRational(rest, negateRational(multiplyRational(result[i]!, b[n - i + shift]!)));
    result.push(multiplyRational(rest, inverse));
  }
  // Terms lost to the shift are unknown: only a shift of 0 keeps the length.
  return shift === 0 ? result : undefined;
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
  log1p: (u) => {
    const slope = isZero(u[0]!) ? quotient(differentiate(u), plus(constantSeries(ONE, u.length), u)) : undefined;
    return slope && [ZERO, ...slope.slice(0, -1).map((value, i) => over(value, i + 1))];
  },
  sin: (u) => powers(u, 1, -1n),
  cos: (u) => powers(u, 0, -1n),
  sinh: (u) => powers(u, 1, 1n),
  cosh: (u) => powers(u, 0, 1n),
};

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

/** The Taylor series of an expression of the input alone, where every step has one with rational coefficients. */
export function taylorSeries(expr: Expr, input: Expr, length: number): Series | undefined {
  const series = new Map<Expr, Series>();
  for (const node of topological([expr])) {
    let result: Series | undefined;
    if (node === input) result = [ZERO, ONE, ...Array<Rational>(length - 2).fill(ZERO)];
    else if (node.op === "rational") result = constantSeries(node.payload as Rational, length);
    else result = seriesOf[node.op]?.(series.get(node.args[0]!)!, series.get(node.args[1] ?? node.args[0]!)!);
    if (result === undefined) return undefined;
    series.set(node, result);
  }
  return series.get(expr);
}

/** Radii at which the series may take over, and what it may leave out, relative to its first term. */
const RADII = [0.5, 0.875];
const TRUNCATION = 2 ** -56;

/** x^first · polynomial(x or x²) near 0, the expression elsewhere: one candidate per radius. */
export function taylorForms(expr: Expr, input: Expr): Expr[] {
  if (expr.op === "select" || !cancels(expr) || topological([expr]).length > 60) return [];
  // Without a zero of higher order nothing cancels that the formula does not handle.
  const beginning = taylorSeries(expr, input, 4);
  if (beginning === undefined || !isZero(beginning[0]!) || !isZero(beginning[1]!)) return [];
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
    let power = input;
    for (let i = 1; i < first; i++) power = mul(power, input);
    return [
      select(
        lt(abs(input), fromRational(rational(BigInt(radius * 8), 8n))),
        mul(power, polynomial(coefficients, argument)),
        expr,
      ),
    ];
  });
}

/** A difference somewhere: what may cancel. */
const cancels = (expr: Expr): boolean => topological([expr]).some((node) => node.op === "sub" || node.op === "add");
