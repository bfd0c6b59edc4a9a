/**
 * Loops in float32 for inputs near 0, where exponentials are normal numbers and a few operations are right; float64 for other
 * inputs, and where parameters are not at their defaults.
 */
import { literal } from "../codegen/lower.js";
import { fitsSingle } from "../codegen/singles.js";
import type { LoopName } from "../codegen/target.js";
import { abs, and, constant, double, eq, le, select, single, variable, x } from "../ir/build.js";
import { defaults, type Definition } from "../ir/definition.js";
import { columnEvaluator } from "../ir/evaluate.js";
import { rebuild, substitute, topological, variableOf, variables, type Expr } from "../ir/expr.js";
import type { OperationName } from "../ir/ops.js";
import type { Lowerings } from "../math/float32.js";
import { CORRECTED, LEAN } from "../math/singles.js";
import { ARITHMETICS } from "../symbolic/arithmetic.js";
import { spacing } from "../symbolic/score.js";

/**
 * ULP of float32 that a loop may lose at the inputs that are tried here, so that it is 2 at most: among all inputs there is one
 * a little worse, and a product with the incoming gradient doubles errors.
 */
const BOUNDS: Readonly<Record<LoopName, number>> = { forward: 1.96, backward: 0.75 };
/** How far from 0 inputs may be: exp(80) and its inverse are normal numbers with room for a factor. */
const REACHES = [80, 40];
/** How many inputs are tried, half of them evenly and half by magnitude: a few tell most that is not good. */
const TRIED = [1 << 10, 1 << 15];
const LEAST_EXPONENT = -40;
/** Operations that loops have in float32 besides, for numbers of a usual size. */
const ALSO: ReadonlySet<OperationName> = new Set<OperationName>(["min", "max", "round", "exp2Steps"]);
/** Powers of two are made of bits where they are normal numbers. */
const SMALLEST = 2 ** -126;

/**
 * A loop's form in float32 near 0 beside `careful`, the loop in float64, as a case distinction; undefined where float32 does
 * not keep the bound. `lowered` writes the form with other lowerings of functions.
 */
export function nearForm(
  definition: Definition,
  as: LoopName,
  form: Expr,
  careful: Expr,
  lowered: (form: Expr, lowerings: Lowerings) => Expr,
): Expr | undefined {
  const numbers = defaults(definition);
  const parameters = variables(form, careful).filter((one) => variableOf(one).role === "parameter");
  const usual = new Map(parameters.map((one) => [one, literal(numbers[variableOf(one).name]!)]));
  const [atDefaults, right] = [form, careful].map((expr) => withoutOnes(substitute(expr, usual)));
  for (const [lowerings, reach] of [LEAN, CORRECTED].flatMap((one) => REACHES.map((limit) => [one, limit] as const))) {
    // An input that is known to be near needs no bounds further out.
    const bounded = variable("input", "x", [-reach, reach]);
    const short = lowered(substitute(atDefaults!, new Map([[x, bounded]])), lowerings);
    const near = substitute(short, new Map([[bounded, x]]));
    if (!fitsSingle(near, ALSO) || !TRIED.every((count) => keepsBound(near, right!, reach, BOUNDS[as], count)))
      continue;
    // Parameters are compared, and everything else further out is computed, in float64.
    const isUsual = [...usual].map(([one, value]) => eq(double(one), double(value)));
    const limit =
      isUsual.length === 0
        ? constant(reach)
        : single(select(isUsual.reduce(and), double(constant(reach)), double(constant(-1))));
    const far = substitute(careful, new Map([x, ...parameters].map((one) => [one, double(one)])));
    return select(le(abs(x), limit), near, single(far));
  }
  return undefined;
}

/** 1·u and u/1 are u. */
const withoutOnes = (expr: Expr): Expr =>
  rebuild([expr], (part) => {
    const [a, b] = part.args;
    if (part.op === "mul" && a === constant(1)) return b!;
    return (part.op === "mul" || part.op === "div") && b === constant(1) ? a! : part;
  }).get(expr)!;

/** Whether a form in float32 is within the bound of one in float64, for inputs up to a limit. */
function keepsBound(near: Expr, right: Expr, limit: number, bound: number, count: number): boolean {
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
  if (!powers.every((power) => inSingles(power).every((value) => value >= SMALLEST && value < Infinity))) return false;
  const got = inSingles(near);
  return got.every((value, i) =>
    wanted[i] === 0
      ? Object.is(value, wanted[i])
      : Math.abs(value - wanted[i]!) <= bound * spacing(wanted[i]!, "float32"),
  );
}
