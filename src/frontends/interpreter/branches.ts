/** Two ways to go on, each for some inputs: both are read, and what they change becomes a choice between both. */
import type { Expr } from "../../ir/expr.js";
import { attempt, type Changes, type Journal } from "./journal.js";
import { chooseContent, type Truth } from "./truth.js";

/** `open`: from here on only some inputs come along. */
export interface Branches<Value> extends Pick<Journal<Value>, "open" | "keep" | "mark"> {
  /** Whether what is read now is reached whatever the inputs are. */
  readonly isCertain: () => boolean;
  readonly merge: (condition: Expr, yes: Changes<Value>, no: Changes<Value>) => void;
  readonly choose: (condition: Expr, yes: Value, no: Value) => Value;
  /** The value of an expression that decides. */
  readonly value: (condition: Truth, yes: () => Value, no: () => Value) => Value;
}

/** `choose`: `condition ? yes : no` of two values that are not the same. */
export function createBranches<Value>(journal: Journal<Value>, choose: Branches<Value>["choose"]): Branches<Value> {
  let depth = 0;
  const open: Branches<Value>["open"] = () => {
    const close = journal.open();
    depth += 1;
    return () => {
      depth -= 1;
      return close();
    };
  };
  const chosen: Branches<Value>["choose"] = (condition, yes, no) => (yes === no ? yes : choose(condition, yes, no));

  const merge: Branches<Value>["merge"] = (condition, yes, no) => {
    // The values of variables are read from memory, so memory comes first.
    for (const memory of new Set([...yes.memories.keys(), ...no.memories.keys()])) {
      const [a, b] = [yes, no].map((side) => side.memories.get(memory) ?? memory.content);
      journal.write(memory, chooseContent(condition, a!, b!));
    }
    for (const cell of new Set([...yes.cells.keys(), ...no.cells.keys()])) {
      const before = cell.content as Value;
      journal.assign(cell, chosen(condition, yes.cells.get(cell) ?? before, no.cells.get(cell) ?? before));
    }
  };

  return {
    isCertain: () => depth === 0,
    open,
    keep: journal.keep,
    mark: journal.mark,
    merge,
    choose: chosen,
    value: (condition, yes, no) => {
      if (condition.kind === "truth") return condition.value ? yes() : no();
      const [a, b] = [attempt({ open }, yes), attempt({ open }, no)];
      merge(condition.expr, a.changes, b.changes);
      return chosen(condition.expr, a.result, b.result);
    },
  };
}
