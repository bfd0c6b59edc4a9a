/** Forms for tensors of float32 that can be of float64 on the way: the fastest that is close enough. */
import { SIGHTS, trust, type Finder, type Finished, type Sought } from "./best-form.js";
import { LOST } from "../codegen/grade.js";
import { x } from "../ir/build.js";
import type { Expr } from "../ir/expr.js";
import { ARITHMETICS, type ArithmeticName } from "../symbolic/arithmetic.js";
import { derivative } from "../symbolic/derivative.js";
import { inDouble, withWideArguments } from "../symbolic/in-double.js";
import { leanForms, tensorTime } from "../symbolic/lean-forms.js";
import type { Closeness } from "../symbolic/measure.js";
import { DOUBLES_OF_SINGLES } from "../symbolic/prove/estimates/bounds.js";
import type { Step } from "../symbolic/stabilise.js";
import type { Workbench } from "../symbolic/workbench.js";

/**
 * Errors up to which a faster form is taken, at thousands of inputs: of 6 ULP of float32 that modules may be off by away from
 * zeros of the function, those between leave a part; near zeros 2^-23. Subnormal results have no digits to speak of.
 */
const CLOSE: Closeness = { ulp: 4.75, nearZeros: 2 ** -23, subnormal: 2 ** -126 };
/** ULP of float64 that the same form may lose where tensors are of float64: twelve digits stay. */
const ENOUGH_IN_DOUBLE = 2 ** 12;
/** How far from right a derivative may be that a framework makes step by step: it is no infinity and not NaN. */
const FINITE = 2 ** 100;
/** ULP at which a search in float64 for a result in float32 has nothing left to look for. */
export const GOAL_FLOAT32 = 0.6;

/** Workbenches of the definition: its results in float32, computed in float32 and in float64, and those in float64. */
export interface Benches {
  readonly plain: Workbench;
  readonly inDoubles: (order: number) => Workbench;
  readonly wide: Workbench;
}

/** A way to a form, and the form as it would be emitted. */
interface Candidate {
  readonly steps: readonly Step[];
  /** The form in floats of one format, which is what tensors of float64 compute. */
  readonly narrow: Expr;
  readonly expr: Expr;
}

/** A form that takes less time than `found` and is close enough, or loses no more where that one is not. */
export function leanForm(
  found: Finished,
  sought: Sought,
  computed: ArithmeticName,
  finder: Finder,
  benches: Benches,
): Finished {
  const { which: order, start } = sought;
  const { plain, inDoubles, wide } = benches;
  const mostLost = LOST[ARITHMETICS[computed].precision].half;
  const trusted = ({ proof, expr }: Finished): number => trust(proof, plain.error(expr, order), mostLost);
  const losesNoMore = (expr: Expr): boolean => plain.lost(expr, order) <= plain.lost(found.expr, order);
  // It is differentiated step by step where a framework does that.
  const isDifferentiable = (expr: Expr): boolean =>
    order === 2 || plain.isWithin(derivative(expr, x), order + 1, FINITE);
  // Tensors of float64 are computed in the same way.
  const isSound = ({ expr, narrow }: Candidate): boolean =>
    isDifferentiable(expr) && wide.error(narrow, order) <= ENOUGH_IN_DOUBLE;
  const isEnough = plain.isClose(found.expr, order, CLOSE, found.expr) && isDifferentiable(found.expr);
  const finished = ({ steps, expr }: Candidate): Finished => ({
    ...finder.finished(sought, { ...found.form, expr: steps.at(-1)?.expr ?? start, steps }, SIGHTS[computed]),
    expr,
  });
  /** The first by time that is good and that as much is known of. */
  const first = (candidates: readonly Candidate[]): Finished | undefined => {
    const times = new Map(candidates.map((each) => [each, tensorTime(each.expr)]));
    const least = isEnough ? tensorTime(found.expr) : Infinity;
    const byTime = [...candidates]
      .filter((each) => times.get(each)! < least)
      .sort((a, b) => times.get(a)! - times.get(b)!);
    for (const each of byTime) {
      if (!plain.isClose(each.expr, order, CLOSE, each.narrow) || !isSound(each)) continue;
      const form = finished(each);
      if (trusted(form) >= trusted(found)) return form;
    }
    return undefined;
  };
  const candidates = leanForms(start, x).flatMap((steps) => {
    const narrow = finder.emitted(steps.at(-1)?.expr ?? start);
    return [narrow, withWideArguments(narrow, x), inDouble(narrow, x)].map((expr) => ({ steps, narrow, expr }));
  });
  const lean = first(candidates);
  if (lean !== undefined || isEnough) return lean ?? found;
  // A loop over float32 arrays has a form that is right, though longer; a scalar one that is right to the last digit.
  const longer: readonly (() => Finished)[] = [
    () => finder.finished(sought, inDoubles(order).search(order, GOAL_FLOAT32), DOUBLES_OF_SINGLES),
    () => finder.best(sought, wide, "float64"),
  ];
  for (const make of longer) {
    const narrow = make();
    const form = { ...narrow, expr: inDouble(narrow.expr, x) };
    const candidate = { steps: narrow.form.steps, narrow: narrow.expr, expr: form.expr };
    if (losesNoMore(form.expr) && isSound(candidate) && trusted(form) >= trusted(found)) return form;
  }
  return found;
}
