/**
 * Expressions as Python has words for them. What depends on no tensor is a number: `math` computes it, and raises where a
 * result overflows, or has no such function.
 */
import { abs, add, div, erfc, exp, expm1, max, min, mul, neg, pow, sinh, cosh } from "../../ir/build.js";
import { node, rebuild, variableOf, type Expr } from "../../ir/expr.js";
import type { OperationName } from "../../ir/ops.js";

/** Beyond this argument results are too large for a tensor's numbers all the same. */
const LARGEST_EXPONENT = 709.78;

const atMost = (u: Expr): Expr => min(u, LARGEST_EXPONENT);
const between = (u: Expr): Expr => max(-LARGEST_EXPONENT, atMost(u));

const OF_NUMBERS: { readonly [K in OperationName]?: (u: Expr) => Expr } = {
  exp: (u) => exp(atMost(u)),
  expm1: (u) => expm1(atMost(u)),
  sinh: (u) => sinh(between(u)),
  cosh: (u) => cosh(between(u)),
  sigmoid: (u) => div(exp(min(u, 0)), add(1, exp(neg(abs(u))))),
  erfcx: (u) => mul(exp(pow(u, 2)), erfc(u)),
  exp2Steps: (steps) => pow(2, div(steps, 128)),
};

/** The expression that is written: numbers by what `math` has, and tensors in front of their bounds. */
export function inPython(expr: Expr, tensors: ReadonlySet<string>): Expr {
  const found = new Set<Expr>();
  return rebuild([expr], (part) => {
    const [a, b] = part.args;
    const isTensor =
      part.op === "variable" ? tensors.has(variableOf(part).name) : part.args.some((arg) => found.has(arg));
    const written = isTensor ? tensorFirst(part, found.has(a!), b) : (OF_NUMBERS[part.op]?.(a!) ?? part);
    if (isTensor) found.add(written);
    return written;
  }).get(expr)!;
}

const tensorFirst = (bound: Expr, isFirst: boolean, second: Expr | undefined): Expr =>
  (bound.op === "max" || bound.op === "min") && !isFirst ? node(bound.op, second!, bound.args[0]!) : bound;
