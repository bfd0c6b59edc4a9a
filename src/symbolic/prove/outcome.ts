/**
 * Outcomes of an argument about a region: its result, or the way in which it ended early. Signs are asked for deep inside the
 * arithmetic, so an argument leaves it by `throw new Ended(...)`; `attempt` is the one place that turns this into an outcome.
 */
import type { Expr } from "../../ir/expr.js";
import type { Bound } from "./regions/region.js";
import type { Signs } from "./signs/signs.js";

/** An early end, where the sign of an expression of the parameters decides. */
export interface Cases {
  readonly kind: "cases";
  readonly subject: Expr;
  readonly signs: Signs;
}

/** An early end of an argument. */
export type Ending =
  | Cases
  /** The cell has to be cut at these inputs first. */
  | { readonly kind: "split"; readonly bounds: readonly Bound[] }
  /** An exponential needs a finer scale: what was computed so far is void. */
  | { readonly kind: "restart" }
  /** The expression has no value here. */
  | { readonly kind: "undefined" }
  /** Nothing decides the sign of this expression. */
  | { readonly kind: "undecided"; readonly subject: Expr }
  /** The proof grew beyond what it may cost. */
  | { readonly kind: "exhausted"; readonly reason: string };

export type Outcome<Result> = { readonly kind: "done"; readonly value: Result } | Ending;

/** The signal that leaves an argument; nothing but `attempt` catches it. No error: there are many, and none needs a stack. */
export class Ended {
  constructor(readonly ending: Ending) {}
}

/** The outcome of an argument: the boundary at which its early end becomes a result. */
export function attempt<Result>(argue: () => Result): Outcome<Result> {
  try {
    return { kind: "done", value: argue() };
  } catch (error) {
    if (error instanceof Ended) return error.ending;
    throw error;
  }
}

/** The value of an outcome; an early end is that of the argument around it as well. */
export function valueOf<Result>(outcome: Outcome<Result>): Result {
  if (outcome.kind === "done") return outcome.value;
  throw new Ended(outcome);
}

/** The result of an argument; undefined where it ends in one of these ways. */
export function unless<Result>(endings: readonly Ending["kind"][], argue: () => Result): Result | undefined {
  const outcome = attempt(argue);
  return outcome.kind !== "done" && endings.includes(outcome.kind) ? undefined : valueOf(outcome);
}
