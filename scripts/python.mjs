/**
 * Makes the Python environment of the tests in `.cache/python` where it is missing, and prints as JSON the variables that
 * tell the tests their Pythons. Silent and quick when all is there. `--full` makes what the full suite needs as well.
 *
 * The tests of emitted Python need Python 3.11 to 3.13 with venv, and the network once. Without them this says loudly what
 * will not run and why; with CI=true that is a failure.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = join(root, ".cache");
const folder = join(cache, "python");
const lock = join(cache, "python.lock");
const full = process.argv.includes("--full");
const windows = process.platform === "win32";
const python = join(folder, ...(windows ? ["Scripts", "python.exe"] : ["bin", "python"]));

/** What is installed one after the other; each has a stamp of its own once it is complete. */
const STAGES = [
  { file: join(root, "test", "python", "requirements.txt"), stamp: join(folder, ".stamp"), size: "1.1 GB" },
  ...(full
    ? [
        {
          file: join(root, "test", "python", "requirements-full.txt"),
          stamp: join(folder, ".stamp-full"),
          size: "1.8 GB",
        },
      ]
    : []),
];

const NAMES = ["python3", "python", "python3.13", "python3.12", "python3.11"];
const SUPPORTED = /^3\.1[123]\./;

/** The Python that Debian's python3-torch is for. */
const SYSTEM_PYTHON = "/usr/bin/python3";

/** What will not be tested, why, and what to do about it. */
class Missing extends Error {
  constructor(what, why, hint) {
    super(`NOT TESTED: ${what}\n*** because ${why}\n*** ${hint}`);
  }
}

/** The reader's own Python; the one made here is known to the suite that runs before the full one. */
const given = process.env.NONLIN_PYTHON === python ? undefined : process.env.NONLIN_PYTHON;

const missing = [];
const found = {
  NONLIN_PYTHON: given || orMissing(currentFrameworks),
  ...(full && { NONLIN_PYTHON_TORCH_1_13: process.env.NONLIN_PYTHON_TORCH_1_13 || orMissing(oldTorch) }),
};
for (const { message } of missing) console.error(`\n*** ${message}\n`);
console.log(JSON.stringify(found));
if (missing.length > 0 && process.env.CI === "true") process.exitCode = 1;

/** What is found, or undefined where that is missing. */
function orMissing(find) {
  try {
    return find();
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    missing.push(error);
    return undefined;
  }
}

function currentFrameworks() {
  for (const stage of STAGES) if (!isComplete(stage)) alone(() => isComplete(stage) || install(stage));
  return python;
}

/** A Python that was removed or replaced since leaves the links of the environment dangling. */
function isComplete({ file, stamp }) {
  return existsSync(stamp) && readFileSync(stamp, "utf8") === hashOf(file) && versionOf(python) !== undefined;
}

function hashOf(file) {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

function install({ file, stamp, size }) {
  console.error(`Installing what the tests of emitted Python need into ${folder} (about ${size}, a few minutes)`);
  if (file === STAGES[0].file) makeEnvironment();
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  // PyTorch first and by itself: where its build wants more packages than the CPU's, pip adds those.
  const torch = /^torch==\S+$/m.exec(readFileSync(file, "utf8"))?.[0];
  if (torch !== undefined) execute(python, [...pip, "--constraint", file, torch], "pip could not install PyTorch");
  execute(python, [...pip, "--no-deps", "--requirement", file], "pip could not install the requirements");
  writeFileSync(stamp, hashOf(file));
}

function makeEnvironment() {
  const base = NAMES.find((name) => SUPPORTED.test(versionOf(name) ?? ""));
  if (base === undefined) throw lacking("no Python 3.11, 3.12 or 3.13 is on the path");
  rmSync(folder, { recursive: true, force: true });
  execute(base, ["-m", "venv", folder], "venv failed");
}

/** One process at a time makes the environment; the others wait for it. */
function alone(make) {
  mkdirSync(cache, { recursive: true });
  while (!takeLock()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
  try {
    make();
  } finally {
    rmSync(lock, { force: true });
  }
}

function takeLock() {
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    const holder = readLock();
    if (holder !== undefined && !isAlive(holder)) rmSync(lock, { force: true });
    return false;
  }
}

function readLock() {
  try {
    return Number(readFileSync(lock, "utf8")) || undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

function oldTorch() {
  const program = "import torch; print(torch.__version__)";
  const { stdout, status } = spawnSync(SYSTEM_PYTHON, ["-c", program], { encoding: "utf8" });
  if (status === 0 && stdout.startsWith("1.13.")) return SYSTEM_PYTHON;
  throw new Missing(
    "modules for PyTorch 1.13",
    `${SYSTEM_PYTHON} has ${status === 0 ? `PyTorch ${stdout.trim()}` : "no PyTorch"}`,
    "Debian 12 has it as python3-torch; or set NONLIN_PYTHON_TORCH_1_13 to a Python that has it.",
  );
}

function versionOf(command) {
  const program = "import sys; print('.'.join(map(str, sys.version_info[:3])))";
  const { status, stdout } = spawnSync(command, ["-c", program], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

function execute(command, args, failure) {
  const { status, stderr, error } = spawnSync(command, args, {
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  if (status === 0) return;
  const lines = (error?.message ?? stderr).split("\n").filter((line) => line !== "" && !line.startsWith("WARNING"));
  throw lacking([failure, ...lines.slice(-3)].join(": "));
}

function lacking(why) {
  return new Missing(
    "the emitted PyTorch and Keras modules",
    why,
    "Python 3.11 to 3.13 with venv and a network are needed once; or set NONLIN_PYTHON to a Python that has test/python/requirements.txt.",
  );
}
