/**
 * Forms for tensors, of which every operation is a pass over memory, or a part of the one pass that a compiler makes of
 * them: no choices, since a choice between two tensors mispredicts, and few functions.
 */
import {
  abs,
  add,
  div,
  exp,
  fraction,
  lt,
  max,
  min,
  mul,
  neg,
  select,
  sigmoid,
  softplus,
  sub,
  tanh,
} from "../ir/build.js";
import { rebuild, topological, withArgs, type Expr } from "../ir/expr.js";
import { OPERATIONS, isCondition, type OperationName } from "../ir/ops.js";
import { heldExponents, holdsAt, powerOfTwo, type Step } from "./candidates.js";
import { createFacts } from "./facts.js";
import { wildcard } from "./match.js";
import { applyRule, rule, type Rule } from "./rule.js";
import { normalizer } from "./simplify.js";

/** Exponents are held where exponentials of exponentials have long come to their limits, and squares are finite. */
const MOST = 40;

/** The input is held where a product with a parameter still is, and what grows with it is nothing beside such exponentials. */
const HELD = powerOfTwo(40);

const [u, v, w, c] = [wildcard("u"), wildcard("v"), wildcard("w"), wildcard("c")];

/** exp(-|u|/2): in floats it is a number where its square has long become 0. */
const half = exp(mul(fraction(-1n, 2n), abs(u)));
const square = mul(half, half);
const isPositive = select(lt(0, u), 1, 0);
/** sigmoid(u)·(1 + exp(-|u|)) is exp(min(u, 0)), and this its root. */
const root = max(half, isPositive);

/** Everywhere, in what the factors or terms of an expression are made of, or the expression itself. */
type Place = "everywhere" | "inside" | "as a whole";

const NEGATIVE = rule("sigmoid-of-negative", "real", sigmoid(neg(u)), sub(1, sigmoid(u)));
// No product overflows that is made small afterwards.
const SCALED = rule("scale-factor", "real", mul(c, mul(u, v)), mul(mul(c, u), v));
const DIVIDED = rule("divide-factor", "real", div(mul(u, v), c), mul(u, div(v, c)));
// Frameworks' sigmoid is 0 where its root, and the product with what is large there, still are numbers.
const BY_ROOTS = rule("sigmoid-by-roots", "real", mul(v, sigmoid(u)), mul(root, mul(div(root, add(1, square)), v)));
const BY_SQUARES = rule("sigmoid-by-squares", "real", sigmoid(u), div(max(square, isPositive), add(1, square)));
// With e = exp(-|u|): (1 + 2e)/(1 + e(2 + 2e)) above 0, and e(2 + e)/(2 + e(2 + e)) below.
const ends = sub(2, isPositive);
const slope = mul(add(1, isPositive), square);
const ratio = div(add(ends, slope), add(ends, mul(square, add(2, slope))));
const TANH_BY_ROOTS = rule("tanh-of-softplus", "real", mul(v, tanh(softplus(u))), mul(root, mul(root, mul(v, ratio))));
// The derivative of such a product: 1 - tanh² is 4 exp(-2 max(u, 0)) (1 + e)² over the square of what tanh is divided by.
const gain = tanh(softplus(u));
const [over, under] = ratio.args as [Expr, Expr];
const fall = mul(4, mul(mul(v, add(1, square)), max(mul(square, square), sub(1, isPositive))));
const TANH_SLOPE_BY_ROOTS = rule(
  "slope-of-tanh-of-softplus",
  "real",
  add(mul(mul(v, sigmoid(u)), sub(1, mul(gain, gain))), gain),
  mul(root, mul(root, div(add(fall, mul(over, under)), mul(under, under)))),
);
const OF_NEGATIVE = rule(
  "sigmoid-of-negative-by-squares",
  "real",
  sigmoid(neg(u)),
  div(max(square, sub(1, isPositive)), add(1, square)),
);
const OVER = rule("factor-over", "real", mul(w, div(u, v)), div(mul(w, u), v));
const TOGETHER = rule("one-over-all", "real", add(1, div(u, v)), div(add(u, v), v));

// A summand that is small beside 1 is rounded once.
const SQUARED = rule("square-of-sum", "real", mul(add(1, u), add(1, u)), add(1, mul(u, add(2, u))));

/** Sequences of rules that are tried. */
const WAYS: readonly (readonly (readonly [Rule, Place])[])[] = [
  [[NEGATIVE, "everywhere"]],
  [[SCALED, "everywhere"]],
  [[DIVIDED, "everywhere"]],
  [[TANH_BY_ROOTS, "as a whole"]],
  [[TANH_SLOPE_BY_ROOTS, "as a whole"]],
  [
    [OF_NEGATIVE, "inside"],
    [BY_SQUARES, "inside"],
    [OVER, "everywhere"],
    [TOGETHER, "everywhere"],
    [BY_ROOTS, "as a whole"],
    [SQUARED, "everywhere"],
  ],
];

export const LEAN_RULES: readonly Rule[] = [...new Set(WAYS.flatMap((way) => way.map(([row]) => row)))];

/** The steps that sequences of rules make, as far as they change anything. */
function* leanSteps(expr: Expr): Generator<readonly Step[]> {
  const facts = createFacts();
  const make = normalizer({ facts });
  const rewritten = (row: Rule, node: Expr): Expr => applyRule(row, node, facts, make) ?? node;
  for (const way of WAYS) {
    const steps: Step[] = [];
    let now = expr;
    for (const [row, place] of way) {
      const kept = new Set(place === "everywhere" ? [] : [now, ...(place === "inside" ? now.args : [])]);
      const next =
        place === "as a whole"
          ? rewritten(row, now)
          : rebuild([now], (rebuilt, node) => (kept.has(node) ? rebuilt : rewritten(row, rebuilt))).get(now)!;
      if (next !== now) steps.push({ name: row.name, expr: next, exact: true });
      now = next;
    }
    if (steps.length > 0) yield steps;
  }
}

/** Ways to an expression as it stands, and by lean rules, each of them also held where infinity would meet 0. */
export function leanForms(expr: Expr, input: Expr): readonly (readonly Step[])[] {
  return [[], ...leanSteps(expr)].flatMap((lean: readonly Step[]): (readonly Step[])[] => {
    const before = lean.at(-1)?.expr ?? expr;
    const held = [...holdsOutside(before, input), ...holdsAt(before, input, HELD)].map((step) => [...lean, step]);
    return [lean, ...held].flatMap((steps) => {
      const last = steps.at(-1)?.expr ?? expr;
      const exponents: Step = { name: "hold-exponents", expr: heldExponents(last, MOST), exact: false };
      return exponents.expr === last ? [steps] : [steps, [...steps, exponents]];
    });
  });
}

/**
 * The input held where it is a factor or a term, and not where functions and comparisons bear infinity: nothing has to be
 * kept while a function is computed.
 */
function* holdsOutside(expr: Expr, input: Expr): Generator<Step> {
  const isInside = (node: Expr): boolean =>
    isCondition(node) || (node.args.length === 1 && OPERATIONS[node.op].cost >= 10);
  const low = neg(HELD);
  for (const [name, held] of [
    ["hold-left", max(input, low)],
    ["hold-both", min(max(input, low), HELD)],
  ] as const) {
    const outside = new Map<Expr, Expr>([[input, held]]);
    for (const node of topological([expr]))
      if (!outside.has(node))
        outside.set(
          node,
          isInside(node) || node.args.length === 0
            ? node
            : withArgs(
                node,
                node.args.map((arg) => outside.get(arg)!),
              ),
        );
    yield { name, expr: outside.get(expr)!, exact: false };
  }
}

/**
 * Times of operations in units of a simple one, in float32 and in float64: as a pass of eager tensors, of which a `silu` is
 * five, and twice that as a part of a compiled pass, of which it is thirty. A choice between eager tensors mispredicts.
 */
const TIMES: { readonly [K in OperationName]?: readonly [single: number, double: number] } = {
  ...{ select: [17, 17], lt: [3, 3], le: [3, 3], eq: [3, 3], div: [3, 7], single: [1, 1], double: [1.5, 1.5] },
  ...{ exp: [12, 30], expm1: [15, 37], sigmoid: [12, 37], tanh: [43, 100], log: [22, 50], log1p: [24, 70] },
  ...{ productError: [9, 18], erf: [20, 136], erfc: [48, 212], erfcx: [360, 360], sin: [10, 42], cos: [10, 42] },
};
const SIMPLE = [1, 2] as const;
const MASK = [6, 9] as const;

/** Whether a condition compares the input as it is. */
const isByInput = ({ args }: Expr): boolean =>
  args.some(({ op, args: [of] }) => op === "variable" || (op === "double" && of!.op === "variable"));

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
    // A choice between numbers is a condition as a number, one by the input a product with it.
    const isNumber = op === "select" && args[1]!.closed && args[2]!.closed;
    const times = isNumber ? SIMPLE : op === "select" && isByInput(args[0]!) ? MASK : (TIMES[op] ?? SIMPLE);
    sum += times[isWide ? 1 : 0];
  }
  return sum;
}
