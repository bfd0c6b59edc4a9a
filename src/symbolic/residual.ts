/**
 * The rounding error of an argument, to first order, as an expression that is 0 over the reals: what float64 lost of the
 * exact sum, product or quotient, and of constants that it cannot hold. f(u) + residual(u)·f'(u) has it back.
 */
import { add, constantError, div, mul, neg, productError, sign, sub, sumError } from "../ir/build.js";
import type { Expr } from "../ir/expr.js";

/** The part of a constant that its float64 leaves out. */
export type Remainder = (closed: Expr) => number;

/** Nothing to correct is `undefined`. Looks a few operations deep, as far as arguments of exp and the like go. */
export function residual(expr: Expr, remainder: Remainder, depth = 8): Expr | undefined {
  if (expr.closed) return remainder(expr) === 0 ? undefined : constantError(expr);
  if (depth === 0) return undefined;
  const below = (arg: Expr): Expr | undefined => residual(arg, remainder, depth - 1);
  const [a, b] = expr.args;
  switch (expr.op) {
    case "neg": {
      const inner = below(a!);
      return inner && neg(inner);
    }
    case "abs": {
      const inner = below(a!);
      return inner && mul(inner, sign(a!));
    }
    case "add":
      return plus(sumError(a!, b!), plus(below(a!), below(b!)));
    case "sub":
      return plus(sumError(a!, neg(b!)), minus(below(a!), below(b!)));
    case "mul":
      return plus(
        isExactProduct(a!, b!) ? undefined : productError(a!, b!),
        plus(times(below(a!), b!), times(below(b!), a!)),
      );
    case "div": {
      // q = a/b rounded: the remainder a - q·b is exact, and the quotient's error is that over b.
      const product = mul(expr, b!);
      const rest = sub(sub(a!, product), productError(expr, b!));
      const inner = minus(below(a!), times(below(b!), expr));
      return div(plus(rest, inner)!, b!);
    }
    default:
      return undefined;
  }
}

const plus = (a: Expr | undefined, b: Expr | undefined): Expr | undefined =>
  a === undefined ? b : b === undefined ? a : add(a, b);
const minus = (a: Expr | undefined, b: Expr | undefined): Expr | undefined =>
  b === undefined ? a : a === undefined ? neg(b) : sub(a, b);
const times = (a: Expr | undefined, b: Expr): Expr | undefined => a && mul(a, b);

/** A power of two times anything is exact. */
export function isExactProduct(a: Expr, b: Expr): boolean {
  const isPowerOfTwo = (expr: Expr): boolean => {
    if (expr.op !== "rational") return false;
    const { numerator, denominator } = expr.payload as { numerator: bigint; denominator: bigint };
    const magnitude = numerator < 0n ? -numerator : numerator;
    return (magnitude & (magnitude - 1n)) === 0n && (denominator & (denominator - 1n)) === 0n;
  };
  return isPowerOfTwo(a) || isPowerOfTwo(b);
}
