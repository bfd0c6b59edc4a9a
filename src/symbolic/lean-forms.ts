/**
 * Forms for tensors, of which every operation is a pass over memory, or a part of the one pass that a compiler makes of
 * them: no choices, since a choice between two tensors mispredicts, and few functions.
 */
import { div, mul, neg, sigmoid, sub } from "../ir/build.js";
import { rebuild, topological, type Expr } from "../ir/expr.js";
import type { OperationName } from "../ir/ops.js";
import { heldExponents, holdsAt, powerOfTwo, type Step } from "./candidates.js";
import { createFacts } from "./facts.js";
import { wildcard } from "./match.js";
import { applyRule, rule, type Rule } from "./rule.js";
import { normalizer } from "./simplify.js";

/** Exponents are held where exponentials of exponentials have long come to their limits, and squares are finite. */
const MOST = 40;

/** The input is held where a product with a parameter still is, and what grows with it is nothing beside such exponentials. */
const HELD = powerOfTwo(40);

const [u, v, c] = [wildcard("u"), wildcard("v"), wildcard("c")];

export const LEAN_RULES: readonly Rule[] = [
  rule("sigmoid-of-negative", "real", sigmoid(neg(u)), sub(1, sigmoid(u))),
  // No product overflows that is made small afterwards.
  rule("scale-factor", "real", mul(c, mul(u, v)), mul(mul(c, u), v)),
  rule("divide-factor", "real", div(mul(u, v), c), mul(u, div(v, c))),
];

function* leanSteps(expr: Expr): Generator<Step> {
  const facts = createFacts();
  const make = normalizer({ facts });
  for (const row of LEAN_RULES) {
    const rewritten = rebuild([expr], (node) => applyRule(row, node, facts, make) ?? node).get(expr)!;
    if (rewritten !== expr) yield { name: row.name, expr: rewritten, exact: true };
  }
}

/** Ways to an expression as it stands, and by lean rules, each of them also held where infinity would meet 0. */
export function leanForms(expr: Expr, input: Expr): readonly (readonly Step[])[] {
  return [[], ...[...leanSteps(expr)].map((step) => [step])].flatMap((lean: readonly Step[]): (readonly Step[])[] => {
    const before = lean.at(-1)?.expr ?? expr;
    const held = [...holdsAt(before, input, HELD)].map((step) => [...lean, step]);
    return [lean, ...held].flatMap((steps) => {
      const last = steps.at(-1)?.expr ?? expr;
      const exponents: Step = { name: "hold-exponents", expr: heldExponents(last, MOST), exact: false };
      return exponents.expr === last ? [steps] : [steps, [...steps, exponents]];
    });
  });
}

/**
 * Times of operations in units of a simple one, in float32 and in float64: as a pass of eager tensors, of which a `silu` is
 * five, and twice that as a part of a compiled pass, of which it is thirty. A choice between eager tensors mispredicts.
 */
const TIMES: { readonly [K in OperationName]?: readonly [single: number, double: number] } = {
  ...{ select: [17, 17], lt: [3, 3], le: [3, 3], eq: [3, 3], div: [3, 7], single: [1, 1], double: [1.5, 1.5] },
  ...{ exp: [12, 30], expm1: [15, 37], sigmoid: [12, 37], tanh: [43, 100], log: [22, 50], log1p: [24, 70] },
  ...{ erf: [20, 136], erfc: [48, 212], erfcx: [360, 360], sin: [10, 42], cos: [10, 42] },
};
const SIMPLE = [1, 2] as const;

/** The time that tensors take for an expression. */
export function tensorTime(expr: Expr): number {
  const doubles = new Set<Expr>();
  const rounded = new Set<Expr>();
  let sum = 0;
  for (const node of topological([expr])) {
    const { op, args } = node;
    if (op === "single") rounded.add(args[0]!);
    if (op === "double" || (op !== "single" && args.some((arg) => doubles.has(arg)))) doubles.add(node);
  }
  for (const node of topological([expr])) {
    const { op, args } = node;
    if (args.length === 0 || node.closed) continue;
    // Rounded at once, it need not be computed in float64.
    const isWide = doubles.has(node) && !(op === "erfc" && rounded.has(node));
    sum += (TIMES[op] ?? SIMPLE)[isWide ? 1 : 0];
  }
  return sum;
}
