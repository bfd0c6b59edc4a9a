/** The measured inputs that are near zeros of a function: there errors count absolutely. */
import { columnEvaluator, evaluator, type Column } from "../ir/evaluate.js";
import type { Expr } from "../ir/expr.js";
import type { Precision } from "./arithmetic.js";
import type { Point, Reference } from "./oracle.js";

/** A function value this small, with another sign nearby, is near a zero. */
export const SMALL = 0.1;
/** From here on an absolute error that is allowed near zeros is one of few ULP of float32. */
const NOT_SMALL = 0.25;
const NEARBY = [0.05, 0.25, 0.75];
/** Of an argument: a value this small beside inputs where there is nothing is what is left of a rounded bound. */
const HALF_LOST: Readonly<Record<Precision, number>> = { float64: 2 ** -40, float32: 2 ** -16 };
const ASIDE = 2 ** -10;
const FEW_LOST = 2 ** -10;
/** Inputs so near to 0 have relative accuracy, those so far from it no zeros beside them. */
const [NEAR, FAR] = [0.05, 1e6];

/** For each point an input nearby, if there is one. */
type Inputs = readonly (number | undefined)[];

export interface Zeros {
  /** For each point the zero that it is near to, if there is one. */
  readonly zerosOf: (exact: Expr, reference: Reference) => Inputs;
  /** For each point an input across a zero, where errors that are allowed near zeros are few ULP. */
  readonly nearZerosOf: (exact: Expr, reference: Reference) => Inputs;
}

/** `bound` gives the values of a variable at the points, `closed` those of constants. */
export function createZeros(
  points: readonly Point[],
  bound: (variable: string) => Column | undefined,
  closed: (expr: Expr) => number | undefined,
  precision: Precision,
): Zeros {
  const inputs = (): Column => bound("x")!;
  const isBetween = (x: number): boolean => Math.abs(x) > NEAR && Math.abs(x) < FAR;
  const names = Object.keys(points[0] ?? {}).filter((name) => name !== "x");
  const numbers = new Map<string, number>();
  /** The number of each point's set of parameters. */
  const sets = points.map((point) => {
    const key = names.map((name) => point[name]).join();
    if (!numbers.has(key)) numbers.set(key, numbers.size);
    return numbers.get(key)!;
  });

  /** The function at some of the points, with other inputs. */
  const valuesAt = (exact: Expr, which: readonly number[], moved: Column): Column => {
    const column = (name: string): Column | undefined => {
      const all = bound(name);
      return name === "x" || all === undefined ? all && moved : Float64Array.from(which, (i) => all[i]!);
    };
    return columnEvaluator(which.length, column, closed)(exact);
  };

  interface Across {
    readonly at: number;
    readonly value: number;
  }

  /** For each point an input nearby where the function has the other sign, if there is one: a zero lies between. */
  const acrossZero = (exact: Expr, values: Column, small: number): (Across | undefined)[] => {
    const found = Array<Across | undefined>(points.length).fill(undefined);
    const x = inputs();
    let open = [...x.keys()].filter((i) => Math.abs(values[i]!) < small && isBetween(x[i]!));
    for (const reach of NEARBY)
      for (const side of [-1, 1]) {
        const moved = Float64Array.from(open, (i) => x[i]! + side * Math.max(reach, Math.abs(x[i]!) * (reach / 4)));
        const there = valuesAt(exact, open, moved);
        open.forEach((i, which) => {
          if (values[i]! * there[which]! < 0) found[i] = { at: moved[which]!, value: there[which]! };
        });
        open = open.filter((i) => found[i] === undefined);
      }
    return found;
  };

  /**
   * Floats may see zeros where there are none. They are believed where they have most digits of the value, or where the
   * reference has both signs nearby.
   */
  const believed = (exact: Expr, values: Column): ((i: number, across: Across) => boolean) => {
    let column: Column | undefined;
    return (i, { at, value: there }) => {
      const computed = (column ??= columnEvaluator(points.length, bound, closed)(exact));
      const few = FEW_LOST * Math.abs(values[i]!);
      if (Math.abs(computed[i]! - values[i]!) <= few && Math.abs(there) > few) return true;
      const x = inputs();
      const reach = 2 * Math.abs(at - x[i]!);
      return values.some(
        (value, j) => value * values[i]! < 0 && Math.abs(x[j]! - x[i]!) <= reach && sets[i] === sets[j],
      );
    };
  };

  /** The inputs at which there is nothing, by sets of parameters, in ascending order. */
  const whereNothing = (values: Column): readonly Float64Array[] => {
    const places = [...numbers.values()].map((): number[] => []);
    values.forEach((value, i) => {
      if (value === 0) places[sets[i]!]!.push(points[i]!["x"]!);
    });
    return places.map((all) => Float64Array.from(all).sort());
  };

  /** Whether there is nearly nothing at an input, and nothing at all right beside it. */
  const isBesideNothing = (values: Column, nothing: readonly Float64Array[], i: number): boolean => {
    const [x, value] = [points[i]!["x"]!, Math.abs(values[i]!)];
    if (!isBetween(x) || !(value > 0 && value < HALF_LOST[precision] * Math.abs(x))) return false;
    const all = nothing[sets[i]!]!;
    let [from, to] = [0, all.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (all[middle]! < x) from = middle + 1;
      else to = middle;
    }
    return [all[from - 1], all[from]].some((at) => at !== undefined && Math.abs(at - x) <= ASIDE * Math.abs(x));
  };

  /** The points of value 0 between values of both signs. */
  const whereSignChanges = (exact: Expr, values: Column): ReadonlySet<number> => {
    const x = inputs();
    const which = [...x.keys()].filter((i) => values[i] === 0 && isBetween(x[i]!));
    const [before, after] = [-ASIDE, ASIDE].map((step) =>
      valuesAt(
        exact,
        which,
        Float64Array.from(which, (i) => x[i]! * (1 + step)),
      ),
    );
    return new Set(which.filter((_, i) => before![i]! * after![i]! < 0));
  };

  /** The zero between an input and one across it; 0 itself has relative accuracy, so it is none. */
  const zeroBetween = (exact: Expr, point: Point, across: number): number | undefined => {
    const value = evaluator(exact);
    const at = (x: number): number => value({ ...point, x });
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

  const findZeros = (exact: Expr, { high: values }: Reference): Inputs => {
    const isBelieved = believed(exact, values);
    const nothing = whereNothing(values);
    const changes = whereSignChanges(exact, values);
    const known: number[] = [];
    return acrossZero(exact, values, SMALL).map((across, i) => {
      const x = points[i]!["x"]!;
      if (isBesideNothing(values, nothing, i) || changes.has(i)) return x;
      if (across === undefined || !isBelieved(i, across)) return undefined;
      const [low, high] = [Math.min(x, across.at), Math.max(x, across.at)];
      // Most points lie near a zero that is found already.
      const near = known.find((zero) => low <= zero && zero <= high) ?? zeroBetween(exact, points[i]!, across.at);
      if (near !== undefined && !known.includes(near)) known.push(near);
      return near;
    });
  };

  const remembered = (find: (exact: Expr, reference: Reference) => Inputs): Zeros["zerosOf"] => {
    const known = new WeakMap<Column, Inputs>();
    return (exact, reference) => {
      const found = known.get(reference.high) ?? find(exact, reference);
      known.set(reference.high, found);
      return found;
    };
  };
  return {
    zerosOf: remembered(findZeros),
    nearZerosOf: remembered((exact, { high }) => acrossZero(exact, high, NOT_SMALL).map((across) => across?.at)),
  };
}
