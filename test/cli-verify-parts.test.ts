import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readBatchLine, type BatchItem } from "../src/frontends/batch.js";
import { parseFormula } from "../src/frontends/formula.js";
import { findDefinition } from "../src/catalogue.js";
import { createOracle } from "../src/pipeline/activation.js";
import { NO_NAMES, answer, claimsOfDefinition, proveGoal } from "../src/cli/verify/claim.js";
import { javascriptLines } from "../src/cli/verify/notation.js";
import { rightClaim } from "../src/cli/verify/right.js";
import { answersText, exitCode, proofFields, summary, tallyOf } from "../src/cli/verify/report.js";
import { isFileName } from "../src/cli/verify/source.js";
import { constant, dy, ge, parameter, select, variable, x, y } from "../src/ir/build.js";
import { evaluate } from "../src/ir/evaluate.js";
import { substitute, variables, type Expr } from "../src/ir/expr.js";
import { formulaText } from "../src/ir/print.js";
import { createProver } from "../src/symbolic/prove/prove.js";
import { expressions } from "./random.js";

const expr = async (text: string): Promise<Expr> => (await parseFormula(text, { output: true, gradient: true })).expr;

describe("a line of a batch", () => {
  const read = (line: object | string): Promise<BatchItem> =>
    readBatchLine(typeof line === "string" ? line : JSON.stringify(line), 3);

  test("gives a goal in the input, the output and the gradient from above", async () => {
    const item = await read({ id: "a", formula: "tanh(b*x)", derivative: "dy*b*(1 - y^2)", order: 1, note: 5 });
    if (!("goal" in item)) throw item.mistake;
    expect(item.id).toBe("a");
    expect(item.goal.order).toBe(1);
    expect(variables(item.goal.claim)).toEqual(expect.arrayContaining([dy, y, parameter("b")]));
    expect(variables(item.goal.formula)).toEqual(expect.arrayContaining([x, parameter("b")]));
  });

  test("compares two formulas as they are with order 0: y and dy are parameters", async () => {
    const item = await read({ formula: "x*y + dy", derivative: "dy + y*x", order: 0 });
    if (!("goal" in item)) throw item.mistake;
    expect(variables(item.goal.claim)).toEqual(expect.arrayContaining([parameter("y"), parameter("dy")]));
    expect(variables(item.goal.claim)).not.toContain(y);
  });

  test("promises what is positive, on both sides alike", async () => {
    const item = await read({ formula: "x^a", derivative: "a*x^(a - 1)", positive: ["x", "a", "unused"] });
    if (!("goal" in item)) throw item.mistake;
    const range = [Number.MIN_VALUE, Infinity] as const;
    const both = [variable("input", "x", range), parameter("a", range)];
    for (const side of [item.goal.formula, item.goal.claim]) expect(new Set(variables(side))).toEqual(new Set(both));
  });

  test.each([
    ["{oops", "line 3: this is no JSON", 1],
    ['{"formula": x}', 'line 3: this is no JSON: "x" is not expected', undefined],
    ['{"formula": "x",', "line 3: this is no JSON", 16],
    ["null", "line 3: this is null, not an object", undefined],
    ["[1]", "line 3: this is [1], not an object", undefined],
    ['"relu"', 'line 3: this is "relu", not an object', undefined],
    [{}, 'line 3: "formula" is missing', undefined],
    [{ formula: "x" }, 'line 3: "derivative" is missing', undefined],
    [{ formula: 1, derivative: "1" }, 'line 3: "formula" has to be a string, not 1', undefined],
    [{ id: 7, formula: "x", derivative: "1" }, 'line 3: "id" has to be a string, not 7', undefined],
    [{ formula: "x", derivative: "1", order: 10 }, 'line 3: "order" has to be a whole number from 0 to 9, not 10'],
    [{ formula: "x", derivative: "1", order: "1" }, 'line 3: "order" has to be a whole number from 0 to 9, not "1"'],
    [{ formula: "x", derivative: "1", positive: "x" }, 'line 3: "positive" has to be a list of names, not "x"'],
    [{ formula: "x", derivative: "1", positive: [1] }, 'line 3: "positive" has to be a list of names, not [1]'],
    [{ formula: "x + tahn(x)", derivative: "1" }, 'line 3: in the formula: "tahn" is not a function', 4],
    [{ formula: "x", derivative: "1 +" }, "line 3: in the derivative: ", 3],
    [{ formula: "x*y", derivative: "y" }, 'line 3: in the formula: "y" cannot be a parameter', 2],
    [{ formula: "dy*x", derivative: "dy" }, 'line 3: in the formula: "dy" cannot be a parameter', 0],
    [{ formula: "", derivative: "1" }, "line 3: in the formula: the formula is empty", 0],
  ])("%j is refused", async (line, message, start?: number) => {
    const item = await read(line as object | string);
    if (!("mistake" in item)) throw new Error("the line was read");
    expect(item.mistake.message.slice(0, message.length)).toBe(message);
    expect(item.mistake.start).toBe(start);
  });

  test("keeps its id when it is refused", async () => {
    expect(await read({ id: "mine", formula: "x" })).toMatchObject({ id: "mine", mistake: { name: "Diagnostic" } });
  });

  test("is read or refused, whatever it is", async () => {
    const keys = fc.constantFrom("id", "formula", "derivative", "order", "positive", "__proto__", "note");
    const values = fc.oneof(
      fc.constantFrom("x", "y", "x*a", "1", "__proto__", "constructor*x", "dy*x"),
      fc.jsonValue({ maxDepth: 1 }),
      fc.nat(12),
      fc.array(fc.constantFrom("x", "a", "__proto__"), { maxLength: 2 }),
    );
    const line = fc.oneof(
      fc.dictionary(keys, values).map((fields) => JSON.stringify(fields)),
      fc.string({ unit: "binary" }),
      fc.json(),
    );
    await fc.assert(
      fc.asyncProperty(line, async (text) => {
        const item = await readBatchLine(text, 1);
        if ("mistake" in item) expect(item.mistake.message).toMatch(/^line 1: /);
        else expect(item.goal.order).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 500 },
    );
  });
});

test.each([
  ["a.ts", true],
  ["a.mjs", true],
  ["a.TSX", true],
  ["lib/relu", true],
  ["..\\relu", true],
  ["relu", false],
  ["nn.SiLU", false],
  ["F.hardtanh", false],
  ["a.json", false],
])("%s names a file: %s", (word, expected) => expect(isFileName(word)).toBe(expected));

describe("the exit code", () => {
  test.each([
    [[], 0],
    [["proved", "proved"], 0],
    [["proved", "unknown"], 2],
    [["proved", "unreadable"], 2],
    [["unknown", "refuted", "unreadable"], 1],
    [["equal-except", "unknown"], 1],
  ] as const)("of %j is %i", (verdicts, code) => expect(exitCode(tallyOf(verdicts))).toBe(code));

  test("forgives differences at declared kinks", () => {
    expect(exitCode(tallyOf(["equal-except", "proved"]), 1)).toBe(0);
    expect(exitCode(tallyOf(["equal-except", "equal-except"]), 1)).toBe(1);
    expect(exitCode(tallyOf(["equal-except", "unknown"]), 1)).toBe(2);
  });
});

test("the summary counts", () => {
  const tally = tallyOf(["proved", "proved", "refuted"]);
  expect(summary("line", tally, 0.84, true)).toBe(
    "3 lines: 2 proved, 0 equal-except, 1 refuted, 0 unknown, 0 unreadable, 0.8 s\n",
  );
  expect(summary("claim", tallyOf(["unknown"]), 0)).toBe("1 claim: 0 proved, 1 unknown, 0.0 s\n");
});

test("a verdict's fields are those of the design", () => {
  const witness = { x: 1, parameters: { a: 2 }, expected: NaN, actual: 4 };
  expect(proofFields({ verdict: "refuted", witness, cells: [] }, false)).toEqual({
    verdict: "refuted",
    witness: { x: 1, params: { a: 2 }, expected: NaN, actual: 4 },
  });
  expect(proofFields({ verdict: "unknown", reason: "r", cells: [] }, true)).toEqual({
    verdict: "unknown",
    reason: "r",
    cells: [],
  });
  expect(proofFields({ verdict: "unknown", reason: "r", goal: "g", probable: true, cells: [] }, false)).toEqual({
    verdict: "unknown",
    reason: "r",
    goal: "g",
    probable: true,
  });
});

describe("the notation of JavaScript", () => {
  const names = new Map([
    ["x", "z"],
    ["a", "alpha"],
    ["dy", "grad"],
  ]);
  const write = async (text: string): Promise<string> => javascriptLines(await expr(text), names).join("\n");

  test.each([
    ["exp(-x)", "Math.exp(-z)"],
    ["sigmoid(a*x)", "1 / (Math.exp(-(alpha * z)) + 1)"],
    ["x > 0 ? 1 : a*exp(x)", "z > 0 ? 1 : alpha * Math.exp(z)"],
    ["0 <= x ? x : 0", "z >= 0 ? z : 0"],
    ["max(x, 0) - min(x, a)", "Math.max(z, 0) - Math.min(alpha, z)"],
    ["dy*(1 - y^2)", "grad * (1 - y * y)"],
    ["x/6", "z / 6"],
    ["x - 1", "z - 1"],
    ["exp(x) - 2*x", "Math.exp(z) - 2 * z"],
    ["-3*x^2 + 4", "4 - 3 * (z * z)"],
    ["-(x + 1)", "-(z + 1)"],
    ["2/3*x", "z / 1.5"],
    ["0.044715*x", "0.044715 * z"],
    ["x^a", "Math.pow(z, alpha)"],
    ["erf(x/sqrt(2))", "erf(z / 1.4142135623730951)"],
    ["sign(x)*abs(x)", "Math.abs(z) * Math.sign(z)"],
    ["x > 1 and not (x == a) ? 1 : 0", "z > 1 && !(z === alpha) ? 1 : 0"],
    ["x", "z"],
    ["1e300", "1e+300"],
    ["-3", "-3"],
  ])("%s is %s", async (formula, text) => expect(await write(formula)).toBe(text));

  test("names what a long expression has twice, however much it shares", async () => {
    const silu = await expr("x*sigmoid(x)");
    let nested = silu;
    for (let i = 0; i < 60; i++) nested = substitute(silu, new Map([[x, nested]]));
    const lines = javascriptLines(nested, new Map([["x", "t1"]]));
    expect(lines[0]).toMatch(/^const t2 = /);
    expect(lines.join("\n").length).toBeLessThan(10_000);
  });

  test("has the value of the expression", async () => {
    let compared = 0;
    for (const sample of fc.sample(expressions, { numRuns: 80, seed: 11 })) {
      const lines = javascriptLines(sample, NO_NAMES);
      // What JavaScript has no function for cannot be run.
      if (/erf|sinc|sphericalBessel/.test(lines.join())) continue;
      const code = `export const f = (x) => { ${lines.slice(0, -1).join(" ")} return ${lines.at(-1)}; };`;
      const module = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as { f: (x: number) => number };
      for (const input of [-2.5, 0.75, 3]) {
        const [expected, actual] = [evaluate(sample, { x: input }), Number(module.f(input))];
        if (!Number.isFinite(expected)) continue;
        compared += 1;
        expect(Math.abs(actual - expected), `${code} at ${input}`).toBeLessThanOrEqual(
          1e-9 * Math.max(1, Math.abs(expected)),
        );
      }
    }
    expect(compared).toBeGreaterThan(100);
  });
});

describe("an answer", async () => {
  const prover = createProver(await createOracle());

  test.each([
    ["relu", constant(0)],
    ["softshrink", undefined],
  ])("allows %s to differ at its kinks, and nowhere else", async (id, kink) => {
    const definition = findDefinition(id)!;
    const [claim] = claimsOfDefinition(definition, prover);
    const at = kink ?? definition.parameters[0]!.symbol;
    const { goal } = claim!;
    const wrong = { ...claim!, goal: { ...goal, claim: select(ge(x, at), 1, goal.claim) } };
    const given = answer(wrong, prover);
    expect(given.proof.verdict).toBe("equal-except");
    expect(given.allowed).toBe(true);
    expect(answersText([given], prover, false)).toMatch(
      new RegExp(`^${id}: f' is right: proved but for its kinks\n  differs only at x = .*\n$`),
    );
    expect(answer({ ...wrong, kinks: [constant(7)] }, prover).allowed).toBe(false);
    expect(answer({ ...wrong, kinks: [] }, prover).allowed).toBe(false);
  });

  test("comes even where the prover fails", () => {
    const broken = {
      prove: () => {
        throw new RangeError("too deep\nat some place");
      },
      record: () => undefined,
    };
    const { proof } = proveGoal({ formula: x, claim: x, order: 1 }, broken);
    expect(proof).toEqual({ verdict: "unknown", reason: "internal error: too deep", cells: [] });
  });
});

describe("what a wrong claim should have been", async () => {
  const prover = createProver(await createOracle());
  const right = async (formula: string, claim: string, order = 1): Promise<string | undefined> =>
    rightClaim({ formula: await expr(formula), claim: await expr(claim), order }, prover, (form) => [
      formulaText(form),
    ])?.[0];

  test.each([
    ["x^2", "x", 1, "2 * x"],
    ["x^3", "x", 3, "6"],
    ["tanh(x)", "y", 1, "1 - y^2"],
    ["tanh(x)", "dy*y", 1, "dy * (1 - y^2)"],
    ["max(x, 0)", "x >= 0 ? 1 : 0", 1, "x > 0 ? 1 : 0"],
    ["log(1 + exp(x))", "exp(x)", 1, "sigmoid(x)"],
  ])("of %s, not %s", async (formula, claim, order, expected) => {
    expect(await right(formula, claim, order)).toBe(expected);
  });

  test("is proved where it is given", async () => {
    for (const formula of ["x*sigmoid(a*x)", "x*tanh(softplus(x))", "x > 0 ? x : a*(exp(x) - 1)", "abs(x)^3"])
      for (const claim of ["x", "y", "dy*x", "dy*y"]) {
        const text = await right(formula, claim);
        const goal = { formula: await expr(formula), claim: await expr(text!), order: 1 };
        expect(prover.prove(goal).verdict, `${text} for ${formula}`).toBe("proved");
      }
  });

  test("is left out where nobody would read it", async () => {
    const wide = Array.from({ length: 90 }, (_, i) => `sin(${i}*x)*exp(x/${i + 1})`).join(" + ");
    expect(await right(wide, "x", 9)).toBeUndefined();
  });
});
