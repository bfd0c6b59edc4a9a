/** README and docs: every file, command, excerpt and session in them is as it says. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { Project, ROOT, blocksOf, commandsOf, matches, missingLines, wordOf, type Block } from "./helpers/documents.js";

const DOCUMENTS = [
  ...["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"],
  ...readdirSync(join(ROOT, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];
const python = process.env["NONLIN_PYTHON"];

/** What a block is; a block of no kind would be read by people and by nobody else. */
function kindOf(block: Block): "console" | "checkout" | "file" | "from" | "python" | "output" | undefined {
  if (block.words.includes("checkout")) return "checkout";
  if (block.language === "console") return "console";
  if (wordOf(block, "file") !== undefined) return "file";
  if (wordOf(block, "from") !== undefined) return "from";
  if (block.language === "python" && block.text.startsWith(">>>")) return "python";
  // test/habits.test.ts proves each habit, and test/surrogates.test.ts verifies the surrogate.
  return ["diagram", "habit", "surrogate"].some((word) => block.words.includes(word)) ? "output" : undefined;
}

describe.each(DOCUMENTS)("%s", (document) => {
  const blocks = blocksOf(document);
  const of = (kind: ReturnType<typeof kindOf>): Block[] => blocks.filter((block) => kindOf(block) === kind);
  const project = new Project("commonjs");
  afterAll(() => project.remove());

  test("has no snippet that nothing runs", () => {
    expect(of(undefined).map(({ line, language }) => `line ${line}: ${language}`)).toEqual([]);
  });

  test("links to what is there", () => {
    const text = readFileSync(join(ROOT, document), "utf8").replaceAll(/^(```+)[^`]*?^\1$/gms, "");
    const targets = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, target]) => target!);
    const local = targets.filter((target) => !/^[a-z]+:/.test(target));
    const folder = document.startsWith("docs/") ? "docs" : ".";
    expect(local.filter((target) => !existsSync(join(ROOT, folder, target)))).toEqual([]);
  });

  test("names files that are there", () => {
    const text = readFileSync(join(ROOT, document), "utf8");
    const named = [
      ...text.matchAll(/`(?:node |npx vitest run )?((?:bench|scripts|test|src|generated|docs)\/[\w./-]*\w)/g),
    ];
    const missing = named.map(([, path]) => path!).filter((path) => !existsSync(join(ROOT, path)));
    expect(
      missing.filter((path) => !readdirSync(join(ROOT, "test")).some((name) => `test/${name}`.startsWith(path))),
    ).toEqual([]);
  });

  const steps = blocks.filter((block) => ["console", "file"].includes(kindOf(block)!));
  test.skipIf(steps.length === 0)("prints what it says", () => {
    for (const block of steps) {
      const name = wordOf(block, "file");
      if (name !== undefined) project.write(name, block.text);
      else
        for (const { line, output } of commandsOf(block)) {
          const actual = project.run(line);
          if (!matches(actual, output)) expect(actual, `${document}:${block.line}: ${line}`).toBe(output);
        }
    }
  });

  test.each(of("from").map((block) => [wordOf(block, "from")!, block] as const))("shows lines of %s", (path, block) => {
    expect(missingLines(block, path), `${document}:${block.line}`).toEqual([]);
  });

  test.skipIf(python === undefined || of("python").length === 0)("has sessions of Python as they go", () => {
    const session = join(project.folder, "session.txt");
    writeFileSync(
      session,
      of("python")
        .map(({ text }) => text)
        .join("\n"),
    );
    const { stdout, stderr } = spawnSync(python!, ["-m", "doctest", session], { cwd: ROOT, encoding: "utf8" });
    expect(stdout + stderr).toBe("");
  });
});

test("README is short", () => {
  expect(readFileSync(join(ROOT, "README.md"), "utf8").split("\n").length).toBeLessThanOrEqual(151);
});

test("each page of docs is linked from README", () => {
  const text = readFileSync(join(ROOT, "README.md"), "utf8");
  for (const document of DOCUMENTS.filter((name) => name !== "README.md")) expect(text).toContain(`(${document})`);
});
