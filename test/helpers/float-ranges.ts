/**
 * The float64 numbers that an expression can give, infinities and NaN included, when its input lies in a range. Rounding is
 * monotone, so the ends of a sum or product are the rounded sums and products of ends.
 *
 * Over all float32 inputs this decides whether a loop can give NaN: a range that cannot be told is halved, and one number
 * is computed.
 */
import { evaluate, leafValue } from "../../src/ir/evaluate.js";
import { topological, variableOf, type Expr } from "../../src/ir/expr.js";
import { OPERATIONS, hasLaw, type OperationName } from "../../src/ir/ops.js";

interface Range {
  readonly low: number;
  readonly high: number;
  /** Whether it may be NaN, too. */
  readonly nan: boolean;
}

const ANYTHING: Range = { low: -Infinity, high: Infinity, nan: true };

/** An end that is NaN (infinity minus infinity, 0 times infinity) tells nothing, and neither may its operation. */
const range = (low: number, high: number, nan: boolean): Range =>
  Number.isNaN(low) || Number.isNaN(high) ? ANYTHING : { low, high, nan };
const point = (value: number): Range => range(value, value, false);
const truth = (surely: boolean, impossible: boolean, nan: boolean): Range =>
  range(surely ? 1 : 0, impossible ? 0 : 1, nan);

const has = (a: Range, value: number): boolean => a.low <= value && value <= a.high;
const hasInfinity = (a: Range): boolean => a.low === -Infinity || a.high === Infinity;
const largest = (a: Range): number => Math.max(-a.low, a.high);

const sum = (a: Range, b: Range): Range => range(a.low + b.low, a.high + b.high, meetsOpposite(a, b) || a.nan || b.nan);
const meetsOpposite = (a: Range, b: Range): boolean =>
  (a.low === -Infinity && b.high === Infinity) || (a.high === Infinity && b.low === -Infinity);
const negated = (a: Range): Range => range(-a.high, -a.low, a.nan);

function product(a: Range, b: Range): Range {
  if ((has(a, 0) && hasInfinity(b)) || (has(b, 0) && hasInfinity(a))) return ANYTHING;
  const corners = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high];
  return range(Math.min(...corners), Math.max(...corners), a.nan || b.nan);
}

function quotient(a: Range, b: Range): Range {
  // 1 / 0 is an infinity of either sign, for 0 may be -0.
  if (hasInfinity(a) && hasInfinity(b)) return ANYTHING;
  if (has(b, 0)) return { ...ANYTHING, nan: has(a, 0) || a.nan || b.nan };
  const corners = [a.low / b.low, a.low / b.high, a.high / b.low, a.high / b.high];
  return range(Math.min(...corners), Math.max(...corners), a.nan || b.nan);
}

/** More than libraries err by; what is infinite may be the largest number. */
const outwards = (value: number, direction: 1 | -1): number =>
  value === -direction * Infinity ? -direction * Number.MAX_VALUE : value + direction * Math.abs(value) * 2 ** -44;
const wave: Rule = (a) => range(-1, 1, hasInfinity(a) || a.nan);

/** The error of an operation whose result is finite is at most half a unit of it. */
const errorOf = (size: number, nan: boolean): Range =>
  Number.isFinite(size) ? range(-size * 2 ** -52 - 2 ** -1000, size * 2 ** -52 + 2 ** -1000, nan) : ANYTHING;

/** The table of powers: from 2^-1075, which is 0, to 2^1024, which is Infinity. */
export const [FIRST_STEP, LAST_STEP] = [-128 * 1075, 128 * 1024];

type Rule = (a: Range, b: Range, c: Range) => Range;
const RULES: { readonly [K in OperationName]?: Rule } = {
  add: sum,
  sub: (a, b) => sum(a, negated(b)),
  mul: product,
  div: quotient,
  neg: negated,
  abs: (a) => range(has(a, 0) ? 0 : Math.min(Math.abs(a.low), Math.abs(a.high)), largest(a), a.nan),
  sign: (a) => range(Math.sign(a.low), Math.sign(a.high), a.nan),
  sqrt: (a) => (a.low < 0 ? ANYTHING : range(Math.sqrt(a.low), Math.sqrt(a.high), a.nan)),
  log: (a) => (a.low < 0 ? ANYTHING : range(outwards(Math.log(a.low), -1), outwards(Math.log(a.high), 1), a.nan)),
  log1p: (a) =>
    a.low < -1 ? ANYTHING : range(outwards(Math.log1p(a.low), -1), outwards(Math.log1p(a.high), 1), a.nan),
  sin: wave,
  cos: wave,
  round: (a) => range(OPERATIONS.round.evaluate(a.low), OPERATIONS.round.evaluate(a.high), hasInfinity(a) || a.nan),
  // Beyond its ends the table has nothing, which is NaN.
  exp2Steps: (a) =>
    a.low < FIRST_STEP || a.high > LAST_STEP
      ? ANYTHING
      : range(OPERATIONS.exp2Steps.evaluate(a.low), OPERATIONS.exp2Steps.evaluate(a.high), a.nan),
  productError: (a, b) => errorOf(largest(a) * largest(b), a.nan || b.nan),
  sumError: (a, b) => errorOf(largest(a) + largest(b), a.nan || b.nan),
  lt: (a, b) => truth(a.high < b.low, a.low >= b.high, a.nan || b.nan),
  le: (a, b) => truth(a.high <= b.low, a.low > b.high, a.nan || b.nan),
  eq: (a, b) => truth(a.low === b.high && b.low === a.high, a.high < b.low || b.high < a.low, a.nan || b.nan),
  and: (a, b) => truth(a.low === 1 && b.low === 1, a.high === 0 || b.high === 0, a.nan || b.nan),
  or: (a, b) => truth(a.low === 1 || b.low === 1, a.high === 0 && b.high === 0, a.nan || b.nan),
  not: (a) => truth(a.high === 0, a.low === 1, a.nan),
};

/** Of a function that increases, or of one that nothing is known of. */
function ruleOf(op: OperationName): Rule {
  const known = RULES[op];
  if (known !== undefined) return known;
  const { evaluate: of } = OPERATIONS[op];
  return hasLaw(op, "increasing")
    ? (a) =>
        Number.isNaN(of(a.low)) || Number.isNaN(of(a.high))
          ? ANYTHING
          : range(outwards(of(a.low), -1), outwards(of(a.high), 1), a.nan)
    : () => ANYTHING;
}

/** Both sides of a case distinction, each where the condition lets it be: `u < c ? c : u` is at least c. */
function chosen([condition, u, v]: readonly Expr[], of: (expr: Expr) => Range): Range {
  const known = of(condition!);
  const [a, b] = condition!.args;
  const orders = condition!.op === "lt" || condition!.op === "le";
  const within = (part: Expr, low: number, high: number): Range => {
    const whole = of(part);
    return range(Math.max(whole.low, low), Math.min(whole.high, high), whole.nan);
  };
  const then = !orders
    ? of(u!)
    : u === a
      ? within(u!, -Infinity, of(b!).high)
      : u === b
        ? within(u!, of(a!).low, Infinity)
        : of(u!);
  const otherwise = !orders
    ? of(v!)
    : v === a
      ? within(v!, of(b!).low, Infinity)
      : v === b
        ? within(v!, -Infinity, of(a!).high)
        : of(v!);
  if (known.low === 1) return { ...then, nan: then.nan || known.nan };
  if (known.high === 0) return { ...otherwise, nan: otherwise.nan || known.nan };
  return range(
    Math.min(then.low, otherwise.low),
    Math.max(then.high, otherwise.high),
    then.nan || otherwise.nan || known.nan,
  );
}

const isSize = (expr: Expr, of: Expr): boolean => expr.op === "abs" && expr.args[0] === of;
/** u + |u|, which is 0 or 2·u. */
const twice = (a: Range): Range => range(2 * Math.max(a.low, 0), 2 * Math.max(a.high, 0), a.nan || a.low === -Infinity);

function rangeOf(order: readonly Expr[], variables: (name: string) => Range): Range {
  const ranges = new Map<Expr, Range>();
  const of = (expr: Expr): Range => ranges.get(expr)!;
  for (const expr of order) {
    const [a, b, c] = expr.args;
    if (expr.op === "variable") ranges.set(expr, variables(variableOf(expr).name));
    else if (a === undefined) ranges.set(expr, point(leafValue(expr)));
    else if (expr.op === "select") ranges.set(expr, chosen(expr.args, of));
    // What is left of the nearest integer.
    else if (expr.op === "sub" && b!.op === "round" && b!.args[0] === a && !hasInfinity(of(a)))
      ranges.set(expr, range(-0.5, 0.5, of(a).nan));
    else if (expr.op === "add" && isSize(b!, a)) ranges.set(expr, twice(of(a)));
    else if (expr.op === "add" && isSize(a, b!)) ranges.set(expr, twice(of(b!)));
    else if (expr.op === "eq" && a === b) ranges.set(expr, truth(!of(a).nan, false, of(a).nan));
    else ranges.set(expr, ruleOf(expr.op)(of(a), of(b ?? a), of(c ?? a)));
  }
  return of(order[order.length - 1]!);
}

const TOP = 0x7f800000;
const word = new Int32Array(1);
const single = new Float32Array(word.buffer);
/** Float32 numbers in order: 0 is 0, the infinities are -TOP and TOP. */
export function floatAt(place: number): number {
  word[0] = Math.abs(place);
  return place < 0 ? -single[0]! : single[0]!;
}

/** Far more cells than any loop of the catalogue needs. */
const MOST_CELLS = 200_000;

/** The float32 numbers, infinities included, for which an expression is NaN: the first of them, or none for certain. */
export function inputsOfNaN(
  expr: Expr,
  variable: string,
  parameters: Readonly<Record<string, number>>,
  most = 8,
): readonly number[] {
  const order = topological([expr]);
  const found: number[] = [];
  const open: [from: number, to: number][] = [[-TOP, TOP]];
  for (let cells = 0; open.length > 0 && found.length < most; cells++) {
    if (cells > MOST_CELLS) throw new RangeError("too many cells: something in the expression has no rule");
    const [from, to] = open.pop()!;
    const input = range(floatAt(from), floatAt(to), false);
    const { nan } = rangeOf(order, (name) => (name === variable ? input : point(parameters[name]!)));
    if (!nan) continue;
    if (from === to) {
      if (Number.isNaN(evaluate(expr, { ...parameters, [variable]: input.low }))) found.push(input.low);
      continue;
    }
    const middle = Math.floor((from + to) / 2);
    open.push([middle + 1, to], [from, middle]);
  }
  return found;
}
