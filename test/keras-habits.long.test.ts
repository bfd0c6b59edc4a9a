/** The habits of Keras' own layers, of all emitted ones: policies, functional models, saving, compilers, Keras' own checks. */
import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { runChecks, type Outcomes } from "./helpers/python.js";

const python = process.env["NONLIN_PYTHON"];
const modules = resolve(import.meta.dirname, "..", "generated", "keras", "keras3");

const BACKENDS = ["tensorflow", "jax", "torch"];
const CHECKS = ["policies", "models", "compiled", "functions", "keras"];
/** Not layers of one tensor, and the package's other files. */
const OTHERS = ["__init__", "weights", "attention", "cross_entropy", "multihead_attention", "adaptive_log_softmax"];

const ids = readdirSync(modules)
  .filter((name) => name.endsWith(".py"))
  .map((name) => name.slice(0, -".py".length))
  .filter((id) => !OTHERS.includes(id));

describe.skipIf(python === undefined).each(BACKENDS)("emitted layers of Keras on %s", (backend) => {
  let outcomes: Outcomes;
  beforeAll(async () => {
    outcomes = await runChecks(python!, "keras_habits.py", [modules], { KERAS_BACKEND: backend });
  });

  describe.each(CHECKS)("%s", (check) => {
    test.each(ids)("%s", (id) => {
      const outcome = outcomes.of(check, id);
      expect(outcome === undefined ? `no outcome. ${outcomes.errors}` : outcome.ok || outcome.detail).toBe(true);
    });
  });
});
