/** Emitted PyTorch modules on tensors that are large enough to be computed in blocks. */
import { resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { runChecks, type Outcomes } from "./helpers/python.js";

const python = process.env["NONLIN_PYTHON"];
const modules = resolve(import.meta.dirname, "..", "generated", "pytorch");

describe.skipIf(python === undefined)("large tensors in PyTorch", () => {
  let outcomes: Outcomes;
  beforeAll(async () => {
    outcomes = await runChecks(python!, "torch_blocks.py", [modules]);
  });
  test.each(["values", "layouts", "traced"])("%s", (check) => {
    const outcome = outcomes.of(check, "blocks");
    expect(outcome === undefined ? `no outcome. ${outcomes.errors}` : outcome.ok || outcome.detail).toBe(true);
  });
});
