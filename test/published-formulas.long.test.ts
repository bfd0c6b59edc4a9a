/** Activations of papers and surveys that are in no list of ours, as people type them: right at 400 points, or reported. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createOracle } from "../src/pipeline/activation.js";
import { judgeFormula, type Outcome } from "./helpers/formula-verdict.js";

const formulas = JSON.parse(
  readFileSync(new URL("fixtures/published-formulas.json", import.meta.url), "utf8"),
) as (readonly [string, string])[];

/** Said to be wrong somewhere: their derivatives cancel far out, where no form of ours has their digits. */
const REPORTED = new Set(["DSU", "CaLU", "ArcGELU", "GELUatan", "SoftClip", "LogExpSq"]);

/** Every so many: one takes seconds. `EVERY=1 npx vitest run test/published-formulas` asks for all. */
const EVERY = Number(process.env["EVERY"] ?? 3);
const asked = formulas.filter(([name], i) => i % EVERY === 0 || REPORTED.has(name));

const oracle = createOracle();

describe("a published activation", () => {
  it.each(asked)("%s: %s", async (name, formula) => {
    const { outcome, detail } = await judgeFormula(formula, await oracle);
    const allowed: readonly Outcome[] = REPORTED.has(name) ? ["reported"] : ["right", "noted"];
    expect(allowed, `${outcome}: ${detail}`).toContain(outcome);
  });
});
