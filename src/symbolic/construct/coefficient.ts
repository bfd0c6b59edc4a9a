/** Coefficients of terms: in their normal forms whatever they have in roots and beneath fractions is taken to have a value. */
import { div, mul, naturalPower, pow } from "../../ir/build.js";
import { topological, type Expr } from "../../ir/expr.js";
import { interval } from "../../ir/interval.js";
import { createFacts } from "../facts.js";
import { normalForm } from "../simplify.js";
import { ONE, exponentForm } from "./term.js";

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

/** c^q as c^n·c^(q - n) with an integer n: multiples of one root are told to be such. */
export function powerForm(coefficient: Expr, q: number): Expr {
  if (coefficient === ONE) return ONE;
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
