/** Exact power series at 0: near a zero where terms cancel, the series has the digits that the formula loses. */
import { abs, constant, fromRational, lt, mul, polynomial, select } from "../ir/build.js";
import { topological, type Expr } from "../ir/expr.js";
import { rational, rationalToNumber, type Rational } from "../ir/rational.js";
import { SERIES, constantSeries, inputSeries, type Series } from "./series.js";

const TERMS = 76;
/** Terms that show how fast a series falls. */
const FEW = 24;

const isZero = (value: Rational): boolean => value.numerator === 0n;

/** Terms that quotients of what vanishes at 0 may cost. */
const SPARE = 12;

/** The Taylor coefficients of an expression of the input alone, where every step has a series with rational ones. */
export function taylorSeries(expr: Expr, input: Expr, length: number): readonly Rational[] | undefined {
  const [series, most] = [new Map<Expr, Series>(), length + SPARE];
  for (const node of topological([expr])) {
    let result: Series | undefined;
    if (node === input) result = inputSeries(most);
    else if (node.op === "rational") result = constantSeries(node.payload as Rational, most);
    else result = SERIES[node.op]?.(series.get(node.args[0]!)!, series.get(node.args[1] ?? node.args[0]!)!);
    if (result === undefined) return undefined;
    series.set(node, result);
  }
  const found = series.get(expr)!;
  return found.length < length ? undefined : found.first(length);
}

/** Radii at which the series may take over, and what it may leave out, relative to its first term. */
const RADII = [0.5, 0.875];
const TRUNCATION = 2 ** -56;

/**
 * The terms that a series needs for inputs up to a radius, going by how fast its first ones fall; more than there may be where
 * they do not. Exact coefficients are long numbers, so that it pays to ask for few.
 */
function lengthFor(values: readonly number[], radius: number): number {
  const first = values.findIndex((value) => value !== 0);
  const rates = values.map(
    (value, i) => Math.abs((value * radius ** (i - first)) / values[first]!) ** (1 / (i - first)),
  );
  const rate = Math.max(...rates.slice(-FEW / 3));
  if (first < 0 || !(rate < 1)) return Infinity;
  const needed = first + Math.ceil(Math.log(TRUNCATION) / Math.log(rate));
  return needed > 2 * TERMS ? Infinity : Math.min(TERMS, Math.max(FEW, needed + FEW));
}

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
  const beginning = taylorSeries(expr, input, FEW);
  if (beginning === undefined) return [];
  if (!everywhere && (!isZero(beginning[0]!) || !isZero(beginning[1]!))) return [];
  const lengths = RADII.map((radius) => lengthFor(beginning.map(rationalToNumber), radius));
  const series = taylorSeries(expr, input, Math.max(...lengths.filter((length) => length <= TERMS), FEW));
  if (series === undefined) return [];
  const first = series.findIndex((value) => !isZero(value));
  if (first < 0) return [];
  const all = series.map(rationalToNumber);
  const parity = all.every((value, i) => value === 0 || (i - first) % 2 === 0);
  const step = parity ? 2 : 1;
  return RADII.flatMap((radius, which) => {
    if (lengths[which]! > TERMS) return [];
    const values = all.slice(0, lengths[which]!);
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
