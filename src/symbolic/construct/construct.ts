/**
 * The construction of a form that floats can bear, where rewriting finds none: forms for each side of the line, and what
 * rewriting makes of them, are measured, and each part of the line gets the one that is best there.
 */
import { topological, type Expr } from "../../ir/expr.js";
import { ARITHMETICS, LARGEST } from "../arithmetic.js";
import { candidates, heldArguments, largestHolds, powerHolds, type RewriteContext, type Step } from "../candidates.js";
import type { Point } from "../oracle.js";
import { assembled, beforeCut, cheapestPieces, cover, type Candidate, type Piece } from "../regimes.js";
import { LOST, compareScores, type Score } from "../score.js";
import { cost } from "../simplify.js";
import { stabilise, type Stable } from "../stabilise.js";
import { sideForms } from "./forms.js";
import { togetherForms } from "./together.js";

/** The measured inputs in ascending order, and what forms lose at each. */
export interface Bench {
  readonly inputs: readonly number[];
  readonly lost: (form: Expr) => Float64Array;
  readonly judge: (form: Expr) => Score;
  /** The largest error at inputs that a float32 holds. */
  readonly worst: (form: Expr) => number;
  /** The infinite inputs at which a form gives no number and nobody knows the limit, though it is steady before. */
  readonly withoutLimit: (form: Expr) => number;
  readonly points: number;
  /** Sets of parameters at which each input is measured. */
  readonly sets: number;
}

export interface ConstructContext extends RewriteContext {
  readonly parameters: Point;
  readonly kinks: readonly Expr[];
  readonly goal: number;
  /** A worst error with which a form need not be built. */
  readonly enough: number;
  /** The bench with more inputs. */
  readonly benchWith: (inputs: readonly number[]) => Bench;
  /** Whether a step that is not exact is as near as floats see. */
  readonly isNear: (before: Expr, after: Expr) => boolean;
}

const REFINEMENTS = 2;
const MOST_NODES = 900;
/** Inputs that are looked at in a gap in which a cut lies. */
const IN_GAP = 6;
const FAR_OUT = 1 / 64;
/** Bits lost by a form where it is not equal to what it is to be. */
const NOT_FOR = 1e6;

const isFor = ({ signs }: Form, input: number): boolean => signs === undefined || signs.includes(input < 0 ? -1 : 1);

interface Form {
  readonly expr: Expr;
  readonly steps: readonly Step[];
  /** The signs of the inputs that it is for; all of them when absent. */
  readonly signs?: readonly number[];
}

export function construct(expr: Expr, context: ConstructContext): Stable {
  const bench = context.benchWith([]);
  const tried: Form[] = [];
  const rewriting: RewriteContext = { ...context, holdsAtLargest: true };
  const rewritten = stabilise(expr, {
    ...rewriting,
    judge: bench.judge,
    points: bench.points,
    goal: context.goal,
    onForm: (form) => tried.push(form),
  });
  if (bench.worst(rewritten.expr) <= context.enough && uncertainStep(expr, rewritten.steps, context) < 0)
    return rewritten;
  const isHolding = ({ steps }: Form): boolean => steps.some(({ name }) => name.startsWith("hold"));
  const forms = withBuilt(
    expr,
    tried.filter((form) => !isHolding(form)),
    context,
    bench,
  );
  return piecewise(expr, forms, context, bench);
}

/** The first of the steps that is not certainly near to what was before; -1 when all are. */
const uncertainStep = (expr: Expr, steps: readonly Step[], { isNear }: ConstructContext): number =>
  steps.findIndex(({ expr: after, exact }, i) => !exact && !isNear(steps[i - 1]?.expr ?? expr, after));

/** The best form for each part of the line, all of it held where infinite inputs have no value otherwise. */
function piecewise(expr: Expr, forms: readonly Form[], context: ConstructContext, first: Bench): Stable {
  let bench = first;
  let best: readonly Form[] | undefined;
  const excluded = new Set<Expr>();
  const failed: string[] = [];
  const isAllowed = ({ expr: form, steps }: Form): boolean =>
    !excluded.has(form) && !steps.some(({ name }) => failed.filter((other) => other === name).length > 1);
  for (let round = 0; ; round++) {
    best ??= cover(measured(forms.filter(isAllowed), bench));
    const pieces = cheapestPieces(measured(best, bench), bench.inputs.length);
    if (round < REFINEMENTS && pieces.length > 1) {
      bench = context.benchWith(besideCuts(pieces, bench.inputs));
      continue;
    }
    const steps = stepsOf(expr, pieces, bench, context);
    const uncertain = uncertainStep(expr, steps, context);
    if (uncertain < 0) return held(expr, steps, context, bench);
    // A kind of step that fails twice is not tried a third time.
    failed.push(steps[uncertain]!.name);
    excluded.add(ownerOf(uncertain, pieces).expr);
    best = undefined;
  }
}

/** The candidate whose step it is. */
function ownerOf(step: number, pieces: readonly Piece[]): Candidate {
  let count = step;
  for (const { candidate } of pieces) {
    count -= candidate.steps.length;
    if (count < 0) return candidate;
  }
  throw new RangeError(`no piece has step ${step}`);
}

/** The form, held at the largest float and in its arguments where that mends something. */
function held(expr: Expr, steps: readonly Step[], context: ConstructContext, bench: Bench): Stable {
  const { judge, points, withoutLimit } = bench;
  const last = steps[steps.length - 1]?.expr ?? expr;
  const plain: Stable = { expr: last, steps, score: judge(last) };
  const after = (form: Stable, more: Iterable<Step>): Stable[] =>
    [...more].map((step) => ({ expr: step.expr, steps: [...form.steps, step], score: judge(step.expr) }));
  const isNear = (form: Stable): boolean => uncertainStep(expr, form.steps, context) < 0;
  const bases = [plain, ...after(plain, heldArguments(last, context)).filter(isNear)];
  const forms = bases.flatMap((base) => [base, ...after(base, largestHolds(base.expr, context))]);
  const order = (a: Stable, b: Stable): number => compareScores(a.score, b.score, points);
  const best = forms.reduce((known, form) => {
    const better = order(form, known);
    return better < 0 || (better === 0 && withoutLimit(form.expr) < withoutLimit(known.expr)) ? form : known;
  });
  if (best.score.worst < LOST) return best;
  // Held earlier, where terms would grow beyond the largest float before they vanish in others.
  const earlier = after(plain, powerHolds(last, context)).filter((form) => order(form, best) < 0);
  return earlier.sort(order).find(isNear) ?? best;
}

/** Every form that is tried, each with the steps that lead to it. */
function withBuilt(expr: Expr, tried: readonly Form[], context: ConstructContext, bench: Bench): readonly Form[] {
  const found = new Map<Expr, Form>();
  const put = (form: Form): void => {
    const known = found.get(form.expr);
    if (known === undefined && topological([form.expr]).length <= MOST_NODES) found.set(form.expr, form);
    // A form for either side is one for both.
    if (known?.signs !== undefined)
      found.set(form.expr, { ...known, signs: [...known.signs, ...(form.signs ?? [-1, 1])] });
  };
  tried.forEach(put);
  const built: Form[] = [
    ...togetherForms(expr, context.input).map((form) => ({ name: "together", expr: form })),
    ...sideForms(expr, context.input, context.parameters).map(({ sign, ...form }) => ({ ...form, signs: [sign] })),
  ].map(({ name, expr: form, ...rest }) => ({ ...rest, expr: form, steps: [{ name, expr: form, exact: true }] }));
  built.forEach(put);
  const rewritten = (forms: readonly Form[]): readonly Form[] =>
    forms.flatMap((form) =>
      [...candidates(form.expr, context, 0)].map((step) => ({
        ...form,
        expr: step.expr,
        steps: [...form.steps, step],
      })),
    );
  rewritten(built).forEach(put);
  const best: readonly Form[] = cover(measured([...found.values()], bench)).filter(({ steps }) => steps.length > 0);
  rewritten(best).forEach(put);
  return [...found.values()];
}

/** The bits lost at each input, as a mean over the parameters; finite inputs that no float32 holds count little. */
function measured(forms: readonly Form[], { inputs, sets, lost }: Bench): (Form & Candidate)[] {
  const weightOf = (input: number): number =>
    Math.abs(input) > LARGEST.float32 && Number.isFinite(input) ? FAR_OUT : 1;
  const weights = inputs.map((input) => weightOf(input) / sets);
  return forms.map((form) => ({
    ...form,
    lost: lost(form.expr).map((bits, i) => (isFor(form, inputs[i]!) ? bits * weights[i]! : NOT_FOR)),
    cost: cost(form.expr),
  }));
}

function stepsOf(
  expr: Expr,
  pieces: readonly Piece[],
  { inputs }: Bench,
  { input, kinks, parameters, computed }: ConstructContext,
): readonly Step[] {
  const largest = LARGEST[ARITHMETICS[computed].precision];
  const conditions = pieces
    .slice(1)
    .map(({ from }) => beforeCut(input, [inputs[from - 1]!, inputs[from]!], kinks, parameters, largest));
  return assembled(
    expr,
    pieces.map(({ candidate }) => candidate),
    conditions,
  );
}

/** Inputs in the gaps in which cuts lie. */
function besideCuts(pieces: readonly Piece[], inputs: readonly number[]): number[] {
  return pieces.slice(1).flatMap(({ from }) => {
    const [low, high] = [inputs[from - 1]!, inputs[from]!];
    if (!Number.isFinite(low) || !Number.isFinite(high)) return [];
    const isWide = low * high > 0 && Math.max(low / high, high / low) > 4;
    return Array.from({ length: IN_GAP }, (_, i) => {
      const part = (i + 1) / (IN_GAP + 1);
      return isWide ? Math.sign(low) * Math.abs(low) ** (1 - part) * Math.abs(high) ** part : low + (high - low) * part;
    });
  });
}
