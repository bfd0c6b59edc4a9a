/** The packed package: what its manifest promises, and README's examples in projects of either kind that installed it. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Project, ROOT, blocksOf, commandsOf, matches, wordOf } from "./helpers/documents.js";

const scratch = mkdtempSync(join(tmpdir(), "nonlin-packed-"));
let tarball = "";

beforeAll(() => {
  const packed = execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", scratch], {
    cwd: ROOT,
    encoding: "utf8",
  });
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  tarball = join(scratch, filename);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const check = (tool: string, ...words: readonly string[]) =>
  spawnSync(join(ROOT, "node_modules", ".bin", tool), [...words, tarball], { cwd: scratch, encoding: "utf8" });

test("publint finds nothing", () => {
  const { status, stdout, stderr } = check("publint", "--strict");
  expect([status, stdout + stderr]).toEqual([0, expect.stringContaining("All good!")]);
});

test("types are found by every resolution of ES modules", () => {
  const { status, stdout, stderr } = check("attw", "--profile", "esm-only", "--no-color");
  expect(status, stdout + stderr).toBe(0);
});

describe.each([undefined, "commonjs", "module"] as const)("a project of type %s", (type) => {
  let project: Project;
  beforeAll(() => {
    project = new Project(type, tarball);
  });
  afterAll(() => project.remove());

  test("runs README's examples", () => {
    for (const block of blocksOf("README.md")) {
      const name = wordOf(block, "file");
      if (name !== undefined) project.write(name, block.text);
      if (block.language !== "console" || block.words.includes("checkout")) continue;
      for (const { line, output } of commandsOf(block)) {
        const actual = project.run(line);
        if (!matches(actual, output)) expect(actual, `README.md:${block.line}: ${line}`).toBe(output);
      }
    }
  });

  test("has the compiler as a library, and types for configurations", () => {
    project.write(
      "library.mjs",
      'import { compile, findDefinition } from "nonlin";\n' +
        'const { artifacts } = await compile(findDefinition("relu"), { target: "js" });\n' +
        "console.log(artifacts.map(({ path }) => path).join());\n",
    );
    expect(project.run("node library.mjs")).toBe("js/relu.js,js/relu.d.ts\n");
    project.write(
      "typed.config.ts",
      'import { defineConfig } from "nonlin";\n' +
        'export default defineConfig({ activations: [{ id: "a", formula: "2*x" }], targets: ["js"], out: "typed" });\n',
    );
    expect(project.run("npx nonlin build --config typed.config.ts")).toMatch(/^1 definition, /);
  });

  test("has the plugins of ESLint and of pytest", () => {
    project.write(
      "plugins.mjs",
      'import { existsSync } from "node:fs";\n' +
        'import { recommended } from "nonlin/eslint";\n' +
        "console.log(Object.keys(recommended.rules).join());\n" +
        'console.log(existsSync("node_modules/nonlin/integrations/pytest_nonlin.py"));\n',
    );
    expect(project.run("node plugins.mjs")).toBe("nonlin/derivatives\ntrue\n");
  });
});
