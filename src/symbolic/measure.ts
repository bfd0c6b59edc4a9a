/** Everything about one definition that needs numbers: references, scores, constants, worst errors. */
import { columnEvaluator, evaluate, type Column } from "../ir/evaluate.js";
import type { Expr } from "../ir/expr.js";
import { addRational, negateRational, rationalFromNumber, rationalToNumber, type Rational } from "../ir/rational.js";
import type { Oracle, Point, Reference } from "./oracle.js";
import { score, ulpError, type Precision, type Score } from "./score.js";

/** A worst error and its place; near zeros of the function the absolute error instead. */
export interface Worst {
  readonly ulp: number;
  readonly at: number;
  readonly parameters: Point;
  readonly nearZeros?: { readonly zeros: readonly number[]; readonly absolute: number };
}

export interface Constants {
  /** The float64 nearest to a constant expression. */
  readonly nearest: (closed: Expr) => number;
  /** What that leaves out. */
  readonly remainder: (closed: Expr) => number;
}

/** The values of constant expressions, each computed once. */
export function constants(oracle: Oracle): Constants {
  const known = new Map<Expr, readonly [number, number]>();
  const value = (closed: Expr): readonly [number, number] => {
    let found = known.get(closed);
    if (found === undefined) {
      if (closed.op === "rational") {
        const exact = closed.payload as Rational;
        const high = rationalToNumber(exact);
        const low = Number.isFinite(high)
          ? rationalToNumber(addRational(exact, negateRational(rationalFromNumber(high))))
          : 0;
        found = [high, low];
      } else if (closed.op === "float") found = [closed.payload as number, 0];
      else {
        const [reference] = oracle.evaluate([closed], [{}]);
        found = [reference!.high[0]!, reference!.low[0]!];
      }
      known.set(closed, found);
    }
    return found;
  };
  return { nearest: (closed) => value(closed)[0], remainder: (closed) => value(closed)[1] };
}

export interface Measure {
  readonly points: readonly Point[];
  readonly column: (expr: Expr) => Column;
  readonly judge: (reference: Reference) => (expr: Expr) => Score;
  /** The largest error of computed values; `reference` is of the function `exact`. */
  readonly worst: (values: Column, reference: Reference, exact: Expr) => Worst;
}

/** A function value this small, with another sign nearby, is near a zero: there ULP means nothing. */
const SMALL = 0.05;
const NEARBY = 0.1;

export function createMeasure(
  points: readonly Point[],
  precision: Precision,
  { nearest }: Constants,
  extra: Readonly<Record<string, Column>> = {},
): Measure {
  const column = columnEvaluator(
    points.length,
    (name) =>
      extra[name] ?? (points[0]?.[name] === undefined ? undefined : Float64Array.from(points, (point) => point[name]!)),
    (expr) => (expr.closed && expr.args.length > 0 ? nearest(expr) : undefined),
  );

  /** The zero between x - NEARBY and x + NEARBY, when the sign changes there. */
  const zeroNear = (exact: Expr, point: Point): number | undefined => {
    const at = (x: number): number => evaluate(exact, { ...point, x });
    const x = point["x"]!;
    let [low, high] = [x - NEARBY, x + NEARBY];
    const sign = Math.sign(at(low));
    if (!(sign * at(high) < 0)) return undefined;
    for (let i = 0; i < 60; i++) {
      const middle = (low + high) / 2;
      if (Math.sign(at(middle)) === sign) low = middle;
      else high = middle;
    }
    return high;
  };

  return {
    points,
    column,
    judge: (reference) => (expr) => score(column(expr), reference, precision),
    worst: (values, reference, exact) => {
      let [ulp, where, absolute] = [0, 0, 0];
      const zeros = new Set<number>();
      for (let i = 0; i < points.length; i++) {
        const error = ulpError(values[i]!, reference.high[i]!, reference.low[i]!, precision);
        if (error <= ulp && error <= 1) continue;
        const wanted = reference.high[i]!;
        const small =
          Math.abs(wanted) < SMALL && wanted !== 0 && Math.abs(points[i]!["x"]!) > NEARBY / 2 && error < 2 ** 60;
        const zero = small && error > 1 ? zeroNear(exact, points[i]!) : undefined;
        if (zero !== undefined) {
          if (zeros.size < 4) zeros.add(Number(zero.toPrecision(6)));
          const got = precision === "float32" ? Math.fround(values[i]!) : values[i]!;
          absolute = Math.max(absolute, Math.abs(got - wanted));
        } else if (error > ulp) [ulp, where] = [error, i];
      }
      const { x, ...parameters } = points[where]!;
      const shared = { ulp: Number(ulp.toPrecision(4)), at: x!, parameters };
      return zeros.size === 0
        ? shared
        : {
            ...shared,
            nearZeros: { zeros: [...zeros].sort((a, b) => a - b), absolute: Number(absolute.toPrecision(3)) },
          };
    },
  };
}
