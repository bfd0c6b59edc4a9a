/**
 * Proves that one expression is the derivative of another, or finds an input where it is not. Only exact algebra accepts,
 * only a certified input refutes; what neither settles within its bounds of time and memory is unknown, with the reason.
 */
import { topological } from "../../ir/expr.js";
import type { OperationName } from "../../ir/ops.js";
import { formulaText } from "../../ir/print.js";
import type { Oracle } from "../oracle.js";
import { isPiecewise } from "../pieces.js";
import { EVERY_PARAMETER, distinguish, type Case } from "./regions/cases.js";
import { Line } from "./regions/cells.js";
import { objection } from "./certificates/check.js";
import { Findings, SHORT, reportOf } from "./findings.js";
import { Kernels } from "./algebra/kernels.js";
import { isProbable } from "./modular.js";
import { Algebra } from "./algebra/polynomial.js";
import { valueOf } from "./outcome.js";
import { FULL, type Effort } from "./refute.js";
import { recordOf, type ProofRecord } from "./record.js";
import { makeTask, type Task } from "./task.js";
import type { Goal, Proof, Verdict } from "./verdict.js";

export type { Goal, Proof, Verdict } from "./verdict.js";

/** The most that a goal may cost: multiplications of terms, and case distinctions. */
const FUEL = 200_000;
const MOST_CASES = 60;

export interface Prover {
  readonly prove: (goal: Goal) => Proof;
  /** The proof of a goal as plain data; undefined where there is none, or none by cells. */
  readonly record: (goal: Goal) => ProofRecord | undefined;
}

/** The means of a proof. */
interface Means {
  readonly oracle: Oracle;
  /** Says whether a claim has taken too long. */
  readonly isLate: () => boolean;
  readonly effort: Effort;
}

/** `startClock` returns what says whether a claim has taken too long; without it only the work is counted. */
export const createProver = (
  oracle: Oracle,
  startClock: () => () => boolean = () => () => false,
  effort: Effort = FULL,
): Prover => {
  const means = (): Means => ({ oracle, isLate: startClock(), effort });
  const known = new Map<string, Proof>();
  return {
    // Searches come by the same goal on several ways.
    prove: (goal) => {
      const { formula, claim, order, variable } = goal;
      const key = [formula.id, claim.id, order, variable?.id].join();
      const proof = known.get(key) ?? prove(goal, means());
      known.set(key, proof);
      return proof;
    },
    record: (goal) => record(goal, means()),
  };
};

function prove(goal: Goal, means: Means): Proof {
  const whole = makeTask(goal);
  const algebra = new Algebra(FUEL, means.isLate);
  const kernels = new Kernels(algebra, whole.input);
  const verdict = conclude(whole, search(whole, kernels, means), means.oracle);
  return {
    ...verdict,
    get cells() {
      // Once more, now that the exponents have their scales: what is reported early then means the same at the end.
      algebra.refuel(FUEL);
      return search(whole, kernels, means).records.map(reportOf);
    },
  };
}

function record(goal: Goal, means: Means): ProofRecord | undefined {
  const task = makeTask(goal);
  const algebra = new Algebra(FUEL, means.isLate);
  const kernels = new Kernels(algebra, task.input);
  if (conclude(task, search(task, kernels, means), means.oracle).verdict !== "proved") return undefined;
  algebra.refuel(FUEL);
  return recordOf(task, search(task, kernels, means));
}

/** Goes through the cases of the parameters, and in each along the line of inputs. */
function search(whole: Task, kernels: Kernels, { oracle, isLate, effort }: Means): Findings {
  const findings = new Findings(whole, oracle, isLate, effort);
  const cases: Case[] = [EVERY_PARAMETER];
  for (let count = 0; cases.length > 0 && findings.found === undefined; count++) {
    const current = cases.pop()!;
    if (count >= MOST_CASES) {
      findings.gaps.push({ reason: "too many cases of the parameters" });
      break;
    }
    const goBack = findings.checkpoint();
    const first = new Line(whole, kernels, findings).prove(current);
    if (first === undefined) continue;
    goBack();
    const outcome = distinguish(current, first, kernels);
    const isExhausted = outcome.kind === "exhausted";
    const distinction = isExhausted ? { subject: first.subject, cases: [], open: first.subject } : valueOf(outcome);
    const { cases: others, open } = distinction;
    findings.splits.set(current, distinction);
    if (open !== undefined)
      findings.gaps.push({ reason: "a case stays open", goal: `${formulaText(open, SHORT)} = 0` });
    if (isExhausted) break;
    cases.push(...others);
  }
  return findings;
}

/** Operations that have a value and no derivative at the end of their domain, or at 0. */
const HAS_EDGE = new Set<OperationName>(["sqrt", "pow", "cbrt", "acosh"]);

function conclude(task: Task, findings: Findings, oracle: Oracle): Verdict {
  const { formula, expected, claim, input, order } = task;
  // Two formulas that have a value nowhere together differ wherever the first has one.
  if (findings.compared === 0)
    for (const { sides, region } of findings.oneSided) findings.refute(sides, region, { undefinedToo: true });
  if (findings.found !== undefined) return { verdict: "refuted", witness: findings.found.witness };
  const [gap] = findings.gaps;
  if (gap !== undefined) {
    const { reason, goal: subgoal } = gap;
    const tooLarge = findings.gaps.every((other) => other.tooLarge === true);
    // The same expression, where no kink can make the derivative another than its comparisons select.
    const isSmooth = order === 0 || !topological([formula]).some((node) => isPiecewise(node) || HAS_EDGE.has(node.op));
    if (tooLarge && expected === claim && isSmooth) return { verdict: "proved" };
    const probable = tooLarge && isProbable(expected, claim, input);
    return {
      verdict: "unknown",
      reason,
      ...(subgoal !== undefined && { goal: subgoal }),
      ...(probable && { probable }),
    };
  }
  const objected = objection(task, findings.certificate, oracle);
  if (objected !== undefined) return { verdict: "unknown", reason: `the certificate does not hold: ${objected}` };
  if (findings.exceptions.size > 0) return { verdict: "equal-except", ...findings.listed() };
  if (findings.compared > 0) return { verdict: "proved" };
  const subject = order === 0 ? "the formulas have" : "the formula has";
  return { verdict: "unknown", reason: `${subject} no value at any input, so there is nothing to compare` };
}
