import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { catalogue } from "../src/catalogue.js";
import { commands } from "../src/cli/commands.js";
import { makeFolder, nonlin, removeFolder } from "./cli-process.js";

let folder = "";
beforeAll(() => void (folder = makeFolder()));
afterAll(() => removeFolder(folder));
const run = (...words: string[]) => nonlin(words, { folder });

describe("help", () => {
  test.each([[], ["help"], ["--help"], ["-h"]])("nonlin %s gives the overview", async (...words: string[]) => {
    const { code, out, err } = await run(...words);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    for (const name of Object.keys(commands)) expect(out).toContain(`  ${name}`);
  });

  test.each(Object.keys(commands))("nonlin %s --help explains every option", async (name) => {
    const { code, out } = await run(name, "--help");
    expect(code).toBe(0);
    for (const option of Object.keys(commands[name]!.options)) expect(out).toContain(`--${option}`);
    expect((await run("help", name)).out).toBe(out);
  });

  test("--version is that of the package", async () => {
    expect((await run("--version")).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe("mistakes exit with 2 and one clear message", () => {
  test.each([
    [["lst"], 'error: unknown command "lst"\nhint: did you mean list?\n'],
    [["--jsn"], 'error: unknown option "--jsn"\n'],
    [["list", "--jso"], 'error: unknown option "--jso"\nhint: did you mean --json?\n'],
    [["list", "--json=1"], "error: --json takes no value\n"],
    [["list", "more"], 'error: one argument too many: "more"\nhint: usage: nonlin list [--json]\n'],
    [["show"], "error: an argument is missing\nhint: usage: nonlin show <id or formula> [options]\n"],
    [["show", "x", "+", "1"], 'error: one argument too many: "+"\nhint: put quotes around a formula with spaces'],
    [["show", "-x"], 'error: unknown option "-x"\nhint: write -- in front of a formula that begins with a minus'],
    [
      ["show", "gelu_erff"],
      'error: unknown activation "gelu_erff"\n  gelu_erff\n  ^^^^^^^^^\nhint: did you mean gelu_erf?\n',
    ],
    [["show", "elu", "--param", "alpha"], 'error: --param needs name=number, not "alpha"\n'],
    [["show", "elu", "--param", "alpha=NaN"], 'error: --param needs name=number, not "alpha=NaN"\n'],
    [["show", "elu", "--param", "alpa=1"], 'error: unknown parameter "alpa"\nhint: did you mean alpha?\n'],
    [["show", "relu", "--param", "alpha=1"], 'error: unknown parameter "alpha"\nhint: relu has no parameters\n'],
    [["show", "celu", "--param", "alpha=-1"], "error: alpha = -1 is outside its range, "],
    [["export", "relu"], "error: --target is missing\nhint: one of js"],
    [["export", "relu", "--target", "jss"], 'error: unknown target "jss"\n'],
    [["export", "relu", "--target"], "error: --target needs a value: --target name\n"],
    [["export", "relu", "--target", "js", "--save", "inptu"], 'error: unknown value of --save: "inptu"\n'],
    [["export", "relu", "--target", "js", "--name", "../relu"], 'error: --name: "../relu" cannot be an id'],
    [["export", "relu", "--target", "js", "--name", "con"], 'error: --name: "con" cannot be an id'],
    [["export", "relu", "--target", "js", "--output", "."], "error: cannot write "],
    [["build", "--only", "relu,gelu_taanh"], 'error: unknown activation "gelu_taanh"\nhint: did you mean gelu_tanh?\n'],
    [["build", "--only", "relu,"], 'error: --only has an empty name in "relu,"\n'],
    [["build", "--out", ""], "error: --out needs the name of a folder\n"],
    [["build", "--config", "none.ts"], "error: there is no configuration file "],
    [["build", "--watch"], "error: --watch needs a configuration file\n"],
  ])("nonlin %j", async (words, message) => {
    const { code, out, err } = await run(...words);
    expect(err.slice(0, message.length)).toBe(message);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).not.toMatch(/^\s+at /m);
  });

  test("a formula's mistake has a caret under it", async () => {
    const { code, err } = await run("show", "x > 0 ? x : tahn(x)");
    expect(code).toBe(2);
    const [message, line, caret] = err.split("\n");
    expect(message).toMatch(/^error: /);
    expect(line).toBe("  x > 0 ? x : tahn(x)");
    expect(caret).toBe("              ^^^^");
  });

  test("with --json the mistake is an object on stdout", async () => {
    const { code, out, err } = await run("show", "x + tahn(x)", "--json");
    expect({ code, err }).toEqual({ code: 2, err: "" });
    expect(JSON.parse(out)).toMatchObject({ error: { source: "x + tahn(x)", start: 4, end: 8 } });
  });

  test("control characters of the arguments do not reach the terminal", async () => {
    const { err } = await run("show", "relu\u001b[31m\u0007");
    expect(err).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  test.each([
    ["a promise that never settles", "await new Promise(() => {}); export default {};"],
    ["a configuration that ends the process", "process.exit(7);"],
    ["a configuration that throws", "throw new TypeError('no');"],
    ["a configuration that is no program", "export default {{"],
    ["a configuration without an export", "export const other = 1;"],
  ])("%s", async (_, source) => {
    for (const name of ["bad.mjs", "bad.ts"]) {
      writeFileSync(join(folder, name), source);
      const { code, out, err } = await run("build", "--config", name);
      expect({ code, out }).toEqual({ code: 2, out: "" });
      expect(err).toMatch(/^error: /);
    }
  });
});

describe("list", () => {
  test("has every activation with its parameters and names", async () => {
    const { code, out } = await run("list", "--json");
    expect(code).toBe(0);
    const entries = JSON.parse(out) as { kind: string; id: string; names: string[]; parameters: { name: string }[] }[];
    const rows = entries.filter(({ kind }) => kind === "activation");
    expect(rows.map(({ id, names, parameters }) => [id, names, parameters.map(({ name }) => name)])).toEqual(
      catalogue.map(({ id, names, parameters }) => [id, names, parameters.map(({ name }) => name)]),
    );
    const [, ...lines] = (await run("list")).out.split("\n\n")[0]!.split("\n");
    expect(lines.map((line) => line.trim().split(" ")[0])).toEqual(catalogue.map(({ id }) => id));
  });
});

test.each([
  ["relu.js", "relu.d.ts"],
  ["relu.mjs", "relu.d.mts"],
])("export writes the declarations of %s where TypeScript looks for them: %s", async (module, declarations) => {
  expect((await run("export", "relu", "--target", "js", "--output", `made/${module}`)).code).toBe(0);
  expect(existsSync(join(folder, "made", declarations))).toBe(true);
});
