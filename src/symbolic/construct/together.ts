/** An expression over one denominator, as the prover's algebra writes it: what cancels over the reals has cancelled. */
import type { Expr } from "../../ir/expr.js";
import { Kernels } from "../prove/algebra/kernels.js";
import { Normalizer } from "../prove/algebra/normalize.js";
import { Algebra } from "../prove/algebra/polynomial.js";
import { attempt } from "../prove/outcome.js";
import { EVERY_PARAMETER } from "../prove/regions/cases.js";
import { normalForm } from "../simplify.js";

const FUEL = 20_000;
const MOST_TERMS = 40;

/** None where the algebra gives up, or finds nothing shorter than a page. */
export function togetherForms(expr: Expr, input: Expr): Expr[] {
  const kernels = new Kernels(new Algebra(FUEL), input);
  const outcome = attempt(() => new Normalizer(kernels, EVERY_PARAMETER).fraction(expr));
  if (outcome.kind !== "done" || outcome.value.numerator.size > MOST_TERMS) return [];
  const written = kernels.field.expression(outcome.value);
  return [...new Set([written, normalForm(written)])];
}
