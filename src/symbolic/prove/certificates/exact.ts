/** Exact rational values of expressions without variables left, as far as they are rational for a plain reason. */
import { topological, type Expr } from "../../../ir/expr.js";
import type { OperationName } from "../../../ir/ops.js";
import { addRational, invertRational, multiplyRational, rational, type Rational } from "../../../ir/rational.js";
import { integerRoot } from "../integers.js";

type Exact = Rational | undefined;
type Row = (a: Rational, c: Rational) => Exact;

/** Numbers longer than this are not followed. */
const LONGEST = 1n << 2000n;
const LARGEST_POWER = 400n;

const ZERO = rational(0n);
const ONE = rational(1n);
const negated = (a: Rational): Rational => multiplyRational(a, rational(-1n));
/** f(0), where f takes that rational value. */
const onlyAtZero =
  (value: Rational): Row =>
  (a) =>
    a.numerator === 0n ? value : undefined;
const HALF = rational(1n, 2n);

/** A logarithm, or what is one: 0 at 1. */
function atOne(a: Rational): Exact {
  return a.numerator === a.denominator ? ZERO : undefined;
}

const ROWS: { readonly [K in OperationName]?: Row } = {
  add: addRational,
  sub: (a, c) => addRational(a, negated(c)),
  mul: multiplyRational,
  div: (a, c) => (c.numerator === 0n ? undefined : multiplyRational(a, invertRational(c))),
  neg: negated,
  sqrt: root,
  pow: powerOf,
  exp: onlyAtZero(ONE),
  expm1: onlyAtZero(ZERO),
  log: atOne,
  log1p: onlyAtZero(ZERO),
  log2: atOne,
  log10: atOne,
  cbrt: (a) => (a.numerator === 0n || a.numerator === a.denominator ? a : undefined),
  atan: onlyAtZero(ZERO),
  asinh: onlyAtZero(ZERO),
  acosh: atOne,
  atanh: onlyAtZero(ZERO),
  sinc: onlyAtZero(ONE),
  sphericalBessel1: onlyAtZero(ZERO),
  sphericalBessel2: onlyAtZero(ZERO),
  sin: onlyAtZero(ZERO),
  cos: onlyAtZero(ONE),
  sinh: onlyAtZero(ZERO),
  cosh: onlyAtZero(ONE),
  tanh: onlyAtZero(ZERO),
  sigmoid: onlyAtZero(HALF),
  erf: onlyAtZero(ZERO),
  erfc: onlyAtZero(ONE),
  erfcx: onlyAtZero(ONE),
};

function root({ numerator, denominator }: Rational): Exact {
  const [p, q] = [integerRoot(numerator), integerRoot(denominator)];
  return p === undefined || q === undefined ? undefined : rational(p, q);
}

function powerOf(a: Rational, { numerator: p, denominator: q }: Rational): Exact {
  const size = p < 0n ? -p : p;
  if (size > LARGEST_POWER || (p < 0n && a.numerator === 0n)) return undefined;
  const base = q === 1n ? a : q === 2n ? root(a) : a.numerator === 0n || a.numerator === a.denominator ? a : undefined;
  if (base === undefined) return undefined;
  const value = rational(base.numerator ** size, base.denominator ** size);
  return p < 0n ? invertRational(value) : value;
}

/** The value of an expression without conditions where its variables have these values; memory is kept in `known`. */
export function exactValue(root: Expr, known: Map<Expr, Exact>): Exact {
  for (const expr of topological([root])) if (!known.has(expr)) known.set(expr, bounded(exactOfNode(expr, known)));
  return known.get(root);
}

const bounded = (value: Exact): Exact =>
  value !== undefined && value.numerator < LONGEST && value.numerator > -LONGEST && value.denominator < LONGEST
    ? value
    : undefined;

function exactOfNode(expr: Expr, known: ReadonlyMap<Expr, Exact>): Exact {
  if (expr.op === "rational") return expr.payload as Rational;
  if (expr.op === "mul") {
    const factors = expr.args.map((arg) => known.get(arg));
    // 0 times what has a value is 0, whatever that value is.
    if (factors.some((factor) => factor?.numerator === 0n)) return ZERO;
  }
  const row = ROWS[expr.op];
  const [a, c] = expr.args.map((arg) => known.get(arg));
  if (row === undefined || a === undefined || (expr.args.length > 1 && c === undefined)) return undefined;
  return row(a, c ?? ONE);
}
