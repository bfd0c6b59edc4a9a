/** Interval arithmetic on MPFR numbers: every operation with its lower end rounded down and its upper end up. */
import type { Expr } from "../ir/expr.js";
import type { OperationName } from "../ir/ops.js";
import type { Rational } from "../ir/rational.js";
import { DOWN, NEAREST, UP, type Binding, type Cell, type Pointer, type Step } from "./mpfr-binding.js";
import { growths, type Growth } from "./mpfr-growth.js";
import { errorFunctions, scaledIntegrals } from "./mpfr-erf.js";
import { products } from "./mpfr-products.js";

/** The largest exponent of 2 of an angle. */
const LARGEST_ANGLE = 8000;

/** Exponent of 2 of the length of intervals along which a bound of the growth of a function is as good as its value. */
const SHORT = -20;

/** How many scratch numbers the operations need. */
export const SCRATCH = 14;

/** The operations on intervals, for one binding; `t` are scratch numbers at the working precision. */
export function intervalOperations(m: Binding, t: readonly Pointer[]): Readonly<Record<OperationName, Step>> {
  type Unary = (out: Pointer, a: Pointer, rounding: number) => unknown;
  /** It says by 0 that its result is exact. */
  type Rounded = (out: Pointer, a: Pointer, rounding: number) => number;
  type Binary = (out: Pointer, a: Pointer, b: Pointer, rounding: number) => unknown;
  const { corners, multiply, divide, power } = products(m, t);
  const { slowly, asItself, asLog, asLog1p, asExpm1 } = growths(m, t[2]!);
  const error = errorFunctions(m, t.slice(4, 8));
  const set = (out: Pointer, a: Pointer): unknown => m.mpfr_set(out, a, NEAREST);
  const sign = (a: Pointer): number => m.mpfr_sgn(a);
  const isPoint = (a: Cell): boolean => m.mpfr_equal_p(a.low, a.high) !== 0;
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
  /** Whether an interval is short, with its width in the first of the scratch numbers. */
  const isShort = (a: Cell): boolean => {
    m.mpfr_sub(t[0]!, a.high, a.low, UP);
    return m.mpfr_cmp_si_2exp(t[0]!, 1, SHORT) < 0;
  };
  /** One evaluation of a function of MPFR's own: the other bound is the next number, unless the result is exact, and further on what it grows. */
  const rising =
    (f: Rounded, growth?: Growth): Step =>
    (out, a) => {
      const atPoint = isPoint(a!);
      if (!atPoint && (growth === undefined || !isShort(a!))) return increasing(f)(out, a!);
      const ternary = f(out.low, a!.low, DOWN);
      set(out.high, out.low);
      if (ternary !== 0) m.mpfr_nextabove(out.high);
      if (atPoint) return;
      // Beside a pole or a 0 it is asked for at both ends.
      if (!m.mpfr_regular_p(out.low)) return increasing(f)(out, a!);
      growth!(t[1]!, t[0]!, a!.low, out.high);
      m.mpfr_add(out.high, out.high, t[1]!, UP);
    };
  const decreasing =
    (f: Unary): Step =>
    (out, a) => {
      f(out.low, a!.high, DOWN);
      f(out.high, a!.low, UP);
    };

  /** MPFR's min and max pass over a NaN; here what has no value has none. */
  const ofBoth =
    (lower: Binary, upper: Binary): Step =>
    (out, a, b) => {
      if (m.mpfr_nan_p(a!.low) || m.mpfr_nan_p(b!.low)) return nothing(out);
      lower(out.low, a!.low, b!.low, DOWN);
      upper(out.high, a!.high, b!.high, UP);
    };

  const compare =
    (surely: (a: Cell, b: Cell) => boolean, impossible: (a: Cell, b: Cell) => boolean): Step =>
    (out, a, b) => {
      // A value that is not defined compares with nothing.
      const defined = !m.mpfr_nan_p(a!.low) && !m.mpfr_nan_p(b!.low);
      out.truth = !defined ? undefined : surely(a!, b!) ? 1 : impossible(a!, b!) ? 0 : undefined;
    };

  /** sin or cos: the value at the lower end, widened by the length of the interval. */
  const wave =
    (f: Unary): Step =>
    (out, a) => {
      // Reducing an argument takes as many bits as its exponent has: beyond this nobody wants to wait.
      const unbounded = m.mpfr_inf_p(a!.high) !== 0 || m.mpfr_inf_p(a!.low) !== 0;
      if (unbounded || (m.mpfr_regular_p(a!.high) && m.mpfr_get_exp(a!.high) > LARGEST_ANGLE)) return nothing(out);
      if (m.mpfr_regular_p(a!.low) && m.mpfr_get_exp(a!.low) > LARGEST_ANGLE) return nothing(out);
      m.mpfr_sub(t[0]!, a!.high, a!.low, UP);
      f(t[1]!, a!.low, DOWN);
      f(t[2]!, a!.low, UP);
      m.mpfr_sub(out.low, t[1]!, t[0]!, DOWN);
      m.mpfr_add(out.high, t[2]!, t[0]!, UP);
    };

  /** An exponential between two neighbours, in two of the scratch numbers. */
  const exponential = (a: Pointer): readonly [Pointer, Pointer] => {
    const [below, above] = [t[3]!, t[4]!];
    m.mpfr_exp(below, a, DOWN);
    set(above, below);
    m.mpfr_nextabove(above);
    return [below, above];
  };
  /** 1 / (1 + exp(-a)) at a number. */
  const sigmoidAt = (out: Cell, a: Pointer): void => {
    m.mpfr_neg(t[2]!, a, NEAREST);
    const [below, above] = exponential(t[2]!);
    m.mpfr_add_ui(above, above, 1, UP);
    m.mpfr_ui_div(out.low, 1, above, DOWN);
    m.mpfr_add_ui(below, below, 1, DOWN);
    m.mpfr_ui_div(out.high, 1, below, UP);
  };
  /** log(1 + exp(a)) at a number. */
  const softplusAt = (out: Cell, a: Pointer): void => {
    if (m.mpfr_cmp_d(a, 1e6) > 0) {
      // a < log(1 + exp(a)) < a + one unit in the last place.
      set(out.low, a);
      set(out.high, a);
      m.mpfr_nextabove(out.high);
      return;
    }
    const [below, above] = exponential(a);
    m.mpfr_log1p(out.low, below, DOWN);
    m.mpfr_log1p(out.high, above, UP);
  };
  /** A function that grows no faster than itself, from its values at numbers. */
  const from =
    (at: (out: Cell, a: Pointer) => void): Step =>
    (out, a) => {
      at(out, a!.low);
      if (isPoint(a!)) return;
      if (isShort(a!)) {
        asItself(t[1]!, t[0]!, a!.low, out.high);
        m.mpfr_add(out.high, out.high, t[1]!, UP);
      } else {
        set(t[5]!, out.low);
        at(out, a!.high);
        set(out.low, t[5]!);
      }
    };
  /** log(-expm1(a)), which falls as a grows. */
  const log1mexpBound = (out: Pointer, a: Pointer, rounding: number): void => {
    m.mpfr_expm1(t[0]!, a, rounding === UP ? DOWN : UP);
    m.mpfr_neg(t[0]!, t[0]!, NEAREST);
    m.mpfr_log(out, t[0]!, rounding);
  };
  const add: Step = (out, a, b) => {
    m.mpfr_add(t[0]!, a!.low, b!.low, DOWN);
    m.mpfr_add(out.high, a!.high, b!.high, UP);
    set(out.low, t[0]!);
  };
  const subtract: Step = (out, a, b) => {
    m.mpfr_sub(t[0]!, a!.low, b!.high, DOWN);
    m.mpfr_sub(t[1]!, a!.high, b!.low, UP);
    set(out.low, t[0]!);
    set(out.high, t[1]!);
  };
  const cell = (i: number): Cell => ({ low: t[i]!, high: t[i + 1]!, truth: undefined });
  const [zeroth, first, cosine] = [cell(8), cell(10), cell(12)];
  /** Near 0 the quotients cancel: there more bits tell. */
  const sphericalBessel =
    (order: 0 | 1 | 2): Step =>
    (out, a) => {
      if (m.mpfr_zero_p(a!.low) && m.mpfr_zero_p(a!.high)) {
        for (const end of [out.low, out.high]) m.mpfr_set_ui(end, order === 0 ? 1 : 0, NEAREST);
        return;
      }
      wave(m.mpfr_sin)(zeroth, a!);
      divide(zeroth, zeroth, a!);
      if (order === 0) return copy(out, zeroth);
      wave(m.mpfr_cos)(cosine, a!);
      subtract(first, zeroth, cosine);
      divide(first, first, a!);
      if (order === 1) return copy(out, first);
      m.mpfr_mul_ui(first.low, first.low, 3, DOWN);
      m.mpfr_mul_ui(first.high, first.high, 3, UP);
      divide(first, first, a!);
      subtract(out, first, zeroth);
    };
  const scaledBound = scaledIntegrals(m, error.erfc, t.slice(8));
  /** These fall as a grows. */
  const scaled = (order: 0 | 1 | 2): Step => decreasing((out, a, rounding) => scaledBound(order, out, a, rounding));
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
    add,
    sub: subtract,
    mul: multiply,
    div: divide,
    neg: decreasing(m.mpfr_neg),
    pow: (out, a, b) => {
      const wholeExponent = m.mpfr_equal_p(b!.low, b!.high) && m.mpfr_integer_p(b!.low);
      const point = m.mpfr_equal_p(a!.low, a!.high) && wholeExponent;
      // Of a negative base only whole powers are real, and they are monotone on either side of 0.
      const fromZero = sign(a!.low) === 0 && sign(b!.low) > 0;
      if (sign(a!.low) > 0) power(out, a!, b!);
      else if (fromZero || point || (wholeExponent && !contains0(a!))) corners(m.mpfr_pow, out, a!, b!);
      else nothing(out);
    },
    sqrt: rising(m.mpfr_sqrt),
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
    min: ofBoth(m.mpfr_min, m.mpfr_min),
    max: ofBoth(m.mpfr_max, m.mpfr_max),
    exp: rising(m.mpfr_exp, asItself),
    expm1: rising(m.mpfr_expm1, asExpm1),
    expSingle: rising(m.mpfr_exp, asItself),
    expm1Single: rising(m.mpfr_expm1, asExpm1),
    log: rising(m.mpfr_log, asLog),
    log1p: rising(m.mpfr_log1p, asLog1p),
    log2: rising(m.mpfr_log2),
    log10: rising(m.mpfr_log10),
    log1mexp: decreasing(log1mexpBound),
    cbrt: rising(m.mpfr_cbrt),
    atan: rising(m.mpfr_atan, slowly),
    asinh: rising(m.mpfr_asinh, slowly),
    acosh: rising(m.mpfr_acosh),
    atanh: rising(m.mpfr_atanh),
    sinc: sphericalBessel(0),
    sphericalBessel1: sphericalBessel(1),
    sphericalBessel2: sphericalBessel(2),
    sin: wave(m.mpfr_sin),
    cos: wave(m.mpfr_cos),
    sinh: rising(m.mpfr_sinh),
    cosh: (out, a) => {
      if (sign(a!.low) >= 0) return increasing(m.mpfr_cosh)(out, a!);
      if (sign(a!.high) <= 0) return decreasing(m.mpfr_cosh)(out, a!);
      corners((o, p, _, rounding) => m.mpfr_cosh(o, p, rounding), out, a!, a!);
      m.mpfr_set_ui(out.low, 1, NEAREST);
    },
    tanh: rising(m.mpfr_tanh, slowly),
    sigmoid: from(sigmoidAt),
    softplus: from(softplusAt),
    erf: increasing(error.erf),
    erfc: decreasing(error.erfc),
    erfcx: scaled(0),
    ierfcx: scaled(1),
    i2erfcx: scaled(2),
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
    select: (out, c, a, b) =>
      c!.truth === undefined ? ofBoth(m.mpfr_min, m.mpfr_max)(out, a!, b!) : copy(out, c!.truth === 1 ? a! : b!),
    productError: zero,
    sumError: zero,
    constantError: zero,
    double: (out, a) => copy(out, a!),
    single: (out, a) => copy(out, a!),
    round: increasing((o, a, rounding) => m.mpfr_rint_roundeven(o, a, rounding)),
    exp2Steps: increasing((o, a, rounding) => {
      m.mpfr_div_2ui(o, a, 7, rounding);
      return m.mpfr_exp2(o, o, rounding);
    }),
  };
}

/** The interval of a leaf without a variable. */
export function fillLeaf(m: Binding, expr: Expr, { low, high }: Cell): void {
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
