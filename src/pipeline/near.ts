/**
 * Loops in float32 for inputs near 0, where exponentials are normal numbers and a few operations are right; float64 for other
 * inputs, and where parameters are not at their defaults.
 */
import { literal } from "../codegen/lower.js";
import { nearForms } from "./near-forms.js";
import { fitsSingle, partsInSingle, type SingleLoop } from "../codegen/singles.js";
import type { LoopName } from "../codegen/target.js";
import { abs, and, constant, double, eq, le, select, single, x } from "../ir/build.js";
import { defaults, type Definition } from "../ir/definition.js";
import { columnEvaluator } from "../ir/evaluate.js";
import { rebuild, substitute, topological, variableOf, variables, type Expr } from "../ir/expr.js";
import type { OperationName } from "../ir/ops.js";
import type { Lowerings } from "../math/float32.js";
import { ARITHMETICS } from "../symbolic/arithmetic.js";
import type { Worst } from "../symbolic/measure.js";
import { spacing } from "../symbolic/score.js";

/** How many inputs are tried, half of them evenly and half by magnitude: a few tell most that is not good. */
const FEW = 1 << 10;
const MANY = 1 << 15;
const LEAST_EXPONENT = -40;
/** Operations that loops have in float32 besides, for numbers of a usual size. */
const ALSO: ReadonlySet<OperationName> = new Set<OperationName>(["min", "max", "round", "exp2Steps"]);
/** Powers of two are made of bits where they are normal numbers. */
const SMALLEST = 2 ** -126;

/**
 * A loop's form in float32 near 0 beside `careful`, the loop in float64, as a case distinction, and its largest error near 0;
 * undefined where float32 does not keep the bound, in ULP. `lowered` writes the form with other lowerings of functions.
 */
export function nearForm(
  definition: Definition,
  as: LoopName,
  bound: number,
  form: Expr,
  careful: Expr,
  lowered: (form: Expr, lowerings: Lowerings) => Expr,
): SingleLoop | undefined {
  const numbers = defaults(definition);
  // Loops have parameters as they are given: what is measured in float32 would be another loop.
  if (!Object.values(numbers).every((value) => Math.fround(value) === value)) return undefined;
  const parameters = variables(form, careful).filter((one) => variableOf(one).role === "parameter");
  const usual = new Map(parameters.map((one) => [one, literal(numbers[variableOf(one).name]!)]));
  const [atDefaults, right] = [form, careful].map((expr) => withoutOnes(substitute(expr, usual)));
  for (const { reach, near } of nearForms(atDefaults!, lowered)) {
    if (!isMostlySingle(near)) continue;
    const error = (count: number): Worst | undefined => {
      const found = worstNear(near, right!, reach, count, UNITS[as]);
      return found.ulp <= bound ? { ...found, parameters: numbers } : undefined;
    };
    const worst = error(FEW) && error(MANY);
    if (worst === undefined) continue;
    // Parameters are compared, and everything else further out is computed, in float64.
    const isUsual = [...usual].map(([one, value]) => eq(double(one), double(value)));
    const limit =
      isUsual.length === 0
        ? constant(reach)
        : single(select(isUsual.reduce(and), double(constant(reach)), double(constant(-1))));
    const far = substitute(careful, new Map([x, ...parameters].map((one) => [one, double(one)])));
    return { expr: select(le(abs(x), limit), near, single(far)), worst };
  }
  return undefined;
}

/** Whether float32 has what is not in float64, and that is most of it. */
const isMostlySingle = (expr: Expr): boolean =>
  2 * partsInSingle(expr).length > topological([expr]).length && fitsSingle(expr, ALSO);

/** 1·u and u/1 are u. */
const withoutOnes = (expr: Expr): Expr =>
  rebuild([expr], (part) => {
    const [a, b] = part.args;
    if (part.op === "mul" && a === constant(1)) return b!;
    return (part.op === "mul" || part.op === "div") && b === constant(1) ? a! : part;
  }).get(expr)!;

/** The unit in which the error of a value counts. */
type UnitOf = (value: number) => number;

/** One in the last place: of a value, and of its product with an incoming gradient, which may be just above a power of two. */
const UNITS: Readonly<Record<LoopName, UnitOf>> = {
  forward: (value) => spacing(value, "float32"),
  backward: (value) => Math.max(Math.abs(value) * 2 ** -24, 2 ** -149),
};

/** The largest error of a form in float32 beside one in float64, for inputs up to a limit. */
function worstNear(near: Expr, right: Expr, limit: number, count: number, unitOf: UnitOf): Omit<Worst, "parameters"> {
  const inputs = Float64Array.from({ length: count }, (_, i) => {
    const share = (i * 0.6180339887498949) % 1;
    const size = i % 4 < 2 ? share * limit : 2 ** (LEAST_EXPONENT + share * (Math.log2(limit) - LEAST_EXPONENT));
    return Math.fround(i % 2 === 0 ? size : -size);
  });
  inputs.set([0, -0]);
  const column = (name: string): Float64Array | undefined => (name === "x" ? inputs : undefined);
  const wanted = columnEvaluator(count, column)(right);
  const inSingles = columnEvaluator(count, column, undefined, ARITHMETICS.float32);
  const powers = topological([near]).filter(({ op }) => op === "exp2Steps");
  const isNormal = powers.every((power) => inSingles(power).every((value) => value >= SMALLEST && value < Infinity));
  const got = inSingles(near);
  const units = unitsOf(inputs, wanted, unitOf);
  const errorAt = (i: number): number => {
    if (!isNormal) return Infinity;
    if (wanted[i] === 0) return Object.is(got[i], wanted[i]) ? 0 : Infinity;
    const error = Math.abs(got[i]! - wanted[i]!) / units[i]!;
    return Number.isNaN(error) ? Infinity : error;
  };
  const errors = Float64Array.from(inputs, (_, i) => errorAt(i));
  const ulp = errors.reduce((largest, error) => Math.max(largest, error), 0);
  const at = errors.indexOf(ulp);
  return { ulp, at: inputs[at]!, got: got[at]!, right: wanted[at]! };
}

/** Values beside a zero count as if they were of this size: what terms lose that cancel there is of theirs. */
const BESIDE_ZERO = 2 ** -3;

/**
 * The units of values. Beside zeros, away from the input 0, that is the unit of larger values: as far as values grow from the
 * zero on, up to `BESIDE_ZERO`.
 */
function unitsOf(inputs: Float64Array, values: Float64Array, unitOf: UnitOf): Float64Array {
  const units = Float64Array.from(values, unitOf);
  const order = [...inputs.keys()].sort((i, j) => inputs[i]! - inputs[j]!);
  const widen = (from: number, step: 1 | -1): void => {
    for (let at = from, last = 0; ; at += step) {
      const size = Math.abs(values[order[at]!] ?? Infinity);
      if (!(size >= last && size < BESIDE_ZERO)) return;
      units[order[at]!] = unitOf(BESIDE_ZERO);
      last = size;
    }
  };
  for (let at = 1; at < order.length; at++) {
    const [left, right] = [order[at - 1]!, order[at]!];
    if (!(values[left]! * values[right]! < 0) || inputs[left]! * inputs[right]! <= 0) continue;
    widen(at - 1, -1);
    widen(at, 1);
  }
  return units;
}
