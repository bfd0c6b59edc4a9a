/**
 * The value of an expression at one point, by the letter of docs/semantics.md: operands first, of a choice only what its
 * condition selects, no value outside a domain. Signs are decided by outward-rounded intervals, by exact rationals, or by
 * MPFR; where none of them tells, nothing is said.
 */
import { constant, div, fraction, fromRational, mul, naturalPower, neg, pow, sub } from "../../../ir/build.js";
import { node, substitute, variableOf, variables, withArgs, type Expr } from "../../../ir/expr.js";
import type { Interval } from "../../../ir/interval.js";
import type { OperationName } from "../../../ir/ops.js";
import { isRepresentable, rationalToNumber, type Rational } from "../../../ir/rational.js";
import { createFacts, type Facts } from "../../facts.js";
import type { Oracle } from "../../oracle.js";
import { exactValue } from "./exact.js";

/** Exact values of the input and the parameters. */
export type Place = ReadonlyMap<Expr, Rational>;

/** The signal that nothing tells the sign that a value or a choice depends on; nothing but `clearly` catches it. */
export class Unclear extends Error {}

/** The finding at a point, or that something it depends on cannot be told there. */
export function clearly<Result>(find: () => Result): Result | "unclear" {
  try {
    return find();
  } catch (error) {
    if (error instanceof Unclear) return "unclear";
    throw error;
  }
}

/** An expression as it reads at a point. */
export interface Reading {
  /** The expression with each choice made: it has the same value at the point. */
  readonly expr: Expr;
  /** Pairs of values that are compared and equal there. */
  readonly ties: readonly (readonly [Expr, Expr])[];
  /** Operands at the very end of a domain, such as the 0 of sqrt(0). */
  readonly edges: readonly Expr[];
}

type Found = Expr | boolean | undefined;
const ZERO = constant(0);
const LARGEST_NATURAL = 64n;
const SAME = 2 ** -80;

/** One point, with what has been found there. */
export class Site {
  private readonly facts: Facts;
  private readonly exacts = new Map<Expr, Rational | undefined>();
  private ties: (readonly [Expr, Expr])[] = [];
  private edges: Expr[] = [];

  constructor(
    readonly place: Place,
    private readonly oracle: Oracle,
  ) {
    const known = new Map<Expr, Interval>();
    for (const [name, value] of place) {
      const fact = createFacts()(fromRational(value));
      known.set(name, fact);
      this.exacts.set(name, value);
    }
    this.facts = createFacts(known);
  }

  /** Undefined where there is no value; throws Unclear where that cannot be told. */
  read(root: Expr): Reading | undefined {
    [this.ties, this.edges] = [[], []];
    const expr = this.resolve(root);
    return expr === undefined ? undefined : { expr: expr as Expr, ties: this.ties, edges: this.edges };
  }

  /** An interval around the value of an expression without choices. */
  enclosure(expr: Expr): Interval {
    return this.facts(expr);
  }

  /** The value to about 100 bits, as a sum of two floats; undefined where MPFR does not tell. */
  precise(expr: Expr): { readonly high: number; readonly low: number } | undefined {
    const exact = this.exact(expr);
    if (exact !== undefined && exact.numerator === 0n) return { high: 0, low: 0 };
    const { exprs, point } = bound([expr], this.place);
    const { high, low } = this.oracle.evaluate(exprs, [point])[0]!;
    return Number.isNaN(high[0]) ? undefined : { high: high[0]!, low: low[0]! };
  }

  exact(expr: Expr): Rational | undefined {
    return exactValue(expr, this.exacts);
  }

  /** The sign of an expression without choices. */
  sign(expr: Expr): -1 | 0 | 1 {
    const { low, high } = this.facts(expr);
    if (low > 0) return 1;
    if (high < 0) return -1;
    if (low === 0 && high === 0) return 0;
    const exact = this.exact(expr);
    if (exact !== undefined) return exact.numerator > 0n ? 1 : exact.numerator < 0n ? -1 : 0;
    const value = this.precise(expr)?.high ?? 0;
    if (value === 0) throw new Unclear();
    return value > 0 ? 1 : -1;
  }

  /** Their intervals do not meet. */
  isApart(a: Expr, c: Expr): boolean {
    const [first, second] = [this.enclosure(a), this.enclosure(c)];
    return first.low > second.high || second.low > first.high;
  }

  /** Equal to about 80 bits; throws Unclear where MPFR does not tell. */
  isSame(a: Expr, c: Expr): boolean {
    if (a === c) return true;
    if (this.isApart(a, c)) return false;
    const [p, q] = [this.exact(a), this.exact(c)];
    if (p !== undefined && q !== undefined) return p.numerator === q.numerator && p.denominator === q.denominator;
    const [left, right] = [this.precise(a), this.precise(c)];
    if (left === undefined || right === undefined) throw new Unclear();
    const gap = Math.abs(left.high - right.high + (left.low - right.low));
    return gap <= SAME * Math.max(Math.abs(left.high), Math.abs(right.high));
  }

  private resolve(root: Expr): Found {
    const found = new Map<Expr, Found>();
    const stack = [root];
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      if (found.has(top)) {
        stack.pop();
        continue;
      }
      const next = operandsOf(top, found).find((arg) => !found.has(arg));
      if (next !== undefined) {
        stack.push(next);
        continue;
      }
      stack.pop();
      const operands = operandsOf(top, found).map((arg) => found.get(arg));
      found.set(top, operands.includes(undefined) ? undefined : this.node(top, operands));
    }
    return found.get(root);
  }

  private node(expr: Expr, operands: readonly Found[]): Found {
    const { op } = expr;
    if (LAZY.has(op)) return op === "not" ? operands[0] !== true : operands[operands.length - 1];
    if (op === "float") return expr.payload === 0 ? ZERO : undefined;
    const args = operands as Expr[];
    const row = ROWS[op];
    return row === undefined ? withArgs(expr, args) : row(this, args[0]!, args[1] ?? ZERO);
  }

  /** The sign of u - v; equal values that are compared are remembered. */
  compare(u: Expr, v: Expr): -1 | 0 | 1 {
    if (u === v) return 0;
    const sign = this.sign(v === ZERO ? u : sub(u, v));
    if (sign === 0) this.ties.push([u, v]);
    return sign;
  }

  edge(u: Expr): void {
    this.edges.push(u);
  }
}

const LAZY = new Set<OperationName>(["select", "and", "or", "not"]);

/** The operands of a node that have to be known: of a choice the condition, then the branch that it selects. */
function operandsOf({ op, args }: Expr, found: ReadonlyMap<Expr, Found>): readonly Expr[] {
  const [first, second, third] = args;
  if (op !== "select" && op !== "and" && op !== "or") return args;
  const condition = found.get(first!);
  if (condition === undefined) return [first!];
  if (op === "select") return [first!, condition === true ? second! : third!];
  return condition === (op === "and") ? [first!, second!] : [first!];
}

/** Operations that choose, or have a domain. */
const ROWS: { readonly [K in OperationName]?: (site: Site, u: Expr, v: Expr) => Found } = {
  div: (site, u, v) => (site.sign(v) === 0 ? undefined : div(u, v)),
  sqrt: (site, u) => {
    const sign = site.sign(u);
    if (sign === 0) site.edge(u);
    return sign < 0 ? undefined : sign === 0 ? ZERO : node("sqrt", u);
  },
  log: (site, u) => (site.sign(u) > 0 ? node("log", u) : undefined),
  log1p: (site, u) => (site.sign(sub(u, -1)) > 0 ? node("log1p", u) : undefined),
  log2: (site, u) => (site.sign(u) > 0 ? node("log2", u) : undefined),
  log10: (site, u) => (site.sign(u) > 0 ? node("log10", u) : undefined),
  log1mexp: (site, u) => (site.sign(u) < 0 ? node("log1mexp", u) : undefined),
  cbrt: (site, u) => {
    if (site.sign(u) !== 0) return node("cbrt", u);
    site.edge(u);
    return ZERO;
  },
  acosh: (site, u) => {
    const sign = site.sign(sub(u, 1));
    if (sign === 0) site.edge(u);
    return sign < 0 ? undefined : sign === 0 ? ZERO : node("acosh", u);
  },
  atanh: (site, u) => (site.sign(sub(u, -1)) > 0 && site.sign(sub(u, 1)) < 0 ? node("atanh", u) : undefined),
  pow: power,
  abs: (site, u) => (site.compare(u, ZERO) < 0 ? neg(u) : u),
  sign: (site, u) => constant(site.compare(u, ZERO)),
  min: (site, u, v) => (site.compare(v, u) < 0 ? v : u),
  max: (site, u, v) => (site.compare(u, v) < 0 ? v : u),
  lt: (site, u, v) => site.compare(u, v) < 0,
  le: (site, u, v) => site.compare(u, v) <= 0,
  eq: (site, u, v) => site.compare(u, v) === 0,
  productError: () => ZERO,
  sumError: () => ZERO,
  constantError: () => ZERO,
  double: (_, u) => u,
  single: (_, u) => u,
  round: unclear,
  exp2Steps: unclear,
};

function unclear(): never {
  throw new Unclear();
}

/** Of a positive base every power is real, of 0 those with exponents from 0 on, of a negative one the whole ones. */
function power(site: Site, u: Expr, v: Expr): Found {
  const exact = site.exact(v);
  const isWhole = exact?.denominator === 1n;
  const base = site.sign(u);
  if (base > 0) return pow(u, v);
  if (base === 0) {
    const exponent = site.sign(v);
    if (!isWhole || !v.closed || exponent <= 0) site.edge(u);
    return exponent < 0
      ? undefined
      : exponent > 0 && isWhole && v.closed
        ? wholePower(u, exact!)
        : constant(1 - exponent);
  }
  if (exact === undefined) throw new Unclear();
  if (!v.closed) site.edge(v);
  return isWhole ? wholePower(u, exact!) : undefined;
}

function wholePower(u: Expr, { numerator: p }: Rational): Expr {
  const size = p < 0n ? -p : p;
  if (size <= LARGEST_NATURAL) {
    const value = naturalPower(u, Number(size));
    return p < 0n ? div(1, value) : value;
  }
  // Of a negative base, or 0: the sign is set apart.
  const isOdd = p % 2n !== 0n;
  const value = pow(mul(u, u), fraction((isOdd ? p - 1n : p) / 2n));
  return isOdd ? mul(u, value) : value;
}

/** Expressions and bindings for the oracle, whose variables are floats: other rationals become quotients of two. */
export function bound(exprs: readonly Expr[], place: Place): { exprs: Expr[]; point: Record<string, number> } {
  const point: Record<string, number> = {};
  const replaced = new Map<Expr, Expr>();
  for (const name of variables(...exprs)) {
    const value = place.get(name);
    if (value === undefined) throw new Unclear();
    const text = variableOf(name).name;
    if (isRepresentable(value)) point[text] = rationalToNumber(value);
    else replaced.set(name, fromRational(value));
  }
  return { exprs: replaced.size === 0 ? [...exprs] : exprs.map((expr) => substitute(expr, replaced)), point };
}
