import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { catalogue } from "../src/catalogue.js";
import { makeFolder, nonlin, removeFolder, type Outcome } from "./cli-process.js";

let folder = "";
beforeAll(() => void (folder = makeFolder()));
afterAll(() => removeFolder(folder));

const run = (...words: string[]): Promise<Outcome> => nonlin(["verify", ...words], { folder });
const formulas = (formula: string, derivative: string, ...more: string[]): Promise<Outcome> =>
  run("--formula", formula, "--derivative", derivative, ...more);

interface Report {
  readonly claims: readonly {
    readonly verdict: string;
    readonly id?: string;
    readonly of?: string;
    readonly witness?: { x: number; params: Record<string, number>; expected: number; actual: number };
    readonly at?: readonly (number | string)[];
    readonly exceptions?: readonly { at: string; expected: string; actual: string }[];
    readonly right?: string;
    readonly cells?: readonly unknown[];
    readonly ms: number;
  }[];
  readonly problems: readonly unknown[];
  readonly tally: Readonly<Record<string, number>>;
}
const json = ({ out }: Outcome): Report => JSON.parse(out) as Report;

describe("the catalogue", () => {
  test("has no derivative that is wrong", async () => {
    const outcome = await run("--json");
    const { claims, tally } = json(outcome);
    expect(claims.filter(({ verdict }) => verdict === "refuted")).toEqual([]);
    expect(new Set(claims.map(({ id }) => id))).toEqual(new Set(catalogue.map(({ id }) => id)));
    const parameters = catalogue.reduce((sum, definition) => sum + definition.parameters.length, 0);
    expect(claims).toHaveLength(2 * catalogue.length + parameters);
    expect(tally["proved"]).toBe(claims.length);
    expect(outcome.code).toBe(0);
  });

  test("may be asked about by id and by the names of frameworks", async () => {
    expect(await run("relu", "nn.ELU")).toEqual({
      code: 0,
      out: expect.stringMatching(
        /^relu: f', f'' proved\nelu: f', f'', df\/dalpha proved\n5 claims: 5 proved, \d+\.\d s\n$/,
      ) as string,
      err: "",
    });
  });
});

describe("a formula and its derivative", () => {
  test("are proved in one line", async () => {
    expect(await formulas("tanh(x)", "1 - y^2")).toEqual({
      code: 0,
      out: '"1 - y^2" is the derivative of "tanh(x)": proved\n',
      err: "",
    });
  });

  test.each([
    ["x*sigmoid(b*x)", "dy*sigmoid(b*x)*(1 + b*x*(1 - sigmoid(b*x)))", []],
    ["x > 0 ? x : a*(exp(x) - 1)", "x > 0 ? 1 : y + a", []],
    ["log(x)", "1/x", ["--positive", "x"]],
    ["x^a", "a*x^(a - 1)", ["--positive", "x,a"]],
    ["tanh(x)", "-2*tanh(x)*(1 - tanh(x)^2)", ["--order", "2"]],
    ["x^9", "362880", ["--order", "9"]],
    ["log(1 + exp(x))", "max(x, 0) + log1p(exp(-abs(x)))", ["--order", "0"]],
  ])("%s has the derivative %s", async (formula, derivative, options) => {
    const { code, out, err } = await formulas(formula, derivative, ...options);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/: proved\n$/);
  });

  test("are refuted with an input, both values and what is right", async () => {
    const { code, out, err } = await formulas("x*sigmoid(b*x)", "sigmoid(b*x)");
    expect({ code, err }).toEqual({ code: 1, err: "" });
    const [first, witness, gap, right] = out.split("\n");
    expect(gap).toMatch(/^ {2}largest gap found for these parameters: \S+ at x = \S+$/);
    expect(first).toBe('"sigmoid(b*x)" is not the derivative of "x*sigmoid(b*x)"');
    const [, x, b, actual, expected] = /^ {2}at x = (\S+), b = (\S+): it gives (\S+), right is (\S+)$/
      .exec(witness!)!
      .map(Number) as [number, number, number, number, number];
    const s = 1 / (1 + Math.exp(-b * x));
    expect(actual).toBeCloseTo(s, 12);
    expect(expected).toBeCloseTo(s + x * b * s * (1 - s), 12);
    expect(right).toMatch(/^ {2}right derivative: .*sigmoid\(b \* x\)/);
  });

  test("may differ at single inputs", async () => {
    const outcome = await formulas("abs(x)", "x > 0 ? 1 : -1", "--json");
    expect(outcome.code).toBe(1);
    expect(json(outcome).claims).toMatchObject([
      { verdict: "equal-except", at: [0], exceptions: [{ at: "0", expected: "0", actual: "-1" }], right: "sign(x)" },
    ]);
    expect((await formulas("abs(x)", "x > 0 ? 1 : -1")).out).toContain(
      "\n  differs only at x = 0: it gives -1, right is 0\n",
    );
  });

  test("are compared with order 0", async () => {
    const { code, out } = await formulas("x^2", "x^3", "--order", "0");
    expect(code).toBe(1);
    expect(out).toMatch(
      /^"x\^3" does not equal "x\^2"\n {2}at x = \S+: \S+ against \S+\n {2}largest gap found: it grows without bound\n$/,
    );
  });

  test("are proved where both sides have the same condition, at a boundary in every period, too", async () => {
    const { code, out } = await formulas("sin(x) > 0.3 ? sin(x)^2 : cos(x)", "sin(x) > 0.3 ? sin(2*x) : -sin(x)");
    expect(code).toBe(0);
    expect(out).toMatch(/: proved\n$/);
  });

  test("stay unknown where no method decides: exceptions in every period", async () => {
    const words = ["(sin(x)^2)^(1/3)", "exp(log(sin(x)^2)/3)", "--order", "0"] as const;
    const { code, out, err } = await formulas(...words);
    expect({ code, err }).toEqual({ code: 2, err: "" });
    expect(out).toMatch(/: unknown\n {2}\S/);
    const [claim] = json(await formulas(...words, "--json")).claims;
    expect(claim).toMatchObject({ verdict: "unknown", reason: expect.stringMatching(/./) as string });
    expect(claim).not.toHaveProperty("witness");
  });

  test("may stand beside ids", async () => {
    const { code, out } = await formulas("x", "2", "tanh");
    expect(code).toBe(1);
    expect(out).toMatch(/"2" is not the derivative of "x"\n[^]*tanh: f', f'' proved\n3 claims: 2 proved, 1 refuted, /);
  });
});

test("--explain tells the argument cell by cell", async () => {
  const { code, out } = await formulas(
    "x > 0 ? x : a*(exp(x) - 1)",
    "x > 0 ? 1 : y + a",
    "--explain",
    "--positive",
    "a",
  );
  expect(code).toBe(0);
  const lines = out.trimEnd().split("\n");
  expect(lines[0]).toBe("f(x) = x > 0 ? x : a * (exp(x) - 1)");
  expect(lines[1]).toBe("claim: f'(x) = x > 0 ? 1 : y + a");
  expect(lines).toContain("for a > 0");
  expect(lines.filter((line) => line.startsWith("  where ")).length).toBeGreaterThanOrEqual(3);
  expect(lines.at(-1)).toMatch(/: proved$/);
  expect(json(await formulas("tanh(x)", "1 - y^2", "--explain", "--json")).claims[0]!.cells!.length).toBeGreaterThan(0);
});

describe("mistakes exit with 2 and one clear message", () => {
  test.each([
    [["gelu_erff"], 'error: unknown activation "gelu_erff"\nhint: did you mean gelu_erf?\n'],
    [["wrongname"], 'error: unknown activation "wrongname"\nhint: nonlin list shows the catalogue; '],
    [["x*2"], 'error: unknown activation "x*2"\nhint: a formula is given as --formula F --derivative D\n'],
    [["--formula", "x"], "error: --formula needs --derivative beside it\n"],
    [["--derivative", "x"], "error: --derivative needs --formula beside it\n"],
    [["--order", "1", "relu"], "error: --order needs --formula beside it\n"],
    [["--formula", "x", "--derivative", "1", "--order", "10"], "error: --order has to be a whole number from 0 to 9"],
    [["--formula", "x", "--derivative", "1", "--order", "1.5"], "error: --order has to be a whole number from 0 to 9"],
    [["--formula", "a*x", "--derivative", "a", "--positive", "b"], 'error: unknown name in --positive: "b"\n'],
    [["--formula", "a*x", "--derivative", "a", "--positive", "a,"], "error: --positive has an empty name"],
    [
      ["--formula", "x*y", "--derivative", "y"],
      'error: in the formula: "y" cannot be a parameter, it is the output in a derivative\n  x*y\n    ^\n',
    ],
    [
      ["--formula", "x", "--derivative", "tahn(x)"],
      'error: in the derivative: "tahn" is not a function\n  tahn(x)\n  ^^^^\n',
    ],
    [["--formula", "", "--derivative", "1"], "error: in the formula: the formula is empty\n"],
    [["--batch", "a.jsonl", "relu"], 'error: --batch stands alone: "relu" cannot be given beside it\n'],
    [["--batch", "a.jsonl", "--order", "1"], 'error: --batch stands alone: "--order" cannot be given beside it\n'],
    [["--batch", "none.jsonl"], "error: cannot read none.jsonl: no such file or folder\n"],
    [["--batch", "."], "error: cannot read .: it is a folder\n"],
    [["--batch"], "error: --batch needs a value: --batch file.jsonl\n"],
    [["--jsn"], 'error: unknown option "--jsn"\nhint: did you mean --json?\n'],
  ])("nonlin verify %j", async (words, message) => {
    const { code, out, err } = await run(...words);
    expect(err.slice(0, message.length)).toBe(message);
    expect({ code, out }).toEqual({ code: 2, out: "" });
  });

  test("with --json the mistake is an object on stdout", async () => {
    const { code, out, err } = await formulas("x", "tahn(x)", "--json");
    expect({ code, err }).toEqual({ code: 2, err: "" });
    expect(JSON.parse(out)).toMatchObject({ error: { source: "tahn(x)", start: 0, end: 4 } });
  });
});

describe("nonlin show", () => {
  test("says below the formulas what is proved of the derivatives", async () => {
    const { code, out } = await nonlin(["show", "gelu_tanh"], { folder });
    expect(code).toBe(0);
    expect(out).toMatch(/\nf''\(x\) {2}= .*\nproved {2}f', f''\n\nas emitted\n/);
    const { proofs } = JSON.parse((await nonlin(["show", "x*tanh(a*x)", "--json"], { folder })).out) as {
      proofs: unknown;
    };
    expect(proofs).toEqual({ "f'": { verdict: "proved" }, "f''": { verdict: "proved" } });
  });
});

test("the help states the exit codes", async () => {
  expect((await run("--help")).out).toContain("Exit codes: 1 when anything is refuted");
});
