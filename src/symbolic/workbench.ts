/** One definition at the inputs and parameters where candidates are measured, in the floats of a target. */
import { x } from "../ir/build.js";
import { defaults, type Definition } from "../ir/definition.js";
import { evaluate } from "../ir/evaluate.js";
import { createRewrites } from "./candidates.js";
import { derivative } from "./derivative.js";
import type { Expr } from "../ir/expr.js";
import { createMeasure, type Closeness, type Constants, type Measure, type SlopesAt, type Worst } from "./measure.js";
import { once } from "./once.js";
import type { Oracle, Point, Reference } from "./oracle.js";
import { outputForms } from "./output-form.js";
import { beforeHolds, underflows } from "./edges.js";
import { valuesFarOut } from "./far-values.js";
import { inputsBetween, sampleInputs, samplePoints } from "./points.js";
import { ARITHMETICS, asInFrameworks, type Arithmetic, type ArithmeticName, type Precision } from "./arithmetic.js";
import type { Floats } from "./score.js";
import { cost } from "./simplify.js";
import { stabilise, type Stable } from "./stabilise.js";
import { benchOf, coarseError, type Yard } from "./yard.js";
import { construct } from "./construct/construct.js";
import { breakingInputs, criticalInputs, type ColumnsAt } from "./critical.js";
import { nearness } from "./prove/estimates/approximate.js";
import type { Sight } from "./prove/estimates/bounds.js";

const INPUTS = 160;
const MANY_INPUTS = 1500;
const DENSE_INPUTS = 6000;
/** Digits of the smallest numbers are not worth a form of their own: errors count from a thousandth of the least normal on. */
const LEAST_UNIT: Readonly<Record<Precision, number>> = { float64: 2 ** -1062, float32: 2 ** -138 };

/** So near to a kink either side's slope will do. */
const BESIDE = 2 ** -20;

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
  /** A form built where the search finds none. */
  readonly construct: (
    which: number,
    wanted: { readonly goal: number; readonly enough: number; readonly sight: Sight },
  ) => Stable;
  /** Whether a form is this near to the expression of this number, wherever its input and that are finite, kinks apart. */
  readonly isWithin: (expr: Expr, which: number, most: number) => boolean;
  /** The largest error of a form of the expression of this number at the sampled inputs. */
  readonly worst: (expr: Expr, which: number) => Worst;
  /** The same where parts of the expression overflow, vanish or cancel, and where parts of the form do. */
  readonly worstAnywhere: (expr: Expr, which: number) => readonly Worst[];
  /** That as a number to choose by: of infinite inputs and those that a float32 holds. */
  readonly error: (expr: Expr, which: number) => number;
  /**
   * Whether a form is this close, there and at infinite inputs with parameters at 0, where functions in float32 are as near
   * as those of frameworks; and at many more inputs to what `exact` is in float64.
   */
  readonly isClose: (expr: Expr, which: number, bound: Closeness, exact: Expr) => boolean;
  /** The bits that a form loses at all of these inputs. */
  readonly lost: (expr: Expr, which: number) => number;
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
  const inFrameworks: Arithmetic = { ...arithmetic, approximate: asInFrameworks };
  const round = floats.stored === "float32" ? Math.fround : (value: number): number => value;
  const edges = underflows(arithmetic, exprs, sets, oracle);
  const count = Math.ceil(INPUTS / (sets.length > 1 ? 2 : 1));
  const anyKinks = kinkInputs(definition, sets);
  // Beside an edge as beside a kink: what is lost there has to count.
  const sampled = sampleInputs([...anyKinks, ...edges], floats.stored, count);
  // The float that stands for a kink which is none may be on either side of it.
  const kinks = definition.kinks.filter((kink) => kink.closed && values.remainder(kink) !== 0).map(values.nearest);
  const usual = sampled.filter((input) => !kinks.some((kink) => round(kink) === input));
  const inputs = notFlushed([...new Set([...usual, ...beforeHolds(arithmetic).map(Math.fround)])], arithmetic);
  const points = samplePoints(inputs, sets);
  const references = valuesFarOut(oracle, exprs, x, points);
  const referenceOf = (which: number, at: readonly Point[]): Reference =>
    valuesFarOut(oracle, [exprs[which]!], x, at)[0]!;
  // A search takes functions to be the nearest floats, which they are but for next to nothing; forms are judged by what they are.
  const measure: Measure = createMeasure(points, floats, values, {}, { ...arithmetic, functions: {} });
  const slopesOf =
    (which: number): SlopesAt =>
    (at) =>
      oracle.evaluate([derivative(exprs[which]!, x)], at)[0]!.high;
  const rulers = exprs.map((expr, i) => measure.yardstick(expr, references[i]!, floats.leastUnit, slopesOf(i)));
  const known = exprs.map(() => new Map<number, readonly (readonly [number, number])[]>());
  /** Keeps the values at inputs and all sets of parameters. */
  const remember = (which: number, at: readonly number[], { high, low }: Reference): void =>
    at.forEach((input, i) => {
      const places = sets.map((_, set) => set * at.length + i);
      known[which]!.set(
        input,
        places.map((place) => [high[place]!, low[place]!] as const),
      );
    });
  references.forEach((reference, which) => remember(which, inputs, reference));
  /** The values at inputs and all sets of parameters; each input is asked for once. */
  const referenceAt = (which: number, at: readonly number[]): Reference => {
    const own = known[which]!;
    const fresh = at.filter((input) => !own.has(input));
    if (fresh.length > 0) remember(which, fresh, referenceOf(which, samplePoints(fresh, sets)));
    const all = sets.flatMap((_, set) => at.map((input) => own.get(input)![set]!));
    return { high: Float64Array.from(all, ([high]) => high), low: Float64Array.from(all, ([, low]) => low) };
  };
  const yardOver = (which: number, all: readonly Point[], reference: Reference = referenceOf(which, all)): Yard => {
    const own = createMeasure(all, floats, values);
    const ruler = own.yardstick(exprs[which]!, reference, floats.leastUnit, slopesOf(which));
    const least = floats.leastUnit ?? LEAST_UNIT[arithmetic.precision];
    const coarse = own.yardstick(exprs[which]!, reference, least);
    const framework = createMeasure(all, floats, values, {}, inFrameworks);
    return { points: all, reference, measure: own, framework, ruler, coarse };
  };
  const yardAt = (which: number, at: readonly number[]): Yard =>
    yardOver(which, samplePoints(at, sets), referenceAt(which, at));
  const critical: (readonly number[] | undefined)[] = exprs.map(() => undefined);
  const beyond = (which: number): readonly number[] =>
    (critical[which] ??= notFlushed(
      [...new Set(sets.flatMap((set) => criticalInputs(exprs[which]!, x, set, floats.stored)).map(round))],
      arithmetic,
    ));
  /** Where parts of the expression overflow, vanish or cancel, too, and between all of these. */
  const everywhere = (which: number): readonly number[] => {
    const all = [...new Set([...inputs, ...beyond(which)])];
    return [...new Set([...all, ...notFlushed(inputsBetween(all, floats.stored, arithmetic.parts), arithmetic)])];
  };
  const yards: (Yard | undefined)[] = exprs.map(() => undefined);
  const yardOf = (which: number): Yard => (yards[which] ??= yardAt(which, everywhere(which)));
  const limits: (Yard | undefined)[] = exprs.map(() => undefined);
  /** Infinite inputs with a parameter at 0, where infinity is multiplied by it. */
  const limitsOf = (which: number): Yard => (limits[which] ??= yardOver(which, atZero));
  const atZero = definition.parameters
    .filter(({ range: [low, high] }) => low <= 0 && high >= 0)
    .flatMap(({ name }) => samplePoints([-Infinity, Infinity], [{ ...sets[0]!, [name]: 0 }]));
  const yardsOf = (which: number): Yard[] => [yardOf(which), ...(atZero.length > 0 ? [limitsOf(which)] : [])];
  const denseMeasures = (): { readonly double: Measure; readonly framework: Measure } => {
    const all = samplePoints(notFlushed(sampleInputs(anyKinks, floats.stored, DENSE_INPUTS), arithmetic), sets);
    return {
      double: createMeasure(all, { ...floats, computed: "float64" }, values),
      framework: createMeasure(all, floats, values, {}, inFrameworks),
    };
  };
  let dense: ReturnType<typeof denseMeasures> | undefined;
  const setting = { input: x, remainder: values.remainder, computed: floats.computed };
  const context = {
    ...setting,
    rewrites: once(oracle, ["rewrites", floats.computed], () => createRewrites(setting)),
    parameters: sets[0]!,
    kinks: definition.kinks,
  };
  return {
    search: (which, goal) =>
      stabilise(exprs[which]!, {
        ...context,
        judge: rulers[which]!.judge,
        points: points.length,
        goal,
      }),
    construct: (which, { goal, enough, sight }) => {
      let all = [...new Set([...inputs, ...beyond(which)])].filter(
        (value) => !Number.isNaN(value) && !Object.is(value, -0),
      );
      return construct(exprs[which]!, {
        ...context,
        goal,
        enough,
        benchWith: (more) => {
          all = [...new Set([...all, ...notFlushed(more.map(round), arithmetic)])].sort((a, b) => a - b);
          return benchOf(yardAt(which, all), all, sets.length);
        },
        isNear: (before, after) => nearness(before, after, x, sight).certified,
      });
    },
    isWithin: (expr, which, most) => {
      const { high } = references[which]!;
      return measure.column(expr).every((value, i) => {
        const [right, at] = [high[i]!, points[i]!["x"]!];
        const isFiniteThere = Number.isFinite(round(right)) && Number.isFinite(at);
        const isBesideKink = (kink: number): boolean => Math.abs(at - kink) <= BESIDE * Math.max(1, Math.abs(kink));
        const isNear = Math.abs(value - right) <= most * Math.max(1, Math.abs(right));
        return isNear || !isFiniteThere || anyKinks.some(isBesideKink);
      });
    },
    worst: (expr, which) => {
      if (arithmetic.parts === 1) return rulers[which]!.worst(measure.column(expr));
      const { ruler, measure: own } = yardOf(which);
      return ruler.worst(own.column(expr));
    },
    worstAnywhere: (expr, which) => {
      const { points: measured, ruler, measure: own } = yardOf(which);
      const isKnown = (from: number, to: number): boolean => measured.some(({ x: at }) => from <= at! && at! <= to);
      const breaking = sets.flatMap((set) => {
        const columnsAt: ColumnsAt = (at) => createMeasure(samplePoints([...at], [set]), floats, values).column;
        return breakingInputs(expr, columnsAt, floats.stored, isKnown).map(round);
      });
      const all = [ruler.worst(own.column(expr))];
      if (breaking.length > 0) {
        const more = yardAt(which, notFlushed([...new Set(breaking)], arithmetic));
        all.push(more.ruler.worst(more.measure.column(expr)));
      }
      return all;
    },
    error: (expr, which) => coarseError(yardOf(which), expr),
    isClose: (expr, which, bound, exact) => {
      // Most fail at the few inputs already.
      if (!rulers[which]!.isClose(measure.column(expr), bound)) return false;
      if (!yardsOf(which).every(({ ruler, framework }) => ruler.isClose(framework.column(expr), bound))) return false;
      const { double, framework } = (dense ??= denseMeasures());
      const high = double.column(exact);
      const ruler = framework.yardstick(exprs[which]!, { high, low: new Float64Array(high.length) });
      return ruler.isClose(framework.column(expr), bound);
    },
    lost: (expr, which) => yardsOf(which).reduce((bits, { coarse }) => bits + coarse.judge(expr).bits, 0),
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
