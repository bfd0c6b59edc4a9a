/** A rewrite rule: a row with a name, a tier, a pattern, what replaces it, and a guard. */
import { topological, variableOf, type Expr } from "../ir/expr.js";
import type { OperationName } from "../ir/ops.js";
import type { Facts } from "./facts.js";
import { instantiate, match, type Bindings } from "./match.js";

/**
 * exact: the same bits for every input, NaN, infinities and -0 included.
 * real: equal over the reals wherever the guard holds; rounding, and the sign of zero, may differ.
 * fast: needs inputs that the guard cannot promise; only on request.
 */
export type Tier = "exact" | "real" | "fast";

export type Guard = (bound: (wildcard: Expr) => Expr, facts: Facts) => boolean;
/** A pattern, or a function that makes one: it may compute constants from what is bound, the rest stays wildcards. */
export type Replacement = Expr | ((bound: (wildcard: Expr) => Expr) => Expr | undefined);

export interface Rule {
  readonly name: string;
  readonly tier: Tier;
  readonly from: Expr;
  readonly to: Replacement;
  readonly guard?: Guard;
}

const wildcardsOf = (expr: Expr): Expr[] =>
  topological([expr]).filter((node) => node.op === "variable" && variableOf(node).role === "wildcard");

/** Makes a rule; one that would invent a value is refused at once. */
export function rule(name: string, tier: Tier, from: Expr, to: Replacement, guard?: Guard): Rule {
  if (from.args.length === 0) throw new RangeError(`rule "${name}" matches everything`);
  if (typeof to !== "function") {
    const known = new Set(wildcardsOf(from));
    const unknown = wildcardsOf(to).find((wildcard) => !known.has(wildcard));
    if (unknown !== undefined) throw new RangeError(`rule "${name}" does not bind ${variableOf(unknown).name}`);
  }
  return guard === undefined ? { name, tier, from, to } : { name, tier, from, to, guard };
}

/** The rewritten expression when the rule applies at its root; `make` finishes each new node below the new root. */
export function applyRule(rule: Rule, expr: Expr, facts: Facts, make: (expr: Expr) => Expr): Expr | undefined {
  const bindings: Bindings | undefined = match(rule.from, expr);
  if (bindings === undefined) return undefined;
  const bound = (wildcard: Expr): Expr => bindings.get(wildcard)!;
  if (rule.guard !== undefined && !rule.guard(bound, facts)) return undefined;
  const to = typeof rule.to === "function" ? rule.to(bound) : rule.to;
  if (to === undefined) return undefined;
  const result = instantiate(to, bindings, make);
  return result === expr ? undefined : result;
}

/** Rules by the operation at their root. */
export function indexRules(rules: readonly Rule[]): ReadonlyMap<OperationName, readonly Rule[]> {
  const index = new Map<OperationName, Rule[]>();
  const names = new Set<string>();
  for (const row of rules) {
    if (names.has(row.name)) throw new RangeError(`two rules are named "${row.name}"`);
    names.add(row.name);
    index.set(row.from.op, [...(index.get(row.from.op) ?? []), row]);
  }
  return index;
}
