/** The intervals that a region gives to the input and the parameters. */
import { variableOf, type Expr } from "../../../ir/expr.js";
import { interval, type Interval } from "../../../ir/interval.js";
import { createFacts, type Facts } from "../../facts.js";
import type { Bound, Region } from "./region.js";

/** What intervals tell of every expression in a region. */
export function factsIn(region: Region, input: Expr): Facts {
  const known = new Map<Expr, Interval>();
  for (const { subject, sign } of region.facts) {
    const [low, high] = subject.op === "variable" ? variableOf(subject).range : [-Infinity, Infinity];
    known.set(subject, interval(sign > 0 ? Math.max(low, 0) : low, sign > 0 ? high : Math.min(high, 0), true, true));
  }
  const free = createFacts(known);
  for (const [parameter, value] of region.equalities) known.set(parameter, free(value));
  known.set(input, rangeOfInput(input, region, createFacts(known)));
  return createFacts(known);
}

function rangeOfInput(input: Expr, { low, high, at }: Region, facts: Facts): Interval {
  const range = (bound: Bound): { readonly low: number; readonly high: number } =>
    bound.kind === "exact" ? facts(bound.expr) : bound;
  if (at !== undefined) return interval(range(at).low, range(at).high, true, false);
  const [least, most] = variableOf(input).range;
  const from = low === undefined ? least : Math.max(least, range(low).low);
  const to = high === undefined ? most : Math.min(most, range(high).high);
  return interval(from, to, true, from === 0 || to === 0);
}
