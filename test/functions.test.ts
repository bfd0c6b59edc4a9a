/**
 * The functions of formulas beyond the usual ones, by a table: values and derivatives of the emitted JavaScript against MPFR,
 * proofs of their derivatives and identities, refutations of wrong ones, and how people's code calls them.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { claimsOfPython } from "../src/cli/verify/python.js";
import { answer } from "../src/cli/verify/claim.js";
import { compile, createOracle, createProver, type Oracle, type Prover } from "../src/pipeline/activation.js";
import { Diagnostic } from "../src/diagnostic.js";
import { definitionFromFormula } from "../src/frontends/definition.js";
import { parseFormula } from "../src/frontends/formula.js";
import { readPairs } from "../src/frontends/source/pairs.js";
import { x } from "../src/ir/build.js";
import type { Expr } from "../src/ir/expr.js";
import { formulaText } from "../src/ir/print.js";
import { derivative } from "../src/symbolic/derivative.js";
import { spacing } from "../src/symbolic/score.js";
import type { EmittedModule } from "./helpers/modules.js";
import { errorInUlps } from "./helpers/wgsl-accuracy.js";

interface Row {
  readonly name: string;
  /** Inputs beside the extreme ones. */
  readonly points: readonly number[];
  readonly right: string;
  readonly wrong: string;
  readonly second?: string;
  /** Formulas of the same value. */
  readonly identities?: readonly (readonly [string, string])[];
  /** -0 in gives -0 out. */
  readonly odd?: true;
}

const ROWS: readonly Row[] = [
  {
    name: "atan",
    points: [-40, -2, -1, -0.5, 1e-9, 0.3, 1, 2.5, 1e5],
    right: "1 / (1 + x^2)",
    wrong: "1 / (1 - x^2)",
    second: "-2 * x / (1 + x^2)^2",
    odd: true,
  },
  {
    name: "asinh",
    points: [-40, -2, -1, -0.5, 1e-9, 0.3, 1, 2.5, 1e5],
    right: "1 / sqrt(1 + x^2)",
    wrong: "1 / sqrt(1 + abs(x))",
    second: "-x / (1 + x^2)^(3/2)",
    identities: [
      ["asinh(x)", "log(x + sqrt(x^2 + 1))"],
      ["asinh(x)", "sign(x) * log(abs(x) + sqrt(x^2 + 1))"],
      ["asinh(sinh(x))", "x"],
    ],
    odd: true,
  },
  {
    name: "acosh",
    points: [1.0000001, 1.01, 1.5, 2, 3, 1e5],
    right: "1 / sqrt(x^2 - 1)",
    wrong: "1 / sqrt(x^2 + 1)",
    second: "-x / (x^2 - 1)^(3/2)",
    identities: [["acosh(x)", "log(x + sqrt(x^2 - 1))"]],
  },
  {
    name: "atanh",
    points: [-0.9999999, -0.5, 1e-9, 0.3, 0.75, 0.99],
    right: "1 / (1 - x^2)",
    wrong: "1 / (1 + x^2)",
    second: "2 * x / (1 - x^2)^2",
    identities: [
      ["atanh(x)", "log((1 + x) / (1 - x)) / 2"],
      ["atanh(tanh(x))", "x"],
      ["tanh(atanh(x))", "abs(x) < 1 ? x : log(-1)"],
    ],
    odd: true,
  },
  {
    name: "cbrt",
    points: [-27, -2, -1, -1e-9, 0.3, 8, 1e5],
    right: "1 / (3 * cbrt(x)^2)",
    wrong: "1 / (3 * cbrt(x))",
    second: "-2 / (9 * cbrt(x)^5)",
    identities: [
      ["cbrt(x)", "sign(x) * abs(x)^(1/3)"],
      ["cbrt(x^3)", "x"],
    ],
    odd: true,
  },
  {
    name: "exp2",
    points: [-1000.5, -40, -1, -1e-9, 0.3, 2.5, 100, 1000.25],
    right: "exp2(x) * log(2)",
    wrong: "exp2(x)",
    second: "exp2(x) * log(2)^2",
    identities: [
      ["exp2(x)", "exp(x * log(2))"],
      ["exp2(x + 3)", "8 * exp2(x)"],
    ],
  },
  {
    name: "log2",
    points: [1e-9, 0.3, 0.999, 1, 1.001, 8, 1e5],
    right: "1 / (x * log(2))",
    wrong: "1 / x",
    identities: [
      ["log2(8 * x)", "3 + log2(x)"],
      ["log2(exp2(x))", "x"],
    ],
  },
  {
    name: "log10",
    points: [1e-9, 0.3, 0.999, 1, 1.001, 1000, 1e5],
    right: "1 / (x * log(10))",
    wrong: "log(10) / x",
    identities: [["log10(100 * x)", "2 + log10(x)"]],
  },
  {
    name: "log1mexp",
    points: [-700, -40, -2, -0.7, -0.69, -0.1, -1e-9],
    right: "-exp(x) / (1 - exp(x))",
    wrong: "exp(x) / (1 - exp(x))",
    second: "-exp(x) / (1 - exp(x))^2",
    identities: [["log1mexp(x)", "log(1 - exp(x))"]],
  },
  {
    name: "sinc",
    points: [-40, -2.5, -1.9, -1, 1e-8, 0.3, 2, 2.9, 3.1, 4, 100.5],
    right: "x == 0 ? 0 : (x * cos(x) - sin(x)) / x^2",
    wrong: "x == 0 ? 0 : (x * cos(x) + sin(x)) / x^2",
    second: "x == 0 ? -1/3 : -sin(x) / x - 2 * cos(x) / x^2 + 2 * sin(x) / x^3",
    identities: [["sinc(x)", "x == 0 ? 1 : sin(x) / x"]],
  },
  {
    name: "erfcx",
    points: [-2, -1, -0.3, 1e-9, 0.3, 1, 2.5, 26, 1e5],
    right: "2 * x * erfcx(x) - 2 / sqrt(pi)",
    wrong: "2 * x * erfcx(x) + 2 / sqrt(pi)",
    identities: [
      ["erfcx(x)", "exp(x^2) * erfc(x)"],
      ["erfcx(-x)", "2 * exp(x^2) - erfcx(x)"],
    ],
  },
];

const EXTREMES = [0, 1e-30, 1e30, Number.MAX_VALUE].flatMap((value) => [value, -value]);
/** What a result this small is worth: it may have come by way of a number too large for a float. */
const SMALLEST = 2 ** -1020;
const BOUNDS = { value: 4, derivative: 8, secondDerivative: 12 } as const;

let oracle: Oracle;
let prover: Prover;
beforeAll(async () => {
  oracle = await createOracle();
  prover = createProver(oracle);
});

const read = async (formula: string): Promise<Expr> => (await parseFormula(formula)).expr;

/** The text of the emitted JavaScript, executed. */
async function emitted(formula: string): Promise<EmittedModule> {
  const definition = await definitionFromFormula({ id: "it", formula });
  const { artifacts } = await compile(definition, { target: "js" }, oracle);
  const { text } = artifacts.find(({ path }) => path.endsWith(".js"))!;
  return (await import(`data:text/javascript,${encodeURIComponent(text)}`)) as EmittedModule;
}

const verdict = async (formula: string, claim: string, order: 0 | 1 | 2): Promise<string> =>
  prover.prove({ formula: await read(formula), claim: await read(claim), order }).verdict;

describe.each(ROWS)("$name", ({ name, points, right, wrong, second, identities = [], odd }) => {
  const formula = `${name}(x)`;

  it("has its value and its derivatives in JavaScript, in double arithmetic", async () => {
    const module = await emitted(formula);
    const f = await read(formula);
    const exprs = { value: f, derivative: derivative(f, x), secondDerivative: derivative(derivative(f, x), x) };
    const inputs = [...points, ...EXTREMES];
    const references = oracle.evaluate(
      Object.values(exprs),
      inputs.map((input) => ({ x: input })),
    );
    Object.keys(exprs).forEach((of, which) => {
      const part = of as keyof typeof exprs;
      inputs.forEach((input, i) => {
        const isDefined = !Number.isNaN(references[0]!.high[i]!);
        const exact = references[which]!.high[i]!;
        const got = module[part](input);
        if (part === "value" && !isDefined && input !== 0) expect(got, `${formula} at ${input}`).toBeNaN();
        if (Number.isNaN(exact) || !isDefined) return;
        if (!Number.isFinite(exact)) expect(got, `${part} of ${formula} at ${input}`).toBe(exact);
        else if (Math.abs(exact) < SMALLEST) expect(Math.abs(got - exact)).toBeLessThan(SMALLEST);
        else expect(Math.abs(got - exact) / spacing(exact), `${part} at ${input}`).toBeLessThanOrEqual(BOUNDS[part]);
      });
      expect(module[part](NaN), part).toBeNaN();
    });
    if (odd === true) expect(module.value(-0)).toBe(-0);
    const [limits] = oracle.evaluate([f], [{ x: Infinity }, { x: -Infinity }]);
    [Infinity, -Infinity].forEach((input, i) => {
      const limit = limits!.high[i]!;
      if (!Number.isNaN(limit)) expect(module.value(input), `at ${input}`).toBeCloseTo(limit, 12);
    });
  });

  it("has its value and its slope in loops over float32", async () => {
    const module = await emitted(formula);
    const f = await read(formula);
    const inputs = Float32Array.from([...points, 0, 1e-30, -1e-30, 1e30, -1e30, 3.4028234663852886e38]);
    const [value, slope] = oracle.evaluate(
      [f, derivative(f, x)],
      Array.from(inputs, (input) => ({ x: input })),
    );
    const saved = module.saves === "output" ? module.forward(inputs) : inputs;
    const [forward, backward] = [
      module.forward(inputs),
      module.backward(new Float32Array(inputs.length).fill(1), saved),
    ];
    inputs.forEach((input, i) => {
      if (Number.isNaN(value!.high[i]!)) return;
      expect(errorInUlps(forward[i]!, value!.high[i]!), `at ${input}`).toBeLessThanOrEqual(0.51);
      if (!Number.isNaN(slope!.high[i]!))
        expect(errorInUlps(backward[i]!, slope!.high[i]!), `slope at ${input}`).toBeLessThanOrEqual(0.51);
    });
  });

  it("has its derivative proved, and a wrong one refuted", async () => {
    expect(await verdict(formula, right, 1)).toBe("proved");
    expect(await verdict(formula, wrong, 1)).toBe("refuted");
    if (second !== undefined) expect(await verdict(formula, second, 2)).toBe("proved");
  });

  it("has its identities proved", async () => {
    for (const [left, same] of identities) expect(await verdict(left, same, 0), `${left} = ${same}`).toBe("proved");
  });

  it("takes one operand, and is written as it is read", async () => {
    await expect(parseFormula(`${name}(x, 1)`)).rejects.toThrow(Diagnostic);
    await expect(parseFormula(`${name}()`)).rejects.toThrow(Diagnostic);
    const f = await read(formula);
    expect(await read(formulaText(f))).toBeDefined();
    expect(await verdict(formula, formulaText(f), 0)).toBe("proved");
  });
});

describe("a hole that is filled", () => {
  it("is nothing that the quotient has", async () => {
    expect(await verdict("sinc(x)", "sin(x) / x", 0)).toBe("equal-except");
    expect(await verdict("sinc(x)", "(x * cos(x) - sin(x)) / x^2", 1)).toBe("equal-except");
    expect(await verdict("sinc(x)", "x == 0 ? -1/2 : -sin(x) / x - 2 * cos(x) / x^2 + 2 * sin(x) / x^3", 2)).toBe(
      "equal-except",
    );
  });
});

describe("inside of formulas", () => {
  it.each([
    ["2 / pi * x * atan(beta * x)", "2 / pi * (atan(beta * x) + beta * x / (1 + (beta * x)^2))"],
    ["x * atan(exp(x))", "atan(exp(x)) + x * exp(x) / (1 + exp(2 * x))"],
    ["sinc(x) * x^2", "sin(x) + x * cos(x)"],
    ["asinh(beta * x) / beta", "1 / sqrt(1 + beta^2 * x^2)"],
    ["x * erfcx(-x)", "erfcx(-x) + x * (2 * x * erfcx(-x) + 2 / sqrt(pi))"],
    ["cbrt(x^2 + 1)", "2 * x / (3 * cbrt(x^2 + 1)^2)"],
    ["log2(1 + exp2(x))", "exp2(x) / (1 + exp2(x))"],
    ["log1mexp(-exp(x))", "exp(x) * exp(-exp(x)) / (1 - exp(-exp(x)))"],
  ])("%s", async (formula, claim) => {
    expect(await verdict(formula, claim, 1)).toBe("proved");
    expect(await verdict(formula, `${claim} + x / 7`, 1)).toBe("refuted");
  });
});

describe("in people's code", () => {
  const JAVASCRIPT = [
    ["Math.atan(x)", "1 / (1 + x * x)"],
    ["Math.asinh(x)", "1 / Math.sqrt(1 + x * x)"],
    ["Math.acosh(2 + x * x)", "2 * x / Math.sqrt((2 + x * x) ** 2 - 1)"],
    ["Math.atanh(Math.tanh(x))", "1"],
    ["Math.cbrt(x)", "1 / (3 * Math.cbrt(x) ** 2)"],
    ["Math.log2(1 + x * x)", "2 * x / ((1 + x * x) * Math.LN2)"],
    ["Math.log10(1 + x * x)", "2 * x / ((1 + x * x) * Math.LN10)"],
  ] as const;

  it.each(JAVASCRIPT)("%s", async (code, slope) => {
    const text = `export const f = (x) => ${code};\nexport const fDerivative = (x) => ${slope};\n`;
    const { pairs, problems } = await readPairs(text, "f.js");
    expect(problems).toEqual([]);
    expect(pairs.map(({ formula, claim }) => prover.prove({ formula, claim, order: 1 }).verdict)).toEqual(["proved"]);
  });

  const PYTHON = [
    ["torch.atan(x)", "1 / (1 + x ** 2)"],
    ["torch.arctan(x)", "1 / (1 + x ** 2)"],
    ["x.asinh()", "1 / torch.sqrt(1 + x ** 2)"],
    ["torch.atanh(torch.tanh(x))", "torch.ones_like(x)"],
    ["torch.exp2(x)", "torch.exp2(x) * math.log(2)"],
    ["torch.log2(1 + x ** 2)", "2 * x / (1 + x ** 2) / math.log(2)"],
    ["torch.log10(1 + x ** 2)", "2 * x / (1 + x ** 2) / math.log(10)"],
    ["torch.special.erfcx(x)", "2 * x * torch.special.erfcx(x) - 2 / math.sqrt(math.pi)"],
    ["x * torch.sinc(x / math.pi)", "torch.cos(x)"],
  ] as const;

  it.each(PYTHON)("%s", async (code, slope) => {
    const text = [
      "import math",
      "import torch",
      "class F(torch.autograd.Function):",
      "    @staticmethod",
      "    def forward(ctx, x):",
      "        ctx.save_for_backward(x)",
      `        return ${code}`,
      "    @staticmethod",
      "    def backward(ctx, grad):",
      "        (x,) = ctx.saved_tensors",
      `        return grad * (${slope})`,
    ].join("\n");
    const { claims, problems } = await claimsOfPython(text, "model.py");
    expect(problems).toEqual([]);
    const verdicts = [];
    for (const claim of claims) verdicts.push((await answer(claim, prover)).proof.verdict);
    expect(verdicts).toEqual(["proved"]);
  });
});
