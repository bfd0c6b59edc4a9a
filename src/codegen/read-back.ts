/** Is what was written what was planned? The emitted text, read back, against the expressions that it was printed from. */
import { Diagnostic } from "../diagnostic.js";
import { mul, variable } from "../ir/build.js";
import { leafValue } from "../ir/evaluate.js";
import { rebuild, type Expr } from "../ir/expr.js";
import { hasLaw } from "../ir/ops.js";
import type { Prover } from "../symbolic/prove/prove.js";
import { literal } from "./lower.js";
import type { Naming } from "./names.js";
import type { Computations } from "./target.js";

/** An expression as a text has it: variables by the names of arguments, numbers as the floats that they are written as. */
export const withNames = (expr: Expr, names?: Naming, round: (value: number) => number = (value) => value): Expr =>
  rebuild([expr], (part) => {
    if (part.op === "variable") return names === undefined ? part : variable("wildcard", names.of(part)!);
    if (part.args.length === 0) return literal(round(leafValue(part)));
    // The sign of a number belongs to it.
    const [operand] = part.args;
    return part.op === "neg" && operand!.args.length === 0 && operand!.closed ? literal(-leafValue(operand!)) : part;
  }).get(expr)!;

/** Names what differs; a module as planned gives an empty list. `read`: what a function computes; nothing where it is not there. */
export function differencesOf(
  planned: Computations,
  read: (name: string) => readonly Expr[] | undefined,
  prover: Prover,
): string[] {
  const isAsPlanned = ([name, ways]: readonly [string, readonly Expr[]]): boolean => {
    const written = readable(() => read(name));
    return written?.length === ways.length && ways.every((way, i) => isSame(way, written[i]!, prover));
  };
  return [...planned].filter((each) => !isAsPlanned(each)).map(([name]) => name);
}

/** Nothing where a text has something that nobody wrote. */
function readable<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Diagnostic) return undefined;
    throw error;
  }
}

function isSame(planned: Expr, written: Expr, prover: Prover): boolean {
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

/** The expression with everything that is about rounding alone, and nothing over the reals, as a variable of its own. */
const opaque = (expr: Expr): Expr =>
  rebuild([expr], (rebuilt) =>
    hasLaw(rebuilt.op, "vanishing") || rebuilt.op === "double" || rebuilt.op === "single"
      ? variable("wildcard", `rounded ${rebuilt.id}`)
      : rebuilt,
  ).get(expr)!;
