/** The best form of one expression of a definition in the floats of a target, lowered and proved. */
import type { Expansion } from "../codegen/expansion.js";
import { LOST } from "../codegen/grade.js";
import type { KEEPS_NAN } from "../codegen/lower.js";
import type { ChainProof } from "../codegen/target.js";
import { x } from "../ir/build.js";
import type { Expr } from "../ir/expr.js";
import { ARITHMETICS, type ArithmeticName } from "../symbolic/arithmetic.js";
import { once } from "../symbolic/once.js";
import type { Oracle } from "../symbolic/oracle.js";
import { proveChain, type Origin } from "../symbolic/prove/chain.js";
import { DOUBLES, SINGLES, type Sight } from "../symbolic/prove/estimates/bounds.js";
import type { Prover } from "../symbolic/prove/prove.js";
import type { Stable, Step } from "../symbolic/stabilise.js";
import type { Workbench } from "../symbolic/workbench.js";

/** How near approximating steps have to be: what is computed in float32 alone does not see more than that. */
export const SIGHTS: Readonly<Record<ArithmeticName, Sight>> = { float64: DOUBLES, float32: DOUBLES, shader: SINGLES };
/** ULP beyond which a form that rewriting finds is not enough. */
const ENOUGH: Readonly<Record<ArithmeticName, number>> = { float64: 16, float32: 2 ** 10, shader: 2 ** 10 };

/** An expression that a form is looked for. */
export interface Sought {
  /** The function that it is, and the expression that the search begins with. */
  readonly origin: Origin;
  readonly start: Expr;
  /** Its number on the workbench. */
  readonly which: number;
  /** ULP at which the search has nothing left to look for. */
  readonly goals: Readonly<Record<ArithmeticName, number>>;
}

/** A stable form as it is emitted, and the proof that it is right. */
export interface Finished {
  readonly form: Stable;
  readonly expr: Expr;
  readonly proof: ChainProof;
}

/** How the target writes a form: in its operations, with NaN kept. */
export interface Writing extends Pick<Expansion, "lowered" | "written"> {
  readonly withNaN: (typeof KEEPS_NAN)[keyof typeof KEEPS_NAN];
}

export interface Finder {
  /** The proof that steps lead from what is sought to a form. */
  readonly chain: (sought: Sought, steps: readonly Step[], sight: Sight) => ChainProof;
  /** An expression as the target writes it. */
  readonly emitted: (expr: Expr) => Expr;
  /** A form, lowered and proved. */
  readonly finished: (sought: Sought, form: Stable, sight: Sight) => Finished;
  /** The form that rewriting finds, and where that is not enough, one that is built. */
  readonly best: (sought: Sought, bench: Workbench, floats: ArithmeticName) => Finished;
}

const isProved = ({ verdict }: Pick<ChainProof, "verdict">): boolean =>
  verdict === "proved" || verdict === "equal-except";

/** Accuracy first, then certain steps, then a proof; nothing is worse than to be refuted. */
export function trust({ verdict, approximations }: ChainProof, error: number, mostLost: number): number {
  if (verdict === "refuted") return -1;
  const isCertified = approximations.every(({ certified }) => certified);
  const proof = isProved({ verdict }) ? 2 : isCertified ? 1 : 0;
  return error <= mostLost ? proof + 3 : proof;
}

export function createFinder({ lowered, written, withNaN }: Writing, prover: Prover, oracle: Oracle): Finder {
  const chain: Finder["chain"] = ({ origin, start }, steps, sight) => {
    const path = [origin.formula, origin.variable ?? x, start, ...steps.map(({ expr }) => expr)].map(({ id }) => id);
    const names = steps.map((step) => step.name);
    return once(oracle, ["chain", origin.order, ...path, ...names, ...Object.values(sight)], () =>
      proveChain(prover, origin, x, start, steps, sight),
    );
  };
  const exact = (expr: Expr): Expr => withNaN(lowered(false)(expr), [x]);
  const finished: Finder["finished"] = (sought, form, sight) => {
    const exactly = exact(form.expr);
    const step: Step = { name: "lower", expr: exactly, exact: true };
    return { form, expr: written(exactly), proof: chain(sought, [...form.steps, step], sight) };
  };
  const best: Finder["best"] = (sought, bench, floats) => {
    const { which, goals } = sought;
    const [goal, sight, enough] = [goals[floats], SIGHTS[floats], ENOUGH[floats]];
    const found = finished(sought, bench.search(which, goal), sight);
    const error = bench.error(found.expr, which);
    if (error <= enough && isProved(found.proof)) return found;
    const built = finished(sought, bench.construct(which, { goal, enough, sight }), sight);
    const mostLost = LOST[ARITHMETICS[floats].precision].half;
    const before = trust(found.proof, error, mostLost);
    const after = trust(built.proof, bench.error(built.expr, which), mostLost);
    if (after !== before) return after > before ? built : found;
    return bench.lost(built.expr, which) < bench.lost(found.expr, which) ? built : found;
  };
  return { chain, emitted: (expr) => written(exact(expr)), finished, best };
}
