import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadConfig } from "../src/cli/build/load-config.js";
import { targets } from "../src/registry.js";
import { makeFolder, nonlin, removeFolder, snapshot, start, type Outcome } from "./cli-process.js";

let folder = "";
beforeEach(() => void (folder = makeFolder()));
afterEach(() => removeFolder(folder));

const run = (...words: string[]): Promise<Outcome> => nonlin(words, { folder });
const at = (...parts: string[]): string => join(folder, ...parts);
const FEW = ["--only", "relu,tanh,sigmoid"];
const ONE = ["--only", "relu"];
const TARGETS = Object.keys(targets).length;

interface Report {
  readonly compiled: number;
  readonly files: readonly { readonly path: string; readonly status: string }[];
}

async function build(...words: string[]): Promise<Report> {
  const { code, out, err } = await run("build", "--json", ...words);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return JSON.parse(out) as Report;
}

const withStatus = ({ files }: Report, status: string): string[] =>
  files.filter((file) => file.status === status).map(({ path }) => path);

const changeTimes = (): Map<string, bigint> =>
  new Map(
    [...snapshot(at("generated")).keys()].map((path) => [
      path,
      statSync(at("generated", path), { bigint: true }).mtimeNs,
    ]),
  );

const configure = (...activations: object[]): void =>
  writeFileSync(at("nonlin.config.mjs"), `export default ${JSON.stringify({ activations })};`);

describe("a build", () => {
  test("writes a module per definition, an index and the accuracy, once", async () => {
    const first = await build(...FEW);
    const paths = [...snapshot(at("generated")).keys()];
    expect(paths).toEqual(expect.arrayContaining(["accuracy.json", "js/index.js", "js/relu.js", "js/relu.d.ts"]));
    expect(withStatus(first, "written").sort()).toEqual(paths);
    expect(Object.keys(JSON.parse(readFileSync(at("generated/accuracy.json"), "utf8")) as object)).toEqual([
      "relu",
      "sigmoid",
      "tanh",
    ]);

    const times = changeTimes();
    const second = await build(...FEW);
    expect(second.compiled).toBe(0);
    expect(withStatus(second, "unchanged").sort()).toEqual(paths);
    expect(changeTimes()).toEqual(times);
    const forced = await build(...FEW, "--force");
    expect(forced.compiled).toBe(3 * TARGETS);
    expect(changeTimes()).toEqual(times);
  });

  test("gives the same bytes in one part, in parts, and anew", async () => {
    await build(...FEW);
    await build("--only", "tanh", "--out", "parts");
    await build("--only", "relu", "--out", "parts");
    await build("--only", "nn.Sigmoid", "--out", "parts");
    expect(snapshot(at("parts"))).toEqual(snapshot(at("generated")));
  });

  test("compiles again only what changed", async () => {
    configure({ id: "one", formula: "x * 2" }, { id: "two", formula: "x * a", parameters: { a: { default: 3 } } });
    await build();
    const times = changeTimes();
    configure({ id: "one", formula: "x * 2" }, { id: "two", formula: "x * a", parameters: { a: { default: 4 } } });
    const second = await build();
    expect(second.compiled).toBe(TARGETS);
    for (const path of ["js/one.js", "js/one.d.ts", "js/index.js"])
      expect(changeTimes().get(path)).toBe(times.get(path));
    expect(withStatus(second, "written")).toContain("js/two.js");
  });

  test("repairs what was changed or lost", async () => {
    await build(...ONE);
    const whole = snapshot(at("generated"));
    appendFileSync(at("generated/js/relu.js"), "\n");
    rmSync(at("generated/js/index.js"));
    rmSync(at("generated/accuracy.json"));
    await build(...ONE);
    expect(snapshot(at("generated"))).toEqual(whole);
  });

  test("needs no cache and survives a broken one", async () => {
    await build(...ONE);
    const whole = snapshot(at("generated"));
    const cache = at("node_modules/.cache/nonlin");
    for (const name of readdirSync(cache)) writeFileSync(join(cache, name), '{"js/relu": {"key": 1, "files": []}}');
    expect((await build(...ONE)).compiled).toBe(TARGETS);
    rmSync(cache, { recursive: true });
    writeFileSync(cache, "a file where the cache's folder should be");
    expect((await build(...ONE)).compiled).toBe(TARGETS);
    expect(snapshot(at("generated"))).toEqual(whole);
  });

  test("removes what it wrote and no longer writes, and nothing else", async () => {
    configure({ id: "one", formula: "x * 2" }, { id: "two", formula: "x * 3" });
    await build();
    const foreign = ["js/mine.js", "js/two.txt", "readme.md", "other/deep/file.js", "js/data.json", "package.json"];
    mkdirSync(at("generated/other/deep"), { recursive: true });
    for (const path of foreign) writeFileSync(at("generated", path), "mine");
    configure({ id: "one", formula: "x * 2" });
    const second = await build();
    expect(withStatus(second, "removed")).toEqual(expect.arrayContaining(["js/two.d.ts", "js/two.js"]));
    expect(existsSync(at("generated/js/two.js"))).toBe(false);
    for (const path of foreign) expect(readFileSync(at("generated", path), "utf8")).toBe("mine");
  });

  test("clears away old temporary files and leaves young ones", async () => {
    await build(...ONE);
    const [old, young] = [at("generated/js/relu.js.nonlin-tmp-1"), at("generated/js/relu.js.nonlin-tmp-2")];
    for (const path of [old, young]) writeFileSync(path, "half");
    utimesSync(old, new Date(0), new Date(0));
    await build(...ONE);
    expect([existsSync(old), existsSync(young)]).toEqual([false, true]);
  });

  test("loads no library when nothing changed", async () => {
    await build(...ONE);
    const coverage = at("coverage");
    await nonlin(["build", ...ONE], { folder, environment: { NODE_V8_COVERAGE: coverage } });
    const loaded = readdirSync(coverage).flatMap((name) => [
      ...readFileSync(join(coverage, name), "utf8").matchAll(/"url":"(file:[^"]+)"/g),
    ]);
    expect(loaded.length).toBeGreaterThan(5);
    expect(
      loaded
        .map(([, url]) => url)
        .filter((url) => /node_modules\/(mathjs|ts-morph|@ts-morph|typescript|prettier|gmp-wasm)\//.test(url!)),
    ).toEqual([]);
  });

  describe("when one definition is wrong", () => {
    const one = { id: "one", formula: "x * 2" };
    const wrong = { id: "two", formula: "x + tahn(x)" };
    const MISTAKE = /^error: in the activation two: .*\n {2}x \+ tahn\(x\)\n {6}\^\^\^\^\n/;

    test("the others are written, and it is named", async () => {
      configure(one, wrong);
      const { code, out, err } = await run("build");
      expect(code).toBe(1);
      expect(err).toMatch(MISTAKE);
      expect(err.match(/error:/g)).toHaveLength(1);
      expect(out).toMatch(/^1 definition, .*\nnot built: two\n$/);
      expect(existsSync(at("generated/js/one.js"))).toBe(true);
      expect(existsSync(at("generated/js/two.js"))).toBe(false);
      expect(readFileSync(at("generated/js/index.js"), "utf8")).not.toContain("two");
    });

    test("what an earlier build made of it stays, and so does everything else", async () => {
      configure(one, { ...wrong, formula: "x + 1" }, { id: "three", formula: "x * 3" });
      await build();
      const before = snapshot(folder);
      configure(one, wrong);
      const { code, out } = await run("build", "--json");
      expect(code).toBe(1);
      const { failures } = JSON.parse(out) as { failures: { id: string; targets: string[]; error: object }[] };
      expect(failures.map(({ id }) => id)).toEqual(["two"]);
      expect(failures[0]!.targets).toHaveLength(TARGETS);
      expect(failures[0]!.error).toMatchObject({ start: 4, end: 8 });
      const after = snapshot(folder);
      for (const [path, bytes] of before) if (path.startsWith("generated")) expect(after.get(path)).toBe(bytes);
    });

    test("nothing is written where it is the only one", async () => {
      configure(wrong);
      const { code, err } = await run("build");
      expect(code).toBe(2);
      expect(err).toMatch(MISTAKE);
      expect(existsSync(at("generated"))).toBe(false);
    });
  });

  test("keeps to the file system's answer", async () => {
    writeFileSync(at("file"), "");
    for (const out of ["file", "file/below", "/proc/none", "/dev/null/x"]) {
      const { code, err } = await run("build", ...ONE, "--target", "js", "--out", out);
      expect(code).toBe(2);
      expect(err).toMatch(/^error: cannot write .*\n$/);
    }
  });
});

describe("--check", () => {
  test("writes nothing and names every difference", async () => {
    configure({ id: "one", formula: "x * 2" }, { id: "two", formula: "x * 3" });
    const none = await run("build", "--check");
    expect(none.code).toBe(1);
    expect(none.out).toContain("missing js/one.js\n");
    expect(existsSync(at("generated"))).toBe(false);

    await build();
    expect((await run("build", "--check")).code).toBe(0);
    appendFileSync(at("generated/js/one.js"), " ");
    rmSync(at("generated/js/two.d.ts"));
    writeFileSync(at("generated/js/old.js"), "// Generated by nonlin\n");
    const before = snapshot(folder);
    const { code, out } = await run("build", "--check");
    expect(code).toBe(1);
    for (const line of ["different js/one.js", "missing js/two.d.ts", "stale js/old.js"])
      expect(out).toContain(`${line}\n`);
    expect(out.split("\n").filter((line) => /^(different|missing|stale) /.test(line))).toHaveLength(3);
    expect(snapshot(folder)).toEqual(before);
  });

  test("does not trust the cache", async () => {
    configure({ id: "one", formula: "x * 2" });
    await build();
    const report = JSON.parse((await run("build", "--check", "--json")).out) as Report;
    expect(report.compiled).toBe(TARGETS);
  });
});

describe("a configuration", () => {
  const TYPED = 'import { factor } from "./part.ts";\nconst id: string = "own";\n';
  const PLAIN = 'import { factor } from "./part.mjs";\nconst id = "own";\n';
  const COMMON = 'const { factor } = require("./part.cjs");\nconst id = "own";\nmodule.exports = ';
  const BODY = '{ activations: [{ id, formula: `${factor} * x` }], targets: ["js"], out: "made" };';
  const PARTS = {
    "part.ts": "export const factor: number = 3;",
    "part.mjs": "export const factor = 3;",
    "part.cjs": "exports.factor = 3;",
  };
  const kinds = [
    ["nonlin.config.ts", `${TYPED}export default ${BODY}`],
    ["nonlin.config.mts", `${TYPED}export default ${BODY}`],
    ["nonlin.config.mjs", `${PLAIN}export default ${BODY}`],
    ["nonlin.config.js", `${PLAIN}export default ${BODY}`],
    ["nonlin.config.js", `${COMMON}${BODY}`],
  ] as const;
  const projects = [undefined, "commonjs", "module"] as const;
  const cases = kinds.flatMap(([name, text]) => projects.map((type) => [name, type ?? "no type", text, type] as const));

  test.each(cases.filter(([, type, text]) => !(type === "module" && text.startsWith("const"))))(
    "%s runs in a project of %s and leaves nothing behind: %j",
    async (name, _type, text, type) => {
      for (const [part, source] of Object.entries(PARTS)) writeFileSync(at(part), source);
      writeFileSync(at("package.json"), JSON.stringify({ name: "project", version: "1.0.0", type }));
      writeFileSync(at(name), text);
      const before = readdirSync(folder);
      const { activations, out } = await loadConfig(at(name));
      expect([activations![0]!.formula, out]).toEqual(["3 * x", "made"]);
      expect(readdirSync(folder).sort()).toEqual(before.sort());
    },
  );

  test("in TypeScript is built from, and nothing stays beside it", async () => {
    writeFileSync(at("part.ts"), PARTS["part.ts"]);
    writeFileSync(at("nonlin.config.ts"), `${TYPED}export default ${BODY}`);
    const before = readdirSync(folder);
    await build();
    expect(readdirSync(folder).sort()).toEqual([...before, "made"].sort());
    expect(readFileSync(at("made/js/own.js"), "utf8")).toContain("3 * x");
    expect((await build()).compiled).toBe(0);
  });

  test("says where it is wrong", async () => {
    writeFileSync(at("nonlin.config.ts"), "export default {\n  activations: [,\n  out: = 3 };\n");
    const { code, err } = await run("build");
    expect(code).toBe(2);
    expect(err).toMatch(/nonlin\.config\.ts: .*\n {2}.*\n +\^/);
  });

  test("adds to the catalogue when asked, without taking its ids", async () => {
    const source = (id: string): string =>
      `export default { catalogue: true, only: ["relu", "own"], activations: [{ id: "${id}", formula: "x + 1" }] };`;
    writeFileSync(at("nonlin.config.mjs"), source("own"));
    expect(withStatus(await build(), "written")).toEqual(expect.arrayContaining(["js/relu.js", "js/own.js"]));
    writeFileSync(at("nonlin.config.mjs"), source("Tanh"));
    expect((await run("build")).err).toContain('activations[0].id "Tanh" is one of the catalogue');
  });
});

test.each([
  ["nonlin.config.ts", "part.ts", 'import { factor } from "./part.ts";\nexport default '],
  ["nonlin.config.js", "part.cjs", 'const { factor } = require("./part.cjs");\nmodule.exports = '],
])("--watch builds again when %s or what it imports changes, whatever its mistakes", async (name, part, head) => {
  const configured = (formulas: readonly string[]): void =>
    writeFileSync(
      at(name),
      `${head}{ targets: ["js"], activations: [${formulas.map((f, i) => `{ id: "own${i}", formula: \`${f}\` }`).join(", ")}] };`,
    );
  const factor = (value: number): void =>
    writeFileSync(at(part), `${part.endsWith("ts") ? "export const " : "exports."}factor = ${value};`);
  factor(2);
  configured(["${factor} * x"]);
  const child = start(["build", "--watch"], { folder });
  const heard = { text: "" };
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (data: Buffer) => (heard.text += data.toString()));
  const until = (pattern: RegExp): Promise<void> =>
    expect.poll(() => heard.text, { timeout: 60_000, interval: 30 }).toMatch(pattern);
  const written = (id: string): string => readFileSync(at(`generated/js/${id}.js`), "utf8");
  try {
    await until(/1 definition, .* s\n/);
    configured(["x * tahn(x)"]);
    await until(/error: in the activation own0/);
    configured(["${factor} * x", "x * 3"]);
    await until(/2 definitions, .* s\n/);
    expect(written("own0")).toContain("2 * x");
    factor(5);
    await expect.poll(() => written("own0"), { timeout: 60_000, interval: 30 }).toContain("5 * x");
  } finally {
    child.kill("SIGINT");
  }
});
