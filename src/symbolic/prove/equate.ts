/** Where an expression of the parameters is 0: what one of them must then be, in terms of the others. */
import { variable } from "../../ir/build.js";
import { substitute, variableOf, variables, type Expr } from "../../ir/expr.js";
import { normalForm } from "../simplify.js";
import { Kernels } from "./kernels.js";
import { Normalizer } from "./normalize.js";
import { Algebra, Exhausted } from "./polynomial.js";
import { CaseSplit, Restart, Split, Undecided, Undefined } from "./signs.js";

const FUEL = 20_000;

/** Each value of one parameter at which the subject vanishes; undefined when no parameter can be solved for. */
export function solveFor(subject: Expr): { readonly parameter: Expr; readonly values: readonly Expr[] } | undefined {
  for (const parameter of variables(subject)) {
    // Its range has ends, which a cell has not.
    const unbounded = variable("parameter", variableOf(parameter).name);
    const kernels = new Kernels(new Algebra(FUEL), unbounded);
    try {
      // The other way round: with the parameter as the input, its sign changes where the line has to be split.
      const n = new Normalizer(kernels, { facts: [], equalities: [] });
      n.reasoner.sign(n.fraction(substitute(subject, new Map([[parameter, unbounded]]))));
    } catch (error) {
      if (error instanceof Split) {
        const values = error.bounds.flatMap((bound) => (bound.kind === "exact" ? [normalForm(bound.expr)] : []));
        if (values.length === error.bounds.length) return { parameter, values };
      } else if (![CaseSplit, Exhausted, Undecided, Undefined, Restart].some((kind) => error instanceof kind))
        throw error;
    }
  }
  return undefined;
}
