/**
 * Brings node_modules and dist/ up to date with the lock file and the sources. Silent and quick when they are.
 *
 * `dist` is compiled into a fresh folder and swapped in, so that a compiler killed half-way leaves the old one. Its
 * stamp lists what was emitted: those files go with the next build, any other file in `dist` stays.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "dist");
const scratch = join(root, ".cache", "nonlin");
const stampName = ".stamp";

installPackages();
const hash = hashOfSources();
const stamp = readStamp();
if (stamp.hash !== hash || stamp.files.some((file) => !existsSync(join(dist, file)))) compileSources(stamp, hash);

function installPackages() {
  const lock = readJson(join(root, "package-lock.json"));
  const installed = readJson(join(root, "node_modules", ".package-lock.json"));
  if (installed !== undefined && samePackages(lock, installed)) return;
  // On Windows npm is a script, which only a shell can start.
  execute("npm", ["ci", "--no-audit", "--no-fund"], { shell: process.platform === "win32" });
}

/** Is every package of the lock file installed in its version? Optional ones may be absent: they are per platform. */
function samePackages(lock, installed) {
  return Object.entries(lock?.packages ?? {}).every(([path, wanted]) => {
    if (path === "" || wanted.link) return true;
    const found = installed.packages?.[path];
    return found === undefined ? wanted.optional === true : found.version === wanted.version;
  });
}

function hashOfSources() {
  const sum = createHash("sha256");
  const sources = filesUnder(join(root, "src")).filter((file) => file.endsWith(".ts"));
  for (const file of [...sources, join(root, "tsconfig.json"), join(root, "package-lock.json")]) {
    const bytes = readFileSync(file);
    sum.update(`${relative(root, file)}\0${bytes.length}\0`).update(bytes);
  }
  return sum.digest("hex");
}

function compileSources(stamp, hash) {
  mkdirSync(scratch, { recursive: true });
  for (const name of readdirSync(scratch)) if (isAbandoned(name)) rmSync(join(scratch, name), { recursive: true });
  const fresh = join(scratch, `dist-new-${process.pid}`);
  const old = join(scratch, `dist-old-${process.pid}`);
  process.on("exit", () => rmSync(fresh, { recursive: true, force: true }));
  execute(process.execPath, [
    join("node_modules", "typescript", "bin", "tsc"),
    "-p",
    "tsconfig.json",
    "--outDir",
    fresh,
  ]);
  const files = filesUnder(fresh).map((file) => relative(fresh, file));
  writeFileSync(join(fresh, stampName), JSON.stringify({ hash, files }));
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(fresh, dist);
  if (existsSync(old)) keepForeignFiles(old, new Set([...stamp.files, stampName]));
}

/** Left behind by a run that was killed; another run may be at work in a younger one. */
function isAbandoned(name) {
  return /^dist-(new|old)-\d+$/.test(name) && Date.now() - statSync(join(scratch, name)).mtimeMs > 600_000;
}

function keepForeignFiles(old, ours) {
  for (const file of filesUnder(old)) {
    const path = relative(old, file);
    if (ours.has(path) || existsSync(join(dist, path))) continue;
    mkdirSync(dirname(join(dist, path)), { recursive: true });
    renameSync(file, join(dist, path));
  }
  rmSync(old, { recursive: true });
}

function readStamp() {
  const found = readJson(join(dist, stampName));
  const inside = (file) => typeof file === "string" && !file.split(sep).includes("..");
  return { hash: found?.hash, files: Array.isArray(found?.files) ? found.files.filter(inside) : [] };
}

function filesUnder(folder) {
  const found = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...filesUnder(path));
    else found.push(path);
  }
  return found.sort();
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

function execute(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit", ...options });
  if (error) console.error(`setup: cannot run ${command}: ${error.message}`);
  if (status !== 0) process.exit(1);
}
