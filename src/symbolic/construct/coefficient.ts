/**
 * Coefficients and exponents of terms. In the normal form of a coefficient whatever stands in roots and beneath fractions is
 * taken to have a value.
 */
import { constant, div, fraction, mul, naturalPower, pow } from "../../ir/build.js";
import { topological, type Expr } from "../../ir/expr.js";
import { interval } from "../../ir/interval.js";
import { createFacts } from "../facts.js";
import { normalForm } from "../simplify.js";

const POSITIVE = interval(Number.MIN_VALUE, Infinity, true, true);
const NONZERO = interval(-Infinity, Infinity, true, true);

export function coefficientForm(expr: Expr): Expr {
  if (expr.closed) return normalForm(expr);
  const known = new Map(
    topological([expr]).flatMap((node) => {
      const [first, second] = node.args;
      if (node.op === "sqrt" && !first!.closed) return [[first!, POSITIVE] as const];
      return node.op === "div" && !second!.closed ? [[second!, NONZERO] as const] : [];
    }),
  );
  return normalForm(expr, { facts: createFacts(known) });
}

/** Exponents are multiples of 1/5040, which has all denominators up to 10: sums of them are what they are over the reals. */
const DENOMINATOR = 5040;

/** An exponent as the nearest of these. */
export const exponentOf = (value: number): number => Math.round(value * DENOMINATOR) / DENOMINATOR;

/** An exponent as a fraction. */
export const exponentForm = (value: number): Expr => fraction(Math.round(value * DENOMINATOR), DENOMINATOR);

/** c^q as c^n·c^(q - n) with an integer n: multiples of one root are told to be such. */
export function powerForm(coefficient: Expr, q: number): Expr {
  if (coefficient === constant(1)) return coefficient;
  const whole = Math.floor(q);
  const natural = naturalPower(coefficient, Math.abs(whole));
  const part = pow(coefficient, exponentForm(q - whole));
  return coefficientForm(whole < 0 ? div(part, natural) : mul(natural, part));
}

/** A coefficient but for the number that it begins with. */
export function withoutNumber(coefficient: Expr): Expr {
  const [first, second] = coefficient.args;
  if (coefficient.op === "neg") return withoutNumber(first!);
  return coefficient.op === "mul" && first!.op === "rational" ? second! : coefficient;
}
