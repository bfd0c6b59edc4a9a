/** The machine that runs a file of any language on symbols: what every part of a reader needs of it. */
import type { Expr } from "../../ir/expr.js";
import { refusing, type Reason, type Refuse, type Span } from "../place.js";
import { createBranches, type Branches } from "./branches.js";
import { createChoices, type Choices } from "./choices.js";
import { createBudget, type Budget } from "./budget.js";
import { createJournal, type Journal } from "./journal.js";
import { RECURSION } from "./refusals.js";

export interface Machine<Value> extends Pick<Budget, "step"> {
  readonly refuse: Refuse;
  /** The text at a place. */
  readonly written: (place: Span) => string;
  readonly journal: Journal<Value>;
  readonly branches: Branches<Value>;
  /** The kinds that arguments are asked for. */
  readonly choices: Choices<Value>;
  readonly isInFunction: () => boolean;
}

interface Runs extends Budget {
  /** Runs a function, which is named at one place and called at another. */
  readonly enter: <Result>(node: Runnable, named: Span, called: Span, action: () => Result) => Result;
}
/** `reason`: why it cannot be read. */
type Runnable = object & { readonly reason?: Reason };

/** Calls of one function inside each other: those of a flag end, as `f(x)` in `f(x, derivative)` does. */
const MOST_INSIDE = 3;

/** `choose`: `condition ? yes : no` of two values. */
export function createMachine<Value>(
  text: string,
  choose: (condition: Expr, yes: Value, no: Value) => Value,
): Machine<Value> & Runs {
  const refuse = refusing(text);
  const journal = createJournal<Value>();
  /** The functions that are being run, and how often inside themselves. */
  const depths = new Map<Runnable, number>();
  return {
    refuse,
    written: ({ start, end }) => text.slice(start, end),
    ...createBudget(refuse),
    journal,
    branches: createBranches(journal, choose),
    choices: createChoices(refuse),
    isInFunction: () => depths.size > 0,
    enter: (node, named, called, action) => {
      if (node.reason !== undefined) refuse(named, node.reason);
      const depth = depths.get(node) ?? 0;
      if (depth >= MOST_INSIDE) refuse(called, RECURSION);
      depths.set(node, depth + 1);
      try {
        return action();
      } finally {
        if (depth === 0) depths.delete(node);
        else depths.set(node, depth);
      }
    },
  };
}
