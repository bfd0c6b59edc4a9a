/** Work that is done once for each oracle, whichever targets ask for it: results of searches, measurements and proofs. */
import type { Oracle } from "./oracle.js";

const results = new WeakMap<Oracle, Map<string, unknown>>();

/** The result of `make`, or that of an earlier call about the same thing; `about` has to say all that it depends on. */
export function once<Result>(oracle: Oracle, about: readonly (string | number)[], make: () => Result): Result {
  const known = results.get(oracle) ?? new Map<string, unknown>();
  results.set(oracle, known);
  const key = about.join(" ");
  if (!known.has(key)) known.set(key, make());
  return known.get(key) as Result;
}
