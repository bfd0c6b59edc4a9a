/** One definition at the inputs and parameters where candidates are measured, in the floats of a target. */
import { x } from "../ir/build.js";
import { defaults, type Definition } from "../ir/definition.js";
import { evaluate } from "../ir/evaluate.js";
import type { Expr } from "../ir/expr.js";
import { createMeasure, type Constants, type Measure, type Ruler, type Worst } from "./measure.js";
import type { Oracle, Point, Reference } from "./oracle.js";
import { outputForms } from "./output-form.js";
import { beforeHolds, underflows } from "./edges.js";
import { sampleInputs, samplePoints } from "./points.js";
import { ARITHMETICS, type Arithmetic, type ArithmeticName } from "./arithmetic.js";
import type { Floats } from "./score.js";
import { cost } from "./simplify.js";
import { stabilise, type Stable } from "./stabilise.js";

const INPUTS = 160;
const MANY_INPUTS = 1500;

/** The parameter sets at which a definition is measured, the defaults and its samples, as the floats hold them. */
function parameterSets(definition: Definition, computed: ArithmeticName): Point[] {
  const sets = [defaults(definition), ...definition.samples];
  if (ARITHMETICS[computed].precision === "float64") return sets;
  return sets.map((set) => Object.fromEntries(Object.entries(set).map(([name, value]) => [name, Math.fround(value)])));
}

/** The kinks' inputs at all measured parameters. */
export const kinkInputs = (definition: Definition, sets: readonly Point[]): number[] =>
  [...new Set(sets.flatMap((set) => definition.kinks.map((kink) => evaluate(kink, set))))].filter(Number.isFinite);

/** Inputs that count as 0 say nothing that 0 does not. */
const notFlushed = (inputs: readonly number[], { smallest }: Arithmetic): number[] =>
  inputs.filter((value) => !(value !== 0 && Math.abs(value) < smallest));

export interface Workbench {
  /** The best form that a search finds for the expression of this number. */
  readonly search: (which: number, goal: number) => Stable;
  /** Whether a form is finite wherever its input and the expression of this number are. */
  readonly isFinite: (expr: Expr, which: number) => boolean;
  /** The largest error of a form of the expression of this number. */
  readonly worst: (expr: Expr, which: number) => Worst;
}

export function createWorkbench(
  definition: Definition,
  exprs: readonly Expr[],
  floats: Floats,
  oracle: Oracle,
  values: Constants,
): Workbench {
  const sets = parameterSets(definition, floats.computed);
  const arithmetic = ARITHMETICS[floats.computed];
  const edges = exprs.flatMap((expr) =>
    sets.flatMap((set) => underflows(arithmetic, (at) => oracle.evaluate([expr], samplePoints(at, [set]))[0]!.high)),
  );
  const count = Math.ceil(INPUTS / (sets.length > 1 ? 2 : 1));
  // Beside an edge as beside a kink: what is lost there has to count.
  const usual = sampleInputs([...kinkInputs(definition, sets), ...edges], floats.stored, count);
  const inputs = notFlushed([...new Set([...usual, ...beforeHolds(arithmetic).map(Math.fround)])], arithmetic);
  const points = samplePoints(inputs, sets);
  const references = oracle.evaluate(exprs, points);
  const measure: Measure = createMeasure(points, floats, values);
  const rulers: Ruler[] = exprs.map((expr, i) => measure.yardstick(expr, references[i]!));
  return {
    search: (which, goal) =>
      stabilise(exprs[which]!, {
        input: x,
        judge: rulers[which]!.judge,
        points: points.length,
        remainder: values.remainder,
        goal,
        computed: floats.computed,
      }),
    isFinite: (expr, which) => {
      const isFiniteIn = (value: number): boolean =>
        Number.isFinite(floats.stored === "float32" ? Math.fround(value) : value);
      const { high } = references[which]!;
      return measure
        .column(expr)
        .every((value, i) => Number.isFinite(value) || !isFiniteIn(high[i]!) || !Number.isFinite(points[i]!["x"]));
    },
    worst: (expr, which) => rulers[which]!.worst(measure.column(expr)),
  };
}

/** A derivative written in the output. */
export interface OutputForm {
  /** As it was found, and as it is emitted. */
  readonly form: Expr;
  readonly expr: Expr;
  readonly worst: Worst;
}

/**
 * Forms of the derivative in y, the best first, measured at the y that `forward` stores: at many inputs, against the
 * float64 derivative, because a rounded y may stand for inputs on both sides of a kink.
 */
export function measuredOutputForms(
  definition: Definition,
  exact: { readonly value: Expr; readonly derivative: Expr },
  derivativeInDouble: Expr,
  forward: Expr,
  bound: number,
  computed: ArithmeticName,
  emitted: (form: Expr) => Expr,
  values: Constants,
): readonly OutputForm[] {
  const candidates = outputForms(exact.value, exact.derivative, x);
  if (candidates.length === 0) return [];
  const sets = parameterSets(definition, computed);
  const usual = sampleInputs(kinkInputs(definition, sets), "float32", MANY_INPUTS);
  const points = samplePoints(notFlushed(usual, ARITHMETICS[computed]), sets);
  const double = createMeasure(points, { computed: "float64", stored: "float32" }, values);
  const stored = createMeasure(points, { computed, stored: "float32" }, values).column(forward).map(Math.fround);
  const reference: Reference = { high: double.column(derivativeInDouble), low: new Float64Array(points.length) };
  const inY = createMeasure(points, { computed, stored: "float32" }, values, { y: stored });
  const ruler = inY.yardstick(exact.derivative, reference);
  // Forms within the bound are alike, beyond it less error is better.
  const rank = ({ worst }: OutputForm): number => (worst.ulp <= bound ? 0 : worst.ulp);
  return candidates
    .map((form): OutputForm => {
      const expr = emitted(form);
      return { form, expr, worst: ruler.worst(inY.column(expr)) };
    })
    .sort((a, b) => rank(a) - rank(b) || cost(a.expr) - cost(b.expr));
}
