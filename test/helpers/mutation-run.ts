/** The prover on every mutant of every right claim: counts by verdict, and each verdict that an evaluation contradicts. */
import { readBatchLine } from "../../src/frontends/batch.js";
import { constant, dy } from "../../src/ir/build.js";
import { substitute, variables, variableOf, type Expr } from "../../src/ir/expr.js";
import type { Oracle } from "../../src/symbolic/oracle.js";
import { createProver } from "../../src/symbolic/prove/prove.js";
import type { Goal, Verdict } from "../../src/symbolic/prove/verdict.js";
import { mutants } from "./mutants.js";
import { claimOf, createJudge, type Contradiction } from "./verdicts.js";

export interface MutationReport {
  readonly count: number;
  readonly verdicts: Readonly<Record<Verdict["verdict"], number>>;
  readonly contradictions: readonly (Contradiction & { readonly id: string; readonly change: string })[];
  /** Milliseconds of the prover alone, one per mutant. */
  readonly times: readonly number[];
}

/** Of all mutants each `every`-th, counted through the lines. */
export async function runMutants(lines: readonly string[], oracle: Oracle, every = 1): Promise<MutationReport> {
  const [prover, judge] = [createProver(oracle), createJudge(oracle)];
  const verdicts = { proved: 0, "equal-except": 0, refuted: 0, unknown: 0 };
  const contradictions: MutationReport["contradictions"][number][] = [];
  const times: number[] = [];
  let seen = 0;
  for (const [i, line] of lines.entries()) {
    const item = await readBatchLine(line, i + 1);
    if (!("goal" in item)) throw item.mistake;
    const { goal } = item;
    const right = claimOf(goal);
    // A claim without the gradient from above claims the derivative itself.
    const withoutGradient = substitute(right, new Map([[dy, constant(1)]]));
    for (const { claim, change } of mutants(goal.claim, variablesOf(goal))) {
      if (seen++ % every !== 0) continue;
      const mutated: Goal = { ...goal, claim };
      const start = performance.now();
      const verdict = prover.prove(mutated);
      times.push(performance.now() - start);
      verdicts[verdict.verdict] += 1;
      const found = await judge.contradiction(
        mutated,
        { expr: variables(claim).includes(dy) ? right : withoutGradient, atKinks: true },
        verdict,
      );
      if (found !== undefined) contradictions.push({ ...found, id: item.id ?? `line ${i + 1}`, change });
    }
  }
  return { count: times.length, verdicts, contradictions, times };
}

/** The input and the parameters: what a slip of the pen takes for another. The gradient from above is no such name. */
const variablesOf = ({ formula, claim }: Goal): Expr[] =>
  variables(formula, claim).filter((variable) => ["input", "parameter"].includes(variableOf(variable).role));
