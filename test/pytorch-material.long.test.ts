/** PyTorch's own samples for its functions and modules, OpInfo and ModuleInfo, given to the emitted ones. */
import { resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { runChecks, type Outcomes } from "./helpers/python.js";

const python = process.env["NONLIN_PYTHON"];
const modules = resolve(import.meta.dirname, "..", "generated", "pytorch");
/** Fewer would mean that PyTorch calls them by other names. */
const FEWEST = 80;

describe.skipIf(python === undefined)("what PyTorch tests its own with", () => {
  let outcomes: Outcomes;
  beforeAll(async () => {
    outcomes = await runChecks(python!, "torch_opinfo.py", [modules]);
  });

  test("all of it was given", () => {
    expect(outcomes.errors).toBe("");
    expect(outcomes.all.length).toBeGreaterThan(FEWEST);
  });

  test("passes", () => {
    const failed = outcomes.all.filter(({ ok }) => !ok);
    expect(failed.map(({ id, check, detail }) => `${id}, ${check}: ${detail}`)).toEqual([]);
  });
});
