/** The functions of formulas and the operators of mathjs, one row each. */
import * as b from "../ir/build.js";
import { CONTINUED } from "../ir/erf.js";
import { topological, type Expr } from "../ir/expr.js";
import { negateRational, rational, type Rational } from "../ir/rational.js";
import type { Partial } from "./partial.js";
import { reason, type Reason } from "./place.js";

export type OperandType = "number" | "condition";

export interface Row {
  /** How many operands: exactly, or at least. */
  readonly count: number | { readonly atLeast: number };
  /** The types of the first operands; the others are numbers. */
  readonly types?: readonly OperandType[];
  readonly build: (...operands: Expr[]) => Expr;
  /** The reason to refuse the operands, if there is one. */
  readonly refuse?: (...operands: readonly Expr[]) => Reason | undefined;
}

const unary = (build: (a: Expr) => Expr): Row => ({ count: 1, build });
const chain = (build: (a: Expr, c: Expr) => Expr): Row => ({
  count: { atLeast: 2 },
  build: (...operands) => operands.reduce((left, right) => build(left, right)),
});

const DIVISION_BY_ZERO: Reason = {
  message: "this divides by 0, which has no value: formulas are over the reals",
  hint: "divide by something else; an infinite bound or branch is left out",
};

const POWER: Row = {
  count: 2,
  build: power,
  refuse: (base, exponent) => (isZero(base) && isNegative(exponent) ? DIVISION_BY_ZERO : undefined),
};

export const FUNCTIONS: ReadonlyMap<string, Row> = new Map(
  Object.entries<Row>({
    exp: unary(b.exp),
    log: unary(b.log),
    log1p: unary(b.log1p),
    expm1: unary(b.expm1),
    sqrt: unary(b.sqrt),
    abs: unary(b.abs),
    sign: unary(b.sign),
    tanh: unary(b.tanh),
    sinh: unary(b.sinh),
    cosh: unary(b.cosh),
    sigmoid: unary(b.sigmoid),
    softplus: unary(b.softplus),
    erf: unary(b.erf),
    erfc: unary(b.erfc),
    ...Object.fromEntries(Object.entries(CONTINUED).map(([name, build]) => [name, unary(build)])),
    sin: unary(b.sin),
    cos: unary(b.cos),
    sinc: unary(b.sinc),
    sphericalBessel1: unary(b.sphericalBessel1),
    sphericalBessel2: unary(b.sphericalBessel2),
    atan: unary(b.atan),
    asinh: unary(b.asinh),
    acosh: unary(b.acosh),
    atanh: unary(b.atanh),
    cbrt: unary(b.cbrt),
    exp2: unary((u) => b.pow(2, u)),
    log2: unary(b.log2),
    log10: unary(b.log10),
    log1mexp: unary(b.log1mexp),
    square: unary((u) => b.naturalPower(u, 2)),
    cube: unary((u) => b.naturalPower(u, 3)),
    pow: POWER,
    min: chain(b.min),
    max: chain(b.max),
    where: { count: 3, types: ["condition"], build: b.select },
  }),
);

export const CONSTANTS: ReadonlyMap<string, Expr> = new Map([
  ["pi", b.pi],
  ["e", b.exp(1)],
]);

const binary = (build: (a: Expr, c: Expr) => Expr): Row => ({ count: 2, build });
const logic = (build: (a: Expr, c: Expr) => Expr): Row => ({ count: 2, types: ["condition", "condition"], build });

/** By mathjs's name of the operator. */
export const OPERATORS: ReadonlyMap<string, Row> = new Map(
  Object.entries<Row>({
    add: binary(b.add),
    subtract: binary(b.sub),
    multiply: binary(b.mul),
    divide: { count: 2, build: quotient, refuse: (_, divisor) => (isZero(divisor) ? DIVISION_BY_ZERO : undefined) },
    pow: POWER,
    unaryMinus: unary(negative),
    unaryPlus: unary((u) => u),
    smaller: binary(b.lt),
    smallerEq: binary(b.le),
    larger: binary(b.gt),
    largerEq: binary(b.ge),
    equal: binary(b.eq),
    unequal: binary((u, v) => b.not(b.eq(u, v))),
    and: logic(b.and),
    or: logic(b.or),
    not: { count: 1, types: ["condition"], build: b.not },
  }),
);

const literal = (expr: Expr): Rational | undefined => (expr.op === "rational" ? (expr.payload as Rational) : undefined);
const isZero = (expr: Expr | undefined): boolean => expr !== undefined && literal(expr)?.numerator === 0n;

const isNegative = (expr: Expr | undefined): boolean => expr !== undefined && (literal(expr)?.numerator ?? 0n) < 0n;

/** -3 is a number, as 3 is. */
function negative(u: Expr): Expr {
  const value = literal(u);
  return value === undefined ? b.neg(u) : b.fromRational(negateRational(value));
}

/** The number that sums, products and quotients of numbers come to, of those that are short. */
export function folded(expr: Expr): Expr | undefined {
  const values = new Map<Expr, Rational>();
  for (const node of expr.closed ? topological([expr]) : []) {
    const value = node.op === "rational" ? (node.payload as Rational) : foldedNode(node, values);
    if (value === undefined || !isShort(value)) return undefined;
    values.set(node, value);
  }
  const value = values.get(expr);
  return value && b.fromRational(value);
}

function foldedNode({ op, args }: Expr, values: ReadonlyMap<Expr, Rational>): Rational | undefined {
  const [p, q] = args.map((arg) => values.get(arg)!);
  switch (op) {
    case "neg":
      return negateRational(p!);
    case "add":
      return rational(p!.numerator * q!.denominator + q!.numerator * p!.denominator, p!.denominator * q!.denominator);
    case "sub":
      return rational(p!.numerator * q!.denominator - q!.numerator * p!.denominator, p!.denominator * q!.denominator);
    case "mul":
      return rational(p!.numerator * q!.numerator, p!.denominator * q!.denominator);
    case "div":
      return q!.numerator === 0n ? undefined : rational(p!.numerator * q!.denominator, p!.denominator * q!.numerator);
    default:
      return undefined;
  }
}

/** A bound for quotients of two floats. Without one, long chains of quotients would take minutes to reduce. */
const LONGEST_FACTOR = 1n << 2200n;
const isShort = ({ numerator, denominator }: Rational): boolean =>
  numerator < LONGEST_FACTOR && numerator > -LONGEST_FACTOR && denominator < LONGEST_FACTOR;

/** 1/3 is the only way to spell that number, so it is one. */
function quotient(u: Expr, v: Expr): Expr {
  const [p, q] = [literal(u), literal(v)];
  if (p === undefined || q === undefined || !isShort(p) || !isShort(q)) return b.div(u, v);
  return b.fromRational(rational(p.numerator * q.denominator, p.denominator * q.numerator));
}

/** The largest exponent that is written as multiplications. */
const LARGEST_NATURAL = 64n;

/** u^v by the simplest operation that has the value, also where u is negative. */
function power(u: Expr, v: Expr): Expr {
  if (u === CONSTANTS.get("e")) return b.exp(v);
  const exponent = literal(v);
  if (exponent === undefined) return b.pow(u, v);
  const { numerator: p, denominator: q } = exponent;
  // u^0 is 1 only where u has a value.
  if (p === 0n && u.args.length > 0) return b.pow(u, v);
  if (q === 2n && p === 1n) return b.sqrt(u);
  if (q !== 1n || p > LARGEST_NATURAL || p < -LARGEST_NATURAL) return b.pow(u, v);
  return p >= 0n ? b.naturalPower(u, Number(p)) : b.div(1, b.naturalPower(u, Number(-p)));
}

/** A power as programs have it: of a negative number only where the exponent is known. */
export const powerOf = (partial: Partial): Row => ({
  ...POWER,
  // NaN to the power of 0 is 1 as well.
  build: (base, exponent) => {
    const known = folded(exponent!);
    return known === b.constant(0) ? b.constant(1) : power(base!, known ?? exponent!);
  },
  refuse: (base, exponent) =>
    POWER.refuse?.(base!, exponent!) ??
    (folded(exponent!) === undefined && !partial.isPositive(base!) ? SYMBOLIC_POWER : undefined),
});
const SYMBOLIC_POWER = reason(
  "this power has an exponent that is not known, so what it is of a negative number depends on it",
  "write the exponent as a number, or take the power of what is surely positive",
);

/** Formulas to write instead of functions of other libraries. */
export const EQUIVALENTS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ln: "log(x)",
    tan: "sin(x) / cos(x)",
    sec: "1 / cos(x)",
    sech: "1 / cosh(x)",
    cot: "cos(x) / sin(x)",
    csc: "1 / sin(x)",
    csch: "1 / sinh(x)",
    coth: "cosh(x) / sinh(x)",
    arcsinh: "asinh(x)",
    arccosh: "acosh(x)",
    arctanh: "atanh(x)",
    arctan: "atan(x)",
    logit: "log(x) - log1p(-x)",
    logaddexp: "log(exp(a) + exp(b))",
    rsqrt: "1 / sqrt(x)",
    sgn: "sign(x)",
    fabs: "abs(x)",
    logistic: "sigmoid(x)",
    expit: "sigmoid(x)",
    logsigmoid: "-softplus(-x)",
    relu: "max(x, 0)",
    relu6: "min(max(x, 0), 6)",
    leaky_relu: "x > 0 ? x : 0.01 * x",
    elu: "x > 0 ? x : expm1(x)",
    silu: "x * sigmoid(x)",
    swish: "x * sigmoid(x)",
    gelu: "x * erfc(-x / sqrt(2)) / 2",
    mish: "x * tanh(softplus(x))",
    softsign: "x / (1 + abs(x))",
    clip: "min(max(x, low), high)",
    clamp: "min(max(x, low), high)",
    hypot: "sqrt(x^2 + y^2)",
    heaviside: "x > 0 ? 1 : 0",
    step: "x > 0 ? 1 : 0",
    if: "c ? a : b",
    iif: "c ? a : b",
    select: "where(c, a, b)",
    minimum: "min(a, b)",
    maximum: "max(a, b)",
    power: "pow(a, b)",
  }),
);

/** Functions of other libraries that no formula has the values of. */
export const WITHOUT_EQUIVALENT: ReadonlySet<string> = new Set(
  [
    ["asin", "acos", "arcsin", "arccos", "atan2"],
    ["floor", "ceil", "round", "trunc", "fix", "mod", "fmod", "rem", "frac"],
    ["gamma", "lgamma", "gammaln", "digamma", "zeta", "erfinv", "ndtri", "lambertw", "besselj"],
  ].flat(),
);

/** A call with the right number of arguments, for hints. */
export function usage(name: string, count: Row["count"]): string {
  if (count === 1) return `${name}(x)`;
  return count === 3 ? `${name}(condition, a, b)` : `${name}(a, b)`;
}
