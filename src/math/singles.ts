/**
 * Functions in float32 arithmetic for inputs near 0: exponentials are normal numbers there, and nothing has to be held. Each
 * is within 2 ULP of float32, with a fused multiply-add as well as without.
 */
import {
  abs,
  add,
  div,
  double,
  eq,
  exp2Steps,
  lt,
  max,
  mul,
  neg,
  polynomial,
  round,
  select,
  single,
  sub,
} from "../ir/build.js";
import { rebuild, type Expr } from "../ir/expr.js";
import { NORMAL_TAIL_FACTOR, NORMAL_TAIL_NUMERATOR, NORMAL_TAIL_REST } from "../ir/polynomials.js";
import { EXP_TAIL, LOG1P_CURVE } from "./coefficients.js";
import { float, floats, inPairs, type Lowering, type Lowerings } from "./float32.js";

/** ln 2 in two parts: products of the first, of 16 bits, with exponents are exact. */
const LN2 = [0.693145751953125, 1.4286068203094172e-6] as const;

interface Power {
  /** s = 2^k and t = s·r, where exp(u) = s (1 + r). */
  readonly scale: Expr;
  readonly rest: Expr;
}

/** exp(h) - 1 = h + bend, with h what u is more than k·ln 2, and h = first - second. */
interface Reduced {
  readonly scale: Expr;
  readonly first: Expr;
  readonly second: Expr;
  readonly h: Expr;
  readonly bend: Expr;
}

/**
 * u = k·ln 2 + h, with `bend` as h²/2 + h³·P(h) in pairs; `lost` is what an argument that was rounded to u was more, and the scale is
 * 2^k `raised` by a power of two.
 */
function reduced(u: Expr, lost?: Expr, raised = 0): Reduced {
  const k = round(mul(float(Math.fround(Math.LOG2E)), u));
  const near = sub(u, mul(k, float(LN2[0])));
  const first = lost === undefined ? near : add(near, lost);
  const second = mul(k, float(Math.fround(LN2[1])));
  const h = sub(first, second);
  const square = mul(h, h);
  const bend = mul(square, inSquares(floats([0.5, ...EXP_TAIL]), h, square));
  const scale = exp2Steps(mul(128, raised === 0 ? k : add(k, raised)));
  return { scale, first, second, h, bend };
}

/** A polynomial as one in u² (Horner) of pairs c0 + c1·u, which do not wait for each other. */
function inSquares(coefficients: readonly Expr[], u: Expr, square: Expr): Expr {
  const pairs = coefficients.flatMap((c, i) =>
    i % 2 === 1 ? [] : [i + 1 < coefficients.length ? add(mul(coefficients[i + 1]!, u), c) : c],
  );
  return pairs.reduceRight((sum, pair) => add(mul(square, sum), pair));
}

/** exp(u + lost) = s (1 + r). */
function power(u: Expr, lost?: Expr, raised?: number): Power {
  const { scale, h, bend } = reduced(u, lost, raised);
  return { scale, rest: mul(scale, add(h, bend)) };
}

/** The same with -0 for -0, and what h's own rounding loses added with the small terms. */
function closerPower(u: Expr, lost?: Expr): Power {
  const { scale, first, second, bend } = reduced(u, lost);
  return { scale, rest: mul(scale, sub(first, sub(second, bend))) };
}

/** A number that is 0 where u is, with the sign of u. */
const withSign = (u: Expr, size: Expr): Expr => select(lt(u, 0), neg(size), select(eq(u, 0), u, size));

/** Functions in the fewest operations. */
export const LEAN: Lowerings = {
  exp: (u, lost?: Expr) => {
    const { scale, rest } = power(u, lost);
    return add(scale, rest);
  },
  expm1: (u) => {
    const { scale, rest } = closerPower(u);
    return sub(rest, sub(1, scale));
  },
  // The 1 goes to the smaller part of the power: beside a scale of 2^24 it would be lost.
  sigmoid: (u, lost?: Expr) => {
    const { scale, rest } = closerPower(neg(u), lost && neg(lost));
    return div(1, add(scale, add(rest, 1)));
  },
  tanh: (u) => {
    const { scale, rest } = power(mul(-2, abs(u)));
    return withSign(u, div(sub(sub(1, scale), rest), add(add(1, scale), rest)));
  },
  // max(u, 0) + log(1 + e) with e = exp(-|u|) = scale + rest: the small terms first, of which u and the rest cancel near 0.
  softplus: (u) => {
    const { scale, rest } = power(neg(abs(u)));
    const e = add(scale, rest);
    const [first, ...others] = floats(LOG1P_CURVE);
    const t = sub(e, float(0.5));
    const curve = mul(mul(e, e), add(first!, mul(t, inPairs(others, t))));
    return add(scale, sub(add(max(u, 0), rest), curve));
  },
};

/**
 * sigmoid(u) and sigmoid(-u) by one exponential and one division: e/(1 + e) and 1/(1 + e) with e = exp(-|u|). A choice between numbers
 * of float64 is by a comparison of such numbers: truths have the bits of what is compared.
 */
const sharedSigmoid =
  (exp: Lowering, wide: (u: Expr) => Expr = (u) => u): Lowering =>
  (u, lost?: Expr) => {
    const size = abs(u!.op === "neg" ? u!.args[0]! : u!);
    const e = exp(neg(size), ...(lost === undefined ? [] : [select(lt(u!, 0), lost, neg(lost))]));
    const quotient = div(1, add(1, e));
    return select(lt(wide(u!), 0), mul(e, quotient), quotient);
  };

export const SHARED: Lowerings = { ...LEAN, sigmoid: sharedSigmoid(LEAN.exp!) };

/** Exponentials below that of -105 are 0 in float32; raised by 2^64 they are normal numbers up to there. */
const [LOWEST, RAISED] = [-105, 64];
const LARGEST = 3.4028234663852886e38;

/**
 * exp(a - b) of float32 numbers a <= b, in float64: a float32 times 2^-64. What a - b loses of its digits comes back (TwoSum), which
 * an a that is held beside b keeps finite: Infinity - Infinity is no number.
 */
export function powerOfDifference(a: Expr, b: Expr): Expr {
  const gap = max(mul(float(2 ** -20), abs(b)), float(-LOWEST));
  const held = max(a, max(sub(b, gap), float(-LARGEST)));
  const near = max(sub(held, b), float(LOWEST));
  const back = sub(near, held);
  const lost = sub(sub(held, sub(near, back)), add(b, back));
  const { scale, rest } = power(near, max(lost, float(-1)), RAISED);
  return mul(float(2 ** -RAISED), double(add(scale, rest)));
}

/** An expression with the exponentials of such differences so; `isAtMost` says of which places they are. */
export const withPowersOfDifferences = (value: Expr, isAtMost: (a: Expr, b: Expr) => boolean): Expr =>
  rebuild([value], (part) => {
    const [a, b] = part.op === "exp" && part.args[0]!.op === "sub" ? part.args[0]!.args : [];
    return a !== undefined && isAtMost(a, b!) ? powerOfDifference(single(a), single(b!)) : part;
  }).get(value)!;

/** erfcx(u/√2) for u from 0 to 14.5. */
export function normalTail(u: Expr): Expr {
  const [over, factor, rest] = [NORMAL_TAIL_NUMERATOR, NORMAL_TAIL_FACTOR, NORMAL_TAIL_REST].map((coefficients) =>
    polynomial(floats(coefficients), u),
  ) as [Expr, Expr, Expr];
  return div(over, add(mul(factor, over), rest));
}

/** An argument in float64 in float32, and what that loses of it. */
export const split = (argument: Expr): readonly [near: Expr, lost: Expr] => {
  const near = single(argument);
  return [near, single(sub(argument, double(near)))];
};

/** The functions of a way that take what is lost of their argument, of arguments in float64. */
export const ofWide = ({ exp, sigmoid }: Lowerings): Lowerings => ({
  exp: (argument) => exp!(...split(argument!)),
  sigmoid: (argument) => sigmoid!(...split(argument!)),
});

/** Functions with results in float64, whose exponentials are in float32: these are exact sums of two numbers there. */
export const DOUBLED: Lowerings = {
  exp: (u, lost?: Expr) => {
    const { scale, rest } = power(u!, lost);
    return add(double(scale), double(rest));
  },
  sigmoid: (u, lost?: Expr) => div(1, add(1, DOUBLED.exp!(neg(u!), ...(lost === undefined ? [] : [neg(lost)])))),
};

export const SHARED_DOUBLES: Lowerings = { ...DOUBLED, sigmoid: sharedSigmoid(DOUBLED.exp!, double) };

/** tanh(log(1 + exp(u))) = w/(w + 2) with w = e² + 2e and e = exp(u), or for u > 0, with e = exp(-u), (1 + 2e)/(1 + 2e + 2e²). */
function tanhOfSoftplus(u: Expr): Expr {
  const e = DOUBLED.exp!(neg(abs(u)));
  const [isFalling, square] = [lt(double(u), 0), mul(e, e)];
  const numerator = add(mul(2, e), select(isFalling, square, 1));
  return div(numerator, add(numerator, select(isFalling, 2, mul(2, square))));
}

/** sigmoid(u)·sigmoid(-u) = e·q² with e = exp(-|u|) and q = 1/(1 + e), which other sigmoids share. */
function slopeOfSigmoid(u: Expr): Expr {
  const e = DOUBLED.exp!(neg(abs(u)));
  const quotient = div(1, add(1, e));
  return mul(mul(e, quotient), quotient);
}

const isNegative = (a: Expr, b: Expr): boolean => a.op === "neg" && a.args[0] === b;

/** Functions together, in float64, where that loses less or is less to compute; undefined for others. */
export function together({ op, args: [a, b] }: Expr): Expr | undefined {
  if (op === "tanh" && a!.op === "softplus") return tanhOfSoftplus(a!.args[0]!);
  if (op !== "mul" || a!.op !== "sigmoid" || b!.op !== "sigmoid") return undefined;
  const [u, v] = [a!.args[0]!, b!.args[0]!];
  if (isNegative(v, u)) return slopeOfSigmoid(u);
  return isNegative(u, v) ? slopeOfSigmoid(v) : undefined;
}
