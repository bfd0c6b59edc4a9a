/** The emitted Python as files: what its linter and formatter say, and that packages import without a warning. */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");
const python = process.env["NONLIN_PYTHON"];

const RUFF = ["-m", "ruff", "--isolated", "--quiet"];

const RULES = {
  check: ["--extend-select=I", "--output-format=concise"],
  format: ["--check"],
};

function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}): string {
  const { status, stdout, stderr, error } = spawnSync(python!, args, {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, TF_USE_LEGACY_KERAS: "1", CUDA_VISIBLE_DEVICES: "-1", ...environment },
  });
  return status === 0 ? "ok" : (error?.message ?? stdout + stderr).slice(-3000);
}

describe.skipIf(python === undefined)("emitted Python", () => {
  test.each(["check", "format"] as const)("ruff %s", (command) => {
    const folders = ["generated/pytorch", "generated/keras"];
    expect(run([...RUFF, command, "--no-cache", "--line-length=88", ...RULES[command], ...folders])).toBe("ok");
  });

  test.each(["pytorch", "pytorch.native", "keras3", "keras3.native", "keras2", "keras2.native"])(
    "%s is imported with all its modules, and without a warning of its own",
    (name) => {
      // Warnings that come while a framework is imported are its own.
      const program = [
        "import sys, warnings",
        "sys.path[:0] = ['generated', 'generated/keras']",
        name.startsWith("pytorch") ? "import torch" : "import tensorflow, keras; keras.layers; tensorflow.keras.layers",
        "warnings.simplefilter('error')",
        "import importlib",
        `package = importlib.import_module('${name}')`,
        `assert all(hasattr(package, name) for name in package.__all__)`,
        `assert len(package.__all__) >= 36`,
      ].join("\n");
      expect(run(["-B", "-c", program])).toBe("ok");
    },
  );
});
