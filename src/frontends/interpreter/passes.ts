/** Loops over arrays as one element: a pass that nothing carries over to the next computes each element by itself. */
import type { Reason, Refuse, Span } from "../place.js";
import { attempt, type Journal } from "./journal.js";
import type { Cell } from "./scopes.js";
import type { Outcome } from "./statements.js";

export interface Passes<Value> {
  readonly isInside: () => boolean;
  /** Runs a pass as one of many, none of which sees what another leaves. */
  readonly run: (place: Span, pass: () => Outcome<Value>) => void;
}

/** `forgotten`: the value of a variable that passes change, before one and after the last; nothing where it keeps its own. */
export function createPasses<Value>(
  journal: Journal<Value>,
  refuse: Refuse,
  reason: Reason,
  forgotten: (cell: Cell<Value>, place: Span) => Value | undefined,
): Passes<Value> {
  let isInside = false;
  const forget = (cells: Iterable<Cell<Value>>, place: Span): void => {
    for (const cell of cells) {
      const value = forgotten(cell, place);
      if (value !== undefined) journal.assign(cell, value);
    }
  };
  return {
    isInside: () => isInside,
    run: (place, pass) => {
      if (isInside) refuse(place, reason);
      isInside = true;
      try {
        const changed = [...attempt(journal, pass).changes.cells.keys()];
        forget(changed, place);
        const outcome = pass();
        if (outcome === "raises" || outcome.returned !== "never") refuse(place, reason);
        forget(changed, place);
      } finally {
        isInside = false;
      }
    },
  };
}
