/** Random formulas of the shapes that people use: right at 400 points against the oracle, or reported; none crashes. */
import { describe, expect, it } from "vitest";
import { createOracle } from "../src/pipeline/activation.js";
import { judgeFormula } from "./helpers/formula-verdict.js";
import { randomFormula } from "./helpers/random-formulas.js";

const COUNT = 120;
const formulas = [...new Set(Array.from({ length: COUNT }, (_, i) => randomFormula(i)))];

const oracle = createOracle();

describe("a random formula is right, or nonlin says where not", () => {
  it.each(formulas)("%s", async (formula) => {
    const { outcome, detail } = await judgeFormula(formula, await oracle);
    expect(["right", "reported", "noted"], `${outcome}: ${detail}`).toContain(outcome);
  });
});
