/** A goal at one point, both sides read by the letter: do they agree, do they differ, or can it not be told? */
import { constant, sub } from "../../../ir/build.js";
import type { Expr } from "../../../ir/expr.js";
import { rationalToNumber } from "../../../ir/rational.js";
import type { Oracle } from "../../oracle.js";
import { literalDerivative } from "./literal-derivative.js";
import { Site, Unclear, clearly, type Place } from "./literal.js";
import type { Task } from "../task.js";

export type Judgement =
  | { readonly kind: "unclear" }
  /** `selected`: by what is selected where kinks meet, not by the derivative. */
  | { readonly kind: "agree"; readonly selected: boolean }
  /** Nothing is claimed at the point. */
  | { readonly kind: "silent" }
  /** NaN where there is no value. */
  | { readonly kind: "differ"; readonly expected: number; readonly actual: number; readonly exact: boolean };

const ONE = constant(1);

/** How far from a limit of quotients a right claim may be. */
const NEAR = 2 ** -16;

/**
 * When two values are the same: where float64 intervals do not tell them apart, where about 80 bits do not, or only where
 * MPFR is certain of it.
 */
export type Grain = "coarse" | "fine" | "sharp";

export function judge(task: Task, place: Place, oracle: Oracle, grain: Grain = "fine"): Judgement {
  const judgement = clearly(() => judged(task, new Site(place, oracle), oracle, grain));
  return judgement === "unclear" ? { kind: "unclear" } : judgement;
}

function judged(task: Task, site: Site, oracle: Oracle, grain: Grain): Judgement {
  const right = literalDerivative(task, site, oracle);
  if (right.kind === "nothing" && task.order > 0) return { kind: "silent" };
  const claim = site.read(task.claim)?.expr;
  const actual = claim === undefined || grain === "coarse" ? NaN : numberOf(site, claim);
  if (right.kind === "nothing")
    return claim === undefined ? { kind: "silent" } : { kind: "differ", expected: NaN, actual, exact: true };
  if (right.kind === "limit") {
    const value = claim === undefined ? NaN : numberOf(site, claim);
    const expected = right.limit * numberOf(site, site.read(task.withGradient(ONE))!.expr);
    if (claim === undefined) return { kind: "differ", expected, actual, exact: false };
    if (Math.abs(value - expected) <= NEAR * Math.max(1, Math.abs(expected))) return { kind: "agree", selected: false };
    if (right.selected !== undefined && isEqual(site, task.withGradient(right.selected), claim, grain))
      return { kind: "agree", selected: true };
    return { kind: "differ", expected, actual, exact: false };
  }
  const [expr, selected] = right.exprs;
  const expected = task.withGradient(expr!);
  if (claim === undefined) return { kind: "differ", expected: numberOf(site, expected), actual, exact: true };
  if (isEqual(site, expected, claim, grain)) return { kind: "agree", selected: false };
  if (selected !== undefined && isEqual(site, task.withGradient(selected), claim, grain))
    return { kind: "agree", selected: true };
  return { kind: "differ", expected: numberOf(site, expected), actual, exact: true };
}

function isEqual(site: Site, a: Expr, c: Expr, grain: Grain): boolean {
  if (a === c) return true;
  if (grain === "coarse") return !site.isApart(a, c);
  if (!site.isSame(a, c)) return false;
  if (grain === "fine") return true;
  const difference = site.precise(sub(a, c))?.high;
  if (difference === undefined) throw new Unclear();
  return difference === 0;
}

function numberOf(site: Site, expr: Expr): number {
  const exact = site.exact(expr);
  return exact === undefined ? (site.precise(expr)?.high ?? NaN) : rationalToNumber(exact);
}
