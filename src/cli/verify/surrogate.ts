/**
 * Gradients that are no derivatives on purpose: of steps, of which the derivative is 0, and of what passes its input on.
 * Their looks are found numerically; that is a word for people, and decides no verdict.
 */
import { constant, dy, fromRational, mul, parameter, x, y } from "../../ir/build.js";
import { evaluate } from "../../ir/evaluate.js";
import { substitute, topological, variableOf, variables, type Expr } from "../../ir/expr.js";
import { rationalFromNumber } from "../../ir/rational.js";
import { derivative } from "../../symbolic/derivative.js";
import type { Prover } from "../../symbolic/prove/prove.js";
import type { Proof } from "../../symbolic/prove/verdict.js";
import { normalForm } from "../../symbolic/simplify.js";
import type { Claim } from "./claim.js";

/** More operations than this are not looked at. */
const LARGEST = 500;

/** Such as "straight-through gradient of a step"; undefined for a refuted claim that looks like a mistake. */
export function lookOf({ goal, part }: Claim, proof: Proof, prover: Prover): string | undefined {
  const { formula, claim, order, variable } = goal;
  if (proof.verdict !== "refuted" || order !== 1 || (variable !== undefined && variable !== x)) return undefined;
  const claimed = substitute(claim, new Map([[y, formula]]));
  if (topological([formula, claimed]).length > LARGEST || !variables(formula).includes(x)) return undefined;
  const equal = (a: Expr, b: Expr): boolean =>
    a === b || prover.prove({ formula: a, claim: b, order: 0 }).verdict === "proved";
  const shape = normalForm(substitute(claimed, new Map([[dy, constant(1)]])));
  const above = parameter("gradient from above");
  const isFactor =
    !variables(claimed).includes(dy) || equal(substitute(claimed, new Map([[dy, above]])), mul(above, shape));

  // Values at one choice of the parameters.
  const known = new Map<Expr, Expr>(
    variables(formula, shape)
      .filter((leaf) => leaf !== x)
      .map((leaf) => {
        const value = proof.witness.parameters[variableOf(leaf).name] ?? 1;
        return [leaf, fromRational(rationalFromNumber(value))] as const;
      }),
  );
  const along = (expr: Expr): Line => {
    const closed = substitute(expr, known);
    return (input) => evaluate(closed, { x: input });
  };
  const [f, slope, g] = [along(formula), normalForm(derivative(formula, x)), along(shape)];
  if (equal(formula, x)) {
    if (variables(shape).includes(x)) return undefined;
    if (!isFactor) return "clipped gradient of what passes its input on";
    return isReversed(shape) ? "reversed gradient" : "scaled gradient";
  }
  if (!isFactor) return undefined;
  const isFlat = variables(shape).every((leaf) => leaf !== x);
  if (!isZero(slope)) {
    const isClamp = [-FAR, FAR].every((at) => along(slope)(at) === 0) && hasValues(along(slope), [0, 1]);
    return isClamp && isFlat ? "straight-through gradient of a clamp" : undefined;
  }
  // A claim for a part of the inputs jumps between whole numbers.
  if (part !== undefined) return isFlat ? "straight-through gradient of rounding" : undefined;
  const jumps = jumpsOf(f);
  const name = jumps.length > 1 ? "steps" : "a step";
  if (isFlat) return `straight-through gradient of ${name}`;
  if (isZero(normalForm(derivative(shape, x))))
    return g(-FAR) === 0 && g(FAR) === 0 ? `boxcar for the derivative of ${name}` : undefined;
  const [centre] = jumps;
  const form = jumps.length === 1 ? formOf((offset) => g(centre! + offset)) : undefined;
  return form && `${form} for the derivative of ${name}`;
}

type Line = (input: number) => number;
const FAR = 1e6;
const isZero = (expr: Expr): boolean => expr === constant(0);

/** A negative number, or the opposite of a parameter. */
const isReversed = (shape: Expr): boolean => {
  const ones = Object.fromEntries(variables(shape).map((leaf) => [variableOf(leaf).name, 1]));
  return evaluate(shape, ones) < 0;
};

/** Not on the places where people put their thresholds. */
const GRID = Array.from({ length: 4001 }, (_, i) => (i - 2000) / 100 + 0.00137);

const hasValues = (line: Line, allowed: readonly number[]): boolean =>
  GRID.every((at) => allowed.includes(line(at))) && allowed.every((value) => GRID.some((at) => line(at) === value));

/** The inputs between which a step changes its value. */
function jumpsOf(step: Line): readonly number[] {
  return GRID.slice(1).flatMap((right, i) => {
    let [low, high] = [GRID[i]!, right];
    const before = step(low);
    if (before === step(high)) return [];
    for (let round = 0; round < 60; round++) {
      const middle = (low + high) / 2;
      if (step(middle) === before) low = middle;
      else high = middle;
    }
    return [high];
  });
}

/** Bells by their value at t, for a width of 1, and the width of the one that has a value there. */
const FORMS: readonly (readonly [name: string, value: Line, widthOf: (ratio: number) => number])[] = [
  ["the slope of a sigmoid", (t) => Math.cosh(t) ** -2, (r) => Math.acosh(1 / Math.sqrt(r))],
  ["the slope of an arctangent", (t) => 1 / (1 + t * t), (r) => Math.sqrt(1 / r - 1)],
  ["the slope of a fast sigmoid", (t) => (1 + t) ** -2, (r) => 1 / Math.sqrt(r) - 1],
  ["a Gaussian", (t) => Math.exp(-t * t), (r) => Math.sqrt(-Math.log(r))],
  ["an exponential to both sides", (t) => Math.exp(-t), (r) => -Math.log(r)],
  ["a triangle", (t) => Math.max(0, 1 - t), (r) => 1 - r],
];
const STEPS = [0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10];
const NEAR = 1e-6;

/** The name of an even bell around 0. */
function formOf(bell: Line): string | undefined {
  const peak = bell(1e-12);
  const ratio = (t: number): number => bell(t) / peak;
  if (!(Math.abs(peak) > 0) || STEPS.some((t) => Math.abs(ratio(t) - ratio(-t)) > NEAR)) return undefined;
  const from = STEPS.find((t) => ratio(t) > 0.05 && ratio(t) < 0.97);
  if (from === undefined) return undefined;
  return FORMS.find(([, value, widthOf]) => {
    const width = widthOf(ratio(from)) / from;
    return STEPS.every((t) => Math.abs(ratio(t) - value(width * t)) < NEAR);
  })?.[0];
}
