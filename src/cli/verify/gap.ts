/** How far a wrong claim is from what is right, found numerically: a constant with ten digits is another mistake than a sign. */
import { constant, dy, fromRational, sub, x, y } from "../../ir/build.js";
import { substitute, topological, variableOf, variables, type Expr } from "../../ir/expr.js";
import { rationalFromNumber } from "../../ir/rational.js";
import { derivative } from "../../symbolic/derivative.js";
import type { Oracle } from "../../symbolic/oracle.js";
import { normalForm } from "../../symbolic/simplify.js";
import type { Answer } from "./claim.js";

export interface Distance {
  readonly size: number;
  readonly at: readonly number[];
  /** It was looked for along the line of inputs, and no parameter was held. */
  readonly isEverywhere: boolean;
  /** So small beside what is right that a constant with a few digits less is likely. */
  readonly isRounding: boolean;
}

/** More operations than this are not measured. */
const LARGEST = 2000;
const ROUNDED = 1e-7;

/** The largest distance seen, for the parameters of the witness and a gradient of 1 from above; nothing where it cannot be measured. */
export function distanceOf({ claim: { goal }, proof }: Answer, oracle: Oracle): Distance | undefined {
  if (proof.verdict !== "refuted") return undefined;
  const { witness } = proof;
  const apart = Math.abs(witness.actual - witness.expected);
  const scale = Math.max(Math.abs(witness.expected), Math.abs(witness.actual), Number.MIN_VALUE);
  const atWitness = Number.isFinite(apart)
    ? { size: apart, at: [witness.x], isEverywhere: false, isRounding: apart <= ROUNDED * scale }
    : undefined;
  const used = variables(goal.formula, goal.claim).filter((leaf) => leaf !== x && leaf !== y && leaf !== dy);
  if (used.some((leaf) => witness.parameters[variableOf(leaf).name] === undefined)) return atWitness;
  const known = new Map(
    used.map((leaf) => [leaf, fromRational(rationalFromNumber(witness.parameters[variableOf(leaf).name]!))] as const),
  );
  const within = (expr: Expr): Expr => substitute(expr, known);
  const by = goal.variable ?? x;
  let right = goal.formula;
  for (let i = 0; i < goal.order && isShort(right); i++) right = normalForm(derivative(right, by));
  const claimed = within(substitute(goal.claim, new Map([[dy, constant(1)]])));
  const [f, g] = [within(right), substitute(claimed, new Map([[y, within(goal.formula)]]))];
  if (!isShort(f) || !isShort(g)) return atWitness;
  const gap = largest(sub(f, g), witness.x, oracle);
  const isEverywhere = used.length === 0;
  if (gap === undefined || gap.size < SMALLEST) return atWitness && { ...atWitness, isEverywhere };
  const isRounding = gap.size <= ROUNDED && (atWitness?.isRounding ?? false);
  return { size: gap.size, at: [gap.x], isEverywhere, isRounding };
}

/** Of two ways to read a wrong claim that which is nearly right, where the other one is far from it. */
export function nearer(answered: Answer, oracle: Oracle): Answer {
  const { other } = answered;
  if (other === undefined || other.proof.verdict !== "refuted") return answered;
  const [as, otherwise] = [distanceOf(answered, oracle), distanceOf(other, oracle)];
  return as !== undefined && otherwise !== undefined && as.size > NEAR && otherwise.size <= NEAR ? other : answered;
}
const NEAR = 1e-6;

interface Seen {
  readonly x: number;
  readonly size: number;
}

/** No difference matters that is smaller. */
const SMALLEST = 1e-30;
const WIDTH = 40;
const STEPS = 800;
const FINER = 20;
const ROUNDS = 8;
/** Looked at closer, a difference grows as much as this beside a pole only. */
const POLE = 1e6;
/** Far out, where a difference that still grows has no bound. */
const FAR = [1e3, 1e6, 1e9, 1e12] as const;

/** The largest difference from 0 along the line, found numerically; Infinity where it grows without bound. */
function largest(difference: Expr, witness: number, oracle: Oracle): Seen | undefined {
  const measure = (inputs: readonly number[]): readonly Seen[] => {
    const [reference] = oracle.evaluate(
      [difference],
      inputs.map((input) => ({ x: input })),
      SMALLEST,
    );
    return inputs.flatMap((input, i) => {
      const size = Math.abs(reference!.high[i]!);
      return Number.isNaN(size) ? [] : [{ x: input, size }];
    });
  };
  const best = (seen: readonly Seen[]): Seen | undefined =>
    seen.reduce<Seen | undefined>((a, c) => (a === undefined || c.size > a.size ? c : a), undefined);
  const grid = Array.from({ length: STEPS + 1 }, (_, i) => -WIDTH + (2 * WIDTH * i) / STEPS);
  const seen = measure([witness, ...grid, ...FAR.flatMap((value) => [-value, value])]);
  for (const sign of [-1, 1]) {
    const sizes = FAR.map((value) => seen.find(({ x: at }) => at === sign * value)?.size ?? 0);
    if (sizes.every((size, i) => size > 0 && (i === 0 || size > 2 * sizes[i - 1]!)))
      return { x: sign * Infinity, size: Infinity };
  }
  let found = best(seen);
  for (let round = 0, width = (2 * WIDTH) / STEPS; found !== undefined && round < ROUNDS; round++, width /= FINER / 2) {
    const around = Array.from({ length: 2 * FINER + 1 }, (_, i) => found!.x + (width * (i - FINER)) / FINER);
    found = best([found, ...measure(around)]);
  }
  const before = best(seen)?.size ?? 0;
  if (found !== undefined && found.size > POLE * before) return { x: Number(found.x.toPrecision(8)), size: Infinity };
  return found === undefined || found.size === 0 ? undefined : { x: Number(found.x.toPrecision(8)), size: found.size };
}

const isShort = (expr: Expr): boolean => topological([expr]).length <= LARGEST;
