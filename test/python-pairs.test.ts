/** Gradients in people's Python: the right ones are proved, the wrong ones refuted with an input, in their own names. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { claimsOfPython } from "../src/cli/verify/python.js";
import { answer, type Answer } from "../src/cli/verify/claim.js";
import { createOracle } from "../src/pipeline/activation.js";
import { readPython } from "../src/frontends/python/pairs.js";
import { evaluate } from "../src/ir/evaluate.js";
import { formulaText } from "../src/ir/print.js";
import { createProver, type Prover } from "../src/symbolic/prove/prove.js";
import { makeFolder, nonlin, removeFolder, type Outcome } from "./cli-process.js";

let prover: Prover;
beforeAll(async () => void (prover = createProver(await createOracle())));

const fixture = (name: string): string => readFileSync(new URL(`./fixtures/python/${name}`, import.meta.url), "utf8");

async function verdicts(text: string): Promise<ReadonlyMap<string, Answer>> {
  const { claims, problems } = await claimsOfPython(text, "model.py");
  expect(problems).toEqual([]);
  const answers = new Map<string, Answer>();
  for (const claim of claims) {
    const { derivative, by } = claim.label;
    answers.set(`${String(derivative)}${by === undefined ? "" : ` ${String(by)}`}`, await answer(claim, prover));
  }
  return answers;
}

describe("the corpus", () => {
  it("of right gradients is proved, every one", async () => {
    const answers = await verdicts(fixture("right_torch.py"));
    const open = [...answers].filter(([, { proof }]) => proof.verdict !== "proved").map(([name]) => name);
    expect(open).toEqual([]);
    expect(answers.size).toBe(57);
    expect(new Set([...answers.keys()].map((name) => name.split(".")[0])).size).toBe(50);
  });

  const AT_KINKS = ["ReluAtKink.backward", "HardTanhAtKinks.backward"];
  const RIGHT_IN_ANOTHER_INPUT = ["SwishBetaForgotten.backward beta"];
  it("of wrong gradients is refuted, every one with an input at which both sides are as said", async () => {
    const answers = await verdicts(fixture("wrong_torch.py"));
    expect(answers.size).toBe(29);
    for (const [name, { proof, claim }] of answers) {
      const expected = AT_KINKS.includes(name)
        ? "equal-except"
        : RIGHT_IN_ANOTHER_INPUT.includes(name)
          ? "proved"
          : "refuted";
      expect(proof.verdict, name).toBe(expected);
      if (proof.verdict !== "refuted") continue;
      const { x, parameters, expected: right, actual } = proof.witness;
      const values: Record<string, number> = { ...parameters, x };
      values["y"] = evaluate(claim.goal.formula, values);
      expect(evaluate(claim.goal.claim, values), name).toBeCloseTo(actual, 9);
      expect(right, name).not.toBeCloseTo(actual, 9);
    }
  });

  it("of gradients inside a program is proved", async () => {
    const answers = await verdicts(fixture("training.py"));
    expect([...answers.values()].map(({ proof }) => proof.verdict)).toEqual(["proved", "proved", "proved"]);
  });

  it("of TensorFlow is told apart by its names", async () => {
    const answers = await verdicts(fixture("tensorflow_gradients.py"));
    expect(answers.size).toBe(18);
    for (const [name, { proof }] of answers)
      expect(proof.verdict, name).toBe(
        name.startsWith("wrong_relu") ? "equal-except" : name.startsWith("wrong_") ? "refuted" : "proved",
      );
  });
});

const HEAD = `import math
import torch
import torch.nn.functional as F
from torch.autograd import Function
`;
const classOf = (forward: string, backward: string, parameters = "x"): string =>
  `${HEAD}class A(Function):\n    @staticmethod\n    def forward(ctx, ${parameters}):\n        ctx.save_for_backward(x)\n` +
  `${forward.replace(/^/gm, "        ")}\n    @staticmethod\n    def backward(ctx, g):\n        x, = ctx.saved_tensors\n` +
  `${backward.replace(/^/gm, "        ")}\n`;

describe("what is read", () => {
  it.each([
    ["return not_x(x)", "def not_x(x):\n    return torch.where(~(x > 0), -x, x)", "not (x > 0) ? -x : x"],
    ["return x * k", "k = 3 if not 1 > 2 and not 2 < 1 else 4", "x * 3"],
    ["return x * k", "a = 2\nk = -a ** 2", "x * -2^2"],
    ["return x * k", "k = 1e-3", "x * 0.001"],
    ["return 1. / (1.e0 + x) * .5", "", "1 / (1 + x) * 0.5"],
    ["return x * k", "k = abs(-0x10) * 1_0.5", "x * (abs(-16) * 10.5)"],
    ["return torch.exp(x, out=None)", "", "exp(x)"],
    ["y = x.clone()\ny[...] = 1\ny -= x\nreturn y", "", "1 - x"],
    ["y = z = x * 1\ny += 1\nreturn z", "", "x * 1 + 1"],
    ["y = x * 1\nz = y.clone()\ny += 1\nreturn z", "", "x * 1"],
    ["y = x * 1\nz = y.detach()\ny.add_(1)\nreturn z", "", "x * 1 + 1"],
    ["m = x > 0\nm = m & (x < 2)\nreturn x * m", "", "x * (x > 0 and x < 2 ? 1 : 0)"],
    ["return F.hardtanh(x, max_val=2.0)", "", "x <= -1 ? -1 : x >= 2 ? 2 : x"],
    ["return torch.add(x, x, alpha=2)", "", "x + 2 * x"],
    ["return x.addcmul(x, x, value=0.5)", "", "x + 0.5 * x^2"],
    ["return x.lerp(torch.ones_like(x), 0.5)", "", "x + 0.5 * (1 - x)"],
    ["a, (b, c) = 1, (2, 3)\nreturn x * (a + b + c)", "", "x * (1 + 2 + 3)"],
    ["def local(u, *, by=2):\n    return u * by\nreturn local(u=x)", "", "x * 2"],
    ["import math as m\nreturn x * m.sqrt(m.pi)", "", "x * sqrt(pi)"],
    ["from torch import sigmoid as s\nreturn s(x)", "", "sigmoid(x)"],
    ["return sigmoid(x)", "from torch import *", "sigmoid(x)"],
    ["x.detach()\ndel ctx\nreturn x.sign().abs_()", "", "abs(sign(x))"],
    ["return (x, None)[0] * 1", "", "x * 1"],
    ["with torch.cuda.amp.autocast(enabled=False):\n    return x.float().exp()", "", "exp(x)"],
    ["return torch.relu_(x.clone())", "", "x > 0 ? x : 0"],
    ["print('x')\nreturn 2 * x", "", "2 * x"],
    ["return x.where(x > 0, torch.zeros_like(x))", "", "x > 0 ? x : 0"],
  ])("%s", async (forward, before, formula) => {
    const text = classOf(forward, "return g").replace("class A", `${before}\nclass A`);
    const { pairs, problems } = await readPython(text, "model.py");
    expect(problems).toEqual([]);
    expect(formulaText(pairs[0]!.formula)).toBe(formula);
  });

  it("may have lines that end as in Windows, and go on", async () => {
    const text = classOf("return x * \\\n    1.", "return g").replaceAll("\n", "\r\n");
    const { pairs, problems } = await readPython(text, "model.py");
    expect(problems).toEqual([]);
    expect(formulaText(pairs[0]!.formula)).toBe("x * 1");
    expect([pairs[0]!.place.line, pairs[0]!.place.column]).toEqual([12, 9]);
  });

  it("shadows names as Python does", async () => {
    const own = `${HEAD}def exp(x):\n    return x * 2\n`;
    const text = own + classOf("return exp(x)", "return 2 * g").slice(HEAD.length);
    expect((await verdicts(text)).get("A.backward")!.proof.verdict).toBe("proved");
    const local = classOf("torch = math\nreturn x * torch.exp(1)", "return g * math.e");
    expect((await verdicts(local)).get("A.backward")!.proof.verdict).toBe("proved");
  });

  it("takes both ways of a parameter's condition, with what they save and change", async () => {
    const forward = `ctx.alpha = alpha
ctx.flag = True
if alpha == 0:
    y = x.clone()
    y.mul_(2)
    return y
ctx.flag = False
return torch.exp(alpha * x)`;
    const backward = (slope: number): string => `if ctx.flag:
    return ${slope} * g, None
return g * ctx.alpha * torch.exp(ctx.alpha * x), None`;
    const verdict = async (slope: number): Promise<unknown> =>
      (await verdicts(classOf(forward, backward(slope), "x, alpha: float"))).get("A.backward x")!.proof;
    expect(await verdict(2)).toMatchObject({ verdict: "proved" });
    expect(await verdict(1)).toMatchObject({ verdict: "refuted", witness: { parameters: { alpha_: 0 } } });
  });

  it("believes what raises otherwise", async () => {
    const backward = "return g * x / x.abs() * ctx.a, None";
    const forward = (check: string): string => `${check}\nctx.a = a\nreturn (a * x).abs()`;
    const verdict = async (check: string): Promise<string> =>
      (await verdicts(classOf(forward(check), backward, "x, a: float"))).get("A.backward x")!.proof.verdict;
    expect(await verdict("if a <= 0:\n    raise ValueError('a')")).toBe("equal-except");
    expect(await verdict("assert a > 0 and a < 7")).toBe("equal-except");
    expect(await verdict("pass")).toBe("refuted");
  });

  it("says for which values of an argument it was read", async () => {
    const text = classOf("return F.gelu(x, approximate=kind)", "return g, None", "x, kind='tanh'");
    const [claim] = (await claimsOfPython(text, "model.py")).claims;
    expect(claim!.holds).toBe("A.backward is the derivative of A.forward with kind = 'tanh'");
    expect(claim!.label["with"]).toEqual(["kind = 'tanh'"]);
  });

  it("writes what is right as the file would", async () => {
    const text = classOf("y = torch.tanh(x)\nctx.y = y\nreturn y", "return g * (1 - ctx.y)");
    const { claim } = (await verdicts(text)).get("A.backward")!;
    expect(claim.write(claim.goal.formula)).toEqual(["torch.tanh(x)"]);
    expect(Object.fromEntries(claim.names)).toEqual({ x: "x", dy: "g", y: "ctx.y" });
  });
});

describe("nonlin verify", () => {
  let folder = "";
  beforeAll(() => void (folder = makeFolder()));
  afterAll(() => removeFolder(folder));
  const run = (...words: string[]): Promise<Outcome> => nonlin(["verify", ...words], { folder });
  const write = (name: string, content: string): void => writeFileSync(join(folder, name), content);
  const RIGHT = classOf("return torch.exp(x)", "return g * torch.exp(x)");
  const WRONG = classOf("return torch.sin(x)", "return -g * torch.cos(x)");

  test("proves a file of Python", async () => {
    write("right.py", RIGHT);
    const { code, out, err } = await run("right.py");
    expect(out).toBe("right.py:11:9: A.backward is the derivative of A.forward: proved\n");
    expect({ code, err }).toEqual({ code: 0, err: "" });
  });

  test("says where one is wrong, and what is right", async () => {
    write("wrong.py", WRONG);
    const { code, out, err } = await run("wrong.py");
    expect({ code, err }).toEqual({ code: 1, err: "" });
    expect(out).toMatch(
      /^wrong\.py:11:9: A\.backward is not the derivative of A\.forward\n {2}at x = \S+, g = \S+: it gives \S+, right is \S+\n {2}largest gap found: \S+ at x = \S+\n {2}right derivative: g \* torch\.cos\(x\)\n$/,
    );
  });

  test("gives the same as JSON", async () => {
    write("wrong.py", WRONG);
    const { code, out } = await run("wrong.py", "--json");
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      claims: [
        {
          file: "wrong.py",
          line: 11,
          column: 9,
          function: "A.forward",
          derivative: "A.backward",
          verdict: "refuted",
          right: "g * torch.cos(x)",
        },
      ],
      problems: [],
      tally: { refuted: 1 },
    });
  });

  test("names what it cannot read, beside what it can", async () => {
    write(
      "mixed.py",
      RIGHT + classOf("return x.softmax(-1)", "return g").slice(HEAD.length).replace("class A", "class B"),
    );
    const { code, out, err } = await run("mixed.py");
    expect(code).toBe(2);
    expect(out).toContain("A.backward is the derivative of A.forward: proved\n");
    expect(err).toBe(
      "mixed.py:18:16: this mixes elements of a tensor: only elementwise operations are read\n" +
        "          return x.softmax(-1)\n                 ^^^^^^^^^^^^^\n" +
        "hint: keep reductions outside of this function\n",
    );
  });

  test.each([
    ["plain.py", "x = 1\n", "plain.py: there is no class and no function in it\nhint: "],
    [
      "alone.py",
      "def f(x):\n    return x\n",
      "alone.py: there is no gradient to prove among its only definition\nhint: ",
    ],
    ["broken.py", "def f(x:\n", "broken.py:1:8: the syntax breaks here"],
  ])("%s is a mistake", async (name, content, message) => {
    write(name, content);
    const { code, out, err } = await run(name);
    expect(err.slice(0, message.length)).toBe(message);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(JSON.parse((await run(name, "--json")).out)).toMatchObject({ tally: { unreadable: 1 } });
  });

  test("--explain speaks of the file's names", async () => {
    write("right.py", RIGHT);
    const { code, out } = await run("right.py", "--explain");
    expect(code).toBe(0);
    expect(out).toMatch(/^f\(x\) = exp\(x\)\nclaim: f'\(x\) = g \* exp\(x\)\n/);
  });
});
