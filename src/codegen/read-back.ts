/** Is what was written what was planned? The emitted text, read back, against the expressions that it was printed from. */
import { dy, mul, variable } from "../ir/build.js";
import { rebuild, type Expr } from "../ir/expr.js";
import { hasLaw } from "../ir/ops.js";
import type { Prover } from "../symbolic/prove/prove.js";
import type { ActivationPlan, ReadBack } from "./target.js";

/** Names what differs; a module as planned gives an empty list. */
export function differencesOf(plan: ActivationPlan, read: ReadBack, prover: Prover): string[] {
  const { functions, loops, parameterDerivatives } = plan;
  const pairs: (readonly [name: string, planned: Expr, written: Expr | undefined])[] = [
    ...Object.entries(functions).map(([name, expr]) => [name, expr, read.functions.get(name)] as const),
    ...lanes("forward", loops.forward, read),
    ...lanes("backward", mul(dy, loops.backward), read),
    ...Object.entries(parameterDerivatives).map(
      ([name, expr]) => [`gradient ${name}`, mul(dy, expr), read.parameterGradients.get(name)] as const,
    ),
  ];
  return pairs.filter(([, planned, written]) => !isSame(planned, written, prover)).map(([name]) => name);
}

const lanes = (name: string, planned: Expr, read: ReadBack): (readonly [string, Expr, Expr | undefined])[] =>
  (read.loops.get(name) ?? [undefined]).map((written) => [name, planned, written] as const);

function isSame(planned: Expr, written: Expr | undefined, prover: Prover): boolean {
  if (written === undefined) return false;
  if (isWritten(planned, written)) return true;
  return prover.prove({ formula: opaque(planned), claim: opaque(written), order: 0 }).verdict === "proved";
}

/** Whether it is the same expression, but for factors of a case distinction that are written into its branches. */
function isWritten(planned: Expr, written: Expr): boolean {
  const open: [planned: Expr, written: Expr][] = [[planned, written]];
  for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
    const [expected, found] = pair;
    if (expected === found) continue;
    const [factor, cases] = expected.op === "mul" ? expected.args : [undefined, expected];
    if (found.op !== "select" || cases!.op !== "select" || cases!.args[0] !== found.args[0]) return false;
    for (const side of [1, 2] as const)
      open.push([factor === undefined ? cases!.args[side]! : mul(factor, cases!.args[side]!), found.args[side]!]);
  }
  return true;
}

/** The expression with each rounding error (0 over the reals, not in floats) as a variable of its own. */
const opaque = (expr: Expr): Expr =>
  rebuild([expr], (rebuilt) =>
    hasLaw(rebuilt.op, "vanishing") ? variable("wildcard", `error ${rebuilt.id}`) : rebuilt,
  ).get(expr)!;
