/** Imports a package of emitted modules; a warning of its own is an error. */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

const root = resolve(import.meta.dirname, "..", "..");

/** "ok", or what Python says. */
export function runPython(python: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr, error } = spawnSync(python, args, {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, TF_USE_LEGACY_KERAS: "1", CUDA_VISIBLE_DEVICES: "-1", ...environment },
  });
  return status === 0 ? "ok" : (error?.message ?? stdout + stderr).slice(-3000);
}

/** Warnings that come while `frameworks` are imported are their own. */
export function importPackage(python: string, name: string, frameworks: string, backend: string): string {
  const program = [
    "import sys, warnings",
    "sys.path[:0] = ['generated', 'generated/keras']",
    frameworks,
    "warnings.simplefilter('error')",
    "import importlib",
    `package = importlib.import_module('${name}')`,
    `assert all(hasattr(package, name) for name in package.__all__)`,
    `assert len(package.__all__) >= 36`,
  ].join("\n");
  return runPython(python, ["-B", "-c", program], { KERAS_BACKEND: backend });
}
