/**
 * Float64 on the way, for targets that compute with tensors of float32 and can have others. A function that takes its
 * argument's rounding for a large error of its own, as exp does, is mended for that, or computed in float64 altogether.
 */
import {
  add,
  double,
  erfc,
  exp,
  fraction,
  fromRational,
  max,
  min,
  mul,
  neg,
  productError,
  sigmoid,
  single,
  sub,
} from "../ir/build.js";
import { rebuild, substitute, topological, type Expr } from "../ir/expr.js";
import { evaluate } from "../ir/evaluate.js";
import type { OperationName } from "../ir/ops.js";
import { rationalFromNumber } from "../ir/rational.js";
import { createFacts } from "./facts.js";
import { isExactProduct } from "./residual.js";

/** The expression of an input in float64. */
export const wide = (expr: Expr, input: Expr): Expr => substitute(expr, new Map([[input, double(input)]]));

/** The same with float64 from the last exact operation on that everything goes through. */
function late(expr: Expr): Expr {
  const parents = new Map<Expr, Expr[]>();
  for (const part of topological([expr]))
    for (const arg of new Set(part.args)) parents.set(arg, [...(parents.get(arg) ?? []), part]);
  const inputs = [...parents.keys()].filter(({ op }) => op === "double");
  const [first] = inputs;
  if (first === undefined || inputs.length > 1) return expr;
  let from = first;
  for (let above = parents.get(from); above?.length === 1; above = parents.get(from)) {
    const [next] = above as [Expr];
    if (!KEEPS_DIGITS.has(next.op) || !next.args.every((arg) => arg === from || isSingle(arg))) break;
    from = next;
  }
  return substitute(expr, new Map([[from, double(substitute(from, new Map([[first, first.args[0]!]])))]]));
}

const isSingle = (expr: Expr): boolean => {
  if (!expr.closed) return false;
  const value = evaluate(expr, {});
  return Math.fround(value) === value;
};

/** The expression in float64, rounded at the end. */
export const inDouble = (expr: Expr, input: Expr): Expr => single(late(wide(expr, input)));

/** The largest argument of which an exponential is finite in float32. */
const FINITE = 88;
/** Arguments beyond it have no exponential but 0 and infinity. */
const FAR = fraction(2n ** 60n);

interface Parts {
  readonly near: Expr;
  readonly lost: Expr;
}

/** An argument in float64 in floats of before, and what they lose of it, which is a number for infinite ones, too. */
function parts(argument: Expr): Parts {
  const held = isBounded(argument) ? argument : min(max(argument, neg(FAR)), FAR);
  return { near: single(argument), lost: single(sub(held, double(single(held)))) };
}

/** c·v² for an exact v and a power of two c, of which floats have all digits without float64: c·fl(v²), and its error. */
function squareParts(argument: Expr): Parts | undefined {
  const factors: Expr[] = [];
  let scale = 1;
  // Powers of powers have more factors than anyone counts.
  for (const open = [argument]; open.length > 0 && factors.length < 3;) {
    const part = open.pop()!;
    if (part.closed) scale *= evaluate(part, {});
    else if (part.op === "mul" || part.op === "neg") open.push(...part.args);
    else factors.push(part);
    if (part.op === "neg") scale = -scale;
  }
  const [v, other] = factors;
  const isSquare = factors.length === 2 && v === other && isExact(v!) && isBounded(v!);
  if (!isSquare || !Number.isInteger(Math.log2(Math.abs(scale)))) return undefined;
  return { near: argument, lost: mul(fromRational(rationalFromNumber(scale)), productError(v!, v!)) };
}

const isBounded = (expr: Expr): boolean => {
  const { low, high } = createFacts()(expr);
  return Number.isFinite(low) && Number.isFinite(high);
};

/**
 * exp(u + r) = exp(u)·(1 + r) for a small r. Only where nothing overflows may that be a sum: an infinity less an infinity is
 * no number.
 */
function mendedExp(argument: Expr, narrow: Expr): Expr {
  const { near, lost } = squareParts(narrow) ?? parts(late(argument));
  const isFinite = createFacts()(argument).high <= FINITE;
  return isFinite ? add(exp(near), mul(exp(near), lost)) : mul(exp(near), add(1, lost));
}

function mendedSigmoid(argument: Expr): Expr {
  const { near, lost } = parts(late(argument));
  const found = sigmoid(near);
  return add(found, mul(mul(sub(1, found), found), lost));
}

/** Functions by their names, of an argument in float64, and the same in floats of before. */
type Wide = { readonly [K in OperationName]?: (argument: Expr, narrow: Expr) => Expr };

/** Functions that become smaller than any power of their argument, with what they are of its digits. */
const MENDED: Wide = {
  exp: mendedExp,
  sigmoid: mendedSigmoid,
  erfc: (argument) => single(erfc(late(argument))),
};

/** The expression in float32, but for those arguments of exp and the like that it would round: `ofWide` says what is of them. */
export const withWideArguments = (expr: Expr, input: Expr, ofWide: Wide = MENDED): Expr =>
  rebuild([expr], (rebuilt, { op, args: [argument] }) => {
    const mended = ofWide[op];
    return mended === undefined || isExact(argument!) ? rebuilt : mended(wide(argument!, input), argument!);
  }).get(expr)!;

const KEEPS_DIGITS: ReadonlySet<OperationName> = new Set<OperationName>(["neg", "abs", "min", "max", "variable"]);

/** Whether floats compute it without rounding. */
export const isExact = (expr: Expr): boolean =>
  topological([expr]).every(
    ({ op, args: [a, b], closed }) =>
      closed || KEEPS_DIGITS.has(op) || ((op === "mul" || op === "div") && isExactProduct(a!, b!)),
  );
