/** Everything about one definition that needs numbers: references, scores, constants, worst errors. */
import { columnEvaluator, evaluate, type Column } from "../ir/evaluate.js";
import { topological, type Expr } from "../ir/expr.js";
import { OPERATIONS } from "../ir/ops.js";
import { addRational, negateRational, rationalFromNumber, rationalToNumber, type Rational } from "../ir/rational.js";
import type { Oracle, Point, Reference } from "./oracle.js";
import { ARITHMETICS, type Arithmetic, type Precision } from "./arithmetic.js";
import { errorAt, score, spacing, type Floats, type Score } from "./score.js";

/** An input where a value was computed, with the value and the right one. */
export interface Place {
  readonly at: number;
  readonly parameters: Point;
  readonly got: number;
  readonly right: number;
}

/** A worst error and its place; near zeros of the function the absolute error instead. */
export interface Worst extends Place {
  readonly ulp: number;
  /** The worst among inputs that a float32 holds, where the worst of all is none of them. */
  readonly inFloat32?: Place & { readonly ulp: number };
  readonly nearZeros?: { readonly zeros: readonly number[]; readonly absolute: number; readonly worst: Place };
}

export interface Constants {
  /** The float nearest to a constant expression. */
  readonly nearest: (closed: Expr) => number;
  /** The remainder: the constant minus that float. */
  readonly remainder: (closed: Expr) => number;
}

/** The values of constant expressions, each computed once, as the floats of a precision hold them. */
export function constants(oracle: Oracle, precision: Precision = "float64"): Constants {
  const held = (high: number, low: number): readonly [number, number] => {
    if (precision === "float64") return [high, low];
    const single = Math.fround(high);
    return [single, Number.isFinite(single) ? Math.fround(high - single + low) : 0];
  };
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
        found = held(high, low);
      } else if (closed.op === "float") found = held(closed.payload as number, 0);
      else if (mentionsError(closed)) found = [errorValue(closed), 0];
      else {
        const [reference] = oracle.evaluate([closed], [{}]);
        found = held(reference!.high[0]!, reference!.low[0]!);
      }
      known.set(closed, found);
    }
    return found;
  };
  const mentionsError = (closed: Expr): boolean => topological([closed]).some(({ op }) => op === "constantError");
  /** Over the reals the error of a constant is 0; what is wanted is what float64 leaves out. */
  const errorValue = ({ op, args }: Expr): number =>
    op === "constantError" ? value(args[0]!)[1] : OPERATIONS[op].evaluate(...args.map((arg) => value(arg)[0]));
  return { nearest: (closed) => value(closed)[0], remainder: (closed) => value(closed)[1] };
}

export interface Measure {
  readonly points: readonly Point[];
  readonly column: (expr: Expr) => Column;
  /** Where and in which unit errors of the function `exact` count. */
  readonly yardstick: (exact: Expr, reference: Reference) => Ruler;
}

export interface Ruler {
  readonly judge: (expr: Expr) => Score;
  /** The largest error of computed values. */
  readonly worst: (values: Column) => Worst;
}

const LARGEST_SINGLE = 3.4028234663852886e38;
/** A function value this small, with another sign nearby, is near a zero: there errors count absolutely. */
const SMALL = 0.1;
const NEARBY = [0.05, 0.25, 0.75];

export function createMeasure(
  points: readonly Point[],
  { computed, stored: precision }: Floats,
  { nearest }: Constants,
  extra: Readonly<Record<string, Column>> = {},
): Measure {
  const closed = (expr: Expr): number | undefined => (expr.closed && expr.args.length > 0 ? nearest(expr) : undefined);
  const variables = new Map<string, Column | undefined>(Object.entries(extra));
  const bound = (name: string): Column | undefined => {
    if (!variables.has(name))
      variables.set(
        name,
        points[0]?.[name] === undefined ? undefined : Float64Array.from(points, (point) => point[name]!),
      );
    return variables.get(name);
  };
  const arithmetic: Arithmetic = ARITHMETICS[computed];
  const column = columnEvaluator(points.length, bound, closed, arithmetic);

  /** For each point an input nearby where the function has the other sign, if there is one: a zero lies between. */
  const acrossZero = (exact: Expr, values: Column): (number | undefined)[] => {
    const inputs = bound("x")!;
    const found = Array<number | undefined>(points.length).fill(undefined);
    for (const reach of NEARBY)
      for (const side of [-1, 1]) {
        const moved = inputs.map((x) => x + side * Math.max(reach, Math.abs(x) * (reach / 4)));
        const there = columnEvaluator(points.length, (name) => (name === "x" ? moved : bound(name)), closed)(exact);
        values.forEach((value, i) => {
          const x = Math.abs(inputs[i]!);
          if (found[i] !== undefined || !(Math.abs(value) < SMALL && x > 0.05 && x < 1e6)) return;
          if (value * there[i]! < 0) found[i] = moved[i]!;
        });
      }
    return found;
  };

  /** The zero between an input and one across it; 0 itself has relative accuracy, so it is none. */
  const zeroBetween = (exact: Expr, point: Point, across: number): number | undefined => {
    const at = (x: number): number => evaluate(exact, { ...point, x });
    let [low, high] = [point["x"]!, across];
    const sign = Math.sign(at(low));
    for (let i = 0; i < 50; i++) {
      const middle = (low + high) / 2;
      if (Math.sign(at(middle)) === sign) low = middle;
      else high = middle;
    }
    // Rounding moves a zero at 0 a little.
    return Math.abs(high) < 1e-4 ? undefined : high;
  };

  return {
    points,
    column,
    yardstick: (exact, reference) => {
      const units = Float64Array.from(reference.high, (value) =>
        Math.max(spacing(value, precision), Math.abs(value) < arithmetic.smallest ? arithmetic.smallest : 0),
      );
      const across = acrossZero(exact, reference.high);
      const known: number[] = [];
      const zeros = across.map((other, i) => {
        if (other === undefined) return undefined;
        const [low, high] = [Math.min(points[i]!["x"]!, other), Math.max(points[i]!["x"]!, other)];
        // Most points lie near a zero that is found already.
        const near = known.find((zero) => low <= zero && zero <= high) ?? zeroBetween(exact, points[i]!, other);
        if (near !== undefined && !known.includes(near)) known.push(near);
        return near;
      });
      zeros.forEach((zero, i) => {
        if (zero !== undefined) units[i] = spacing(SMALL, precision);
      });
      const ruler = { reference, precision, units };
      const place = (values: Column, i: number): Place => {
        const { x: at, ...parameters } = points[i]!;
        const right = precision === "float32" ? Math.fround(reference.high[i]!) : reference.high[i]!;
        const got = precision === "float32" ? Math.fround(values[i]!) : values[i]!;
        return { at: at!, parameters, got, right };
      };
      const worst = (values: Column): Worst => {
        const none = { error: -1, where: 0 };
        let [all, single, near] = [none, none, none];
        const found = new Set<number>();
        for (let i = 0; i < points.length; i++) {
          // A value or a limit that is not known, or not there, measures nothing.
          if (Number.isNaN(reference.high[i]!)) continue;
          const input = Math.abs(points[i]!["x"]!);
          const error = errorAt(ruler, values[i]!, i);
          const zero = zeros[i];
          if (zero !== undefined) {
            if (found.size < 4) found.add(Number(zero.toPrecision(4)));
            if (error > near.error) near = { error, where: i };
            continue;
          }
          if (error > all.error) all = { error, where: i };
          if (error > single.error && !(input > LARGEST_SINGLE && input < Infinity)) single = { error, where: i };
        }
        const at = ({ error, where }: typeof none) => ({
          ulp: Math.max(0, Number(error.toPrecision(4))),
          ...place(values, where),
        });
        return {
          ...at(all),
          ...(single.error < all.error && { inFloat32: at(single) }),
          ...(found.size > 0 && {
            nearZeros: {
              zeros: [...found].sort((a, b) => a - b),
              absolute: Number((near.error * units[near.where]!).toPrecision(3)),
              worst: place(values, near.where),
            },
          }),
        };
      };
      return { judge: (expr) => score(column(expr), ruler), worst };
    },
  };
}
