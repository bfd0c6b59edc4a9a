/**
 * Brings `.cache/gpu` up to date: two software drivers for Vulkan and a headless browser, with which the tests run WGSL
 * without a GPU. Silent and quick when all is there; `status.json` says what there is, and why something is missing.
 *
 * SwiftShader, the loader of Vulkan and Chromium come out of the npm package @sparticuz/chromium. The second driver,
 * lavapipe, comes from Debian's backports and is unpacked, not installed. Debian 12's own is too old for Dawn.
 */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync } from "node:zlib";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = join(root, ".cache", "gpu");
const supported = process.platform === "linux" && process.arch === "x64";

/** The browser that Debian installs, where the package's does not run. */
const SYSTEM_BROWSER = "/usr/bin/chromium";
const SYSTEM_DRIVERS = "/usr/share/vulkan/icd.d";

/** What never comes from a Debian package: two of these in one process would be one too many. */
const LIBRARIES_OF_NODE = /^(ld-linux-|lib(c|m|dl|rt|pthread|gcc_s|stdc\+\+)\.so)/;

class Missing extends Error {}

mkdirSync(cache, { recursive: true });
for (const name of readdirSync(cache))
  if (isAbandoned(name)) rmSync(join(cache, name), { recursive: true, force: true });

const browser = orMissing(unpackBrowser);
const loader = browser.missing ? [] : [join(browser.folder, "libvulkan.so.1")];
const status = {
  drivers: {
    swiftshader: browser.missing
      ? browser
      : { icd: join(browser.folder, "vk_swiftshader_icd.json"), libraries: loader },
    lavapipe: orMissing(findLavapipe),
  },
  chromium: findChromium(),
};
publish(JSON.stringify(status, undefined, 2) + "\n");
for (const [name, { missing }] of Object.entries({ ...status.drivers, chromium: status.chromium }))
  if (missing !== undefined) console.error(`\n*** NOT TESTED: WGSL on ${name}\n*** because ${missing}\n`);

/** What is found, or why it is missing. */
function orMissing(find) {
  try {
    return find();
  } catch (error) {
    return { missing: error instanceof Missing ? error.message : String(error?.stack ?? error) };
  }
}

function publish(text) {
  const file = join(cache, "status.json");
  if (existsSync(file) && readFileSync(file, "utf8") === text) return;
  const fresh = `${file}-new-${process.pid}`;
  writeFileSync(fresh, text);
  renameSync(fresh, file);
}

/** A folder is filled under another name and then renamed: what has its name is whole. */
function folderOf(name, fill) {
  const folder = join(cache, name);
  if (existsSync(folder)) return folder;
  const fresh = mkdtempSync(join(cache, `${name}-new-${process.pid}-`));
  try {
    fill(fresh, folder);
    renameSync(fresh, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return folder;
}

/** Left behind by a run that was killed. */
function isAbandoned(name) {
  const maker = Number(/-new-(\d+)/.exec(name)?.[1] ?? NaN);
  if (Number.isNaN(maker)) return false;
  try {
    process.kill(maker, 0);
    return false;
  } catch (error) {
    return error.code !== "EPERM";
  }
}

function unpackBrowser() {
  if (!supported) throw new Missing(`@sparticuz/chromium has no files for ${process.platform} on ${process.arch}`);
  const entry = createRequire(import.meta.url).resolve("@sparticuz/chromium");
  const home = entry.slice(
    0,
    entry.lastIndexOf(join("@sparticuz", "chromium")) + join("@sparticuz", "chromium").length,
  );
  const { version } = JSON.parse(readFileSync(join(home, "package.json"), "utf8"));
  const name = `chromium-${version}`;
  const folder = folderOf(name, (fresh, final) => {
    console.error(`Unpacking Chromium and SwiftShader into ${final} (200 MB)`);
    for (const archive of ["swiftshader.tar", "al2023.tar", "fonts.tar"]) {
      const input = brotliDecompressSync(readFileSync(join(home, "bin", `${archive}.br`)));
      command("tar", ["-x", "--no-same-owner", "-f", "-", "-C", fresh], { input });
    }
    writeFileSync(join(fresh, "chromium"), brotliDecompressSync(readFileSync(join(home, "bin", "chromium.br"))));
    chmodSync(join(fresh, "chromium"), 0o755);
  });
  for (const other of readdirSync(cache))
    if (/^chromium-[\d.]+$/.test(other) && other !== name) rmSync(join(cache, other), { recursive: true, force: true });
  return { folder };
}

function findChromium() {
  if (!browser.missing) {
    return {
      executable: join(browser.folder, "chromium"),
      environment: { LD_LIBRARY_PATH: join(browser.folder, "lib"), FONTCONFIG_PATH: browser.folder },
    };
  }
  if (existsSync(SYSTEM_BROWSER)) return { executable: SYSTEM_BROWSER, environment: {} };
  return { missing: `${browser.missing}, and there is no ${SYSTEM_BROWSER}` };
}

function findLavapipe() {
  try {
    const folder = folderOf("lavapipe", fetchLavapipe);
    const libraries = readdirSync(join(folder, "lib")).map((name) => join(folder, "lib", name));
    return { icd: join(folder, "lavapipe.json"), libraries: [...loader, ...libraries] };
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    const icd = systemLavapipe();
    if (icd === undefined)
      throw new Missing(`${error.message}; nor is there a lavapipe of Mesa 25 in ${SYSTEM_DRIVERS}`);
    return { icd, libraries: loader };
  }
}

/** Mesa 25 is the first whose driver says that it is of Vulkan 1.4. */
function systemLavapipe() {
  if (!existsSync(SYSTEM_DRIVERS)) return undefined;
  const files = readdirSync(SYSTEM_DRIVERS).filter((name) => name.startsWith("lvp_icd"));
  return files
    .map((name) => join(SYSTEM_DRIVERS, name))
    .find((file) => /"api_version": *"1\.([4-9]|\d\d)/.test(readFileSync(file, "utf8")));
}

function fetchLavapipe(fresh, final) {
  if (!supported || !/^ID=debian$/m.test(readFileSync("/etc/os-release", "utf8"))) {
    throw new Missing("lavapipe is only fetched for Debian on x86-64");
  }
  console.error(`Fetching Mesa's lavapipe into ${final}`);
  const apt = join(fresh, "apt");
  const run = privateApt(apt);
  const all = join(fresh, "all");
  run(["update"]);
  run(["download", `mesa-vulkan-drivers/${backports()}`]);
  unpackPackages(apt, all);
  const library = join(fresh, "libvulkan_lvp.so");
  copyFileSync(findFile(all, "libvulkan_lvp.so"), library);
  const libraries = join(fresh, "lib");
  mkdirSync(libraries);
  let lacking = lackingLibraries(library, libraries);
  if (lacking.length > 0) {
    // To a status without packages everything is to be installed: that downloads whatever the driver depends on.
    run(["install", "--download-only", "-y", "--no-install-recommends", "-t", backports(), "mesa-vulkan-drivers"]);
    unpackPackages(join(apt, "cache", "archives"), all);
  }
  while (lacking.length > 0) {
    for (const name of lacking) {
      const found = LIBRARIES_OF_NODE.test(name) ? undefined : findFile(all, name);
      if (found === undefined) throw new Missing(`lavapipe needs ${name}, which this system lacks`);
      copyFileSync(found, join(libraries, name));
    }
    lacking = lackingLibraries(library, libraries);
  }
  // The loader of Vulkan looks for `./` beside this file, so that the checkout may be moved.
  const ICD = { library_path: "./libvulkan_lvp.so", api_version: "1.4.0" };
  writeFileSync(join(fresh, "lavapipe.json"), JSON.stringify({ file_format_version: "1.0.0", ICD }));
  rmSync(apt, { recursive: true });
  rmSync(all, { recursive: true });
}

function backports() {
  return `${/^VERSION_CODENAME=(\w+)$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1]}-backports`;
}

/** An apt with sources, lists and packages of its own, which needs no rights; proxies and the like are the system's. */
function privateApt(folder) {
  for (const name of ["lists/partial", "cache/archives/partial"]) mkdirSync(join(folder, name), { recursive: true });
  const system = command("apt-config", ["dump", "Acquire"]);
  const keys = "/usr/share/keyrings/debian-archive-keyring.gpg";
  const signed = existsSync(keys) ? `[signed-by=${keys}] ` : "";
  const suites = [backports(), backports().replace("-backports", "")];
  const file = (name, text) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const settings = {
    "Dir::Etc::main": "/dev/null",
    "Dir::Etc::parts": "/dev/null",
    "Dir::Etc::preferences": "/dev/null",
    "Dir::Etc::preferencesparts": "/dev/null",
    "Dir::Etc::sourceparts": "/dev/null",
    "Dir::Etc::sourcelist": file(
      "sources.list",
      suites.map((suite) => `deb ${signed}http://deb.debian.org/debian ${suite} main\n`).join(""),
    ),
    "Dir::State": folder,
    "Dir::State::lists": join(folder, "lists"),
    "Dir::State::status": file("status", ""),
    "Dir::Cache": join(folder, "cache"),
    "APT::Sandbox::User": "",
    "APT::Update::Error-Mode": "any",
    "Debug::NoLocking": "true",
    "Acquire::Languages": "none",
    "Acquire::Retries": "2",
    "Acquire::http::Timeout": "20",
  };
  const own = Object.entries(settings).map(([name, value]) => `${name} "${value}";\n`);
  const environment = { ...process.env, APT_CONFIG: file("apt.conf", system + own.join("")) };
  return (args) => command("apt-get", [...args, "-q"], { cwd: folder, env: environment });
}

function unpackPackages(folder, into) {
  for (const name of readdirSync(folder))
    if (name.endsWith(".deb")) command("dpkg-deb", ["-x", join(folder, name), into]);
}

/** The libraries that a library needs, directly or not, and that neither the system nor a folder has. */
function lackingLibraries(library, folder) {
  const printed = command("ldd", [library], { env: { ...process.env, LD_LIBRARY_PATH: folder } });
  return [...printed.matchAll(/^\s*(\S+) => not found$/gm)].map((match) => match[1]);
}

function findFile(folder, name) {
  const entry = readdirSync(folder, { withFileTypes: true, recursive: true }).find((each) => each.name === name);
  return entry && join(entry.parentPath ?? entry.path, entry.name);
}

/** Runs a command and gives what it printed. */
function command(name, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(name, args, { encoding: "utf8", maxBuffer: 2 ** 26, ...options });
  if (status === 0) return stdout;
  const lines = (error?.message ?? stderr).split("\n").filter((line) => /^(?!W:)./.test(line));
  throw new Missing(`${name} ${args[0]} failed: ${lines.slice(-3).join(" ")}`);
}
