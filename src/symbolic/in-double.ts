/**
 * Float64 on the way, for targets that compute with tensors of float32 and can have others. A function that takes its
 * argument's rounding for a large error of its own, as exp does, is mended for that, or computed in float64 altogether.
 */
import { add, double, erfc, exp, fraction, max, min, mul, neg, sigmoid, single, sub } from "../ir/build.js";
import { rebuild, substitute, topological, type Expr } from "../ir/expr.js";
import type { OperationName } from "../ir/ops.js";
import { createFacts } from "./facts.js";
import { isExactProduct } from "./residual.js";

/** The expression of an input in float64. */
export const wide = (expr: Expr, input: Expr): Expr => substitute(expr, new Map([[input, double(input)]]));

/** The expression in float64, rounded at the end. */
export const inDouble = (expr: Expr, input: Expr): Expr => single(wide(expr, input));

/** The largest argument of which an exponential is finite in float32. */
const FINITE = 88;
/** Arguments beyond it have no exponential but 0 and infinity. */
const FAR = fraction(2n ** 60n);

/** An argument in float64 in floats of before, and what they lose of it, which is a number for infinite ones, too. */
function parts(argument: Expr): { readonly near: Expr; readonly lost: Expr } {
  const { low, high } = createFacts()(argument);
  const isBounded = Number.isFinite(low) && Number.isFinite(high);
  const held = isBounded ? argument : min(max(argument, neg(FAR)), FAR);
  return { near: single(argument), lost: single(sub(held, double(single(held)))) };
}

/**
 * exp(u + r) = exp(u)·(1 + r) for a small r. Only where nothing overflows may that be a sum: an infinity less an infinity is
 * no number.
 */
function mendedExp(argument: Expr): Expr {
  const { near, lost } = parts(argument);
  const isFinite = createFacts()(argument).high <= FINITE;
  return isFinite ? add(exp(near), mul(exp(near), lost)) : mul(exp(near), add(1, lost));
}

function mendedSigmoid(argument: Expr): Expr {
  const { near, lost } = parts(argument);
  const found = sigmoid(near);
  return add(found, mul(mul(sub(1, found), found), lost));
}

/** Functions by their names, of an argument in float64. */
type Wide = { readonly [K in OperationName]?: (argument: Expr) => Expr };

/** Functions that become smaller than any power of their argument, with what they are of one in float64. */
const MENDED: Wide = {
  exp: mendedExp,
  sigmoid: mendedSigmoid,
  erfc: (argument) => single(erfc(argument)),
};

/** The expression in float32, but for those arguments of exp and the like that it would round: `ofWide` says what is of them. */
export const withWideArguments = (expr: Expr, input: Expr, ofWide: Wide = MENDED): Expr =>
  rebuild([expr], (rebuilt, { op, args: [argument] }) => {
    const mended = ofWide[op];
    return mended === undefined || isExact(argument!) ? rebuilt : mended(wide(argument!, input));
  }).get(expr)!;

const KEEPS_DIGITS: ReadonlySet<OperationName> = new Set<OperationName>(["neg", "abs", "min", "max", "variable"]);

/** Whether floats compute it without rounding. */
export const isExact = (expr: Expr): boolean =>
  topological([expr]).every(
    ({ op, args: [a, b], closed }) =>
      closed || KEEPS_DIGITS.has(op) || ((op === "mul" || op === "div") && isExactProduct(a!, b!)),
  );
