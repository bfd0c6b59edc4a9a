/**
 * The speed of the emitted PyTorch modules beside PyTorch's own functions: node bench/python-speed.mjs [--write] [--rounds N] [--layers]
 * [id ...]. All columns take turns within one run, so that only their ratios mean something. With --write the table goes to
 * bench/python-speed.md.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { NONLIN_PYTHON: python } = JSON.parse(execFileSync(process.execPath, [here("../scripts/python.mjs")]));
if (python === undefined) process.exit(2);
const given = process.argv.slice(2);
const writes = given.includes("--write");
const args = ["-B", here("python-speed.py"), ...given.filter((word) => word !== "--write")];
const run = (more) =>
  spawnSync(python, [...args, ...more], { stdio: ["ignore", writes ? "pipe" : "inherit", "inherit"] });
const { status, stdout } = run([]);
const inLayers = writes ? run(["--layers"]) : undefined;
if (writes && status === 0 && inLayers.status === 0)
  writeFileSync(
    here("python-speed.md"),
    `# Emitted PyTorch modules in units of PyTorch's own functions

Processor time of a million float32 numbers, one thread of ${cpus()[0].model.trim()}: forward (f), and forward with backward (f+b). "compiled" is beside
PyTorch's own compiled by the same compiler. With \\*, PyTorch has no such function: the unit is the plain composition of its
operations. A dash: there are no loops in C, since the module is PyTorch's own function or gains nothing.

${stdout.toString()}
In layers of 256, 1024 and 256 and batches of 512, compiled, in units of the same with PyTorch's own function: a linear layer with the
activation, without gradients, and a step of training of an MLP (forward, backward, SGD).

${inLayers.stdout.toString()}
\`node bench/python-speed.mjs --write\` writes this.
`,
  );
process.exitCode = status ?? 1;
