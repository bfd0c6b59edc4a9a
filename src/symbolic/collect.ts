/**
 * Products and sums in normal form: a product is a constant times powers of distinct factors, a sum is a list of distinct
 * products with what they have in common in front. Both look only a bounded number of nodes deep, so that long chains
 * stay linear.
 */
import { add, constant, div, fromRational, mul, neg, sub } from "../ir/build.js";
import type { Expr } from "../ir/expr.js";
import { isNonnegative } from "../ir/interval.js";
import {
  addRational,
  compareRational,
  multiplyRational,
  negateRational,
  rational,
  invertRational,
  type Rational,
} from "../ir/rational.js";
import type { Facts } from "./facts.js";

const LIMIT = 12;
/** Taller expressions stay whole: taking them apart at every level would undo the sharing of deep compositions. */
const TALLEST = 40;
const opens = (expr: Expr, root: Expr): boolean => expr === root || expr.height <= TALLEST;
const UNIT = rational(1n);

interface Product {
  readonly coefficient: Rational;
  /** Factors with their exponents, never 0. */
  readonly powers: ReadonlyMap<Expr, number>;
  /** A factor would cancel but may be 0: x·(1/x) keeps its hole at 0, so the product stays as it is. */
  readonly stuck?: boolean;
}

/** coefficient · Π factor^power, read off the top of an expression; cancels only factors that are never 0. */
function readProduct(expr: Expr, facts: Facts): Product {
  let coefficient = UNIT;
  const powers = new Map<Expr, number>();
  let stuck = false;
  const stack: [Expr, number][] = [[expr, 1]];
  let budget = LIMIT;

  const include = (factor: Expr, exponent: number): void => {
    const before = powers.get(factor) ?? 0;
    const cancels = before * exponent < 0 && !(facts(factor).nonzero && facts(factor).defined);
    if (cancels) stuck = true;
    else powers.set(factor, before + exponent);
  };

  while (stack.length > 0) {
    const [top, exponent] = stack.pop()!;
    const [a, b] = top.args;
    if (top.op === "rational") {
      const value = top.payload as Rational;
      if (exponent < 0 && value.numerator === 0n) include(top, exponent);
      else
        for (let i = 0; i < Math.abs(exponent); i++)
          coefficient = multiplyRational(coefficient, exponent < 0 ? invertRational(value) : value);
    } else if (top.op === "neg" && budget > 0 && opens(top, expr)) {
      if (exponent % 2 !== 0) coefficient = negateRational(coefficient);
      stack.push([a!, exponent]);
    } else if (top.op === "mul" && budget > 0 && opens(top, expr)) {
      budget -= 1;
      stack.push([b!, exponent], [a!, exponent]);
    } else if (top.op === "div" && budget > 0 && opens(top, expr)) {
      budget -= 1;
      stack.push([b!, -exponent], [a!, exponent]);
    } else if (top.op === "abs" && exponent % 2 === 0) include(a!, exponent);
    else include(top, exponent);
  }
  // √u·√u = u wherever the root is defined at all.
  for (const [factor, exponent] of [...powers]) {
    const [inner] = factor.args;
    if (factor.op !== "sqrt" || Math.abs(exponent) < 2 || !isNonnegative(facts(inner!))) continue;
    const half = Math.trunc(exponent / 2);
    powers.delete(factor);
    if (exponent % 2 !== 0) powers.set(factor, exponent % 2);
    if (inner!.op === "rational" && (inner!.payload as Rational).numerator !== 0n) {
      const value = inner!.payload as Rational;
      for (let i = 0; i < Math.abs(half); i++)
        coefficient = multiplyRational(coefficient, half < 0 ? invertRational(value) : value);
    } else powers.set(inner!, (powers.get(inner!) ?? 0) + half);
  }
  for (const [factor, exponent] of [...powers]) if (exponent === 0) powers.delete(factor);
  return { coefficient, powers, stuck };
}

const rank = (expr: Expr): number => (expr.closed ? 0 : expr.op === "variable" ? 1 : 2);
const byStructure = (a: Expr, b: Expr): number => rank(a) - rank(b) || a.hash - b.hash;

function chain(powers: readonly (readonly [Expr, number])[]): Expr | undefined {
  let result: Expr | undefined;
  for (const [factor, exponent] of powers) {
    let power = factor;
    for (let i = 1; i < exponent; i++) power = mul(power, factor);
    result = result === undefined ? power : mul(result, power);
  }
  return result;
}

/** coefficient · constants · (numerator / denominator) in a fixed order. */
function writeProduct({ coefficient, powers }: Product): Expr {
  const sorted = [...powers].sort(([a], [b]) => byStructure(a, b));
  const part = (closed: boolean, sign: number): Expr | undefined =>
    chain(sorted.filter(([f, e]) => f.closed === closed && e * sign > 0).map(([f, e]) => [f, Math.abs(e)] as const));
  const quotient = (top: Expr | undefined, bottom: Expr | undefined): Expr | undefined =>
    bottom === undefined ? top : div(top ?? constant(1), bottom);
  const open = quotient(part(false, 1), part(false, -1));
  const closed = quotient(part(true, 1), part(true, -1));
  if (open === undefined) {
    if (closed === undefined) return fromRational(coefficient);
    return isUnit(coefficient) ? closed : mul(fromRational(coefficient), closed);
  }
  // The sign goes to the very front, so that f(-u) is seen to be of -u whatever u is.
  const negative = coefficient.numerator < 0n;
  const magnitude = negative ? negateRational(coefficient) : coefficient;
  const factor =
    closed === undefined
      ? isUnit(magnitude)
        ? undefined
        : fromRational(magnitude)
      : isUnit(magnitude)
        ? closed
        : mul(fromRational(magnitude), closed);
  const product = factor === undefined ? open : mul(factor, open);
  return negative ? neg(product) : product;
}

const isUnit = (value: Rational): boolean => value.numerator === value.denominator;

/** A rewrite of the product of two factors, such as sin(u)·cos(u) = sin(2u)/2. */
export type PairRule = (product: Expr) => Expr | undefined;

function combinePairs({ coefficient, powers }: Product, combine: PairRule): Expr | undefined {
  const factors = [...powers].filter(([factor, exponent]) => exponent > 0 && !factor.closed);
  for (let i = 0; i < factors.length; i++)
    for (let j = 0; j < factors.length; j++) {
      if (i === j) continue;
      const [[a], [b]] = [factors[i]!, factors[j]!];
      const combined = combine(mul(a, b));
      if (combined === undefined) continue;
      const rest = new Map(powers);
      for (const factor of [a, b]) rest.set(factor, rest.get(factor)! - 1);
      for (const factor of [a, b]) if (rest.get(factor) === 0) rest.delete(factor);
      return mul(combined, writeProduct({ coefficient, powers: rest }));
    }
  return undefined;
}

/** The normal form of a product, quotient or negation. */
export function collectProduct(expr: Expr, facts: Facts, combine: PairRule): Expr {
  const product = readProduct(expr, facts);
  if (product.stuck === true) return expr;
  if (product.coefficient.numerator === 0n)
    return [...product.powers].every(([f, e]) => facts(f).defined && (e > 0 || facts(f).nonzero)) ? constant(0) : expr;
  const combined = product.powers.size > 1 ? combinePairs(product, combine) : undefined;
  return combined ?? writeProduct(product);
}

interface Term extends Product {
  readonly expr: Expr;
}

/** The terms of a sum, with their signs in their coefficients. */
function readSum(expr: Expr, facts: Facts): Term[] {
  const terms: Term[] = [];
  const stack: [Expr, Rational][] = [[expr, UNIT]];
  let budget = LIMIT;
  while (stack.length > 0) {
    const [top, scale] = stack.pop()!;
    const [a, b] = top.args;
    const isSum = (candidate: Expr): boolean => candidate.op === "add" || candidate.op === "sub";
    if (top.op === "add" && opens(top, expr) && budget-- > 0) stack.push([b!, scale], [a!, scale]);
    else if (top.op === "sub" && opens(top, expr) && budget-- > 0) stack.push([b!, negateRational(scale)], [a!, scale]);
    else if (top.op === "neg" && opens(top, expr) && budget > 0) stack.push([a!, negateRational(scale)]);
    else if (top.op === "mul" && a!.op === "rational" && isSum(b!) && budget > 0)
      stack.push([b!, multiplyRational(scale, a!.payload as Rational)]);
    else {
      const product = readProduct(top, facts);
      if (product.stuck === true) terms.push({ coefficient: scale, powers: new Map([[top, 1]]), expr: top });
      else terms.push({ coefficient: multiplyRational(scale, product.coefficient), powers: product.powers, expr: top });
    }
  }
  return terms;
}

const samePowers = (a: ReadonlyMap<Expr, number>, b: ReadonlyMap<Expr, number>): boolean =>
  a.size === b.size && [...a].every(([factor, exponent]) => b.get(factor) === exponent);

/** Positive terms first, so that sums begin without a sign; constants last. */
const termOrder = (a: Term, b: Term): number =>
  Number(a.coefficient.numerator < 0n) - Number(b.coefficient.numerator < 0n) || termRank(a) - termRank(b);
const termRank = (term: Term): number => {
  const open = [...term.powers.keys()].filter((factor) => !factor.closed);
  return open.length === 0
    ? 1e12
    : open.some((factor) => factor.op !== "variable")
      ? 1e11 + termHash(open)
      : open.length;
};
const termHash = (factors: readonly Expr[]): number => factors.reduce((sum, factor) => (sum + factor.hash) | 0, 0);

/** The normal form of a sum or difference: like terms added up, common factors in front. */
export function collectSum(expr: Expr, facts: Facts): Expr {
  const terms: Term[] = [];
  for (const term of readSum(expr, facts)) {
    const index = terms.findIndex((other) => samePowers(other.powers, term.powers));
    if (index < 0) terms.push(term);
    else terms[index] = { ...terms[index]!, coefficient: addRational(terms[index]!.coefficient, term.coefficient) };
  }
  const left = terms.filter(
    ({ coefficient, expr: original }) => coefficient.numerator !== 0n || !facts(original).defined,
  );
  if (left.length === 0) return constant(0);
  if (left.some(({ coefficient }) => coefficient.numerator === 0n)) return expr;
  if (left.length === 1) return writeProduct(left[0]!);
  const common = commonPowers(left);
  const content = commonContent(left);
  const reduced = left.map((term) => ({
    ...term,
    coefficient: multiplyRational(term.coefficient, invertRational(content)),
    powers: quotientPowers(term.powers, common),
  }));
  reduced.sort(termOrder);
  const sum = writeSum(reduced);
  if (common.size === 0 && isUnit(content)) return sum;
  return writeProduct(readProduct(mul(writeProduct({ coefficient: content, powers: common }), sum), facts));
}

function writeSum(terms: readonly Term[]): Expr {
  let result: Expr | undefined;
  for (const { coefficient, powers } of terms) {
    const negative = coefficient.numerator < 0n;
    const magnitude = writeProduct({ coefficient: negative ? negateRational(coefficient) : coefficient, powers });
    if (result === undefined) result = negative ? neg(magnitude) : magnitude;
    else if (negative && magnitude.op === "rational")
      result = add(result, fromRational(negateRational(magnitude.payload as Rational)));
    else result = negative ? sub(result, magnitude) : add(result, magnitude);
  }
  return result!;
}

/** |coefficient| when all terms have the same, else 1: 2u + 2v = 2(u + v). */
function commonContent(terms: readonly Term[]): Rational {
  const magnitudes = terms.map(({ coefficient }) =>
    coefficient.numerator < 0n ? negateRational(coefficient) : coefficient,
  );
  return magnitudes.every((value) => compareRational(value, magnitudes[0]!) === 0) ? magnitudes[0]! : UNIT;
}

/** The factors that every term has, with their smallest exponents. */
function commonPowers(terms: readonly Term[]): Map<Expr, number> {
  const common = new Map<Expr, number>();
  for (const [factor, exponent] of terms[0]!.powers) {
    const exponents = terms.map((term) => term.powers.get(factor) ?? 0);
    const smallest = exponent > 0 ? Math.min(...exponents) : Math.max(...exponents);
    if (smallest * exponent > 0) common.set(factor, smallest);
  }
  return common;
}

function quotientPowers(powers: ReadonlyMap<Expr, number>, common: ReadonlyMap<Expr, number>): Map<Expr, number> {
  const rest = new Map<Expr, number>();
  for (const [factor, exponent] of powers) {
    const left = exponent - (common.get(factor) ?? 0);
    if (left !== 0) rest.set(factor, left);
  }
  return rest;
}
