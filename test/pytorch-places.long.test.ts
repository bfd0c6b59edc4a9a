/** Emitted PyTorch modules with tensors of other kinds, and on several processes. */
import { resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { catalogue } from "../src/catalogue.js";
import { runChecks, verdict, type Outcomes } from "./helpers/python.js";

const python = process.env["NONLIN_PYTHON"];
const modules = resolve(import.meta.dirname, "..", "generated", "pytorch");

describe.skipIf(python === undefined)("PyTorch 2.13", () => {
  let outcomes: Outcomes;
  beforeAll(async () => {
    outcomes = await runChecks(python!, "torch_places.py", [modules]);
  });

  describe.each([
    ["fake", "tensors without values"],
    ["nested", "rows of different lengths"],
    ["replicated", "DistributedDataParallel on two processes"],
    ["sharded", "FSDP2 on two processes"],
  ])("%s: %s", (check) => {
    test.each(catalogue.map(({ id }) => id))("%s", (id) => {
      expect(verdict(outcomes, check, id)).toBe("ok");
    });
  });
});
