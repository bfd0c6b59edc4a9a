/** The table of what readers model, construct by construct: read and run it is the same, or it is refused. */
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import type { Construct, Group } from "../src/frontends/constructs.js";
import { CONSTRUCTS as OF_PYTHON } from "../src/frontends/python/constructs.js";
import { ROWS } from "../src/frontends/python/library.js";
import { readPython } from "../src/frontends/python/pairs.js";
import { CONSTRUCTS as OF_JAVASCRIPT } from "../src/frontends/source/constructs.js";
import { readPairs } from "../src/frontends/source/pairs.js";
import { evaluate } from "../src/ir/evaluate.js";
import type { Expr } from "../src/ir/expr.js";
import { readersDocument } from "./helpers/readers-document.js";

const python = process.env["NONLIN_PYTHON"];
const POINTS = [-6, -2.5, -1.5, -1, -0.5, 0, 0.25, 0.5, 1, 1.5, 2, 2.5, 7];

interface Question {
  readonly name: string;
  readonly text: string;
  readonly points: readonly number[];
}
interface Told {
  readonly error?: string;
  readonly points?: readonly { readonly values: readonly (number | null)[] }[];
}

const runner = (name: string): string => fileURLToPath(new URL(`../bench/sources/${name}`, import.meta.url));

/** Runs files in a process of its own, in order. */
async function run(command: readonly string[], questions: readonly Question[]): Promise<readonly Told[]> {
  const [program, ...args] = command as [string, ...string[]];
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "ignore"] });
  child.stdin.end(questions.map((question) => `${JSON.stringify(question)}\n`).join(""));
  const told: Told[] = [];
  for await (const line of createInterface({ input: child.stdout })) told.push(JSON.parse(line) as Told);
  return told;
}

/** The formula where it has a value, beside what the file computes there. */
function expectSame(formula: Expr, { error, points }: Told): void {
  expect(error).toBeUndefined();
  POINTS.forEach((x, i) => {
    const [ran, read] = [points![i]!.values[2]!, evaluate(formula, { x })];
    if (ran === null) expect(Number.isFinite(read), `at ${x}: ${read} for no number`).toBe(false);
    else
      expect(Math.abs(read - ran), `at ${x}: ${read} for ${ran}`).toBeLessThanOrEqual(
        1e-9 * Math.max(1, Math.abs(ran)),
      );
  });
}

const constructsOf = (groups: readonly Group[]): readonly Construct[] => groups.flatMap(({ constructs }) => constructs);
const table = (constructs: readonly Construct[], reading: Construct["reading"]) =>
  constructs.filter((each) => each.reading === reading).map((each) => [each.name, each] as const);

describe("JavaScript", () => {
  const constructs = constructsOf(OF_JAVASCRIPT);
  const nameOf = ({ example }: Construct): string => (/^export|^import/m.test(example) ? "f.mjs" : "f.cjs");
  const textOf = ({ example }: Construct): string =>
    /module\.exports = \{ f \}/.test(example)
      ? example.replace("{ f }", "{ f, fPrime: (x) => 1 }")
      : `${example}\n${/^exports\./m.test(example) ? "exports.fPrime =" : "export const fPrime ="} (x) => 1;`;
  let told: ReadonlyMap<Construct, Told>;
  beforeAll(async () => {
    const questions = constructs.map((each) => ({ name: nameOf(each), text: textOf(each), points: POINTS }));
    const answers = await run([process.execPath, runner("run-javascript.mjs")], questions);
    told = new Map(constructs.map((each, i) => [each, answers[i]!]));
  });

  it.each(table(constructs, "modelled"))("models %s", async (_, each) => {
    const { pairs, problems } = await readPairs(textOf(each), nameOf(each));
    expect(problems).toEqual([]);
    expectSame(pairs[0]!.formula, told.get(each)!);
  });

  it.each(table(constructs, "refused"))("refuses %s", async (_, each) => {
    const { pairs, problems } = await readPairs(textOf(each), nameOf(each));
    expect([pairs.length, problems.length]).toEqual([0, 1]);
    expect(problems[0]!.hint).not.toBe("");
  });
});

const HEAD = "import math\nimport torch\nimport torch.nn.functional as F\nfrom torch.autograd import Function\n";
const classOf = (example: string): string => {
  const [before, lines] = example.includes("\n---\n") ? example.split("\n---\n") : ["", example];
  const body = lines!.trimEnd().replaceAll("\n", "\n        ");
  return (
    `${HEAD}${before}\nclass A(Function):\n    @staticmethod\n    def forward(ctx, x):\n        ${body}\n` +
    "    @staticmethod\n    def backward(ctx, g):\n        return g * 1\n"
  );
};

/** Calls of functions of one tensor of torch, as the table of them says. */
const CALLS: readonly string[] = [...ROWS.keys()]
  .filter((name) => /^torch\.(?:special\.|nn\.functional\.)?[a-z]\w*$/.test(name))
  .filter((name) => {
    const row = ROWS.get(name)!;
    return row.makes === undefined && row.parameters.filter(({ initial }) => initial === undefined).length === 1;
  });

describe("Python", () => {
  const constructs = constructsOf(OF_PYTHON);
  const textOf = ({ example }: Construct): string => classOf(example);
  /** Names that torch calls otherwise, or has no default for. */
  const OTHERS = new Set([
    "torch.max",
    "torch.min",
    "torch.clamp",
    "torch.clip",
    "torch.special.erfcx",
    "torch.logical_not",
    "torch.isnan",
  ]);
  const calls = CALLS.filter((name) => !OTHERS.has(name));
  let told: ReadonlyMap<string, Told> = new Map();
  beforeAll(async () => {
    if (python === undefined) return;
    const texts = [...constructs.map(textOf), ...calls.map((name) => classOf(`return ${name}(x)`))];
    const answers = await run(
      [python, runner("run_torch.py")],
      texts.map((text) => ({ name: "f.py", text, points: POINTS })),
    );
    told = new Map(texts.map((text, i) => [text, answers[i]!]));
  });

  it.each(table(constructs, "modelled"))("models %s", async (_, each) => {
    const { pairs, problems } = await readPython(textOf(each), "f.py");
    expect(problems).toEqual([]);
    if (python !== undefined) expectSame(pairs[0]!.formula, told.get(textOf(each))!);
  });

  it.each(table(constructs, "refused"))("refuses %s", async (_, each) => {
    const { pairs, problems } = await readPython(textOf(each), "f.py");
    expect([pairs.length, problems.length]).toEqual([0, 1]);
    expect(problems[0]!.hint).not.toBe("");
  });

  it.skipIf(python === undefined).each(calls)("computes %s(x) as torch does", async (name) => {
    const text = classOf(`return ${name}(x)`);
    const { pairs, problems } = await readPython(text, "f.py");
    expect(problems).toEqual([]);
    expectSame(pairs[0]!.formula, told.get(text)!);
  });
});

describe("docs/readers.md", () => {
  it("is printed from the tables", () => {
    const file = new URL("../docs/readers.md", import.meta.url);
    const text = readersDocument();
    if (process.env["NONLIN_UPDATE"] !== undefined) writeFileSync(file, text);
    expect(readFileSync(file, "utf8")).toBe(text);
  });
});
