/**
 * The high-precision reference: every node as an interval of MPFR numbers with outward rounding, at 166 bits and, where
 * the interval is still too wide to name the float64 and its remainder, at more. What it returns is certain.
 *
 * Infinite inputs mean limits: the expression is evaluated at numbers far beyond the range of float64, and where all round
 * to the same float64 that is the limit. What grows as slowly as a logarithm is followed further out.
 */
import { constant, mul, neg, sigmoid } from "../ir/build.js";
import { rebuild, topological, variableOf, type Expr } from "../ir/expr.js";
import { NEAREST, UP, type Cell, type Pointer } from "./mpfr-binding.js";
import { SCRATCH, fillLeaf, intervalOperations } from "./mpfr.js";
import { isUntold } from "./untold.js";

/** A value as an unevaluated sum of two float64: about 106 bits. NaN where the expression has no value. */
export interface Reference {
  readonly high: Float64Array;
  readonly low: Float64Array;
}

export type Point = Readonly<Record<string, number>>;

export interface Oracle {
  /**
   * The values of each expression at each point, to their last digit; with a tolerance as near as that, and NaN where this
   * takes more than a few hundred bits.
   */
  readonly evaluate: (exprs: readonly Expr[], points: readonly Point[], tolerance?: number) => Reference[];
}

/** Bits tried in turn. */
const PRECISIONS = [166, 420, 1100, 2600, 5200];

/** Exponents of the stand-ins for an infinite input: neighbours, at which a wave that grows has one sign and the other. */
const BEYOND = [1100, 1101, 1102, 1103, 1104, 1105, 2100];

/** Exponents of stand-ins at which slow growth shows: a logarithm doubles at each, and no wave has a value at the last. */
const FURTHER = [1100, 2200, 4400, 8800, 17600, 35200];

/**
 * Whether the magnitude of these grows, and by no less each time, until it is beyond float64 for good: at numbers far apart
 * that is no oscillation.
 */
function growsWithoutEnd(values: readonly number[]): boolean {
  const sign = Math.sign(values[0]!);
  const steps = values.slice(1).map((value, i) => sign * (value - values[i]!));
  return values.every((value, i) => {
    if (Math.sign(value) !== sign) return false;
    if (i === 0) return true;
    if (Math.abs(values[i - 1]!) === Infinity) return value === values[i - 1];
    return steps[i - 1]! > 0 && (i === 1 || steps[i - 1]! > 0.99 * steps[i - 2]!);
  });
}

/** 1 - tanh(u)² as 4·sigmoid(2u)·sigmoid(-2u): of the difference no precision has a digit where u is huge. */
function withoutCancellation(exprs: readonly Expr[]): readonly Expr[] {
  const isSquaredTanh = ({ op, args }: Expr): boolean => op === "mul" && args[0] === args[1] && args[0]!.op === "tanh";
  const isMeant = ({ op, args }: Expr): boolean => op === "sub" && args[0] === constant(1) && isSquaredTanh(args[1]!);
  if (!topological(exprs).some(isMeant)) return exprs;
  const rebuilt = rebuild(exprs, (expr, original) => {
    if (!isMeant(original)) return expr;
    const double = mul(2, expr.args[1]!.args[0]!.args[0]!);
    return mul(mul(4, sigmoid(double)), sigmoid(neg(double)));
  });
  return exprs.map((expr) => rebuilt.get(expr)!);
}

/** Loads MPFR (a WebAssembly module) and makes an oracle. */
export async function createOracle(): Promise<Oracle> {
  const { init } = await import("gmp-wasm");
  const { binding: m } = await init();
  const number = (bits: number): Pointer => {
    const pointer = m.mpfr_t();
    m.mpfr_init2(pointer, bits);
    return pointer;
  };

  /** A DAG laid out for one precision: its leaves filled once, then stepped through point by point. */
  const layOut = (order: readonly Expr[], bits: number) => {
    const scratch = Array.from({ length: SCRATCH }, () => number(bits));
    const steps = intervalOperations(m, scratch);
    const cells = new Map<Expr, Cell>();
    const program: (() => void)[] = [];
    const inputs: { readonly name: string; readonly cell: Cell }[] = [];
    for (const expr of order) {
      const cell: Cell = { low: number(bits), high: number(bits), truth: undefined };
      cells.set(expr, cell);
      if (expr.op === "variable") inputs.push({ name: variableOf(expr).name, cell });
      else if (expr.args.length === 0) fillLeaf(m, expr, cell);
      else {
        const args = expr.args.map((arg) => cells.get(arg)!);
        const run = (): void => steps[expr.op](cell, ...args);
        if (expr.closed) run();
        else program.push(run);
      }
    }
    const free = (): void => {
      for (const { low, high } of cells.values()) for (const pointer of [low, high]) release(pointer);
      scratch.forEach(release);
    };
    return { cells, program, inputs, free };
  };
  const release = (pointer: Pointer): void => {
    m.mpfr_clear(pointer);
    m.mpfr_t_free(pointer);
  };

  const width = number(64);
  const middle = number(6000);

  /** The two floats nearest to an interval, when it is narrow enough to tell. */
  const read = ({ low, high }: Cell, tolerance = 0): readonly [number, number] | undefined => {
    if (m.mpfr_nan_p(low) || m.mpfr_nan_p(high)) return undefined;
    const first = m.mpfr_get_d(low, NEAREST);
    if (m.mpfr_equal_p(low, high) === 0) {
      const last = m.mpfr_get_d(high, NEAREST);
      m.mpfr_sub(width, high, low, UP);
      if (Number.isFinite(first) && m.mpfr_get_d(width, UP) < tolerance) return [first, 0];
      const tiny = Math.abs(first) < 1e-323 && Math.abs(last) < 1e-323 && m.mpfr_cmp_si_2exp(width, 1, -1150) < 0;
      const huge = first === last && !Number.isFinite(first);
      if (!tiny && !huge) {
        if (!Number.isFinite(first) || !Number.isFinite(last) || m.mpfr_sgn(low) * m.mpfr_sgn(high) <= 0)
          return undefined;
        const room = m.mpfr_get_exp(low) - m.mpfr_get_exp(width);
        if (room < 72) return undefined;
      }
      if (tiny || huge) return [first, 0];
    }
    if (!Number.isFinite(first)) return [first, 0];
    m.mpfr_sub_d(middle, low, first, NEAREST);
    return [first, m.mpfr_get_d(middle, NEAREST)];
  };

  const evaluate: Oracle["evaluate"] = (given, points, tolerance) => {
    const exprs = withoutCancellation(given);
    const order = topological(exprs);
    const results = exprs.map((): Reference => ({
      high: new Float64Array(points.length).fill(NaN),
      low: new Float64Array(points.length),
    }));
    // Work still to be done: pairs of expression and point.
    let open = points.flatMap((point, index) => exprs.map((_, which) => ({ point, index, which })));
    open = open.filter(({ point }) => !Number.isNaN(point["x"] ?? 0));
    for (const bits of tolerance === undefined ? PRECISIONS : PRECISIONS.slice(0, 2)) {
      if (open.length === 0) break;
      const { cells, program, inputs, free } = layOut(order, bits);
      const runAt = (point: Point, beyond: number | undefined): void => {
        for (const { name, cell } of inputs) {
          const value = point[name];
          if (value === undefined) throw new RangeError(`no value is bound to "${name}"`);
          for (const pointer of [cell.low, cell.high])
            if (beyond !== undefined && name === "x") m.mpfr_set_si_2exp(pointer, value > 0 ? 1 : -1, beyond, NEAREST);
            else m.mpfr_set_d(pointer, value, NEAREST);
        }
        for (const run of program) run();
      };
      const wantsMore = ({ which }: (typeof open)[number]): boolean => !isUntold(m, order, exprs[which]!, cells, width);
      const slowLimit = (point: Point, expr: Expr): number => {
        const values = FURTHER.map((beyond) => {
          runAt(point, beyond);
          return read(cells.get(expr)!)?.[0];
        });
        const known = values.filter((value) => value !== undefined);
        return known.length === values.length && growsWithoutEnd(known) ? known[0]! * Infinity : NaN;
      };
      const stillOpen: typeof open = [];
      let start = 0;
      while (start < open.length) {
        // Neighbouring entries share their point: run it once for all of them.
        let end = start;
        while (end < open.length && open[end]!.index === open[start]!.index) end += 1;
        const group = open.slice(start, end);
        const { point, index } = group[0]!;
        start = end;
        const input = point["x"] ?? 0;
        if (Number.isFinite(input)) {
          runAt(point, undefined);
          for (const entry of group) {
            const found = read(cells.get(exprs[entry.which]!)!, tolerance);
            if (found !== undefined) [results[entry.which]!.high[index], results[entry.which]!.low[index]] = found;
            else if (wantsMore(entry)) stillOpen.push(entry);
          }
        } else {
          const limits = BEYOND.map((beyond) => {
            runAt(point, beyond);
            return group.map((entry) => read(cells.get(exprs[entry.which]!)!)?.[0]);
          });
          group.forEach((entry, i) => {
            const values = limits.map((limit) => limit[i]);
            // The cells hold those of the last.
            if (values.includes(undefined)) {
              if (values.at(-1) !== undefined || wantsMore(entry)) stillOpen.push(entry);
            } else
              results[entry.which]!.high[index] = values.every((value) => value === values[0])
                ? values[0]!
                : slowLimit(point, exprs[entry.which]!);
          });
        }
      }
      free();
      open = stillOpen;
    }
    return results;
  };
  return { evaluate };
}
