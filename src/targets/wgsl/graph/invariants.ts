/** Loop-invariant code: values that are the same for a whole row are computed once, before the loop along it. */
import { substitute, topological, type Expr } from "../../../ir/expr.js";
import { variable } from "../../../ir/build.js";
import { isCondition } from "../../../ir/ops.js";
import { cost } from "../../../codegen/patterns.js";
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

/**
 * `isFixed` says which variables are the same in every turn of the loop; `known` is what loops before have computed, and
 * gets what this one does.
 */
export function hoisted(
  values: readonly Expr[],
  scope: Scope,
  isFixed: (variable: Expr) => boolean,
  known: Map<Expr, string>,
): Hoisted {
  const fixed = new Set<Expr>();
  for (const expr of topological(values))
    if (expr.args.length === 0 ? expr.op !== "variable" || isFixed(expr) : expr.args.every((arg) => fixed.has(arg)))
      fixed.add(expr);
  const users = new Set(topological(values).flatMap((expr) => (fixed.has(expr) ? [] : expr.args)));
  const found = [...new Set([...users, ...values])].filter(
    (expr) => fixed.has(expr) && !expr.closed && !isCondition(expr) && expr.args.length > 0 && cost(expr) >= COST,
  );
  const wanted = found.filter((expr) => !known.has(expr));
  for (const expr of wanted) known.set(expr, scope.locals.fresh("of_row"));
  const lines = [
    ...wanted.map((expr) => `var ${known.get(expr)!}: f32;`),
    ...(wanted.length === 0
      ? []
      : valueLines(wanted, scope, (results) => results.map((result, i) => `${known.get(wanted[i]!)!} = ${result};`))),
  ];
  const replacements = new Map(
    found.map((expr) => {
      const name = known.get(expr)!;
      const place = variable("wildcard", `computed as ${name}`);
      scope.locals.bind(place, name);
      return [expr, place] as const;
    }),
  );
  return { lines, values: values.map((value) => substitute(value, replacements)) };
}
