/** The emitted Python as files: what its linter and formatter say, and that packages import without a warning. */
import { describe, expect, test } from "vitest";
import { importPackage, runPython } from "./helpers/python-imports.js";

const python = process.env["NONLIN_PYTHON"];

const RUFF = ["-m", "ruff", "--isolated", "--quiet"];

const RULES = {
  // A number that is not itself is NaN, of symbolic numbers too, which math.isnan does not take.
  check: ["--extend-select=I", "--ignore=PLR0124", "--output-format=concise"],
  format: ["--check"],
};

const KERAS = "import keras; keras.layers";
const BOTH = "import tensorflow, keras; keras.layers; tensorflow.keras.layers";

describe.skipIf(python === undefined)("emitted Python", () => {
  test.each(["check", "format"] as const)("ruff %s", (command) => {
    const folders = ["generated/pytorch", "generated/keras"];
    const words = [...RUFF, command, "--no-cache", "--line-length=88", ...RULES[command], ...folders];
    expect(runPython(python!, words)).toBe("ok");
  });

  test.each([
    ["pytorch", "torch", "import torch"],
    ["pytorch.native", "torch", "import torch"],
    ["keras3", "torch", KERAS],
    ["keras3.native", "torch", KERAS],
    ["keras3", "tensorflow", BOTH],
    ["keras3.native", "tensorflow", BOTH],
    ["keras2", "tensorflow", BOTH],
    ["keras2.native", "tensorflow", BOTH],
  ])("%s on %s is imported with all its modules, and without a warning of its own", (name, backend, frameworks) => {
    expect(importPackage(python!, name, frameworks, backend)).toBe("ok");
  });
});
