/** Everything about one definition that needs numbers: references, scores, constants, worst errors. */
import { columnEvaluator, type Column } from "../ir/evaluate.js";
import { topological, type Expr } from "../ir/expr.js";
import { OPERATIONS } from "../ir/ops.js";
import { addRational, negateRational, rationalFromNumber, rationalToNumber, type Rational } from "../ir/rational.js";
import type { Oracle, Point, Reference } from "./oracle.js";
import { ARITHMETICS, LARGEST, type Arithmetic, type Precision } from "./arithmetic.js";
import { inputErrors } from "./input-errors.js";
import { errorAt, score, spacing, type Floats, type Score } from "./score.js";
import { SMALL, createZeros, type Zeros } from "./zeros.js";

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
  /** Whether the last digits of the input decide on half of those of the result, and that is all. */
  readonly isOfInput?: true;
  /**
   * The worst among finite inputs that a float32 holds and whose last digits do not decide, and results that are neither
   * next to nothing nor infinite in the last binades alone, where it is another.
   */
  readonly counted?: Place & { readonly ulp: number };
  readonly nearZeros?: { readonly zeros: readonly number[]; readonly absolute: number; readonly worst: Place };
}

/** Errors that are allowed: in ULP, and absolutely near zeros of the function and of subnormal results. */
export interface Closeness {
  readonly ulp: number;
  readonly nearZeros: number;
  readonly subnormal: number;
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

/** The slopes of a function at points. */
export type SlopesAt = (points: readonly Point[]) => Column;

export interface Measure {
  readonly points: readonly Point[];
  readonly column: (expr: Expr) => Column;
  /**
   * Where and in which unit, no smaller than `least`, errors of the function `exact` count. Those that the last digits of an
   * input explain are told apart where slopes are given.
   */
  readonly yardstick: (exact: Expr, reference: Reference, least?: number, slopesAt?: SlopesAt) => Ruler;
}

export interface Ruler {
  readonly judge: (expr: Expr) => Score;
  /** The error of each computed value; 0 where there is nothing to compare with. */
  readonly errors: (values: Column) => Float64Array;
  /** The largest error of computed values. */
  readonly worst: (values: Column) => Worst;
  /** Whether every error is allowed. */
  readonly isClose: (values: Column, bound: Closeness) => boolean;
}

const SMALLEST_SINGLE = 2 ** -149;
const isInFloat32 = (magnitude: number): boolean =>
  magnitude === 0 || (magnitude >= SMALLEST_SINGLE && magnitude <= LARGEST.float32);
const SMALLEST_NORMAL: Readonly<Record<Precision, number>> = { float64: 2 ** -1022, float32: 2 ** -126 };
/** Results below these are next to nothing: subnormal, or nearly so where intermediate results may be flushed. */
const NEXT_TO_NOTHING: Readonly<Record<Precision, number>> = { float64: 2 ** -1022, float32: 2 ** -123 };
/** Results of the last four binades may overflow a little early. */
const LAST_BINADES: Readonly<Record<Precision, number>> = {
  float64: LARGEST.float64 / 16,
  float32: LARGEST.float32 / 16,
};
export function createMeasure(
  points: readonly Point[],
  { computed, stored: precision }: Floats,
  { nearest }: Constants,
  extra: Readonly<Record<string, Column>> = {},
  arithmetic: Arithmetic = ARITHMETICS[computed],
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
  const column = columnEvaluator(points.length, bound, closed, arithmetic);

  let zeros: Zeros | undefined;
  const knownZeros = (): Zeros => (zeros ??= createZeros(points, bound, closed, precision));

  return {
    points,
    column,
    yardstick: (exact, reference, least = 0, slopesAt) => {
      const units = Float64Array.from(reference.high, (value) =>
        Math.max(spacing(value, precision), Math.abs(value) < arithmetic.smallest ? arithmetic.smallest : least),
      );
      const zeros = knownZeros().zerosOf(exact, reference);
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
      const isOfInput = slopesAt === undefined ? () => false : inputErrors(points, precision, slopesAt);
      const errors = (values: Column): Float64Array =>
        Float64Array.from(values, (value, i) => errorAt(ruler, value, i));
      const worst = (values: Column): Worst => {
        const none: { readonly error: number; readonly where: number; readonly isOfInput?: true } = {
          error: -1,
          where: 0,
        };
        const isTiny = (...results: number[]): boolean =>
          results.every((result) => Math.abs(result) < NEXT_TO_NOTHING[precision]);
        const isEarly = ({ got, right }: Place): boolean =>
          Math.abs(right) > LAST_BINADES[precision] && got === Math.sign(right) * Infinity;
        let [all, single, near] = [none, none, none];
        const found = new Set<number>();
        for (let i = 0; i < points.length; i++) {
          // A value or a limit that is not known, or not there, measures nothing.
          if (Number.isNaN(reference.high[i]!)) continue;
          const input = Math.abs(points[i]!["x"]!);
          const error = errorAt(ruler, values[i]!, i);
          if (isOfInput(error, values[i]! - reference.high[i]!, i)) {
            if (error > all.error) all = { error, where: i, isOfInput: true };
            continue;
          }
          const zero = zeros[i];
          if (zero !== undefined) {
            if (found.size < 4) found.add(Number(zero.toPrecision(4)));
            if (error > near.error) near = { error, where: i };
            continue;
          }
          if (error > all.error) all = { error, where: i };
          const isCounted = isInFloat32(input) && !isTiny(values[i]!, reference.high[i]!) && !isEarly(place(values, i));
          if (error > single.error && isCounted) single = { error, where: i };
        }
        const at = ({ error, where }: typeof none) => ({
          ulp: Math.max(0, Number(error.toPrecision(4))),
          ...place(values, where),
        });
        return {
          ...at(all),
          ...(all.isOfInput && { isOfInput: true }),
          ...(single.error < all.error && { counted: at(single) }),
          ...(found.size > 0 && {
            nearZeros: {
              zeros: [...found].sort((a, b) => a - b),
              absolute: Number((near.error * units[near.where]!).toPrecision(3)),
              worst: place(values, near.where),
            },
          }),
        };
      };
      const isClose = (values: Column, bound: Closeness): boolean => {
        return values.every((value, i) => {
          const error = errorAt(ruler, value, i);
          const absolute = error * units[i]!;
          if (zeros[i] !== undefined) return absolute <= bound.nearZeros;
          const isSubnormal = Math.abs(reference.high[i]!) < SMALLEST_NORMAL[precision];
          if (isSubnormal && absolute <= bound.subnormal) return true;
          if (error <= bound.ulp) return true;
          return absolute <= bound.nearZeros && knownZeros().nearZerosOf(exact, reference)[i] !== undefined;
        });
      };
      return { judge: (expr) => score(column(expr), ruler), errors, worst, isClose };
    },
  };
}
