/** How far reading goes: steps of one function and of all of a file, and steps inside each other. */
import type { Refuse, Span } from "../place.js";
import { TOO_DEEP, TOO_LARGE } from "./refusals.js";

const MOST_STEPS = 100_000;
const MOST_STEPS_OF_FILE = 2_000_000;
/** Each takes a few frames of the stack. */
const DEEPEST = 500;

export interface Budget {
  /** Does one step, refusing what is too deep or takes too long. */
  readonly step: <Result>(place: Span, action: () => Result) => Result;
  /** Begins with something else: its steps are counted anew. */
  readonly begin: () => void;
  readonly isIdle: () => boolean;
}

export function createBudget(refuse: Refuse): Budget {
  let depth = 0;
  let steps = 0;
  let stepsOfFile = 0;
  return {
    step: (place, action) => {
      if (depth >= DEEPEST) refuse(place, TOO_DEEP);
      if (steps++ >= MOST_STEPS || stepsOfFile++ >= MOST_STEPS_OF_FILE) refuse(place, TOO_LARGE);
      depth += 1;
      try {
        return action();
      } finally {
        depth -= 1;
      }
    },
    begin: () => void (steps = 0),
    isIdle: () => depth === 0,
  };
}
