/** Patterns are expressions whose wildcards match anything that their test allows, the same thing each time. */
import { variable } from "../ir/build.js";
import { rebuild, variableOf, type Expr } from "../ir/expr.js";
import { hasLaw } from "../ir/ops.js";

export type Bindings = Map<Expr, Expr>;

/** A wildcard; its first letter says what it matches: c, d a rational; k a constant expression; others anything. */
export const wildcard = (name: string): Expr => variable("wildcard", name);

const accepts = (name: string, expr: Expr): boolean => {
  if (name.startsWith("c") || name.startsWith("d")) return expr.op === "rational";
  if (name.startsWith("k")) return expr.closed;
  return true;
};

/** Extends the bindings so that the pattern equals the expression, or leaves undefined. Patterns are small: recursion is. */
export function match(pattern: Expr, expr: Expr, bindings: Bindings = new Map()): Bindings | undefined {
  if (pattern.op === "variable" && variableOf(pattern).role === "wildcard") {
    const bound = bindings.get(pattern);
    if (bound !== undefined) return bound === expr ? bindings : undefined;
    if (!accepts(variableOf(pattern).name, expr)) return undefined;
    return new Map(bindings).set(pattern, expr);
  }
  if (pattern.args.length === 0) return pattern === expr ? bindings : undefined;
  if (pattern.op !== expr.op) return undefined;
  const straight = matchAll(pattern.args, expr.args, bindings);
  if (straight !== undefined || !hasLaw(pattern.op, "commutative")) return straight;
  return matchAll(pattern.args, [expr.args[1]!, expr.args[0]!], bindings);
}

function matchAll(patterns: readonly Expr[], exprs: readonly Expr[], bindings: Bindings): Bindings | undefined {
  // Most patterns fail here, before anything is bound.
  for (let i = 0; i < patterns.length; i++)
    if (patterns[i]!.op !== exprs[i]!.op && patterns[i]!.op !== "variable") return undefined;
  let current: Bindings | undefined = bindings;
  for (let i = 0; i < patterns.length && current !== undefined; i++) current = match(patterns[i]!, exprs[i]!, current);
  return current;
}

/** The pattern with its wildcards bound; `make` finishes each new node but the root, which stays as the rule wrote it. */
export function instantiate(pattern: Expr, bindings: Bindings, make: (expr: Expr) => Expr): Expr {
  return rebuild([pattern], (rebuilt, original) => {
    if (original.op === "variable") return bindings.get(original) ?? original;
    return original.args.length === 0 || original === pattern ? rebuilt : make(rebuilt);
  }).get(pattern)!;
}
