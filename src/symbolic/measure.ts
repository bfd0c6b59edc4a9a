/** Everything about one definition that needs numbers: references, scores, constants, worst errors. */
import { columnEvaluator, evaluate, type Column } from "../ir/evaluate.js";
import { topological, type Expr } from "../ir/expr.js";
import { OPERATIONS } from "../ir/ops.js";
import { addRational, negateRational, rationalFromNumber, rationalToNumber, type Rational } from "../ir/rational.js";
import type { Oracle, Point, Reference } from "./oracle.js";
import { ARITHMETICS, LARGEST, type Arithmetic, type Precision } from "./arithmetic.js";
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
  /**
   * The worst among finite inputs that a float32 holds, and results that are neither next to nothing nor infinite in the
   * last binades alone, where it is another.
   */
  readonly inFloat32?: Place & { readonly ulp: number };
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

export interface Measure {
  readonly points: readonly Point[];
  readonly column: (expr: Expr) => Column;
  /** Where and in which unit, no smaller than `least`, errors of the function `exact` count. */
  readonly yardstick: (exact: Expr, reference: Reference, least?: number) => Ruler;
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
/** A function value this small, with another sign nearby, is near a zero: there errors count absolutely. */
const SMALL = 0.1;
/** From here on an absolute error that is allowed near zeros is one of few ULP of float32. */
const NOT_SMALL = 0.25;
const NEARBY = [0.05, 0.25, 0.75];
const SMALLEST_NORMAL: Readonly<Record<Precision, number>> = { float64: 2 ** -1022, float32: 2 ** -126 };
/** Results below these are next to nothing: subnormal, or nearly so where intermediate results may be flushed. */
const NEXT_TO_NOTHING: Readonly<Record<Precision, number>> = { float64: 2 ** -1022, float32: 2 ** -123 };
/** Results of the last four binades may overflow a little early. */
const LAST_BINADES: Readonly<Record<Precision, number>> = {
  float64: LARGEST.float64 / 16,
  float32: LARGEST.float32 / 16,
};
/** Of an argument: a value this small beside inputs where there is nothing is what is left of a rounded bound. */
const HALF_LOST: Readonly<Record<Precision, number>> = { float64: 2 ** -40, float32: 2 ** -16 };
const ASIDE = 2 ** -10;
const FEW_LOST = 2 ** -10;

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

  /** For each point an input nearby where the function has the other sign, if there is one: a zero lies between. */
  const acrossZero = (exact: Expr, values: Column, small = SMALL): (number | undefined)[] => {
    const inputs = bound("x")!;
    const found = Array<number | undefined>(points.length).fill(undefined);
    for (const reach of NEARBY)
      for (const side of [-1, 1]) {
        const moved = inputs.map((x) => x + side * Math.max(reach, Math.abs(x) * (reach / 4)));
        const there = columnEvaluator(points.length, (name) => (name === "x" ? moved : bound(name)), closed)(exact);
        values.forEach((value, i) => {
          const x = Math.abs(inputs[i]!);
          if (found[i] !== undefined || !(Math.abs(value) < small && x > 0.05 && x < 1e6)) return;
          if (value * there[i]! < 0) found[i] = moved[i]!;
        });
      }
    return found;
  };

  const parametersOf = ({ x: _, ...parameters }: Point): string => JSON.stringify(parameters);
  const sets = points.map(parametersOf);
  const isSameSet = (i: number, j: number): boolean => sets[i] === sets[j];

  /**
   * Floats may see zeros where there are none. They are believed where they have most digits of the value, or where the
   * reference has both signs nearby.
   */
  const believed = (exact: Expr, values: Column): ((i: number, across: number) => boolean) => {
    const inputs = bound("x")!;
    const computed = columnEvaluator(points.length, bound, closed)(exact);
    return (i, across) => {
      const there = Math.abs(evaluate(exact, { ...points[i]!, x: across }));
      const isKnown = Math.abs(computed[i]! - values[i]!) <= FEW_LOST * Math.abs(values[i]!);
      if (isKnown && there > FEW_LOST * Math.abs(values[i]!)) return true;
      const reach = 2 * Math.abs(across - inputs[i]!);
      return values.some(
        (value, j) => value * values[i]! < 0 && Math.abs(inputs[j]! - inputs[i]!) <= reach && isSameSet(i, j),
      );
    };
  };

  /** Whether there is nearly nothing at an input, and nothing at all right beside it. */
  const isBesideNothing = (values: Column, nothing: readonly number[], i: number): boolean => {
    const [x, value] = [points[i]!["x"]!, Math.abs(values[i]!)];
    const isNear = Math.abs(x) > 0.05 && Math.abs(x) < 1e6;
    if (!isNear || !(value > 0 && value < HALF_LOST[precision] * Math.abs(x))) return false;
    return nothing.some((j) => isSameSet(i, j) && Math.abs(points[j]!["x"]! - x) <= ASIDE * Math.abs(x));
  };

  /** Whether an input at which the value is 0 lies between values of both signs. */
  const changesSign = (exact: Expr, point: Point): boolean => {
    const at = (step: number): number => evaluate(exact, { ...point, x: point["x"]! * (1 + step) });
    return at(-ASIDE) * at(ASIDE) < 0;
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

  const knownZeros = new WeakMap<Column, readonly (number | undefined)[]>();
  /** For each point the zero that it is near to, if there is one. */
  const zerosOf = (exact: Expr, reference: Reference): readonly (number | undefined)[] => {
    const known = knownZeros.get(reference.high) ?? findZeros(exact, reference);
    knownZeros.set(reference.high, known);
    return known;
  };
  const findZeros = (exact: Expr, reference: Reference): readonly (number | undefined)[] => {
    const isBelieved = believed(exact, reference.high);
    const across = acrossZero(exact, reference.high).map((other, i) =>
      other !== undefined && isBelieved(i, other) ? other : undefined,
    );
    const nothing = [...reference.high.keys()].filter((i) => reference.high[i] === 0);
    const known: number[] = [];
    return across.map((other, i) => {
      const x = points[i]!["x"]!;
      if (isBesideNothing(reference.high, nothing, i)) return x;
      if (reference.high[i] === 0 && Math.abs(x) > 0.05 && changesSign(exact, points[i]!)) return x;
      if (other === undefined) return undefined;
      const [low, high] = [Math.min(points[i]!["x"]!, other), Math.max(points[i]!["x"]!, other)];
      // Most points lie near a zero that is found already.
      const near = known.find((zero) => low <= zero && zero <= high) ?? zeroBetween(exact, points[i]!, other);
      if (near !== undefined && !known.includes(near)) known.push(near);
      return near;
    });
  };

  return {
    points,
    column,
    yardstick: (exact, reference, least = 0) => {
      const units = Float64Array.from(reference.high, (value) =>
        Math.max(spacing(value, precision), Math.abs(value) < arithmetic.smallest ? arithmetic.smallest : least),
      );
      const zeros = zerosOf(exact, reference);
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
      const errors = (values: Column): Float64Array =>
        Float64Array.from(values, (value, i) => errorAt(ruler, value, i));
      const worst = (values: Column): Worst => {
        const none = { error: -1, where: 0 };
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
      const isClose = (values: Column, bound: Closeness): boolean => {
        const across = acrossZero(exact, reference.high, NOT_SMALL);
        return values.every((value, i) => {
          const error = errorAt(ruler, value, i);
          const absolute = error * units[i]!;
          if (zeros[i] !== undefined) return absolute <= bound.nearZeros;
          const isSubnormal = Math.abs(reference.high[i]!) < SMALLEST_NORMAL[precision];
          if (isSubnormal && absolute <= bound.subnormal) return true;
          return error <= bound.ulp || (across[i] !== undefined && absolute <= bound.nearZeros);
        });
      };
      return { judge: (expr) => score(column(expr), ruler), errors, worst, isClose };
    },
  };
}
