/**
 * The rewrites that a search for a stable form tries: rules that are equal over the reals, and a few transformations of the
 * whole expression, some of them only as near as floats see.
 */
import { add, cos, eq, exp, fraction, fromRational, max, min, mul, neg, select, sin, sub } from "../ir/build.js";
import { rebuild, substitute, topological, variableOf, variables, withArgs, type Expr } from "../ir/expr.js";
import { OPERATIONS } from "../ir/ops.js";
import { rationalFromNumber } from "../ir/rational.js";
import { ARITHMETICS, LARGEST, type ArithmeticName } from "./arithmetic.js";
import { createFacts, type Facts } from "./facts.js";
import { branchForms, liftPieces } from "./pieces.js";
import { residual, type Remainder } from "./residual.js";
import { applyRule, type Rule } from "./rule.js";
import { LOST } from "./score.js";
import { normalForm, normalizer } from "./simplify.js";
import { SHADER_RULES, SHORT_FLOAT_RULES, STABLE_RULES } from "./stable-rules.js";
import { tailFormsInBranches } from "./tail.js";
import { taylorForms } from "./taylor.js";

/** One rewrite on the way to a stable form. */
export interface Step {
  readonly name: string;
  /** The whole expression after it. */
  readonly expr: Expr;
  /** Equal over the reals to what was before; else only as near as floats see. */
  readonly exact: boolean;
}

interface Setting {
  readonly input: Expr;
  readonly remainder: Remainder;
  /** The floats in which the form will be computed. */
  readonly computed: ArithmeticName;
}

export interface RewriteContext extends Setting {
  readonly rewrites: Rewrites;
  /** Hold the input at the largest float alone: that changes no finite input, so it needs no estimate. */
  readonly holdsAtLargest?: boolean;
}

/** The rewrites of an expression that are tried whatever its error is. */
export type Rewrites = (expr: Expr, holdsAtLargest: boolean) => readonly Step[];

export const powerOfTwo = (exponent: number, sign: 1 | -1 = 1): Expr => fraction(BigInt(sign) << BigInt(exponent));

const RULES: Readonly<Record<ArithmeticName, readonly Rule[]>> = {
  float64: STABLE_RULES,
  float32: [...STABLE_RULES, ...SHORT_FLOAT_RULES],
  shader: [...STABLE_RULES.filter(({ name }) => name !== "scale-terms"), ...SHADER_RULES],
};

const COMPENSATED = new Set(["exp", "expm1", "tanh", "sigmoid", "softplus", "erf", "erfc", "sinh", "cosh"]);

/** Of these, those that overflow, for arguments from here on at the latest. */
const GROWING = new Set(["exp", "expm1", "sinh", "cosh"]);
const OVERFLOWS = 710;

/** A rule wherever it applies. */
function everywhere(row: Rule, expr: Expr, facts: Facts, make: (expr: Expr) => Expr): Expr {
  return rebuild([expr], (rebuilt) => applyRule(row, rebuilt, facts, make) ?? rebuilt).get(expr)!;
}

const heldAt = (input: Expr, power: number): Expr => min(max(input, powerOfTwo(power, -1)), powerOfTwo(power));

/**
 * f(u) becomes f(u) + residual(u)·f'(u) wherever the argument was rounded. The residual is taken at a held input: where
 * that differs, the residual is beneath the last place anyway, and the exact product does not overflow. An exponential that
 * grows is multiplied by 1 + residual: a sum of two infinities would be no number where the residual is negative.
 */
function compensated(expr: Expr, { input, remainder, computed }: Setting, safe?: Expr, isGrowing = false): Expr {
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
    if (rebuilt.op === "exp" && isGrowing) return mul(rebuilt, add(1, r));
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
export const heldExponents = (expr: Expr, most: number): Expr =>
  rebuild([expr], (rebuilt) => (rebuilt.op === "exp" ? exp(min(rebuilt.args[0]!, most)) : rebuilt)).get(expr)!;

/** The input held inside the functions that it enters, but not where it stands itself. */
const heldInside = (expr: Expr, input: Expr, held: Expr): Expr =>
  rebuild([expr], (rebuilt) =>
    rebuilt.args.length === 1 && OPERATIONS[rebuilt.op].cost >= 10
      ? substitute(rebuilt, new Map([[input, held]]))
      : rebuilt,
  ).get(expr)!;

/** Rewrites for one setting; those of each expression are found once, for all searches that come by it. */
export function createRewrites(setting: Setting): Rewrites {
  const { input, computed } = setting;
  const facts = createFacts();
  const make = normalizer({ facts });
  const branches = branchForms();
  const remembered = (find: (expr: Expr) => Iterable<Step>): ((expr: Expr) => readonly Step[]) => {
    const known = new Map<Expr, readonly Step[]>();
    return (expr) => {
      const found = known.get(expr) ?? [...find(expr)];
      known.set(expr, found);
      return found;
    };
  };
  const ruled = remembered(function* (expr) {
    const operations = new Set(topological([expr]).map((node) => node.op));
    for (const row of RULES[computed]) {
      if (!operations.has(row.from.op)) continue;
      const rewritten = everywhere(row, expr, facts, make);
      if (rewritten !== expr) yield { name: row.name, expr: rewritten, exact: true };
    }
    const lifted = liftPieces(expr, branches);
    if (lifted !== undefined) yield { name: "lift-pieces", expr: lifted, exact: true };
    for (const form of tailFormsInBranches(expr)) yield { name: "exponential-tail", expr: form, exact: false };
  });
  const series = [false, true].map((isEverywhere) =>
    remembered((expr) =>
      taylorForms(expr, input, isEverywhere).map((form) => ({ name: "series-at-zero", expr: form, exact: false })),
    ),
  );
  const mended = remembered((expr) => compensations(expr, setting));
  return (expr, holdsAtLargest) => [...ruled(expr), ...series[Number(holdsAtLargest)]!(expr), ...mended(expr)];
}

function* compensations(expr: Expr, setting: Setting): Generator<Step> {
  const { residuals, held, holdsTogether } = ARITHMETICS[setting.computed];
  if (!residuals) return;
  const isGrowing = !holdsTogether && grows(expr, setting.input);
  // Far out a residual would give what grows another sign.
  if (!isGrowing) yield { name: "compensated-argument", expr: compensated(expr, setting), exact: true };
  for (const most of held[isGrowing ? "growing" : "bounded"].map((power) => heldAt(setting.input, power)))
    yield holdsTogether
      ? { name: "hold-inside", expr: compensated(heldInside(expr, setting.input, most), setting), exact: false }
      : { name: "compensated-argument", expr: compensated(expr, setting, most, isGrowing), exact: true };
}

/** Whether it has an exponential that overflows at some input, whatever parameters are. */
function grows(expr: Expr, input: Expr): boolean {
  if (variables(expr).some((variable) => variable !== input)) return false;
  const facts = createFacts();
  return topological([expr]).some(({ op, args }) => GROWING.has(op) && facts(args[0]!).high > OVERFLOWS);
}

/** Each rewrite of an expression whose worst error is known. */
export function* candidates(expr: Expr, context: RewriteContext, worst: number): Generator<Step> {
  const { exponents } = ARITHMETICS[context.computed];
  yield* context.rewrites(expr, context.holdsAtLargest === true);
  // The candidates that follow mend overflow and 0·inf; nothing else.
  if (worst < LOST) return;
  if (context.holdsAtLargest !== true)
    for (const most of exponents) yield { name: "hold-exponents", expr: heldExponents(expr, most), exact: false };
  yield { name: "zero-factor", expr: zeroFactors(expr, context.input), exact: true };
  if (context.holdsAtLargest === true) {
    yield* largestHolds(expr, context);
    yield* heldArguments(expr, context);
  } else yield* powerHolds(expr, context);
}

/** The input held between two bounds, or at one of them, or only inside the functions that it enters. */
export function* holdsAt(expr: Expr, input: Expr, high: Expr): Generator<Step> {
  const low = normalForm(neg(high));
  const both = min(max(input, low), high);
  for (const [name, held] of [
    ["hold-left", max(input, low)],
    ["hold-right", min(input, high)],
    ["hold-both", both],
  ] as const)
    yield { name, expr: substitute(expr, new Map([[input, held]])), exact: false };
  yield { name: "hold-inside", expr: heldInside(expr, input, both), exact: false };
  yield { name: "hold-terms", expr: heldInTerms(expr, input, both), exact: false };
}

/** The input held in those terms of a sum that have a function in them, where 0 may meet infinity; others go on growing. */
function heldInTerms(expr: Expr, input: Expr, held: Expr): Expr {
  const [spine, terms] = [new Set<Expr>(), new Map<Expr, Expr>()];
  const stack = [expr];
  const isSum = ({ op }: Expr): boolean => op === "add" || op === "sub" || op === "neg";
  while (stack.length > 0) {
    const top = stack.pop()!;
    if (isSum(top)) {
      if (!spine.has(top)) stack.push(...top.args);
      spine.add(top);
    } else if (topological([top]).some(({ op, args }) => args.length === 1 && OPERATIONS[op].cost >= 10))
      terms.set(top, substitute(top, new Map([[input, held]])));
  }
  const rebuilt = new Map<Expr, Expr>();
  for (const node of topological([expr]))
    rebuilt.set(
      node,
      spine.has(node)
        ? withArgs(
            node,
            node.args.map((arg) => rebuilt.get(arg)!),
          )
        : (terms.get(node) ?? node),
    );
  return rebuilt.get(expr)!;
}

/** Held at the largest float, only infinite inputs are changed. */
export const largestHolds = (expr: Expr, { input, computed }: RewriteContext): Generator<Step> =>
  holdsAt(expr, input, fromRational(rationalFromNumber(LARGEST[ARITHMETICS[computed].precision])));

/** Held where powers of it are finite. */
export function* powerHolds(expr: Expr, { input, computed }: RewriteContext): Generator<Step> {
  for (const power of ARITHMETICS[computed].holds) yield* holdsAt(expr, input, powerOfTwo(power));
}

/**
 * Products of the input and parameters, held where exponentials of them have come to their limits: then nothing is lost when
 * such a product overflows.
 */
export function* heldArguments(expr: Expr, { input, computed }: RewriteContext): Generator<Step> {
  const [high] = ARITHMETICS[computed].holds.map((power) => powerOfTwo(power));
  const isParameter = (node: Expr): boolean => node.op === "variable" && variableOf(node).role === "parameter";
  const products = topological([expr]).filter(
    ({ op, args }) => op === "mul" && args.includes(input) && args.some(isParameter),
  );
  if (products.length === 0) return;
  const held = new Map(products.map((node) => [node, min(max(node, normalForm(neg(high!))), high!)] as const));
  yield { name: "hold-arguments", expr: substitute(expr, held), exact: false };
}
