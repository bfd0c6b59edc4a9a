/** A goal at one point, both sides read by the letter: do they agree, do they differ, or can it not be told? */
import { constant, sub } from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import { rationalToNumber } from "../../ir/rational.js";
import type { Oracle } from "../oracle.js";
import { literalDerivative } from "./literal-derivative.js";
import { Site, Unclear, type Place } from "./literal.js";
import type { Task } from "./task.js";

export type Judgement =
  | { readonly kind: "agree" | "unclear" }
  /** Nothing is claimed at the point. */
  | { readonly kind: "silent" }
  /** NaN where there is no value. */
  | { readonly kind: "differ"; readonly expected: number; readonly actual: number; readonly exact: boolean };

const ONE = constant(1);

/** How far from a limit of quotients a right claim may be. */
const NEAR = 2 ** -16;
const SAME = 2 ** -80;

/** `sharp` tells apart what differs in the last place that MPFR has; else about 80 bits count as equal. */
export function judge(task: Task, place: Place, oracle: Oracle, sharp = false): Judgement {
  try {
    return judged(task, new Site(place, oracle), oracle, sharp);
  } catch (error) {
    if (error instanceof Unclear) return { kind: "unclear" };
    throw error;
  }
}

function judged(task: Task, site: Site, oracle: Oracle, sharp: boolean): Judgement {
  const right = literalDerivative(task.formula, task.variable, task.order, site, oracle);
  if (right.kind === "nothing" && task.order > 0) return { kind: "silent" };
  const claim = site.read(task.claim)?.expr;
  const actual = claim === undefined ? NaN : numberOf(site, claim);
  if (right.kind === "nothing")
    return claim === undefined ? { kind: "silent" } : { kind: "differ", expected: NaN, actual, exact: true };
  if (right.kind === "limit") {
    const expected = right.limit * numberOf(site, site.read(task.withGradient(ONE))!.expr);
    if (claim === undefined) return { kind: "differ", expected, actual, exact: false };
    if (Math.abs(actual - expected) <= NEAR * Math.max(1, Math.abs(expected))) return { kind: "agree" };
    if (right.selected !== undefined && isEqual(site, task.withGradient(right.selected), claim, sharp))
      return { kind: "agree" };
    return { kind: "differ", expected, actual, exact: false };
  }
  const [expr] = right.exprs;
  const expected = task.withGradient(expr!);
  if (claim === undefined) return { kind: "differ", expected: numberOf(site, expected), actual, exact: true };
  if (isEqual(site, expected, claim, sharp)) return { kind: "agree" };
  return { kind: "differ", expected: numberOf(site, expected), actual, exact: true };
}

/** Equal to about 80 bits; throws Unclear where MPFR does not tell. */
function isEqual(site: Site, a: Expr, b: Expr, sharp: boolean): boolean {
  if (a === b) return true;
  const [first, second] = [site.enclosure(a), site.enclosure(b)];
  if (first.low > second.high || second.low > first.high) return false;
  const [p, q] = [site.exact(a), site.exact(b)];
  if (p !== undefined && q !== undefined) return p.numerator === q.numerator && p.denominator === q.denominator;
  const [left, right] = [site.precise(a), site.precise(b)];
  if (left === undefined || right === undefined) throw new Unclear();
  const gap = Math.abs(left.high - right.high + (left.low - right.low));
  if (gap > SAME * Math.max(Math.abs(left.high), Math.abs(right.high))) return false;
  if (!sharp) return true;
  const difference = site.precise(sub(a, b))?.high;
  if (difference === undefined) throw new Unclear();
  return difference === 0;
}

function numberOf(site: Site, expr: Expr): number {
  const exact = site.exact(expr);
  return exact === undefined ? (site.precise(expr)?.high ?? NaN) : rationalToNumber(exact);
}
