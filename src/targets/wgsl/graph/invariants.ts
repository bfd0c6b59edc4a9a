/** What is the same for a whole row is computed once, before the loop along it. */
import { substitute, topological, type Expr } from "../../../ir/expr.js";
import { variable } from "../../../ir/build.js";
import { isCondition } from "../../../ir/ops.js";
import { cost } from "../../../symbolic/simplify.js";
import type { Scope } from "./scope.js";
import { valueLines } from "./values.js";

/** Work that is cheaper than this is not worth a name of its own. */
const COST = 3;

export interface Hoisted {
  /** Lines before the loop. */
  readonly lines: readonly string[];
  /** The values with names in place of what was computed; the names are bound in the scope. */
  readonly values: readonly Expr[];
}

/** `isFixed` says which variables are the same in every turn of the loop. */
export function hoisted(values: readonly Expr[], scope: Scope, isFixed: (variable: Expr) => boolean): Hoisted {
  const fixed = new Set<Expr>();
  for (const expr of topological(values))
    if (expr.args.length === 0 ? expr.op !== "variable" || isFixed(expr) : expr.args.every((arg) => fixed.has(arg)))
      fixed.add(expr);
  const users = new Set(topological(values).flatMap((expr) => (fixed.has(expr) ? [] : expr.args)));
  const found = [...new Set([...users, ...values])].filter(
    (expr) => fixed.has(expr) && !expr.closed && !isCondition(expr) && expr.args.length > 0 && cost(expr) >= COST,
  );
  if (found.length === 0) return { lines: [], values };
  const names = new Map(
    found.map((expr, i) => [
      expr,
      { name: scope.locals.fresh(`of_row${i + 1}`), place: variable("wildcard", `of row ${i + 1}`) },
    ]),
  );
  const nameOf = (i: number): string => names.get(found[i]!)!.name;
  const lines = [
    ...found.map((_, i) => `var ${nameOf(i)}: f32;`),
    ...valueLines(found, scope, (results) => results.map((result, i) => `${nameOf(i)} = ${result};`)),
  ];
  for (const { name, place } of names.values()) scope.locals.bind(place, name);
  const replacements = new Map([...names].map(([expr, { place }]) => [expr, place]));
  return { lines, values: values.map((value) => substitute(value, replacements)) };
}
