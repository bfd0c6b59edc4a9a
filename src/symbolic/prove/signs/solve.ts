/**
 * Where a polynomial changes its sign within a region: its zeros in one generator that depends on the input, linear and
 * quadratic ones exactly with any parameters, others by rational zeros and certified bisection.
 */
import * as b from "../../../ir/build.js";
import type { Expr } from "../../../ir/expr.js";
import { rational, type Rational } from "../../../ir/rational.js";
import { interval, type Interval } from "../../../ir/interval.js";
import { createFacts } from "../../facts.js";
import { normalForm } from "../../simplify.js";
import { polynomialExpression, type Fraction } from "../algebra/fraction.js";
import { isolate } from "./isolate.js";
import type { Generator, Monomial, Polynomial } from "../algebra/polynomial.js";
import type { Reasoner } from "./reasoner.js";
import { exactly, type Bound, type Isolated } from "../regions/region.js";
import { Ended } from "../outcome.js";
import type { Sign } from "./signs.js";

/** The sign in the region; ends in a split where it changes inside; undefined when no method applies. */
export function solve(p: Polynomial, reasoner: Reasoner): Sign | undefined {
  const unknown = dependentGenerators(p, reasoner);
  const form = unknown.length === 1 ? univariate(p, unknown[0]!, reasoner) : undefined;
  if (form !== undefined) {
    const axis = axisOf(unknown[0]!, form.root, reasoner);
    if (axis !== undefined) {
      const sign = byRoots(form.coefficients, axis, reasoner);
      if (sign !== undefined) return sign;
    }
  }
  return undefined;
}

function dependentGenerators(p: Polynomial, { kernels }: Reasoner): Generator[] {
  const found = new Set<Generator>();
  for (const { generators } of p.keys())
    for (const generator of generators) if (kernels.depends(generator)) found.add(generator);
  return [...found];
}

const LARGEST_DEGREE = 24;

/** p = Σ coefficient[k]·t^k where t = generator^(1/root); nothing but the generator depends on the input. */
function univariate(
  p: Polynomial,
  generator: Generator,
  { kernels }: Reasoner,
): { coefficients: Polynomial[]; root: number } | undefined {
  const { algebra } = kernels;
  const exponentOf = ({ generators, exponents }: Monomial): number => exponents[generators.indexOf(generator)] ?? 0;
  const exponents = [...p.keys()].map(exponentOf);
  let root = 1;
  while (exponents.some((exponent) => !Number.isInteger(exponent * root))) {
    root *= 2;
    if (root > LARGEST_DEGREE) return undefined;
  }
  // A power of an exponential is never 0 and may be taken out; t itself may be 0.
  const least = kernels.kind(generator).kind === "exponential" ? Math.min(...exponents) : Math.min(0, ...exponents);
  const degree = (Math.max(...exponents) - least) * root;
  if (degree > LARGEST_DEGREE) return undefined;
  const coefficients = Array.from({ length: degree + 1 }, () => new Map<Monomial, bigint>());
  for (const [monomial, coefficient] of p) {
    const exponent = exponentOf(monomial);
    const rest = algebra.times(monomial, algebra.power(generator, -exponent));
    coefficients[(exponent - least) * root]!.set(rest, coefficient);
  }
  return { coefficients, root };
}

/** Exponentials of exponentials are followed this far. */
const DEEPEST = 6;

/** A monotone function t of the input: how it runs, and where it takes a value. */
interface Axis {
  readonly direction: Sign;
  /** The input at which t has this value, or the sign of t - value where t never has it. */
  readonly inverse: (value: Fraction) => Expr | -1 | 1;
}

/** t = generator^(1/root); exponentials of exponentials are followed inwards. */
function axisOf(generator: Generator, root: number, reasoner: Reasoner, depth = 0): Axis | undefined {
  if (depth > DEEPEST) return undefined;
  const { kernels } = reasoner;
  const kernel = kernels.kind(generator);
  const { field, algebra } = kernels;
  if (kernel.kind === "variable")
    return {
      direction: 1,
      // A fractional power stands only where the input is positive.
      inverse: (value) => (root === 1 || reasoner.sign(value) > 0 ? field.expression(field.power(value, root)) : 1),
    };
  if (kernel.kind === "exponential") {
    const { monomial, factors } = kernel.exponent;
    const [inner, ...others] = monomial.generators.filter((g) => kernels.depends(g));
    if (inner === undefined || others.length > 0) return undefined;
    if (monomial.exponents[monomial.generators.indexOf(inner)] !== 1) return undefined;
    if ([...factors.keys()].some((factor) => kernels.polynomialDepends(factor.polynomial))) return undefined;
    const axis = axisOf(inner, 1, reasoner, depth + 1);
    if (axis === undefined) return undefined;
    // t = exp(slope·inner), slope = rest·factors/(scale·root)
    const rest = algebra.times(monomial, algebra.power(inner, -1));
    const slope: Fraction = {
      numerator: algebra.of(rest, kernel.multiple),
      denominator: kernel.scale * BigInt(root),
      factors,
    };
    const steepness = reasoner.sign(slope);
    return {
      direction: (steepness * axis.direction) as Sign,
      inverse: (value) => {
        if (reasoner.sign(value) <= 0) return 1;
        const place = axis.inverse(field.divide(reasoner.fraction(b.log(field.expression(value))), slope));
        return typeof place === "number" ? ((place * steepness) as -1 | 1) : place;
      },
    };
  }
  if (kernel.kind === "logarithm") {
    const of = field.expression(kernel.of);
    if (of !== kernels.input || root !== 1) return undefined;
    const side = reasoner.sign(kernel.of);
    if (side === 0) return undefined;
    return {
      direction: side,
      inverse: (value) => (side > 0 ? b.exp(field.expression(value)) : b.neg(b.exp(field.expression(value)))),
    };
  }
  return undefined;
}

function byRoots(coefficients: readonly Polynomial[], axis: Axis, reasoner: Reasoner): Sign | undefined {
  const { field } = reasoner.kernels;
  const values = coefficients.map((coefficient) => field.polynomial(coefficient));
  const leading = values[values.length - 1]!;
  const roots = closedRoots(values, reasoner);
  if (roots === undefined) return undefined;
  let sign = reasoner.sign(leading);
  if (sign === 0) return undefined;
  const inside: Bound[] = [];
  for (const root of roots) {
    const place = axis.inverse(root);
    if (typeof place === "number") {
      sign = (sign * place) as Sign;
      continue;
    }
    const bound = exactly(normalForm(place));
    const side = sideOf(bound, reasoner);
    if (side === 0) inside.push(bound);
    else sign = (sign * -side * axis.direction) as Sign;
  }
  if (inside.length > 0) throw new Ended({ kind: "split", bounds: sorted(inside, reasoner) });
  return sign;
}

/** Is the place before (-1), inside (0) or after (1) the region? */
function sideOf(place: Bound, reasoner: Reasoner): Sign {
  const { low, high } = reasoner.region;
  if (low !== undefined && reasoner.compareBounds(place, low) <= 0) return -1;
  return high !== undefined && reasoner.compareBounds(place, high) >= 0 ? 1 : 0;
}

function sorted(bounds: readonly Bound[], reasoner: Reasoner): Bound[] {
  const result: Bound[] = [];
  for (const bound of bounds) {
    let index = 0;
    while (index < result.length && reasoner.compareBounds(result[index]!, bound) < 0) index += 1;
    if (index === result.length || reasoner.compareBounds(result[index]!, bound) !== 0) result.splice(index, 0, bound);
  }
  return result;
}

/** All real zeros, with multiplicity, of a polynomial that can be solved. */
function closedRoots(coefficients: readonly Fraction[], reasoner: Reasoner): Fraction[] | undefined {
  const { field } = reasoner.kernels;
  const [c0, c1, c2] = coefficients;
  const degree = coefficients.length - 1;
  if (degree === 0) return [];
  if (degree === 1) return [field.negate(field.divide(c0!, c1!))];
  if (degree === 2) {
    const four = field.rational(rational(4n));
    const discriminant = field.subtract(field.multiply(c1!, c1!), field.multiply(four, field.multiply(c0!, c2!)));
    const sign = reasoner.sign(discriminant);
    if (sign < 0) return [];
    const middle = field.negate(field.divide(c1!, field.add(c2!, c2!)));
    if (sign === 0) return [middle, middle];
    const root = reasoner.fraction(b.sqrt(field.expression(discriminant)));
    const offset = field.divide(root, field.add(c2!, c2!));
    return [field.subtract(middle, offset), field.add(middle, offset)];
  }
  const numbers = coefficients.map((coefficient) => field.asRational(coefficient));
  if (numbers.some((number) => number === undefined)) return undefined;
  const { roots, rest } = rationalRoots(numbers as Rational[], (steps) => reasoner.kernels.algebra.spend(steps));
  if (rest.length === coefficients.length) return undefined;
  const others = closedRoots(
    rest.map((value) => field.rational(value)),
    reasoner,
  );
  return others && [...roots.map((root) => field.rational(root)), ...others];
}

const LARGEST_CANDIDATE = 2000;
/** Divisions of integers that cost as much as a multiplication of terms. */
const DIVISIONS = 20;

/** Takes out zeros p/q, p dividing the last and q the leading coefficient. `pay` is told how much is tried. */
function rationalRoots(
  coefficients: readonly Rational[],
  pay: (steps: number) => void,
): { readonly roots: readonly Rational[]; readonly rest: readonly Rational[] } {
  const common = coefficients.reduce((product, { denominator }) => product * denominator, 1n);
  let integers = coefficients.map(({ numerator, denominator }) => (numerator * common) / denominator);
  const roots: Rational[] = [];
  const divisors = (value: bigint): bigint[] => {
    const magnitude = value < 0n ? -value : value;
    const found: bigint[] = [];
    for (let d = 1n; d <= BigInt(LARGEST_CANDIDATE) && d <= magnitude; d++) if (magnitude % d === 0n) found.push(d);
    return found;
  };
  search: while (integers.length > 3) {
    if (integers[0] === 0n) {
      roots.push(rational(0n));
      integers = integers.slice(1);
      continue;
    }
    const [tops, bottoms] = [divisors(integers[0]!), divisors(integers[integers.length - 1]!)];
    pay(Math.ceil((LARGEST_CANDIDATE + tops.length * bottoms.length * integers.length) / DIVISIONS));
    for (const p of tops)
      for (const q of bottoms)
        for (const candidate of [rational(p, q), rational(-p, q)]) {
          const quotient = deflated(integers, candidate);
          if (quotient === undefined) continue;
          roots.push(candidate);
          integers = quotient;
          continue search;
        }
    break;
  }
  return { roots, rest: integers.map((value) => rational(value)) };
}

/** The polynomial over q·t - p, when that divides it. */
function deflated(integers: readonly bigint[], { numerator: p, denominator: q }: Rational): bigint[] | undefined {
  const quotient: bigint[] = [];
  let carry = 0n;
  for (let i = integers.length - 1; i > 0; i--) {
    const top = integers[i]! + carry;
    if (top % q !== 0n) return undefined;
    quotient.unshift(top / q);
    carry = (top / q) * p;
  }
  return integers[0]! + carry === 0n ? quotient : undefined;
}

/** The same by certified bisection, where no parameter is involved. */
export function numerically(p: Polynomial, reasoner: Reasoner): Sign | undefined {
  const { kernels, region } = reasoner;
  for (const { generators } of p.keys())
    for (const generator of generators) {
      const kernel = kernels.kind(generator);
      if (kernel.kind === "variable" && kernel.expr !== kernels.input) return undefined;
    }
  const range = reasoner.facts(kernels.input);
  const found = isolatedZeros(p, range, reasoner);
  if (found === undefined) return undefined;
  const { g, roots } = found;
  const root = polynomialExpression(p, kernels.algebra);
  const inside = roots.map((place) => ({ ...place, root })).filter((place) => sideOf(place, reasoner) === 0);
  if (inside.length > 0) throw new Ended({ kind: "split", bounds: sorted(inside, reasoner) });
  const middle = between(range.low, range.high);
  if (region.low?.kind === "isolated" && middle <= region.low.high) return undefined;
  if (region.high?.kind === "isolated" && middle >= region.high.low) return undefined;
  const facts = createFacts(new Map([[kernels.input, interval(middle, middle)]]));
  const value = facts(g);
  return value.low > 0 ? 1 : value.high < 0 ? -1 : undefined;
}

interface Zeros {
  /** An expression with the polynomial's sign and zeros. */
  readonly g: Expr;
  readonly roots: readonly Isolated[];
}

/** The zeros by the first form of the polynomial of which intervals tell them all. */
function isolatedZeros(p: Polynomial, range: Interval, reasoner: Reasoner): Zeros | undefined {
  const { kernels } = reasoner;
  for (const { g, bound } of [evaluable(p, reasoner), ...saturated(p, reasoner)]) {
    const [low, high] = [Math.max(range.low, -bound), Math.min(range.high, bound)];
    const pay = (nodes: number): void => kernels.algebra.spend(nodes);
    const roots = low < high ? isolate(g, kernels.input, low, high, pay) : [];
    if (roots !== undefined) return { g, roots };
  }
  return undefined;
}

/** Over the highest and the lowest power of an exponential what is left has a limit far out. */
function saturated(p: Polynomial, { kernels }: Reasoner): { readonly g: Expr; readonly bound: number }[] {
  const { algebra } = kernels;
  const exponential = [...p.keys()].flatMap(({ generators }) => generators).find(kernels.isExponential);
  if (exponential === undefined) return [];
  const exponents = [...p.keys()].map(({ generators, exponents }) => exponents[generators.indexOf(exponential)] ?? 0);
  return [Math.max(...exponents), Math.min(...exponents)]
    .filter((exponent) => exponent !== 0)
    .map((exponent) => {
      const over = algebra.power(exponential, -exponent);
      const divided = new Map([...p].map(([monomial, coefficient]) => [algebra.times(monomial, over), coefficient]));
      return { g: polynomialExpression(divided, algebra), bound: Infinity };
    });
}

/** The polynomial in a form that intervals bear, and a bound beyond which it has no zero (Cauchy's, for the input alone). */
function evaluable(p: Polynomial, reasoner: Reasoner): { readonly g: Expr; readonly bound: number } {
  const { kernels } = reasoner;
  const [generator, ...others] = dependentGenerators(p, reasoner);
  const form = others.length === 0 && generator !== undefined ? univariate(p, generator, reasoner) : undefined;
  if (form === undefined || form.root !== 1) return { g: polynomialExpression(p, kernels.algebra), bound: Infinity };
  const coefficients = form.coefficients.map((coefficient) => polynomialExpression(coefficient, kernels.algebra));
  const g = b.polynomial(coefficients, generator!.meaning());
  const sizes = coefficients.map((coefficient) => reasoner.facts(coefficient));
  const largest = Math.max(...sizes.map(({ low, high }) => Math.max(-low, high)));
  const leading = sizes[sizes.length - 1]!;
  const smallest = Math.max(leading.low, -leading.high);
  const isInput = generator!.meaning() === kernels.input;
  const bound = isInput && smallest > 0 ? 2 + largest / smallest : Infinity;
  return { g, bound: Number.isNaN(bound) ? Infinity : bound };
}

/** A number well inside an interval. */
function between(low: number, high: number): number {
  if (low === -Infinity) return high === Infinity ? 0.1 : high - 1;
  return high === Infinity ? low + 1 : (low + high) / 2;
}
