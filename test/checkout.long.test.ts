/** A clean clone: `npm start` as README shows it, from nothing but what is checked in. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROOT, blocksOf, commandsOf, matches } from "./helpers/documents.js";

const clone = mkdtempSync(join(tmpdir(), "nonlin-clone-"));
afterAll(() => rmSync(clone, { recursive: true, force: true }));

beforeAll(() => {
  const listed = execFileSync("git", ["ls-files", "-z"], { cwd: ROOT, encoding: "utf8", maxBuffer: 2 ** 26 });
  for (const path of listed.split("\0").filter((name) => name !== "")) {
    mkdirSync(dirname(join(clone, path)), { recursive: true });
    cpSync(join(ROOT, path), join(clone, path), { verbatimSymlinks: true });
  }
});

const commands = blocksOf("README.md")
  .filter(({ words }) => words.includes("checkout"))
  .flatMap(commandsOf);

test("README's two commands are scripts of the package", () => {
  expect(commands.map(({ line }) => line)).toEqual(["npm start", "npm test"]);
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(["start", "test"]));
});

test("npm start prints what README says, and npx nonlin runs", () => {
  const [{ line, output }] = commands as [{ line: string; output: string }];
  const environment = { PATH: process.env["PATH"], HOME: process.env["HOME"], LANG: "C.UTF-8" };
  const run = (command: string) =>
    spawnSync("sh", ["-c", command], { cwd: clone, encoding: "utf8", env: environment, maxBuffer: 2 ** 26 });
  // Before anything is there: the launcher sets the checkout up.
  expect(run("npx nonlin --version").stdout).toBe("0.1.0\n");
  const { status, stdout, stderr } = run(line);
  expect(status, stderr).toBe(0);
  const printed = stdout.split("\n").filter((one) => one !== "" && !one.startsWith(">"));
  expect(matches(printed.join("\n"), output), printed.join("\n")).toBe(true);
});
