/** Refusals: the reasons that readers of every language have, and what is done instead of what is refused. */
import { Diagnostic } from "../../diagnostic.js";
import { reason } from "../place.js";

/** The result; something else where it is refused. */
export function unlessRefused<Result, Other>(
  action: () => Result,
  otherwise: (error: Diagnostic) => Other,
): Result | Other {
  try {
    return action();
  } catch (error) {
    if (error instanceof Diagnostic) return otherwise(error);
    throw error;
  }
}

/** The result where it is not refused. */
export const ifRead = <Result>(action: () => Result): Result | undefined => unlessRefused(action, () => undefined);

/** A value that is refused as soon as somebody asks for it. */
export const again = (error: Diagnostic) => (): never => {
  throw error;
};

export const TOO_DEEP = reason(
  "the source nests too deeply here",
  "give a name to a part of it, or write it in several functions",
);
export const TOO_LARGE = reason(
  "the calls of this function expand to too large an expression",
  "give the function fewer calls of functions that call others",
);
export const RECURSION = reason("this calls itself, and recursion is not read", "write out what it computes");
export const WAITING = reason(
  "async functions and generators are not read",
  "write a plain function that returns its result",
);
export const PARTLY = reason("this has a value on some paths only", "give it a value on every path");
export const BRANCHES_DIFFER = reason("the two branches give values of different kinds", "let both give a number");
export const MAYBE_INFINITE = reason(
  "this asks for a number that is infinite for some inputs, where formulas have no value",
  "ask for the number that it is computed from",
);
export const NO_FLAG = reason(
  "this gives the same with its flag and without it",
  "give the function and its derivative names of their own",
);
