/** The workbench that all targets of one arithmetic share. */
import { defaults, type Definition } from "../ir/definition.js";
import type { Expr } from "../ir/expr.js";
import type { Constants } from "./measure.js";
import { once } from "./once.js";
import type { Oracle } from "./oracle.js";
import type { Floats } from "./score.js";
import { createWorkbench, type Workbench } from "./workbench.js";

/** A workbench that is only set up for what no target asked before. */
export function sharedWorkbench(
  definition: Definition,
  exprs: readonly Expr[],
  floats: Floats,
  oracle: Oracle,
  values: Constants,
): Workbench {
  const { kinks, samples } = definition;
  const numbers = [defaults(definition), ...samples].flatMap((set) => Object.entries(set).flat());
  const about = [
    floats.computed,
    floats.stored,
    floats.leastUnit ?? 0,
    ...[...exprs, ...kinks].map(({ id }) => id),
    ...numbers,
  ];
  let bench: Workbench | undefined;
  const ask = <Result>(what: string, expr: number, which: number, of: (from: Workbench) => Result): Result =>
    once(oracle, [what, expr, which, ...about], () =>
      of((bench ??= createWorkbench(definition, exprs, floats, oracle, values))),
    );
  return {
    search: (which, goal) => ask(`search ${goal}`, 0, which, (from) => from.search(which, goal)),
    construct: (which, wanted) =>
      ask(`construct ${Object.values(wanted.sight).join()}`, 0, which, (from) => from.construct(which, wanted)),
    isWithin: (expr, which, most) => ask(`within ${most}`, expr.id, which, (from) => from.isWithin(expr, which, most)),
    worst: (expr, which) => ask("worst", expr.id, which, (from) => from.worst(expr, which)),
    lost: (expr, which) => ask("lost", expr.id, which, (from) => from.lost(expr, which)),
    worstAnywhere: (expr, which) => ask("anywhere", expr.id, which, (from) => from.worstAnywhere(expr, which)),
    isClose: (expr, which, bound, exact) =>
      ask(`close ${exact.id} ${Object.values(bound).join()}`, expr.id, which, (from) =>
        from.isClose(expr, which, bound, exact),
      ),
    error: (expr, which) => ask("error", expr.id, which, (from) => from.error(expr, which)),
  };
}
