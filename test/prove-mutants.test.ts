/** Right claims with one thing changed: what the prover accepts is equal, what it refutes differs at its witness. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createOracle } from "../src/compile.js";
import { runMutants } from "./helpers/mutation-run.js";

const lines = readFileSync(new URL("fixtures/equalities/true.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n");

test("no verdict on a mutant is contradicted by an evaluation", { timeout: 600_000 }, async () => {
  const { count, verdicts, contradictions } = await runMutants(lines, await createOracle());
  expect(contradictions).toEqual([]);
  expect(count).toBeGreaterThanOrEqual(10_000);
  // Most mutants are wrong, and an open verdict is no verdict.
  expect(verdicts.refuted / count).toBeGreaterThan(0.9);
  expect(verdicts.unknown / count).toBeLessThan(0.03);
});
