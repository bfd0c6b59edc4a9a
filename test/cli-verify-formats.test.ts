/** The size of a gap, tolerances, folders, and the report as other programs read it. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { makeFolder, nonlin, removeFolder, type Outcome } from "./cli-process.js";

let folder = "";
beforeAll(() => {
  folder = makeFolder();
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  mkdirSync(join(folder, "src", "inner"), { recursive: true });
  mkdirSync(join(folder, "src", "node_modules"), { recursive: true });
  write("src/right.js", "export const sq = (x) => x * x;\nexport const sqPrime = (x) => 2 * x;\n");
  write("src/inner/wrong.ts", "export const sq = (x: number) => x * x;\n  export const sqPrime = (x: number) => x;\n");
  write("src/inner/other.js", "export const nothing = 1;\n");
  write("src/inner/right.py", "def sq(x):\n    return x * x\ndef sq_prime(x):\n    return 2 * x\n");
  write("src/inner/unread.js", "const f = (x) => x % 2;\nconst fPrime = (x) => 1;\n");
  write("src/node_modules/wrong.js", "const sq = (x) => x * x;\nconst sqPrime = (x) => x;\n");
  write("src/types.d.ts", "declare const sq: (x: number) => number;\n");
});
afterAll(() => removeFolder(folder));
const run = (...words: readonly string[]): Promise<Outcome> => nonlin(["verify", ...words], { folder });

describe("a certificate", () => {
  const claimsIn = (file: string) =>
    (
      JSON.parse(readFileSync(join(folder, file), "utf8")) as {
        claims: { says: string; verdict: string; proofs: unknown[] }[];
      }
    ).claims;

  it("has a proof of what is proved, and none of what is not", async () => {
    expect((await run("src/right.js", "src/inner/wrong.ts", "--certificate", "proofs.json")).code).toBe(1);
    expect(claimsIn("proofs.json").map(({ says, verdict, proofs }) => [says, verdict, proofs.length])).toEqual([
      ["src/right.js:2:14: sqPrime is the derivative of sq", "proved", 1],
      ["src/inner/wrong.ts:2:16: sqPrime is the derivative of sq", "refuted", 0],
    ]);
  });

  it("is written for folders, ids and formulas", async () => {
    for (const [words, count] of [
      [["src"], 3],
      [["elu", "softmax"], 7],
      [["--formula", "x^2", "--derivative", "2*x"], 1],
    ] as const) {
      await run(...words, "--certificate", "proofs.json");
      expect(claimsIn("proofs.json")).toHaveLength(count);
    }
  });

  it("stands in no batch, and in no folder that is none", async () => {
    expect((await run("--batch", "-", "--certificate", "proofs.json")).err).toMatch(
      /--certificate.*cannot be given beside/,
    );
    const denied = await run("relu", "--certificate", "src");
    expect([denied.code, denied.err]).toEqual([2, expect.stringMatching(/cannot write src: it is a folder/)]);
  });
});

describe("a gap", () => {
  it.each([
    ["tanh(x)", "1 - tanh(x)^2 + 1e-9", "1e-9", /as constants with too few digits/],
    ["x^2", "2.1*x", undefined, /without bound/],
    ["0.79788456*x", "0.797884561", "1e-9", /as constants/],
    ["sin(x)", "cos(x) + 0.01*exp(-x^2)", "0.01", /^(?![^]*too few digits)/],
  ])("of %s and %s is told, and accepted where that is wanted", async (formula, claim, size, words) => {
    const given = ["--formula", formula, "--derivative", claim];
    const plain = await run(...given);
    expect(plain.code).toBe(1);
    expect(plain.out).toMatch(/largest gap/);
    expect(plain.out).toMatch(words);
    if (size === undefined) {
      expect((await run(...given, "--tolerance", "1e6")).code).toBe(1);
      return;
    }
    expect(plain.out).toContain(`largest gap found: ${Number(size)} at`);
    expect((await run(...given, "--tolerance", String(Number(size) * 0.9))).code).toBe(1);
    const accepted = await run(...given, "--tolerance", String(Number(size) * 1.1));
    expect(accepted.code).toBe(0);
    expect(accepted.out).toMatch(/not exactly, but within the tolerance wherever it was measured/);
  });

  it("that depends on a parameter is not accepted", async () => {
    const { code } = await run("--formula", "a*x", "--derivative", "a + 1e-9*a", "--tolerance", "1");
    expect(code).toBe(1);
  });

  it.each(["-1", "x", "", "NaN"])("is compared with a number, not with %j", async (tolerance) => {
    const { code, err } = await run("tanh", `--tolerance=${tolerance}`);
    expect(code).toBe(2);
    expect(err).toMatch(/--tolerance/);
  });
});

describe("a folder", () => {
  it("is read with the folders in it, but for those of others", async () => {
    const { code, out, err } = await run("src");
    expect(code).toBe(1);
    expect(out).toMatch(/right\.js:2:14: sqPrime is the derivative of sq: proved/);
    expect(out).toMatch(/right\.py:3:5: sq_prime is the derivative of sq: proved/);
    expect(out).toMatch(/wrong\.ts:2:16: sqPrime is not/);
    expect(out).toMatch(/4 claims: 2 proved, 1 refuted, 1 unreadable/);
    expect(err).toMatch(/unread\.js:1:18/);
    expect(out + err).not.toMatch(/node_modules|other\.js|types\.d/);
  });

  it("without a derivative is one mistake", async () => {
    mkdirSync(join(folder, "empty"), { recursive: true });
    const { code, err } = await run("empty");
    expect(code).toBe(2);
    expect(err).toMatch(/no derivative/);
  });
});

describe("formats", () => {
  test("github's annotations are a line each, with the place", async () => {
    const { code, out } = await run("src", "--format", "github");
    expect(code).toBe(1);
    const lines = out.trimEnd().split("\n");
    expect(lines).toHaveLength(2);
    expect(lines.find((line) => line.startsWith("::error "))).toMatch(
      /^::error file=src\/inner\/wrong\.ts,line=2,col=16,title=nonlin%3A refuted::sqPrime is not the derivative of sq%0A/,
    );
    expect(lines.find((line) => line.startsWith("::warning "))).toMatch(/file=src\/inner\/unread\.js,line=1,col=18/);
  });

  test("sarif names rules and places", async () => {
    const { out } = await run("src", "--format", "sarif");
    const report = JSON.parse(out) as {
      readonly version: string;
      readonly runs: readonly [
        {
          readonly results: readonly {
            readonly ruleId: string;
            readonly locations: readonly [{ readonly physicalLocation: { readonly region: { startLine: number } } }];
          }[];
        },
      ];
    };
    expect(report.version).toBe("2.1.0");
    const [{ results }] = report.runs;
    expect(results.map(({ ruleId }) => ruleId).sort()).toEqual(["refuted", "unreadable"]);
    const refuted = results.find(({ ruleId }) => ruleId === "refuted")!;
    expect(refuted.locations[0].physicalLocation.region.startLine).toBe(2);
  });

  test("nothing is said where everything is proved", async () => {
    expect(await run("src/right.js", "--format", "github")).toEqual({ code: 0, out: "", err: "" });
  });

  test("others are refused", async () => {
    const { code, err } = await run("tanh", "--format", "xml");
    expect(code).toBe(2);
    expect(err).toMatch(/one of text, json, github, sarif|did you mean/);
  });
});

describe("a large folder", () => {
  it("is verified by threads, in the order of its files, and says what it has skipped", async () => {
    mkdirSync(join(folder, "many", "vendor"), { recursive: true });
    for (let i = 100; i < 130; i++)
      writeFileSync(
        join(folder, "many", `f${i}.js`),
        i % 3 === 0
          ? `const k = ${i};\n`
          : `const f = (x) => x ** ${i};\nconst fPrime = (x) => ${i} * x ** ${i - 1};\n`,
      );
    writeFileSync(join(folder, "many", "alone.py"), "def f(x):\n    return x\n");
    writeFileSync(join(folder, "many", "a.d.ts"), "");
    writeFileSync(join(folder, "many", "a.min.js"), "");
    writeFileSync(join(folder, "many", "relu.js"), readFileSync(new URL("../generated/js/relu.js", import.meta.url)));
    const { code, out, err } = await run("many");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const lines = out.trimEnd().split("\n");
    expect(lines.slice(0, -2)).toEqual(
      Array.from({ length: 30 }, (_, i) => 100 + i)
        .filter((i) => i % 3 !== 0)
        .map((i) => `many/f${i}.js:2:7: fPrime is the derivative of f: proved`),
    );
    expect(lines.at(-2)).toMatch(/^20 claims: 20 proved, /);
    expect(lines.at(-1)).toBe(
      "skipped: 1 folder of other people's code, or made from one's own, 1 file generated by nonlin, which proved what it wrote, " +
        "1 file made smaller, 1 file of declarations, 1 file without a derivative, 10 files without a function",
    );
    const { skipped, tally } = JSON.parse((await run("many", "--json")).out) as Readonly<Record<string, unknown>>;
    expect(tally).toMatchObject({ proved: 20, unreadable: 0 });
    expect(skipped).toMatchObject({ "without a function": 10, "without a derivative": 1, "of declarations": 1 });
  });
});
