/**
 * Proves that one expression is the derivative of another, or finds an input where it is not. Only exact algebra accepts,
 * only a certified input refutes; what neither settles within its bounds of time and memory is unknown, with the reason.
 */
import { substitute, variableOf, type Expr } from "../../ir/expr.js";
import { formulaText } from "../../ir/print.js";
import { createFacts } from "../facts.js";
import type { Oracle } from "../oracle.js";
import { normalForm } from "../simplify.js";
import { Line } from "./cells.js";
import { solveFor } from "./equate.js";
import { Findings, SHORT } from "./findings.js";
import { Kernels } from "./kernels.js";
import { isProbable } from "./modular.js";
import { Algebra } from "./polynomial.js";
import type { CaseFact, Region } from "./region.js";
import { CaseSplit, NEGATIVE, POSITIVE, ZERO_SIGN } from "./signs.js";
import { makeTask, type Task } from "./task.js";
import type { Goal, Proof, Verdict } from "./verdict.js";

export type { Goal, Proof, Verdict } from "./verdict.js";

/** What a goal may cost: multiplications of terms, and case distinctions. */
const FUEL = 200_000;
const MOST_CASES = 60;

export interface Prover {
  readonly prove: (goal: Goal) => Proof;
}

export const createProver = (oracle: Oracle): Prover => ({ prove: (goal) => prove(goal, oracle) });

/** The parameters' side of a region. */
type Case = Pick<Region, "facts" | "equalities">;

function prove(goal: Goal, oracle: Oracle): Proof {
  const whole = makeTask(goal);
  const algebra = new Algebra(FUEL);
  const kernels = new Kernels(algebra, whole.input);
  const verdict = conclude(whole, search(whole, kernels, oracle));
  return {
    ...verdict,
    get cells() {
      // Once more, now that the exponents have their scales: what is reported early then means the same at the end.
      algebra.refuel(FUEL);
      return search(whole, kernels, oracle).reports.map((report) => report());
    },
  };
}

/** Goes through the cases of the parameters, and in each along the line of inputs. */
function search(whole: Task, kernels: Kernels, oracle: Oracle): Findings {
  const findings = new Findings({ expected: whole.expected, actual: whole.claim }, oracle);
  const cases: Case[] = [{ facts: [], equalities: [] }];
  for (let count = 0; cases.length > 0 && findings.found === undefined; count++) {
    const current = cases.pop()!;
    if (count >= MOST_CASES) {
      findings.gaps.push({ reason: "too many cases of the parameters" });
      break;
    }
    // A fact that the replaced parameters contradict: there is no such case.
    if (current.facts.some(isContradiction)) continue;
    const goBack = findings.checkpoint();
    try {
      new Line(whole, kernels, findings).prove(current);
    } catch (error) {
      if (!(error instanceof CaseSplit)) throw error;
      goBack();
      cases.push(...distinguish(current, error, findings));
    }
  }
  return findings;
}

function conclude({ expected, claim, input, order }: Task, findings: Findings): Verdict {
  // Two formulas that have a value nowhere together differ wherever the first has one.
  if (findings.compared === 0)
    for (const { sides, region } of findings.oneSided) findings.refute(sides, region, { undefinedToo: true });
  if (findings.found !== undefined) return { verdict: "refuted", witness: findings.found.witness };
  const [gap] = findings.gaps;
  if (gap !== undefined) {
    const { reason, goal: subgoal, tooLarge } = gap;
    if (expected === claim && tooLarge === true) return { verdict: "proved" };
    const probable = tooLarge === true && isProbable(expected, claim, input);
    return {
      verdict: "unknown",
      reason,
      ...(subgoal !== undefined && { goal: subgoal }),
      ...(probable && { probable }),
    };
  }
  if (findings.exceptions.size > 0) return { verdict: "equal-except", at: [...findings.exceptions.values()] };
  if (findings.compared > 0) return { verdict: "proved" };
  const subject = order === 0 ? "the formulas have" : "the formula has";
  return { verdict: "unknown", reason: `${subject} no value at any input, so there is nothing to compare` };
}

const isContradiction = ({ subject, sign }: CaseFact): boolean => {
  if (!subject.closed) return false;
  const { low, high } = createFacts()(subject);
  return sign > 0 ? high <= 0 : low >= 0;
};

/** The case, once for each sign that decides; where the subject is 0, a parameter is replaced. */
function distinguish(current: Case, { subject, signs }: CaseSplit, findings: Findings): Case[] {
  const cases: Case[] = [];
  if (signs & ZERO_SIGN) {
    const solved = solveFor(subject);
    if (solved === undefined)
      findings.gaps.push({ reason: "a case stays open", goal: `${formulaText(subject, SHORT)} = 0` });
    else
      for (const value of solved.values) {
        const { low, high } = createFacts()(value);
        const [least, most] = variableOf(solved.parameter).range;
        if (high >= least && low <= most) cases.push(replaced(current, solved.parameter, value));
      }
  }
  if (signs & NEGATIVE) cases.push({ ...current, facts: [...current.facts, { subject, sign: -1 }] });
  if (signs & POSITIVE) cases.push({ ...current, facts: [...current.facts, { subject, sign: 1 }] });
  return cases;
}

function replaced({ facts, equalities }: Case, parameter: Expr, value: Expr): Case {
  const replace = (expr: Expr): Expr => normalForm(substitute(expr, new Map([[parameter, value]])));
  return {
    facts: facts.map(({ subject, sign }) => ({ subject: replace(subject), sign })),
    equalities: [...equalities.map(([name, other]) => [name, replace(other)] as const), [parameter, value]],
  };
}
