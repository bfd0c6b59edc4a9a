/** The description of a definition that `show` prints: formulas, kinks, range, asymptotes and a curve. */
import { defaults, type Definition, type ParameterValues } from "../ir/definition.js";
import { createProver, differentiate, kinkInputs } from "./activation.js";
import { constant, mul, sub, x } from "../ir/build.js";
import { columnEvaluator, evaluate } from "../ir/evaluate.js";
import type { Expr } from "../ir/expr.js";
import { formulaText } from "../ir/print.js";
import { createOracle, type Oracle } from "../symbolic/oracle.js";
import { neighbour } from "../symbolic/score.js";

/** The value and the derivative just left of a kink, at it, and just right of it. */
export interface KinkReport {
  readonly at: number;
  readonly value: readonly [left: number, at: number, right: number];
  readonly derivative: readonly [left: number, at: number, right: number];
}

export interface Description {
  readonly formula: string;
  readonly derivative: string;
  readonly secondDerivative: string;
  readonly kinks: readonly KinkReport[];
  /** The least and the largest value that were found: the limits at the infinities are, others by sampling. */
  readonly range: SampledRange;
  /** The asymptotes at the two ends: a number, a line "a*x + b", an infinity, or nothing. */
  readonly asymptotes: { readonly left: string; readonly right: string };
  /** f and f' at `points`, for the plot. */
  readonly curve: {
    readonly points: readonly number[];
    readonly value: readonly number[];
    readonly derivative: readonly number[];
  };
}

export interface SampledRange {
  readonly low: number;
  readonly high: number;
  /** Whether both ends are limits, or a limit at an infinity is unknown, so that values beyond may exist. */
  readonly ends: "limits" | "sampled" | "unknown";
}

const PLOT_HALF_WIDTH = 6;
const PLOT_POINTS = 241;
const SEARCH_HALF_WIDTH = 60;
const SEARCH_POINTS = 4001;

/** Describes a definition at given parameters (the defaults where none are given). */
export async function describe(
  definition: Definition,
  parameters: ParameterValues = {},
  oracle?: Oracle,
): Promise<Description> {
  const values = { ...defaults(definition), ...parameters };
  const mpfr = oracle ?? (await createOracle());
  const exact = differentiate(definition, createProver(mpfr));
  const at = (expr: Expr, input: number): number => evaluate(expr, { ...values, x: input });
  const kinks = kinkInputs(definition, [values]).sort((a, b) => a - b);
  return {
    formula: formulaText(exact.value),
    derivative: formulaText(exact.derivative),
    secondDerivative: formulaText(exact.secondDerivative),
    kinks: kinks.map((kink) => {
      const around = [neighbour(kink, -1), kink, neighbour(kink, 1)] as const;
      const of = (expr: Expr): [number, number, number] => [
        at(expr, around[0]),
        at(expr, around[1]),
        at(expr, around[2]),
      ];
      return { at: kink, value: of(exact.value), derivative: of(exact.derivative) };
    }),
    range: image(exact.value, values, mpfr),
    asymptotes: {
      left: asymptote(exact.value, exact.derivative, values, -Infinity, mpfr),
      right: asymptote(exact.value, exact.derivative, values, Infinity, mpfr),
    },
    curve: curve(exact.value, exact.derivative, values),
  };
}

const grid = (halfWidth: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => -halfWidth + (2 * halfWidth * i) / (count - 1));

const columns = (points: readonly number[], values: ParameterValues): ((expr: Expr) => Float64Array) =>
  columnEvaluator(points.length, (name) =>
    name === "x" ? Float64Array.from(points) : new Float64Array(points.length).fill(values[name]!),
  );

function curve(value: Expr, derivative: Expr, values: ParameterValues): Description["curve"] {
  const points = grid(PLOT_HALF_WIDTH, PLOT_POINTS);
  const column = columns(points, values);
  return { points, value: [...column(value)], derivative: [...column(derivative)] };
}

const limit = (expr: Expr, values: ParameterValues, end: number, oracle: Oracle): number =>
  oracle.evaluate([expr], [{ ...values, x: end }])[0]!.high[0]!;

/** The least and the largest value: on a grid, refined around its extremes, and at the infinities. */
function image(value: Expr, values: ParameterValues, oracle: Oracle): SampledRange {
  const points = grid(SEARCH_HALF_WIDTH, SEARCH_POINTS);
  const samples = columns(points, values)(value);
  const limits = [limit(value, values, -Infinity, oracle), limit(value, values, Infinity, oracle)];
  const ends = limits.filter((end) => !Number.isNaN(end));
  const extreme = (sign: 1 | -1): number => {
    let best = 0;
    for (let i = 1; i < samples.length; i++) if (sign * samples[i]! > sign * samples[best]!) best = i;
    let [low, high] = [points[Math.max(best - 1, 0)]!, points[Math.min(best + 1, points.length - 1)]!];
    const at = (input: number): number => sign * evaluate(value, { ...values, x: input });
    for (let i = 0; i < 80; i++) {
      const [a, b] = [low + (high - low) / 3, high - (high - low) / 3];
      if (at(a) < at(b)) low = a;
      else high = b;
    }
    const refined = sign * Math.max(at((low + high) / 2), sign * samples[best]!);
    return sign === 1 ? Math.max(refined, ...ends) : Math.min(refined, ...ends);
  };
  const [low, high] = [extreme(-1), extreme(1)];
  const known =
    ends.length < limits.length ? "unknown" : [low, high].every((end) => ends.includes(end)) ? "limits" : "sampled";
  return { low, high, ends: known };
}

/** A line a·x + b when f' has a finite limit a and f - a·x one too. */
function asymptote(value: Expr, derivative: Expr, values: ParameterValues, end: number, oracle: Oracle): string {
  const at = limit(value, values, end, oracle);
  if (Number.isFinite(at)) return String(at);
  const slope = limit(derivative, values, end, oracle);
  if (Number.isFinite(slope) && slope !== 0) {
    const offset = limit(sub(value, mul(constant(slope), x)), values, end, oracle);
    const line = slope === 1 ? "x" : slope === -1 ? "-x" : `${slope}*x`;
    if (Number.isFinite(offset)) return offset === 0 ? line : `${line} ${offset < 0 ? "-" : "+"} ${Math.abs(offset)}`;
  }
  return Number.isNaN(at) ? "none found" : at > 0 ? "inf" : "-inf";
}
