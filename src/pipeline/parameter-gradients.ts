/** The derivatives of an activation by its parameters, as backward loops over float32 arrays compute them. */
import { trust, type Finder, type Sought } from "./best-form.js";
import { LOST, gravest } from "../codegen/grade.js";
import type { Accuracy, ChainProof } from "../codegen/target.js";
import type { Definition } from "../ir/definition.js";
import type { Expr } from "../ir/expr.js";
import type { ArithmeticName } from "../symbolic/arithmetic.js";
import { derivative } from "../symbolic/derivative.js";
import { DOUBLES } from "../symbolic/prove/estimates/bounds.js";
import { normalForm } from "../symbolic/simplify.js";
import type { Workbench } from "../symbolic/workbench.js";

export interface ParameterGradient {
  /** As loops have it. */
  readonly written: Expr;
  readonly proof: ChainProof;
  /** Absent where the parameter is not learned, so that no loop computes it. */
  readonly accuracy?: Accuracy;
}

/** The means of a target. */
export interface Means {
  readonly finder: Finder;
  /** The workbench of these expressions, in the floats of loops, and those floats. */
  readonly benchOf: (exprs: readonly Expr[]) => Workbench;
  readonly floats: ArithmeticName;
  readonly goals: Sought["goals"];
  /** An expression as loops have it. */
  readonly written: (expr: Expr) => Expr;
}

/** ULP of float32 up to which the derivative is written as it was differentiated. */
const ENOUGH = 4;

export function parameterGradients(
  { formula, parameters }: Definition,
  value: Expr,
  { finder, benchOf, floats, goals, written }: Means,
): ReadonlyMap<string, ParameterGradient> {
  const slopes = parameters.map(({ symbol }) => normalForm(derivative(value, symbol)));
  const learned = slopes.filter((_, i) => parameters[i]!.learnable !== false);
  const bench = learned.length === 0 ? undefined : benchOf(learned);
  const gradients = parameters.map(({ name, symbol }, i): readonly [string, ParameterGradient] => {
    const exact = slopes[i]!;
    const which = learned.indexOf(exact);
    const sought: Sought = { origin: { formula, order: 1, variable: symbol }, start: exact, which, goals };
    const plain = { written: written(exact), proof: finder.chain(sought, [], DOUBLES) };
    if (bench === undefined || parameters[i]!.learnable === false) return [name, plain];
    const measured = (of: ParameterGradient): readonly [string, ParameterGradient] => [
      name,
      { ...of, accuracy: gravest(bench, of.written, which, "float32") },
    ];
    const error = bench.error(plain.written, which);
    if (error <= ENOUGH) return measured(plain);
    const { form, proof } = finder.best(sought, bench, floats);
    const stable = { written: written(form.expr), proof };
    const trusted = (of: ParameterGradient, lost: number): number => trust(of.proof, lost, LOST.float32.half);
    const isBetter =
      bench.lost(stable.written, which) < bench.lost(plain.written, which) &&
      trusted(stable, bench.error(stable.written, which)) >= trusted(plain, error);
    return measured(isBetter ? stable : plain);
  });
  return new Map(gradients);
}
