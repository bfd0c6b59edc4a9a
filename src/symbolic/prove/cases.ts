/** Cases of the parameters: where a sign depends on them, each sign is a case of its own. */
import { substitute, variableOf, type Expr } from "../../ir/expr.js";
import { createFacts } from "../facts.js";
import { normalForm } from "../simplify.js";
import { solveFor } from "./equate.js";
import type { CaseFact, Region } from "./region.js";
import { NEGATIVE, POSITIVE, ZERO_SIGN, type CaseSplit } from "./signs.js";

/** The parameters' side of a region. */
export type Case = Pick<Region, "facts" | "equalities">;

export const EVERY_PARAMETER: Case = { facts: [], equalities: [] };

/**
 * The case, once for each sign that decides; where the subject is 0, a parameter is replaced. `open` hears of a subject that
 * cannot be solved for one.
 */
export function distinguish(current: Case, { subject, signs }: CaseSplit, open: (subject: Expr) => void): Case[] {
  const cases: Case[] = [];
  if (signs & ZERO_SIGN) {
    const solved = solveFor(subject);
    if (solved === undefined) open(subject);
    else
      for (const value of solved.values) {
        const { low, high } = createFacts()(value);
        const [least, most] = variableOf(solved.parameter).range;
        if (high >= least && low <= most) cases.push(replaced(current, solved.parameter, value));
      }
  }
  if (signs & NEGATIVE) cases.push({ ...current, facts: [...current.facts, { subject, sign: -1 }] });
  if (signs & POSITIVE) cases.push({ ...current, facts: [...current.facts, { subject, sign: 1 }] });
  // A fact that the replaced parameters contradict: there is no such case.
  return cases.filter(({ facts }) => !facts.some(isContradiction));
}

function isContradiction({ subject, sign }: CaseFact): boolean {
  if (!subject.closed) return false;
  const { low, high } = createFacts()(subject);
  return sign > 0 ? high <= 0 : low >= 0;
}

function replaced({ facts, equalities }: Case, parameter: Expr, value: Expr): Case {
  const replace = (expr: Expr): Expr => normalForm(substitute(expr, new Map([[parameter, value]])));
  return {
    facts: facts.map(({ subject, sign }) => ({ subject: replace(subject), sign })),
    equalities: [...equalities.map(([name, other]) => [name, replace(other)] as const), [parameter, value]],
  };
}
