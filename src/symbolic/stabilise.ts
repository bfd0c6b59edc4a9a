/**
 * The search for a form that floats can bear. Candidates come from the stable rules and a few transformations; each is
 * equal to the definition over the reals, and the measured error of the whole expression decides which is kept.
 */
import { topological, type Expr } from "../ir/expr.js";
import { candidates, type RewriteContext, type Step } from "./candidates.js";
import { compareScores, type Score } from "./score.js";
import { cost } from "./simplify.js";

export type { Step } from "./candidates.js";

export interface StabiliseContext extends RewriteContext {
  /** Measures a candidate against the reference. */
  readonly judge: (expr: Expr) => Score;
  readonly points: number;
  /** A worst error with which there is nothing left to look for. */
  readonly goal: number;
  /** Hears of every form that is measured. */
  readonly onForm?: (form: Stable) => void;
}

export interface Stable {
  readonly expr: Expr;
  readonly steps: readonly Step[];
  readonly score: Score;
}

/** Expressions larger than this are left as they are: the search is for formulas, not for programs. */
const LARGEST = 600;
const BEAM = 6;
const ROUNDS = 8;

/** The best form found, with the names of the steps that led to it. */
export function stabilise(expr: Expr, context: StabiliseContext): Stable {
  const { judge, points, onForm } = context;
  let best: Stable = { expr, steps: [], score: judge(expr) };
  onForm?.(best);
  if (topological([expr]).length > LARGEST) return best;
  const seen = new Set<Expr>([expr]);
  let beam: Stable[] = [best];
  let stale = 0;
  for (let round = 0; round < ROUNDS && best.score.worst > context.goal && stale < 2; round++) {
    const next: Stable[] = [];
    for (const state of beam)
      for (const step of candidates(state.expr, context, state.score.worst)) {
        const form = step.expr;
        if (seen.has(form) || topological([form]).length > LARGEST) continue;
        seen.add(form);
        const found: Stable = { expr: form, steps: [...state.steps, step], score: judge(form) };
        onForm?.(found);
        next.push(found);
      }
    if (next.length === 0) break;
    next.sort((a, b) => compareScores(a.score, b.score, points) || cost(a.expr) - cost(b.expr));
    beam = varied(next);
    const better = compareScores(beam[0]!.score, best.score, points) < 0;
    if (better) best = beam[0]!;
    stale = better ? 0 : stale + 1;
  }
  return best;
}

/** The first few of a sorted list, but few that only hold the input: they are many and alike. */
function varied(sorted: readonly Stable[]): Stable[] {
  let holding = 0;
  const isHolding = ({ steps }: Stable): boolean => steps[steps.length - 1]!.name.startsWith("hold");
  return sorted.filter((state) => !isHolding(state) || holding++ < 2).slice(0, BEAM);
}
