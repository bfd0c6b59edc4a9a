/**
 * The search for a form that floats can bear. Candidates come from the stable rules and a few transformations; each is
 * equal to the definition over the reals, and the measured error of the whole expression decides which is kept.
 */
import { add, cos, eq, exp, fraction, max, min, mul, select, sin, sub } from "../ir/build.js";
import { rebuild, substitute, topological, variables, type Expr } from "../ir/expr.js";
import { OPERATIONS } from "../ir/ops.js";
import { ARITHMETICS, type ArithmeticName } from "./arithmetic.js";
import { createFacts, type Facts } from "./facts.js";
import { liftPieces } from "./pieces.js";
import { residual, type Remainder } from "./residual.js";
import { applyRule, type Rule } from "./rule.js";
import { LOST, compareScores, type Score } from "./score.js";
import { cost, normalizer } from "./simplify.js";
import { SHADER_RULES, SHORT_FLOAT_RULES, STABLE_RULES } from "./stable-rules.js";
import { tailFormsInBranches } from "./tail.js";
import { taylorForms } from "./taylor.js";

export interface StabiliseContext {
  readonly input: Expr;
  /** Measures a candidate against the reference. */
  readonly judge: (expr: Expr) => Score;
  readonly points: number;
  readonly remainder: Remainder;
  /** A worst error with which there is nothing left to look for. */
  readonly goal: number;
  /** The floats in which the form will be computed. */
  readonly computed: ArithmeticName;
}

/** One rewrite on the way to a stable form. */
export interface Step {
  readonly name: string;
  /** The whole expression after it. */
  readonly expr: Expr;
  /** Equal over the reals to what was before; else only as near as floats see. */
  readonly exact: boolean;
}

export interface Stable {
  readonly expr: Expr;
  readonly steps: readonly Step[];
  readonly score: Score;
}

interface Tools {
  readonly facts: Facts;
  readonly make: (expr: Expr) => Expr;
}

/** Expressions larger than this are left as they are: the search is for formulas, not for programs. */
const LARGEST = 600;
const BEAM = 6;
const ROUNDS = 8;
const powerOfTwo = (exponent: number, sign: 1 | -1 = 1): Expr => fraction(BigInt(sign) << BigInt(exponent));

const RULES: Readonly<Record<ArithmeticName, readonly Rule[]>> = {
  float64: STABLE_RULES,
  float32: [...STABLE_RULES, ...SHORT_FLOAT_RULES],
  shader: [...STABLE_RULES.filter(({ name }) => name !== "scale-terms"), ...SHADER_RULES],
};

const COMPENSATED = new Set(["exp", "expm1", "tanh", "sigmoid", "softplus", "erf", "erfc", "sinh", "cosh"]);

/** A rule wherever it applies. */
function everywhere(row: Rule, expr: Expr, facts: Facts, make: (expr: Expr) => Expr): Expr {
  return rebuild([expr], (rebuilt) => applyRule(row, rebuilt, facts, make) ?? rebuilt).get(expr)!;
}

const heldAt = (input: Expr, power: number): Expr => min(max(input, powerOfTwo(power, -1)), powerOfTwo(power));

/**
 * f(u) becomes f(u) + residual(u)·f'(u) wherever the argument was rounded. The residual is taken at a held input: where
 * that differs, the residual is beneath the last place anyway, and the exact product does not overflow.
 */
function compensated(expr: Expr, { input, remainder, computed }: StabiliseContext, safe?: Expr): Expr {
  const { mendsRoots } = ARITHMETICS[computed];
  const rest = (u: Expr): Expr | undefined => {
    const error = residual(u, remainder);
    return error === undefined || safe === undefined ? error : substitute(error, new Map([[input, safe]]));
  };
  return rebuild([expr], (rebuilt) => {
    const [u] = rebuilt.args;
    const isRoot = rebuilt.op === "sqrt" && mendsRoots && !rebuilt.closed;
    const isMended = COMPENSATED.has(rebuilt.op) || isRoot;
    if (rebuilt.op !== "sin" && rebuilt.op !== "cos" && !isMended) return rebuilt;
    const r = rest(u!);
    if (r === undefined) return rebuilt;
    // Exact even when the residual of a huge argument is not small.
    if (rebuilt.op === "sin") return add(mul(sin(u!), cos(r)), mul(cos(u!), sin(r)));
    if (rebuilt.op === "cos") return sub(mul(cos(u!), cos(r)), mul(sin(u!), sin(r)));
    const [slope] = OPERATIONS[rebuilt.op].derivative!(rebuilt, u!);
    return add(rebuilt, mul(r, slope!));
  }).get(expr)!;
}

/** p·u is 0 for p = 0 made of parameters, also where u is infinite. */
const zeroFactors = (expr: Expr, input: Expr): Expr =>
  rebuild([expr], (rebuilt, original) => {
    if (rebuilt.op !== "mul") return rebuilt;
    const which = original.args.findIndex((arg) => !arg.closed && !variables(arg).includes(input));
    return which < 0 ? rebuilt : select(eq(rebuilt.args[which]!, 0), 0, rebuilt);
  }).get(expr)!;

/** exp held finite: what multiplies it decides the limit, and 0·inf cannot arise. */
const heldExponents = (expr: Expr, most: number): Expr =>
  rebuild([expr], (rebuilt) => (rebuilt.op === "exp" ? exp(min(rebuilt.args[0]!, most)) : rebuilt)).get(expr)!;

/** The input held inside the functions that it enters, but not where it stands itself. */
const heldInside = (expr: Expr, input: Expr, held: Expr): Expr =>
  rebuild([expr], (rebuilt) =>
    rebuilt.args.length === 1 && OPERATIONS[rebuilt.op].cost >= 10
      ? substitute(rebuilt, new Map([[input, held]]))
      : rebuilt,
  ).get(expr)!;

function* candidates(expr: Expr, context: StabiliseContext, worst: number, tools: Tools): Generator<Step> {
  const operations = new Set(topological([expr]).map((node) => node.op));
  const { residuals, exponents, holds, held, holdsTogether } = ARITHMETICS[context.computed];
  for (const row of RULES[context.computed]) {
    if (!operations.has(row.from.op)) continue;
    const rewritten = everywhere(row, expr, tools.facts, tools.make);
    if (rewritten !== expr) yield { name: row.name, expr: rewritten, exact: true };
  }
  const lifted = liftPieces(expr);
  if (lifted !== undefined) yield { name: "lift-pieces", expr: lifted, exact: true };
  for (const form of tailFormsInBranches(expr)) yield { name: "exponential-tail", expr: form, exact: false };
  for (const form of taylorForms(expr, context.input)) yield { name: "series-at-zero", expr: form, exact: false };
  if (residuals) {
    yield { name: "compensated-argument", expr: compensated(expr, context), exact: true };
    for (const most of held.map((power) => heldAt(context.input, power)))
      yield holdsTogether
        ? { name: "hold-inside", expr: compensated(heldInside(expr, context.input, most), context), exact: false }
        : { name: "compensated-argument", expr: compensated(expr, context, most), exact: true };
  }
  // What follows mends overflow and 0·inf; nothing else.
  if (worst < LOST) return;
  for (const most of exponents) yield { name: "hold-exponents", expr: heldExponents(expr, most), exact: false };
  yield { name: "zero-factor", expr: zeroFactors(expr, context.input), exact: true };
  for (const power of holds) {
    const [low, high] = [powerOfTwo(power, -1), powerOfTwo(power)];
    const both = heldAt(context.input, power);
    for (const [name, held] of [
      ["hold-left", max(context.input, low)],
      ["hold-right", min(context.input, high)],
      ["hold-both", both],
    ] as const)
      yield { name, expr: substitute(expr, new Map([[context.input, held]])), exact: false };
    yield { name: "hold-inside", expr: heldInside(expr, context.input, both), exact: false };
  }
}

/** The best form found, with the names of the steps that led to it. */
export function stabilise(expr: Expr, context: StabiliseContext): Stable {
  const { judge, points } = context;
  const facts = createFacts();
  const tools: Tools = { facts, make: normalizer({ facts }) };
  let best: Stable = { expr, steps: [], score: judge(expr) };
  if (topological([expr]).length > LARGEST) return best;
  const seen = new Set<Expr>([expr]);
  let beam: Stable[] = [best];
  let stale = 0;
  for (let round = 0; round < ROUNDS && best.score.worst > context.goal && stale < 2; round++) {
    const next: Stable[] = [];
    for (const state of beam)
      for (const step of candidates(state.expr, context, state.score.worst, tools)) {
        const form = step.expr;
        if (seen.has(form) || topological([form]).length > LARGEST) continue;
        seen.add(form);
        next.push({ expr: form, steps: [...state.steps, step], score: judge(form) });
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
