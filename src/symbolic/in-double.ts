/**
 * A function in float64 on the way, for targets that compute with tensors of float32 and can have others. With digits to
 * spare the formula needs no case distinctions for their sake, and the rounding of an argument, which exp and the like
 * make a large relative error of, does not matter.
 */
import { double, single } from "../ir/build.js";
import { substitute, topological, type Expr } from "../ir/expr.js";
import type { OperationName } from "../ir/ops.js";
import { ARITHMETICS } from "./arithmetic.js";
import { heldExponents, holdsAt, powerOfTwo, type Step } from "./candidates.js";

/** The expression in float64, rounded at the end. */
export const inDouble = (expr: Expr, input: Expr): Expr => single(substitute(expr, new Map([[input, double(input)]])));

/** Exponents are held where exponentials of exponentials have long come to their limits, and their products are finite. */
const MOST = 300;

/** The expression as it stands, and held where infinity would meet 0: enough where there are digits to spare. */
export function plainForms(expr: Expr, input: Expr): readonly (readonly Step[])[] {
  const held = [...holdsAt(expr, input, powerOfTwo(ARITHMETICS.float32.holds[0]))].map((step) => [step]);
  return [[], ...held].flatMap((steps): Step[][] => {
    const before = steps.at(-1)?.expr ?? expr;
    const exponents: Step = { name: "hold-exponents", expr: heldExponents(before, MOST), exact: false };
    return exponents.expr === before ? [steps] : [steps, [...steps, exponents]];
  });
}

/** Times of eager tensors in units of a simple pass over memory: a choice between two tensors mispredicts. */
const PASSES: { readonly [K in OperationName]?: number } = {
  ...{ select: 32, lt: 3, le: 3, eq: 4, erfcx: 200, erfc: 13, erf: 9, round: 2 },
  ...{ exp: 6, expm1: 6, log: 5, log1p: 4, tanh: 12, sigmoid: 3, sin: 6, cos: 6, single: 1.5, double: 3 },
};

/** The time that tensors take for an expression; float64 is twice as wide. */
export function passes(expr: Expr): number {
  const doubles = new Set<Expr>();
  let sum = 0;
  for (const node of topological([expr])) {
    const { op, args } = node;
    if (args.length === 0 || node.closed) continue;
    if (op === "double" || (op !== "single" && args.some((arg) => doubles.has(arg)))) doubles.add(node);
    const isWide = doubles.has(node) && op !== "double" && op !== "select";
    sum += (PASSES[op] ?? 1) * (isWide ? 2 : 1);
  }
  return sum;
}
