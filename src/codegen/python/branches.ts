/**
 * Case distinctions of tensors that can be differentiated. Both sides of a `where` are computed and differentiated for
 * every element, and what is infinite on the side not taken makes the gradient NaN: 0 times infinity. So inside a branch
 * the compared quantity is held at the bound that leads to it, which changes nothing where the branch is taken.
 */
import { abs, constant, lt, max, min, mul, neg, select } from "../../ir/build.js";
import { evaluate } from "../../ir/evaluate.js";
import { rebuild, substitute, topological, variableOf, type Expr } from "../../ir/expr.js";
import { interval, type Interval } from "../../ir/interval.js";
import { LARGEST } from "../../symbolic/arithmetic.js";
import { createFacts, type Facts } from "../../symbolic/facts.js";

/** Inputs and parameters of any size that users may mean. */
const [INPUT, PARAMETER] = [2 ** 100, 2 ** 10];
/** Beyond this a float32 and what is multiplied by it are infinite. */
const FAR = 2 ** 127;

/** Each branch of each case distinction held to where it is taken, in those functions that could be infinite elsewhere. */
export function heldBranches(expr: Expr, tensors: ReadonlySet<string>): Expr {
  const leaves = topological([expr]).filter(({ op }) => op === "variable" || op === "float");
  const facts = createFacts(new Map(leaves.map((leaf) => [leaf, usual(leaf, tensors)])));
  const roots = rebuild([expr], (node) => {
    if (node.op !== "select") return node;
    const [condition, yes, no] = node.args as [Expr, Expr, Expr];
    const isTensor = tensorsIn(node, tensors);
    if (!isTensor(condition)) return node;
    const product = productAtZero(condition, yes, no);
    if (product !== undefined) return select(condition, product, no);
    const held = (branch: Expr, isTaken: boolean): Expr => {
      const bounded = new Map(bounds(condition, isTaken, isTensor).flatMap((bound) => holds(bound, isTensor)));
      return bounded.size === 0 ? branch : heldWhereInfinite(branch, bounded, facts);
    };
    return select(condition, held(yes, true), held(no, false));
  });
  return mergedClamps(roots.get(expr)!);
}

/** Where p * u is 0 because p is, whatever u is, the product with u held finite: its gradient by p is u. */
function productAtZero(condition: Expr, yes: Expr, { op, args }: Expr): Expr | undefined {
  const [p, zero] = condition.args as [Expr, Expr];
  const isZeroFactor =
    condition.op === "eq" && zero === constant(0) && yes === zero && op === "mul" && args.includes(p);
  if (!isZeroFactor) return undefined;
  const u = args.find((arg) => arg !== p) ?? p;
  return mul(p, min(max(u, -LARGEST.float32), LARGEST.float32));
}

/** min(max(u, low), high) for whatever stack of bounds by numbers there is. */
const mergedClamps = (expr: Expr): Expr =>
  rebuild([expr], (node) => {
    const clamp = clampOf(node);
    const inside = clamp && clampOf(clamp.tensor);
    if (inside === undefined) return node;
    const within = (value: number): number => Math.min(Math.max(value, clamp!.low), clamp!.high);
    const [low, high] = [within(inside.low), within(inside.high)];
    const raised = low === -Infinity ? inside.tensor : max(inside.tensor, low);
    return high === Infinity ? raised : min(raised, high);
  }).get(expr)!;

interface Clamp {
  readonly tensor: Expr;
  readonly low: number;
  readonly high: number;
}

/** A bound by a number, or by two; each stack below it is one already. */
function clampOf({ op, args: [tensor, bound] }: Expr): Clamp | undefined {
  if ((op !== "min" && op !== "max") || !bound!.closed) return undefined;
  const number = evaluate(bound!, {});
  if (op === "max") return { tensor: tensor!, low: number, high: Infinity };
  const below = tensor!.op === "max" ? clampOf(tensor!) : undefined;
  return { tensor: below?.tensor ?? tensor!, low: Math.min(below?.low ?? -Infinity, number), high: number };
}

/** The values of a leaf; one that is NaN or an infinity is meant so. */
function usual(leaf: Expr, tensors: ReadonlySet<string>): Interval {
  if (leaf.op === "float") return interval(0, 0);
  const { name, range } = variableOf(leaf);
  const most = tensors.has(name) ? INPUT : PARAMETER;
  return interval(Math.max(range[0], -most), Math.min(range[1], most));
}

/** Functions and products that may be infinite, or steep without bound, are taken of what is held, and so is all in float64. */
const heldWhereInfinite = (branch: Expr, bounded: ReadonlyMap<Expr, Expr>, facts: Facts): Expr =>
  rebuild([branch], (node, original) => {
    const isOrigin = node.args.length === 1 || node.args.every((arg) => isFinite(arg, facts));
    return node.op === "double" || (isOrigin && isEndless(node, facts)) ? substitute(original, bounded) : node;
  }).get(branch)!;

/** Whether float32 has a finite number for it. */
export const isFinite = (node: Expr, facts: Facts): boolean => {
  const { low, high } = facts(node);
  return low > -FAR && high < FAR;
};
const isEndless = (node: Expr, facts: Facts): boolean =>
  node.op === "sqrt" ? facts(node.args[0]!).low <= 0 : !isFinite(node, facts) && !isSplit(node);

/** Exponents are split into what is exact and what rounding leaves: that is small, which intervals do not see. */
const isSplit = ({ op, args }: Expr): boolean => op === "exp" && topological(args).some((each) => each.op === "round");

type IsTensor = (node: Expr) => boolean;

function tensorsIn(expr: Expr, tensors: ReadonlySet<string>): IsTensor {
  const found = new Set<Expr>();
  for (const node of topological([expr])) {
    const isOne = node.op === "variable" ? tensors.has(variableOf(node).name) : node.args.some((arg) => found.has(arg));
    if (isOne) found.add(node);
  }
  return (node) => found.has(node);
}

/** A tensor that is at most, or at least, a number where a branch is taken. */
interface Bound {
  readonly tensor: Expr;
  readonly isUpper: boolean;
  readonly number: Expr;
}

/** The bounds that a condition, or that it does not hold, says of tensors. */
function bounds(condition: Expr, holdsThere: boolean, isTensor: IsTensor): Bound[] {
  const found: Bound[] = [];
  const open: (readonly [Expr, boolean])[] = [[condition, holdsThere]];
  while (open.length > 0) {
    const [{ op, args }, holds] = open.pop()!;
    const [a, b] = args as [Expr, Expr];
    if (op === "not") open.push([a, !holds]);
    if (op === (holds ? "and" : "or")) open.push([a, holds], [b, holds]);
    if (op !== "lt" && op !== "le") continue;
    if (isTensor(a) && !isTensor(b)) found.push({ tensor: a, isUpper: holds, number: b });
    if (isTensor(b) && !isTensor(a)) found.push({ tensor: b, isUpper: !holds, number: a });
  }
  return found;
}

/** Room for the rounding of what is computed from the tensor that is bounded. */
const SLACK = 2 ** -20;

/** The bounded tensor held there, and with it what it is a multiple or the magnitude of. */
function holds(bound: Bound, isTensor: IsTensor): (readonly [Expr, Expr])[] {
  const found: (readonly [Expr, Expr])[] = [];
  for (let at: Bound | undefined = bound; at !== undefined; at = inner(at, isTensor)) {
    const { tensor, isUpper, number } = at;
    if (tensor.op === "abs") {
      const [u] = tensor.args as [Expr];
      const inside = min(max(u, neg(number)), number);
      found.push([tensor, isUpper ? min(tensor, number) : max(tensor, number)]);
      found.push([u, isUpper ? inside : select(lt(abs(u), number), number, u)]);
      return found;
    }
    found.push([tensor, isUpper ? min(tensor, number) : max(tensor, number)]);
  }
  return found;
}

const opposite = (number: Expr): Expr => (number.closed ? constant(-evaluate(number, {})) : neg(number));

/** The bound of the tensor that the bounded one is a multiple of, if it says one. */
function inner({ tensor, isUpper, number }: Bound, isTensor: IsTensor): Bound | undefined {
  if (tensor.op === "neg") return { tensor: tensor.args[0]!, isUpper: !isUpper, number: opposite(number) };
  if (tensor.op !== "mul" || !number.closed) return undefined;
  const [factor, other] = isTensor(tensor.args[0]!)
    ? [tensor.args[1]!, tensor.args[0]!]
    : (tensor.args as [Expr, Expr]);
  if (!factor.closed) return undefined;
  const [by, at] = [evaluate(factor, {}), evaluate(number, {})];
  if (by === 0 || !Number.isFinite(at / by)) return undefined;
  const isUpperOfOther = isUpper === by > 0;
  const exact = at / by;
  const moved = exact + (isUpperOfOther ? 1 : -1) * SLACK * Math.abs(exact);
  return { tensor: other, isUpper: isUpperOfOther, number: constant(moved) };
}
