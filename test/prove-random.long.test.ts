/** Generated claims against the letter of docs/semantics.md: a few, with a fresh seed that is printed. */
import { expect, test } from "vitest";
import { createOracle } from "../src/pipeline/activation.js";
import { reportText, runClaims } from "./helpers/claim-run.js";

const CLAIMS = Number(process.env["NONLIN_CLAIMS"] ?? 600);
const SEED = Number(process.env["NONLIN_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

test("no verdict on a generated claim is wrong", { timeout: 600_000 }, async () => {
  const report = await runClaims(SEED, (count) => count >= CLAIMS, await createOracle());
  console.log(reportText(report));
  expect(report.faults).toEqual([]);
  // An open verdict is no verdict.
  const open = Object.values(report.families).reduce((sum, { unknown }) => sum + unknown, 0);
  expect(open).toBeLessThan(0.15 * report.claims);
});
