/** Formulas as people type them, in JavaScript: value, two derivatives and loops at 69 inputs of all magnitudes. */
import { describe, expect, it } from "vitest";
import { FORMULAS, columnsOf, emitted, misses } from "./helpers/formulas.js";

/** What is not right yet, and why; whoever mends one takes it out of here. */
const FALLS_SHORT: Readonly<Record<string, readonly string[]>> = {
  // gelu(10) is 10 - 8e-23: no float is between it and the bound, so that its derivative there is the bound's.
  clipped_gelu: [
    "derivative(10) = 0, not 1",
    "secondDerivative(10) = 0, not -7.540706654172292e-21",
    "backward(10) = 0, not 1",
  ],
};

describe.each(FORMULAS)("$id: $formula", (formula) => {
  it("is right at every input", async () => {
    expect(misses(formula, columnsOf(await emitted(formula)))).toEqual(FALLS_SHORT[formula.id] ?? []);
  });
});
