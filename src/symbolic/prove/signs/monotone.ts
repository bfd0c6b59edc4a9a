/** The sign of a function that is monotone in a cell from its sign at one end, exactly and with any parameters. */
import { substitute, type Expr } from "../../../ir/expr.js";
import { derivative } from "../../derivative.js";
import type { Reasoner } from "./reasoner.js";
import { unless } from "../outcome.js";
import type { Sign } from "./signs.js";

/** Slopes of slopes of slopes: beyond this nothing is gained. */
const DEEPEST = 4;

/** Undefined when the slope changes its sign or the ends do not tell. */
export function decideByDerivative(g: Expr, reasoner: Reasoner): Sign | undefined {
  const { low, high } = reasoner.region;
  const ends = [low, high].filter((bound) => bound?.kind === "exact");
  if (ends.length === 0 || reasoner.depth >= DEEPEST) return undefined;
  // Across a pole nothing is monotone.
  if (!reasoner.facts(g).defined) return undefined;
  reasoner.depth += 1;
  try {
    return unless(["split", "undecided", "undefined"], () => movesAway(g, reasoner));
  } finally {
    reasoner.depth -= 1;
  }
}

/** The sign that the slope and one of the ends give together. */
function movesAway(g: Expr, reasoner: Reasoner): Sign | undefined {
  const { low, high } = reasoner.region;
  const slope = reasoner.sign(reasoner.fraction(derivative(g, reasoner.kernels.input)));
  for (const [bound, inward] of [
    [low, 1],
    [high, -1],
  ] as const) {
    if (bound?.kind !== "exact") continue;
    const start = reasoner.sign(reasoner.fraction(substitute(g, new Map([[reasoner.kernels.input, bound.expr]]))));
    // From this end inward g moves away from 0, or starts there.
    const moves = (slope * inward) as Sign;
    if (moves !== 0 && (start === 0 || start === moves)) return moves;
  }
  return undefined;
}

/** The last resort: cells in which the function is monotone, by asking where its slope changes its sign. */
export function splitWhereSlopeTurns(g: Expr, reasoner: Reasoner): void {
  if (reasoner.depth > 0) return;
  reasoner.depth += 1;
  try {
    unless(["undecided", "undefined"], () => reasoner.sign(reasoner.fraction(derivative(g, reasoner.kernels.input))));
  } finally {
    reasoner.depth -= 1;
  }
}
