/** The correct form of a wrong claim. */
import { dy, mul, x, y } from "../../ir/build.js";
import { topological, variableOf, variables, type Expr } from "../../ir/expr.js";
import { derivative } from "../../symbolic/derivative.js";
import { outputForms } from "../../symbolic/output-form.js";
import type { Prover } from "../../symbolic/prove/prove.js";
import type { Goal } from "../../symbolic/prove/verdict.js";
import { normalForm } from "../../symbolic/simplify.js";
import { proveGoal } from "./claim.js";

/** More operations than this help nobody. */
const LONGEST = 200;

/**
 * The derivative that a goal is about in the form that is shortest when it is written; nothing where it is too long to
 * be read.
 */
export function rightClaim(
  goal: Goal,
  prover: Prover,
  write: (expr: Expr) => readonly string[],
): readonly string[] | undefined {
  const { formula, order } = goal;
  const used = variables(formula, goal.claim);
  const by = goal.variable ?? used.find((variable) => variableOf(variable).role === "input") ?? x;
  const inInput = [(expr: Expr): Expr => expr, normalForm].flatMap((make) => differentiated(formula, by, order, make));
  const claimed = variables(goal.claim);
  const inOutput = claimed.includes(by) || !claimed.includes(y) ? [] : outputClaims(goal, by, prover);
  const forms = inOutput.length > 0 ? inOutput : inInput;
  return forms
    .map((form) => write(claimed.includes(dy) ? mul(dy, form) : form))
    .sort((a, b) => length(a) - length(b))[0];
}

const length = (lines: readonly string[]): number => lines.join("\n").length;

/** The normal form of the formula differentiated `order` times and rewritten after each, and that itself. */
function differentiated(formula: Expr, by: Expr, order: number, rewrite: (expr: Expr) => Expr): Expr[] {
  let current = rewrite(formula);
  for (let i = 0; i < order && isShort(current); i++) current = rewrite(derivative(current, by));
  return isShort(current) ? [normalForm(current), current].filter(isShort) : [];
}

const isShort = (expr: Expr): boolean => topological([expr]).length <= LONGEST;

/** The derivative in the output, for a function that gets nothing else: the candidates that the prover accepts. */
function outputClaims({ formula, order, variable }: Goal, by: Expr, prover: Prover): Expr[] {
  if (order !== 1 || variable !== undefined) return [];
  const value = normalForm(formula);
  return outputForms(value, normalForm(derivative(value, by)), by).filter(
    (claim) => proveGoal({ formula, claim, order }, prover).proof.verdict === "proved",
  );
}
