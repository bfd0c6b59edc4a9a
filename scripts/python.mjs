/**
 * Makes the Python environment of the tests in `.cache/python` where it is missing, and prints as JSON the variables that
 * tell the tests their Pythons. Silent and quick when all is there.
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
const stamp = join(folder, ".stamp");
const lock = join(cache, "python.lock");
const requirements = join(root, "test", "python", "requirements.txt");
const windows = process.platform === "win32";
const python = join(folder, ...(windows ? ["Scripts", "python.exe"] : ["bin", "python"]));

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

const missing = [];
const found = {
  NONLIN_PYTHON: process.env.NONLIN_PYTHON || orMissing(currentFrameworks),
  NONLIN_PYTHON_TORCH_1_13: process.env.NONLIN_PYTHON_TORCH_1_13 || orMissing(oldTorch),
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
  const wanted = createHash("sha256").update(readFileSync(requirements)).digest("hex");
  if (!isComplete(wanted)) alone(() => isComplete(wanted) || makeEnvironment(wanted));
  return python;
}

/** A Python that was removed or replaced since leaves the links of the environment dangling. */
function isComplete(wanted) {
  return existsSync(stamp) && readFileSync(stamp, "utf8") === wanted && versionOf(python) !== undefined;
}

function makeEnvironment(wanted) {
  const base = NAMES.find((name) => SUPPORTED.test(versionOf(name) ?? ""));
  if (base === undefined) throw lacking("no Python 3.11, 3.12 or 3.13 is on the path");
  console.error(`Making the Python environment of the tests in ${folder} (about 3 GB, a few minutes)`);
  rmSync(folder, { recursive: true, force: true });
  execute(base, ["-m", "venv", folder], "venv failed");
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  // PyTorch first and by itself: where its build wants more packages than the CPU's, pip adds those.
  const torch = /^torch==\S+$/m.exec(readFileSync(requirements, "utf8"))[0];
  execute(python, [...pip, "--constraint", requirements, torch], "pip could not install PyTorch");
  execute(python, [...pip, "--no-deps", "--requirement", requirements], "pip could not install the requirements");
  writeFileSync(stamp, wanted);
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
