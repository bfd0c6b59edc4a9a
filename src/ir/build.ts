/** Builders: one per operation. Numbers are lifted, nothing is simplified. */
import { leaf, node, type Expr, type Variable } from "./expr.js";
import { rational, rationalFromDecimal, type Rational } from "./rational.js";

export type Operand = Expr | number;

/** A number means the decimal that it is written as: 0.1 is 1/10. NaN, -0 and the infinities stay floats. */
export function constant(value: number): Expr {
  if (!Number.isFinite(value) || Object.is(value, -0)) return leaf("float", value);
  // Most are small whole numbers.
  if (Number.isInteger(value) && Math.abs(value) <= 1e6) return (integers[value] ??= fraction(value));
  return leaf("rational", rationalFromDecimal(String(value)));
}

/** Leaves that were made before, by their numbers. */
const integers: Record<number, Expr> = {};

export const fraction = (numerator: bigint | number, denominator: bigint | number = 1): Expr =>
  leaf("rational", rational(BigInt(numerator), BigInt(denominator)));

export const fromRational = (value: Rational): Expr => leaf("rational", value);
export const decimal = (text: string): Expr => leaf("rational", rationalFromDecimal(text));
export const pi: Expr = leaf("pi", undefined);

const ANY: readonly [number, number] = [-Infinity, Infinity];

export const variable = (role: Variable["role"], name: string, range: readonly [number, number] = ANY): Expr =>
  leaf("variable", { name, role, range });

/** The input of an activation, its output, and the gradient that comes from above. */
export const x: Expr = variable("input", "x");
export const y: Expr = variable("output", "y");
export const dy: Expr = variable("gradient", "dy");

/** A parameter; `range` (ends included) is what emitted code checks and what rules may rely on. */
export const parameter = (name: string, range: readonly [number, number] = ANY): Expr =>
  variable("parameter", name, range);

export const lift = (operand: Operand): Expr => (typeof operand === "number" ? constant(operand) : operand);

export const add = (a: Operand, b: Operand): Expr => node("add", lift(a), lift(b));
export const sub = (a: Operand, b: Operand): Expr => node("sub", lift(a), lift(b));
export const mul = (a: Operand, b: Operand): Expr => node("mul", lift(a), lift(b));
export const div = (a: Operand, b: Operand): Expr => node("div", lift(a), lift(b));
export const neg = (a: Operand): Expr => node("neg", lift(a));
export const pow = (a: Operand, b: Operand): Expr => node("pow", lift(a), lift(b));
export const sqrt = (a: Operand): Expr => node("sqrt", lift(a));
export const abs = (a: Operand): Expr => node("abs", lift(a));
export const sign = (a: Operand): Expr => node("sign", lift(a));
export const min = (a: Operand, b: Operand): Expr => node("min", lift(a), lift(b));
export const max = (a: Operand, b: Operand): Expr => node("max", lift(a), lift(b));
export const exp = (a: Operand): Expr => node("exp", lift(a));
export const expm1 = (a: Operand): Expr => node("expm1", lift(a));
export const log = (a: Operand): Expr => node("log", lift(a));
export const log1p = (a: Operand): Expr => node("log1p", lift(a));
export const sin = (a: Operand): Expr => node("sin", lift(a));
export const cos = (a: Operand): Expr => node("cos", lift(a));
export const sinh = (a: Operand): Expr => node("sinh", lift(a));
export const cosh = (a: Operand): Expr => node("cosh", lift(a));
export const tanh = (a: Operand): Expr => node("tanh", lift(a));
export const sigmoid = (a: Operand): Expr => node("sigmoid", lift(a));
export const softplus = (a: Operand): Expr => node("softplus", lift(a));
export const erf = (a: Operand): Expr => node("erf", lift(a));
export const erfc = (a: Operand): Expr => node("erfc", lift(a));
export const erfcx = (a: Operand): Expr => node("erfcx", lift(a));
export const ierfcx = (a: Operand): Expr => node("ierfcx", lift(a));
export const i2erfcx = (a: Operand): Expr => node("i2erfcx", lift(a));
export const sinc = (a: Operand): Expr => node("sinc", lift(a));
export const sphericalBessel1 = (a: Operand): Expr => node("sphericalBessel1", lift(a));
export const sphericalBessel2 = (a: Operand): Expr => node("sphericalBessel2", lift(a));
export const atan = (a: Operand): Expr => node("atan", lift(a));
export const asinh = (a: Operand): Expr => node("asinh", lift(a));
export const acosh = (a: Operand): Expr => node("acosh", lift(a));
export const atanh = (a: Operand): Expr => node("atanh", lift(a));
export const cbrt = (a: Operand): Expr => node("cbrt", lift(a));
export const log2 = (a: Operand): Expr => node("log2", lift(a));
export const log10 = (a: Operand): Expr => node("log10", lift(a));
export const log1mexp = (a: Operand): Expr => node("log1mexp", lift(a));

export const lt = (a: Operand, b: Operand): Expr => node("lt", lift(a), lift(b));
export const le = (a: Operand, b: Operand): Expr => node("le", lift(a), lift(b));
export const gt = (a: Operand, b: Operand): Expr => lt(b, a);
export const ge = (a: Operand, b: Operand): Expr => le(b, a);
export const eq = (a: Operand, b: Operand): Expr => node("eq", lift(a), lift(b));
export const and = (a: Expr, b: Expr): Expr => node("and", a, b);
export const or = (a: Expr, b: Expr): Expr => node("or", a, b);
export const not = (a: Expr): Expr => node("not", a);

/** `condition ? a : b`, the piecewise node. */
export const select = (condition: Expr, a: Operand, b: Operand): Expr => node("select", condition, lift(a), lift(b));

/**
 * a·b - fl(a·b), a+b - fl(a+b), c - fl(c), by error-free transformations in float64: 0 over the reals, exact in floats
 * (barring overflow).
 */
export const productError = (a: Operand, b: Operand): Expr => node("productError", lift(a), lift(b));
export const sumError = (a: Operand, b: Operand): Expr => node("sumError", lift(a), lift(b));
export const constantError = (c: Operand): Expr => node("constantError", lift(c));

/** The same number, in float64 from here on, and in the format of before. */
export const double = (a: Operand): Expr => node("double", lift(a));
export const single = (a: Operand): Expr => node("single", lift(a));

/** The nearest integer (ties to even), and 2^(k/128) for an integer k. */
export const round = (a: Operand): Expr => node("round", lift(a));
export const exp2Steps = (k: Operand): Expr => node("exp2Steps", lift(k));
/** exp(u) and expm1(u) with the digits of a float32. */
export const expSingle = (u: Operand): Expr => node("expSingle", lift(u));
export const expm1Single = (u: Operand): Expr => node("expm1Single", lift(u));

/** a^n for a natural number n by repeated squaring. */
export function naturalPower(base: Operand, exponent: number): Expr {
  const a = lift(base);
  if (exponent === 0) return constant(1);
  let result: Expr | undefined;
  let square = a;
  for (let n = exponent; ;) {
    if (n % 2 === 1) result = result === undefined ? square : mul(result, square);
    n = Math.floor(n / 2);
    if (n === 0) return result!;
    square = mul(square, square);
  }
}

/** c0 + c1·u + c2·u² + ... by Horner's rule, in float64 coefficients taken as they are. */
export function polynomial(coefficients: readonly Expr[], u: Expr): Expr {
  return coefficients.slice(0, -1).reduceRight((sum, c) => add(mul(sum, u), c), coefficients[coefficients.length - 1]!);
}
