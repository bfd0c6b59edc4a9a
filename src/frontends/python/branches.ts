/** Two ways to go on, each for some parameters: both are read, and what they change becomes a choice between both. */
import { choose, chooseContent } from "./choice.js";
import type { Changes, Journal } from "./scopes.js";
import type { Truth, Value } from "./values.js";

export interface Branches {
  /** Whether what is read now is reached whatever the parameters are. */
  readonly isCertain: () => boolean;
  /** The results of both ways, their changes not made yet. */
  readonly split: <Result>(yes: () => Result, no: () => Result) => readonly [Way<Result>, Way<Result>];
  readonly merge: (condition: Truth, yes: Changes, no: Changes) => void;
  readonly keep: (changes: Changes) => void;
  /** The value of an expression that decides. */
  readonly value: (condition: Truth, yes: () => Value, no: () => Value) => Value;
}

export interface Way<Result> {
  readonly result: Result;
  readonly changes: Changes;
}

export function createBranches(journal: Journal): Branches {
  let depth = 0;
  const attempt = <Result>(action: () => Result): Way<Result> => {
    depth += 1;
    try {
      return journal.attempt(action);
    } finally {
      depth -= 1;
    }
  };

  const merge: Branches["merge"] = (condition, yes, no) => {
    if (condition.kind === "truth") return keep(condition.value ? yes : no);
    // The values of variables are read from memory, so memory comes first.
    for (const memory of new Set([...yes.memories.keys(), ...no.memories.keys()])) {
      const [a, b] = [yes, no].map((side) => side.memories.get(memory) ?? memory.content);
      journal.write(memory, chooseContent(condition.expr, a!, b!));
    }
    for (const cell of new Set([...yes.cells.keys(), ...no.cells.keys()])) {
      const before = cell.content as Value;
      journal.assign(cell, choose(condition, yes.cells.get(cell) ?? before, no.cells.get(cell) ?? before));
    }
  };
  const keep: Branches["keep"] = ({ cells, memories }) => {
    memories.forEach((content, memory) => journal.write(memory, content));
    cells.forEach((value, cell) => journal.assign(cell, value));
  };

  const split: Branches["split"] = (yes, no) => [attempt(yes), attempt(no)];
  return {
    isCertain: () => depth === 0,
    split,
    merge,
    keep,
    value: (condition, yes, no) => {
      if (condition.kind === "truth") return condition.value ? yes() : no();
      const [a, b] = split(yes, no);
      merge(condition, a.changes, b.changes);
      return choose(condition, a.result, b.result);
    },
  };
}
