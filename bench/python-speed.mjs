/**
 * The speed of the emitted PyTorch modules beside PyTorch's own functions: node bench/python-speed.mjs [id ...]. All columns
 * take turns within one run, so that only their ratios mean something.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { NONLIN_PYTHON: python } = JSON.parse(execFileSync(process.execPath, [here("../scripts/python.mjs")]));
if (python === undefined) process.exit(2);
const args = ["-B", here("python-speed.py"), ...process.argv.slice(2)];
process.exitCode = spawnSync(python, args, { stdio: "inherit" }).status ?? 1;
