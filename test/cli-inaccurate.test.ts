/** What is known to be wrong is said with its input, its value and the right one, and written only if that is accepted. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeFolder, nonlin, removeFolder, type Outcome } from "./cli-process.js";

let folder = "";
beforeEach(() => void (folder = makeFolder()));
afterEach(() => removeFolder(folder));

const run = (...words: string[]): Promise<Outcome> => nonlin(words, { folder });
const at = (...parts: string[]): string => join(folder, ...parts);

/** No float has the digits of a wave as fast as this one: exp(89) alone has 129 binary ones before the point. */
const HOPELESS = "sin(exp(x))";
const WRONG =
  /^error: .*\bforward\b.* of \w+ (is|are) wrong at x = [-.\w+]+: (it gives|they give) \S+, right is \S+ \(\w+\)$/m;

interface Fields {
  readonly functions: readonly string[];
  readonly at: number;
  readonly parameters: object;
  readonly got: number | string;
  readonly right: number | string;
}

describe("export of what is wrong", () => {
  test.each([
    ["js", []],
    ["wgsl", []],
    ["pytorch", []],
    ["js", ["--with", "dense"]],
    ["torch", ["--with", "dense"]],
  ])("to %s %j says where and writes nothing", async (target, options) => {
    const words = ["export", HOPELESS, "--target", target, ...options];
    const { code, out, err } = await run(...words, "--output", "wave.txt");
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toMatch(WRONG);
    expect(err).toMatch(/^hint: .*--accept-inaccurate/m);
    expect(existsSync(at("wave.txt"))).toBe(false);
  });

  test("writes it where that is accepted, and warns", async () => {
    const { code, out, err } = await run("export", HOPELESS, "--target", "js", "--accept-inaccurate");
    expect(code).toBe(0);
    expect(out).toMatch(/Accuracy: wrong at x = \S+ where it gives \S+ and right is \S+ and possibly elsewhere/);
    expect(err).toMatch(/^warning: /);
    expect(err).not.toContain("hint");
  });

  test("has fields for programs, and files only where they are accepted", async () => {
    const words = ["export", HOPELESS, "--target", "js", "--json"];
    const refused = await run(...words);
    expect({ code: refused.code, err: refused.err }).toEqual({ code: 1, err: "" });
    const fields = JSON.parse(refused.out) as { wrong: Fields[]; files?: object[] };
    expect(fields.files).toBeUndefined();
    expect(fields.wrong.flatMap(({ functions }) => functions)).toContain("forward");
    for (const { at: input, got, right } of fields.wrong) {
      expect(Math.abs(input)).toBeLessThanOrEqual(3.5e38);
      expect(got).not.toBe(right);
    }
    const accepted = await run(...words, "--accept-inaccurate");
    expect(accepted.code).toBe(0);
    expect(JSON.parse(accepted.out)).toMatchObject({ files: [{ path: "js/activation.js" }, {}], wrong: fields.wrong });
  });

  test.each(["exp(cos(x/1.5))", "x*cos(x/3)"])(
    "%s is written, with a note where the last digits of x decide",
    async (wave) => {
      const { code, out, err } = await run("export", wave, "--target", "js");
      expect({ code, isThere: out.includes("export") }).toEqual({ code: 0, isThere: true });
      expect(err).toMatch(/^note: forward of activation is off at x = [-+.\de]+, where its last digits decide: /m);
    },
  );

  test("at a parameter names it", async () => {
    const { code, err } = await run("export", "sin(exp(k*x))", "--target", "js", "--param", "k=2");
    expect(code).toBe(1);
    expect(err).toMatch(/at x = \S+, k = \d\S*: /);
    expect(err).toMatch(/^hint: give k a range/m);
  });

  test("right ones have neither words nor fields", async () => {
    const { code, out, err } = await run("export", "relu", "--target", "js", "--json");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(JSON.parse(out)).toMatchObject({ wrong: [], off: [] });
  });
});

describe("a build with one that is wrong", () => {
  const configure = (formula: string): void =>
    writeFileSync(
      at("nonlin.config.mjs"),
      `export default ${JSON.stringify({
        targets: ["js"],
        activations: [
          { id: "wave", formula },
          { id: "line", formula: "2*x" },
        ],
        layers: [{ id: "waves", layer: "dense", activation: "wave" }],
      })};`,
    );

  test("writes the others, names it, and exits with 1", async () => {
    configure(HOPELESS);
    const { code, out, err } = await run("build");
    expect(code).toBe(1);
    expect(err).toMatch(WRONG);
    expect(out).toMatch(/^1 definition, .*\nnot built: wave, waves\n$/);
    expect(existsSync(at("generated/js/line.js"))).toBe(true);
    for (const id of ["wave", "waves"]) expect(existsSync(at(`generated/js/${id}.js`))).toBe(false);
    expect(readFileSync(at("generated/js/index.js"), "utf8")).not.toContain("wave");
    const json = await run("build", "--json");
    expect(json.code).toBe(1);
    const { wrong } = JSON.parse(json.out) as { wrong: { id: string }[] };
    expect(new Set(wrong.map(({ id }) => id))).toEqual(new Set(["wave", "waves"]));
  });

  test("writes it where that is accepted", async () => {
    configure(HOPELESS);
    const { code, out, err } = await run("build", "--accept-inaccurate");
    expect(code).toBe(0);
    expect(err).toMatch(/^warning: /);
    expect(out).not.toContain("not built");
    expect(existsSync(at("generated/js/wave.js"))).toBe(true);
    // What is remembered of an accepted build is no acceptance.
    expect((await run("build")).code).toBe(1);
  });

  test("leaves what an earlier build made of it", async () => {
    configure("3*x");
    expect((await run("build")).code).toBe(0);
    configure(HOPELESS);
    expect((await run("build")).code).toBe(1);
    expect(readFileSync(at("generated/js/wave.js"), "utf8")).toContain("3 * x");
  });
});
