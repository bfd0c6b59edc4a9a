/** The sign of a polynomial read off a plainer one: u^a - c·u^b by its logarithm, a + c·log(u) by its exponential. */
import { rational, type Rational } from "../../../ir/rational.js";
import { exponential, logarithm } from "../algebra/elementary.js";
import type { Fraction } from "../algebra/fraction.js";
import type { Generator, Monomial, Polynomial } from "../algebra/polynomial.js";
import type { Reasoner } from "./reasoner.js";
import { NEGATIVE, POSITIVE } from "./signs.js";

/** Of two positive terms with exponentials, one subtracted from the other, the difference of the logarithms. */
export function withoutExponentials(p: Polynomial, reasoner: Reasoner): Fraction | undefined {
  const { kernels } = reasoner;
  if (p.size !== 2) return undefined;
  const [[first, c], [second, d]] = [...p] as [[Monomial, bigint], [Monomial, bigint]];
  if (c < 0n === d < 0n) return undefined;
  const generators = [...first.generators, ...second.generators];
  if (!generators.some((generator) => kernels.kind(generator).kind === "exponential")) return undefined;
  if (generators.some((generator) => reasoner.signsOfGenerator(generator) !== POSITIVE)) return undefined;
  const size = (value: bigint): bigint => (value < 0n ? -value : value);
  const logarithmOf = (monomial: Monomial, coefficient: bigint): Fraction =>
    logarithm(reasoner, kernels.field.polynomial(kernels.algebra.of(monomial, size(coefficient))));
  const difference = kernels.field.subtract(logarithmOf(first, c), logarithmOf(second, d));
  return c > 0n ? difference : kernels.field.negate(difference);
}

/** Of a + c·log|u| with a number c the difference of exponentials: c·(|u| - exp(-a/c)). */
export function withoutLogarithm(p: Polynomial, reasoner: Reasoner): Fraction | undefined {
  const { field, algebra } = reasoner.kernels;
  const found = loneLogarithm(p, reasoner);
  if (found === undefined) return undefined;
  const { of, coefficient, rest } = found;
  const signs = reasoner.signs(of);
  if (signs !== POSITIVE && signs !== NEGATIVE) return undefined;
  const size = signs === POSITIVE ? of : field.negate(of);
  const exponent = field.multiply(field.rational(rational(-coefficient.denominator, coefficient.numerator)), rest);
  const difference = field.subtract(size, exponential(reasoner, exponent));
  algebra.spend(1);
  return coefficient.numerator > 0n ? difference : field.negate(difference);
}

/** p = rest + coefficient·log|of|, the only logarithm in it; nothing but exponents may be left transcendental. */
function loneLogarithm(
  p: Polynomial,
  { kernels }: Reasoner,
): { readonly of: Fraction; readonly coefficient: Rational; readonly rest: Fraction } | undefined {
  let log: Generator | undefined;
  let coefficient = 0n;
  const rest = new Map<Monomial, bigint>();
  for (const [monomial, own] of p) {
    const { generators, exponents } = monomial;
    if (!generators.some((generator) => kernels.kind(generator).kind === "logarithm")) {
      rest.set(monomial, own);
      continue;
    }
    if (log !== undefined || generators.length !== 1 || exponents[0] !== 1) return undefined;
    [log, coefficient] = [generators[0], own];
  }
  const kernel = log && kernels.kind(log);
  if (kernel?.kind !== "logarithm") return undefined;
  return { of: kernel.of, coefficient: rational(coefficient), rest: kernels.field.polynomial(rest) };
}
