/**
 * The high-precision reference: every node as an interval of MPFR numbers with outward rounding, at 166 bits and, where
 * the interval is still too wide to name the float64 and its remainder, at more. What it returns is certain.
 *
 * Infinite inputs mean limits: the expression is evaluated at two numbers far beyond the range of float64, and where both
 * round to the same float64 that is the limit.
 */
import { topological, variableOf, type Expr } from "../ir/expr.js";
import type { OperationName } from "../ir/ops.js";
import type { Rational } from "../ir/rational.js";

/** A value as an unevaluated sum of two float64: about 106 bits. NaN where the expression has no value. */
export interface Reference {
  readonly high: Float64Array;
  readonly low: Float64Array;
}

export type Point = Readonly<Record<string, number>>;

export interface Oracle {
  /** The values of each expression at each point. */
  readonly evaluate: (exprs: readonly Expr[], points: readonly Point[]) => Reference[];
}

const NEAREST = 0;
const UP = 2;
const DOWN = 3;

/** Bits tried in turn. */
const PRECISIONS = [166, 420, 1100, 2600, 5200];

/** Exponents of the two stand-ins for an infinite input. */
const BEYOND = [1100, 2100];

type Binding = Awaited<ReturnType<(typeof import("gmp-wasm"))["init"]>>["binding"];
type Pointer = number;
/** The interval of a node; `truth` is for conditions: 1, 0, or undefined when the intervals overlap. */
interface Cell {
  readonly low: Pointer;
  readonly high: Pointer;
  truth: 0 | 1 | undefined;
}

type Step = (out: Cell, ...args: Cell[]) => void;

/** The operations on intervals, for one binding; `t` are scratch numbers at the working precision. */
function intervalOperations(m: Binding, t: readonly Pointer[]): Readonly<Record<OperationName, Step>> {
  type Unary = (out: Pointer, a: Pointer, rounding: number) => unknown;
  type Binary = (out: Pointer, a: Pointer, b: Pointer, rounding: number) => unknown;
  const set = (out: Pointer, a: Pointer): unknown => m.mpfr_set(out, a, NEAREST);
  const sign = (a: Pointer): number => m.mpfr_sgn(a);
  const contains0 = (a: Cell): boolean => sign(a.low) <= 0 && sign(a.high) >= 0;
  const copy = (out: Cell, a: Cell): void => {
    set(out.low, a.low);
    set(out.high, a.high);
  };
  const nothing = (out: Cell): void => {
    m.mpfr_set_nan(out.low);
    m.mpfr_set_nan(out.high);
  };

  const increasing =
    (f: Unary): Step =>
    (out, a) => {
      f(out.low, a!.low, DOWN);
      f(out.high, a!.high, UP);
    };
  const decreasing =
    (f: Unary): Step =>
    (out, a) => {
      f(out.low, a!.high, DOWN);
      f(out.high, a!.low, UP);
    };

  /** The hull of f at the four corners; 0·inf counts as 0, as it does for intervals. */
  const corners = (f: Binary, out: Cell, a: Cell, b: Cell): void => {
    const [low, high, value] = [t[0]!, t[1]!, t[2]!];
    let first = true;
    for (const p of [a.low, a.high])
      for (const q of [b.low, b.high]) {
        for (const rounding of [DOWN, UP]) {
          f(value, p, q, rounding);
          if (m.mpfr_nan_p(value) && !m.mpfr_nan_p(p) && !m.mpfr_nan_p(q)) m.mpfr_set_zero(value, 1);
          if (rounding === DOWN && (first || m.mpfr_less_p(value, low) || m.mpfr_nan_p(value))) set(low, value);
          if (rounding === UP && (first || m.mpfr_greater_p(value, high) || m.mpfr_nan_p(value))) set(high, value);
        }
        first = false;
      }
    set(out.low, low);
    set(out.high, high);
  };

  const multiply: Step = (out, a, b) => {
    if (sign(a!.low) > 0 && sign(b!.low) > 0) {
      m.mpfr_mul(t[0]!, a!.low, b!.low, DOWN);
      m.mpfr_mul(out.high, a!.high, b!.high, UP);
      set(out.low, t[0]!);
    } else if (a === b) {
      // A square: its least value is 0 when the interval contains 0.
      corners(m.mpfr_mul, out, a!, a!);
      if (contains0(a!)) m.mpfr_set_zero(out.low, 1);
      else if (sign(a!.high) < 0) {
        m.mpfr_mul(t[0]!, a!.high, a!.high, DOWN);
        set(out.low, t[0]!);
      }
    } else corners(m.mpfr_mul, out, a!, b!);
  };

  const compare =
    (surely: (a: Cell, b: Cell) => boolean, impossible: (a: Cell, b: Cell) => boolean): Step =>
    (out, a, b) => {
      out.truth = surely(a!, b!) ? 1 : impossible(a!, b!) ? 0 : undefined;
    };

  /** sin or cos: the value at the lower end, widened by the length of the interval. */
  const wave =
    (f: Unary): Step =>
    (out, a) => {
      m.mpfr_sub(t[0]!, a!.high, a!.low, UP);
      f(t[1]!, a!.low, DOWN);
      f(t[2]!, a!.low, UP);
      m.mpfr_sub(out.low, t[1]!, t[0]!, DOWN);
      m.mpfr_add(out.high, t[2]!, t[0]!, UP);
    };

  /** 1 / (1 + exp(-a)) and log(1 + exp(a)), each step rounded so that the result is a bound. */
  const sigmoidBound = (out: Pointer, a: Pointer, rounding: number): void => {
    const opposite = rounding === UP ? DOWN : UP;
    m.mpfr_neg(t[0]!, a, NEAREST);
    m.mpfr_exp(t[0]!, t[0]!, opposite);
    m.mpfr_add_ui(t[0]!, t[0]!, 1, opposite);
    m.mpfr_ui_div(out, 1, t[0]!, rounding);
  };
  const softplusBound = (out: Pointer, a: Pointer, rounding: number): void => {
    if (m.mpfr_cmp_d(a, 1e6) > 0) {
      // a < log(1 + exp(a)) < a + one unit in the last place.
      set(out, a);
      if (rounding === UP) m.mpfr_nextabove(out);
      return;
    }
    m.mpfr_exp(t[0]!, a, rounding);
    m.mpfr_log1p(out, t[0]!, rounding);
  };
  const erfcxBound = (out: Pointer, a: Pointer, rounding: number): void => {
    m.mpfr_mul(t[0]!, a, a, rounding);
    m.mpfr_exp(t[0]!, t[0]!, rounding);
    m.mpfr_erfc(t[1]!, a, rounding);
    m.mpfr_mul(out, t[0]!, t[1]!, rounding);
  };
  const zero: Step = (out) => {
    m.mpfr_set_zero(out.low, 1);
    m.mpfr_set_zero(out.high, 1);
  };
  const filled: Step = () => undefined;

  return {
    rational: filled,
    float: filled,
    pi: filled,
    variable: filled,
    add: (out, a, b) => {
      m.mpfr_add(t[0]!, a!.low, b!.low, DOWN);
      m.mpfr_add(out.high, a!.high, b!.high, UP);
      set(out.low, t[0]!);
    },
    sub: (out, a, b) => {
      m.mpfr_sub(t[0]!, a!.low, b!.high, DOWN);
      m.mpfr_sub(t[1]!, a!.high, b!.low, UP);
      set(out.low, t[0]!);
      set(out.high, t[1]!);
    },
    mul: multiply,
    div: (out, a, b) => (contains0(b!) ? nothing(out) : corners(m.mpfr_div, out, a!, b!)),
    neg: decreasing(m.mpfr_neg),
    pow: (out, a, b) => {
      const wholeExponent = m.mpfr_equal_p(b!.low, b!.high) && m.mpfr_integer_p(b!.low);
      if (sign(a!.low) > 0) corners(m.mpfr_pow, out, a!, b!);
      else if (wholeExponent && !contains0(a!)) corners(m.mpfr_pow, out, a!, b!);
      else if (m.mpfr_equal_p(a!.low, a!.high) && m.mpfr_equal_p(b!.low, b!.high)) corners(m.mpfr_pow, out, a!, b!);
      else nothing(out);
    },
    sqrt: increasing(m.mpfr_sqrt),
    abs: (out, a) => {
      if (sign(a!.low) >= 0) return copy(out, a!);
      if (sign(a!.high) <= 0) return decreasing(m.mpfr_neg)(out, a!);
      m.mpfr_neg(t[0]!, a!.low, NEAREST);
      m.mpfr_max(out.high, t[0]!, a!.high, UP);
      m.mpfr_set_zero(out.low, 1);
    },
    sign: (out, a) => {
      m.mpfr_set_si(out.low, sign(a!.low) > 0 ? 1 : sign(a!.low) === 0 ? 0 : -1, NEAREST);
      m.mpfr_set_si(out.high, sign(a!.high) > 0 ? 1 : sign(a!.high) === 0 ? 0 : -1, NEAREST);
    },
    min: (out, a, b) => {
      m.mpfr_min(out.low, a!.low, b!.low, DOWN);
      m.mpfr_min(out.high, a!.high, b!.high, UP);
    },
    max: (out, a, b) => {
      m.mpfr_max(out.low, a!.low, b!.low, DOWN);
      m.mpfr_max(out.high, a!.high, b!.high, UP);
    },
    exp: increasing(m.mpfr_exp),
    expm1: increasing(m.mpfr_expm1),
    log: increasing(m.mpfr_log),
    log1p: increasing(m.mpfr_log1p),
    sin: wave(m.mpfr_sin),
    cos: wave(m.mpfr_cos),
    sinh: increasing(m.mpfr_sinh),
    cosh: (out, a) => {
      if (sign(a!.low) >= 0) return increasing(m.mpfr_cosh)(out, a!);
      if (sign(a!.high) <= 0) return decreasing(m.mpfr_cosh)(out, a!);
      corners((o, p, _, rounding) => m.mpfr_cosh(o, p, rounding), out, a!, a!);
      m.mpfr_set_ui(out.low, 1, NEAREST);
    },
    tanh: increasing(m.mpfr_tanh),
    sigmoid: increasing(sigmoidBound),
    softplus: increasing(softplusBound),
    erf: increasing(m.mpfr_erf),
    erfc: decreasing(m.mpfr_erfc),
    erfcx: (out, a) => {
      if (!m.mpfr_equal_p(a!.low, a!.high)) {
        // Decreasing, but its two factors pull apart: bound each end on its own.
        erfcxBound(t[3]!, a!.high, DOWN);
        erfcxBound(out.high, a!.low, UP);
        set(out.low, t[3]!);
        return;
      }
      increasing(erfcxBound)(out, a!);
    },
    lt: compare(
      (a, b) => m.mpfr_less_p(a.high, b.low) !== 0,
      (a, b) => m.mpfr_greaterequal_p(a.low, b.high) !== 0,
    ),
    le: compare(
      (a, b) => m.mpfr_lessequal_p(a.high, b.low) !== 0,
      (a, b) => m.mpfr_greater_p(a.low, b.high) !== 0,
    ),
    eq: compare(
      (a, b) => m.mpfr_equal_p(a.low, b.high) !== 0 && m.mpfr_equal_p(a.high, b.low) !== 0,
      (a, b) => m.mpfr_less_p(a.high, b.low) !== 0 || m.mpfr_less_p(b.high, a.low) !== 0,
    ),
    and: (out, a, b) => {
      out.truth = a!.truth === 0 || b!.truth === 0 ? 0 : a!.truth === 1 && b!.truth === 1 ? 1 : undefined;
    },
    or: (out, a, b) => {
      out.truth = a!.truth === 1 || b!.truth === 1 ? 1 : a!.truth === 0 && b!.truth === 0 ? 0 : undefined;
    },
    not: (out, a) => {
      out.truth = a!.truth === undefined ? undefined : a!.truth === 1 ? 0 : 1;
    },
    select: (out, c, a, b) => {
      if (c!.truth !== undefined) return copy(out, c!.truth === 1 ? a! : b!);
      m.mpfr_min(out.low, a!.low, b!.low, DOWN);
      m.mpfr_max(out.high, a!.high, b!.high, UP);
    },
    productError: zero,
    sumError: zero,
    round: increasing((o, a, rounding) => m.mpfr_rint_roundeven(o, a, rounding)),
    exp2Steps: increasing((o, a, rounding) => {
      m.mpfr_div_2ui(o, a, 7, rounding);
      return m.mpfr_exp2(o, o, rounding);
    }),
  };
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
    const scratch = [number(bits), number(bits), number(bits), number(bits)];
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
  const read = ({ low, high }: Cell): readonly [number, number] | undefined => {
    if (m.mpfr_nan_p(low) || m.mpfr_nan_p(high)) return undefined;
    const first = m.mpfr_get_d(low, NEAREST);
    if (m.mpfr_equal_p(low, high) === 0) {
      const last = m.mpfr_get_d(high, NEAREST);
      m.mpfr_sub(width, high, low, UP);
      const tiny = Math.abs(first) < 1e-323 && Math.abs(last) < 1e-323 && m.mpfr_cmp_si_2exp(width, 1, -1150) < 0;
      const huge = first === last && !Number.isFinite(first);
      if (!tiny && !huge) {
        if (!Number.isFinite(first) || m.mpfr_sgn(low) * m.mpfr_sgn(high) <= 0) return undefined;
        const room = m.mpfr_get_exp(low) - m.mpfr_get_exp(width);
        if (room < 72) return undefined;
      }
      if (tiny || huge) return [first, 0];
    }
    if (!Number.isFinite(first)) return [first, 0];
    m.mpfr_sub_d(middle, low, first, NEAREST);
    return [first, m.mpfr_get_d(middle, NEAREST)];
  };

  const evaluate: Oracle["evaluate"] = (exprs, points) => {
    const order = topological(exprs);
    const results = exprs.map((): Reference => ({
      high: new Float64Array(points.length).fill(NaN),
      low: new Float64Array(points.length),
    }));
    // What is still to be found: pairs of expression and point, and the stand-in exponent when the input is infinite.
    let open = points.flatMap((point, index) => exprs.map((_, which) => ({ point, index, which })));
    open = open.filter(({ point }) => !Number.isNaN(point["x"] ?? 0));
    for (const bits of PRECISIONS) {
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
            const found = read(cells.get(exprs[entry.which]!)!);
            if (found === undefined) stillOpen.push(entry);
            else [results[entry.which]!.high[index], results[entry.which]!.low[index]] = found;
          }
        } else {
          const limits = BEYOND.map((beyond) => {
            runAt(point, beyond);
            return group.map((entry) => read(cells.get(exprs[entry.which]!)!)?.[0]);
          });
          group.forEach((entry, i) => {
            const [near, far] = [limits[0]![i], limits[1]![i]];
            if (near === undefined || far === undefined) stillOpen.push(entry);
            else results[entry.which]!.high[index] = near === far ? near : NaN;
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

function fillLeaf(m: Binding, expr: Expr, { low, high }: { low: Pointer; high: Pointer }): void {
  if (expr.op === "pi") {
    m.mpfr_const_pi(low, DOWN);
    m.mpfr_const_pi(high, UP);
  } else if (expr.op === "float") {
    m.mpfr_set_d(low, expr.payload as number, NEAREST);
    m.mpfr_set_d(high, expr.payload as number, NEAREST);
  } else {
    const { numerator, denominator } = expr.payload as Rational;
    const exact = (value: bigint): Pointer => {
      const pointer = m.mpfr_t();
      m.mpfr_init2(pointer, Math.max(64, value.toString(2).length));
      m.mpfr_set_string(pointer, value.toString(), 10, NEAREST);
      return pointer;
    };
    const [n, d] = [exact(numerator), exact(denominator)];
    m.mpfr_div(low, n, d, DOWN);
    m.mpfr_div(high, n, d, UP);
    for (const pointer of [n, d]) {
      m.mpfr_clear(pointer);
      m.mpfr_t_free(pointer);
    }
  }
}
