/** Common subexpression elimination: a local that would hold what another holds is that other. */
import {
  allStatements,
  letBe,
  withBodies,
  withOperands,
  withValues,
  type Local,
  type LoopFunction,
  type Statement,
  type Value,
} from "../../ir/loops/loops.js";
import { valueText } from "../../ir/loops/print.js";
import { changesIn, dependsOn, type Changes } from "./hoist.js";

interface Known {
  readonly local: Local;
  readonly value: Value;
}

/** Values that locals hold, by their text. */
type Holding = Map<string, Known>;

const without = (holding: Holding, changes: Changes): Holding =>
  new Map([...holding].filter(([, { value }]) => !dependsOn(value, changes)));

export function reuse(loop: LoopFunction): LoopFunction {
  const assigned = new Set(allStatements(loop.body).flatMap((one) => (one.kind === "assign" ? [one.local.name] : [])));
  const others = new Map<string, Local>();
  const renamed = (value: Value): Value =>
    value.kind === "local" ? (others.get(value.name) ?? value) : withOperands(value, renamed);

  const through = (statements: readonly Statement[], outer: Holding): Statement[] => {
    let holding = new Map(outer);
    return statements.flatMap((statement): Statement[] => {
      if (statement.kind === "let" && !assigned.has(statement.local.name)) {
        const value = renamed(statement.value);
        const text = `${value.type} ${valueText(value)}`;
        const found = holding.get(text);
        if (found === undefined) holding.set(text, { local: statement.local, value });
        else others.set(statement.local.name, found.local);
        return found === undefined ? [letBe(statement.local, value)] : [];
      }
      // A loop's body runs after itself.
      holding = without(holding, changesIn([statement]));
      return [withBodies(withValues(statement, renamed), (body) => through(body, holding))];
    });
  };
  return { ...loop, body: through(loop.body, new Map()) };
}
