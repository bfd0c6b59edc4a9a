/**
 * One form for each part of the line of inputs. Which form is where, and how many parts there are, is found by dynamic
 * programming over the measured inputs: the fewest lost bits, each cut counting as a few.
 */
import { fromRational, le, lt, select } from "../ir/build.js";
import { evaluate } from "../ir/evaluate.js";
import type { Expr } from "../ir/expr.js";
import { rationalFromNumber } from "../ir/rational.js";
import type { Step } from "./candidates.js";
import type { Point } from "./oracle.js";

export interface Candidate {
  readonly expr: Expr;
  /** From the expression that is looked for to this form of it. */
  readonly steps: readonly Step[];
  /** The bits that it loses at each input. */
  readonly lost: Float64Array;
  readonly cost: number;
}

export interface Piece {
  readonly candidate: Candidate;
  /** Indices of the first input in it, and of the first after it. */
  readonly from: number;
  readonly to: number;
}

/** Bits that a cut has to save, and those that a nanosecond counts as. */
const PER_CUT = 24;
const PER_NANOSECOND = 0.02;
const MOST_CANDIDATES = 10;

/** A few candidates of which each is the best somewhere, chosen one after the other by what it saves. */
export function cover<Of extends Candidate>(candidates: readonly Of[]): Of[] {
  const chosen: Of[] = [];
  const best = new Float64Array(candidates[0]?.lost.length ?? 0).fill(Infinity);
  let lost = Infinity;
  while (chosen.length < MOST_CANDIDATES) {
    let [next, least] = [undefined as Of | undefined, lost];
    for (const candidate of candidates) {
      let total = candidate.cost * PER_NANOSECOND;
      for (let i = 0; i < best.length; i++) total += Math.min(best[i]!, candidate.lost[i]!);
      if (total < least - 1e-9) [next, least] = [candidate, total];
    }
    if (next === undefined || chosen.includes(next)) break;
    chosen.push(next);
    for (let i = 0; i < best.length; i++) best[i] = Math.min(best[i]!, next.lost[i]!);
    lost = best.reduce((sum, bits) => sum + bits, 0);
  }
  return chosen;
}

/** The pieces with the least sum of lost bits, over inputs in ascending order. */
export function cheapestPieces(candidates: readonly Candidate[], count: number): readonly Piece[] {
  const totals = candidates.map(({ cost }) => cost * PER_NANOSECOND);
  const cameFrom: Int32Array[] = [];
  for (let i = 0; i < count; i++) {
    const cheapest = totals.indexOf(Math.min(...totals));
    const entering = totals[cheapest]!;
    const origin = new Int32Array(candidates.length);
    candidates.forEach(({ lost, cost }, which) => {
      const cut = entering + PER_CUT + cost * PER_NANOSECOND;
      const isCut = i > 0 && cut < totals[which]!;
      origin[which] = isCut ? cheapest : which;
      totals[which] = (isCut ? cut : totals[which]!) + lost[i]!;
    });
    cameFrom.push(origin);
  }
  const pieces: Piece[] = [];
  let which = totals.indexOf(Math.min(...totals));
  let to = count;
  for (let i = count - 1; i >= 0; i--) {
    const before = i === 0 ? -1 : cameFrom[i]![which]!;
    if (before === which) continue;
    pieces.unshift({ candidate: candidates[which]!, from: i, to });
    [which, to] = [before, i];
  }
  return pieces;
}

/** A dyadic number above `low` and not above `high`, both finite, with as few digits as possible. */
export function simplestBetween(low: number, high: number): number {
  if (low < 0 && high >= 0) return 0;
  const largest = Math.max(Math.abs(low), Math.abs(high));
  for (let step = 2 ** Math.min(1023, Math.floor(Math.log2(largest))); step > 0; step /= 2) {
    const multiple = Math.floor(high / step) * step;
    if (multiple > low && multiple <= high) return multiple;
  }
  return high;
}

/**
 * The condition for an input to be before the cut between two neighbouring measured inputs: at a kink where there is one. No
 * number in it is beyond the largest float.
 */
export function beforeCut(
  input: Expr,
  [low, high]: readonly [number, number],
  kinks: readonly Expr[],
  parameters: Point,
  largest: number,
): Expr {
  for (const kink of kinks) {
    const at = evaluate(kink, parameters);
    if (at === high) return lt(input, kink);
    if (at === low) return le(input, kink);
  }
  const number = (value: number): Expr => fromRational(rationalFromNumber(value));
  // No float lies between the largest and infinity.
  if (low >= largest) return le(input, number(largest));
  return lt(input, number(simplestBetween(Math.max(low, -largest), Math.min(high, largest))));
}

/** The pieces as one expression, and the steps that lead to it: those of each piece, inside of the case distinction. */
export function assembled(
  start: Expr,
  pieces: readonly { readonly steps: readonly Step[] }[],
  conditions: readonly Expr[],
): readonly Step[] {
  const current = pieces.map(() => start);
  const tree = (): Expr =>
    conditions.reduceRight(
      (rest, condition, i) => {
        const piece = current[i]!;
        return piece === rest ? rest : select(condition, piece, rest);
      },
      current[current.length - 1]!,
    );
  const steps: Step[] = [];
  // Exact steps first: what is near only has to be near to what is exact by then.
  pieces.forEach(({ steps: own }, i) => {
    for (const step of own) {
      current[i] = step.expr;
      steps.push({ ...step, expr: tree() });
    }
  });
  return steps;
}
