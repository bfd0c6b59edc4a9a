import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const PROJECT = fileURLToPath(new URL("..", import.meta.url));

let root = "";
const at = (...parts: string[]): string => join(root, ...parts);

/** A small project with the real script and compiler, and an npm that only says that it was called. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "nonlin-setup-"));
  mkdirSync(at("src"));
  mkdirSync(at("node_modules"));
  mkdirSync(at("bin"));
  cpSync(join(PROJECT, "scripts/setup.mjs"), at("scripts/setup.mjs"));
  cpSync(join(PROJECT, "bin/nonlin.mjs"), at("bin/nonlin.mjs"));
  symlinkSync(join(PROJECT, "node_modules/typescript"), at("node_modules/typescript"));
  writeFileSync(
    at("tsconfig.json"),
    JSON.stringify({
      compilerOptions: { rootDir: "src", types: [], lib: ["es5"], target: "es2022" },
      include: ["src"],
    }),
  );
  writeFileSync(at("src/one.ts"), "export const one: number = 1;\n");
  writeFileSync(at("bin/npm"), "#!/bin/sh\necho npm $*\n", { mode: 0o755 });
  lock("package-lock.json", "1.0.0");
  lock("node_modules/.package-lock.json", "1.0.0");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const lock = (name: string, version: string): void =>
  writeFileSync(
    at(name),
    JSON.stringify({
      packages: {
        ...(name === "package-lock.json"
          ? { "": {}, "node_modules/other-platform": { version: "1.0.0", optional: true } }
          : {}),
        "node_modules/some": { version },
      },
    }),
  );

function setup(): { status: number | null; out: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [at("scripts/setup.mjs")], {
    env: { PATH: `${at("bin")}:${process.env["PATH"]}` },
    encoding: "utf8",
  });
  return { status, out: stdout + stderr };
}

test("compiles once, then is silent", () => {
  expect(setup()).toMatchObject({ status: 0, out: "" });
  const written = statSync(at("dist/one.js")).mtimeMs;
  expect(setup()).toEqual({ status: 0, out: "" });
  expect(statSync(at("dist/one.js")).mtimeMs).toBe(written);
});

test("drops what it compiled from a source that is gone, and nothing else", () => {
  writeFileSync(at("src/two.ts"), "export const two = 2;\n");
  setup();
  writeFileSync(at("dist/foreign.txt"), "mine");
  rmSync(at("src/two.ts"));
  expect(setup().status).toBe(0);
  expect([existsSync(at("dist/one.js")), existsSync(at("dist/two.js"))]).toEqual([true, false]);
  expect(readFileSync(at("dist/foreign.txt"), "utf8")).toBe("mine");
});

test("keeps the old build when the sources do not compile", () => {
  setup();
  writeFileSync(at("src/one.ts"), "export const one: string = 1;\n");
  const { status, out } = setup();
  expect(status).toBe(1);
  expect(out).toContain("src/one.ts(1,14)");
  expect(readFileSync(at("dist/one.js"), "utf8")).toContain("one = 1");
});

test("builds again when an output is lost", () => {
  setup();
  rmSync(at("dist/one.js"));
  setup();
  expect(existsSync(at("dist/one.js"))).toBe(true);
});

test("installs when a package is missing or has another version, and only then", () => {
  expect(setup().out).toBe("");
  lock("package-lock.json", "2.0.0");
  expect(setup().out).toContain("npm ci --no-audit --no-fund");
  lock("package-lock.json", "1.0.0");
  rmSync(at("node_modules/.package-lock.json"));
  expect(setup().out).toContain("npm ci");
});

describe("the launcher", () => {
  const launch = (...words: string[]): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(at("bin/nonlin.mjs"), words, {
      env: { PATH: `${at("bin")}:${process.env["PATH"]}` },
      encoding: "utf8",
    });

  beforeEach(() => {
    mkdirSync(at("src/cli"));
    writeFileSync(at("package.json"), '{ "type": "module" }');
    writeFileSync(
      at("tsconfig.json"),
      JSON.stringify({
        compilerOptions: { rootDir: "src", types: [], target: "es2022", module: "es2022" },
        include: ["src"],
      }),
    );
    writeFileSync(
      at("src/cli/main.ts"),
      'console.log("ran " + (globalThis as any).process.argv.slice(2).join(" "));\n',
    );
  });

  test("is what the package's command is", () => {
    const { bin } = JSON.parse(readFileSync(join(PROJECT, "package.json"), "utf8")) as { bin: object };
    expect(bin).toEqual({ nonlin: "bin/nonlin.mjs" });
    expect(statSync(join(PROJECT, "bin/nonlin.mjs")).mode & 0o111).not.toBe(0);
  });

  test("sets up a fresh checkout without a word on standard output", () => {
    rmSync(at("node_modules/.package-lock.json"));
    const first = launch("list", "--json");
    expect(first).toMatchObject({ status: 0, stdout: "ran list --json\n" });
    expect(first.stderr).toContain("npm ci");
    expect(launch("list")).toMatchObject({ status: 0, stdout: "ran list\n", stderr: "" });
  });

  test("ends with 2 where that fails", () => {
    writeFileSync(at("src/cli/main.ts"), "const wrong: number = '';\n");
    expect(launch("list")).toMatchObject({ status: 2, stdout: "" });
  });

  test("only runs what is there in a packed package", () => {
    mkdirSync(at("dist/cli"), { recursive: true });
    writeFileSync(at("dist/cli/main.js"), 'console.log("packed");');
    rmSync(at("scripts"), { recursive: true });
    rmSync(at("node_modules"), { recursive: true });
    expect(launch("list")).toMatchObject({ status: 0, stdout: "packed\n", stderr: "" });
  });
});
