/** The prover's verdicts on goals that each show one of its powers, and its bounds. */
import { beforeAll, describe, expect, it } from "vitest";
import { compile, createOracle, createProver, type Goal, type Proof, type Prover } from "../src/pipeline/activation.js";
import { definitionFromFormula } from "../src/frontends/definition.js";
import { parseFormula } from "../src/frontends/formula.js";
import * as b from "../src/ir/build.js";
import type { Expr } from "../src/ir/expr.js";
import { derivative } from "../src/symbolic/derivative.js";
import { normalForm } from "../src/symbolic/simplify.js";

let prover: Prover;
beforeAll(async () => {
  prover = createProver(await createOracle());
});

async function goal(formula: string, claim: string, order: number, positive: readonly string[] = []): Promise<Goal> {
  const ranges = Object.fromEntries(positive.map((name) => [name, [Number.MIN_VALUE, Infinity] as const]));
  const parsed = await parseFormula(formula, { ranges });
  const claimed = await parseFormula(claim, { ranges, output: order > 0, gradient: order > 0 });
  return { formula: parsed.expr, claim: claimed.expr, order };
}

const prove = async (formula: string, claim: string, order = 1, positive: readonly string[] = []): Promise<Proof> =>
  prover.prove(await goal(formula, claim, order, positive));

describe("proves", () => {
  it.each<[what: string, formula: string, claim: string, order?: number, positive?: readonly string[]]>([
    ["a derivative in the input", "x*sigmoid(x)", "sigmoid(x)*(1 + x*(1 - sigmoid(x)))"],
    ["one in the output", "tanh(x)", "1 - y^2"],
    ["one in both", "x*sigmoid(x)", "y + sigmoid(x)*(1 - y)"],
    ["one times the gradient from above", "sigmoid(x)", "dy*y*(1 - y)"],
    ["second derivatives", "log(1 + exp(x))", "sigmoid(x)*sigmoid(-x)", 2],
    ["a condition in the output", "x > 0 ? x : a*(exp(x) - 1)", "y > 0 ? 1 : y + a", 1, ["a"]],
    ["thresholds in either order", "min(max(x, low), high)", "low < x and x < high ? 1 : 0"],
    ["a quadratic condition", "x^2 > 1 ? x : 0", "x > 1 or x < -1 ? x : 0", 0],
    ["one with a parameter", "x^2 > a ? x : 0", "abs(x) > sqrt(a) ? x : 0", 0, ["a"]],
    ["a cubic one, by certified bisection", "x^3 - 3*x > 1 ? x : 0", "x^3 > 3*x + 1 ? x : 0", 0],
    ["an exponential one", "exp(x) > 2 ? x : 0", "x > log(2) ? x : 0", 0],
    ["one of two kinds of functions", "x + exp(x) > 2 ? x : 0", "exp(x) > 2 - x ? x : 0", 0],
    ["one that a derivative decides", "exp(x) > 1 + x ? 1 : 2", "x == 0 ? 2 : 1", 0],
    ["the root of a square", "sqrt(x^2)", "abs(x)", 0],
    ["the root of a perfect square", "sqrt(x^2 + 2*x + 1)", "abs(x + 1)", 0],
    ["conjugates", "b/(sqrt(x^2 + b) - x)", "x + sqrt(x^2 + b)", 0, ["b"]],
    ["a parameter of either sign", "x > 0 ? x : a*expm1(x/a)", "x > 0 ? 1 : exp(x/a)"],
    ["kinks that cancel", "max(0, x) + min(0, a*(exp(x/a) - 1))", "x > 0 ? 1 : exp(x/a)"],
    ["angles", "x + sin(a*x)^2/b", "1 + a*sin(2*a*x)/b"],
    ["powers", "abs(x)^a", "a*abs(x)^(a - 1)*sign(x)", 1, ["a"]],
    ["exponentials of exponentials", "exp(exp(x))", "y*exp(x)"],
    ["a domain that both share", "log(x)", "1/x"],
    ["high orders", "exp(a*x)", "a^9*y", 9],
  ])("%s", async (_what, formula, claim, order = 1, positive = []) => {
    expect(await prove(formula, claim, order, positive)).toMatchObject({ verdict: "proved" });
  });

  it("derivatives by a parameter", async () => {
    const { formula } = await goal("log(1 + exp(b*x))/b", "1", 1);
    const variable = b.parameter("b");
    const claim = normalForm(derivative(formula, variable));
    expect(prover.prove({ formula, claim, order: 1, variable })).toMatchObject({ verdict: "proved" });
    expect(prover.prove({ formula, claim: b.add(claim, b.x), order: 1, variable })).toMatchObject({
      verdict: "refuted",
    });
  });
});

describe("finds the single points at which two functions differ", () => {
  it.each<[formula: string, claim: string, order: number, at: readonly (readonly [string, string, string])[]]>([
    ["max(x, 0)", "x >= 0 ? 1 : 0", 1, [["0", "0", "1"]]],
    ["abs(x)", "x > 0 ? 1 : -1", 1, [["0", "0", "-1"]]],
    ["x/x", "1", 0, [["0", "undefined", "1"]]],
    ["x*sigmoid(x)", "y/x + y*(1 - y/x)", 1, [["0", "0.5", "undefined"]]],
    [
      "min(max(x, -1), 1)",
      "-1 <= x and x <= 1 ? 1 : 0",
      1,
      [
        ["-1", "0", "1"],
        ["1", "0", "1"],
      ],
    ],
    ["x > a ? x - a : 0", "x >= a ? 1 : 0", 1, [["a", "0", "1"]]],
    // Where the function is smooth the derivative is right, whatever a comparison selects.
    ["max(x, 0) + min(x, 0)", "x == 0 ? 0 : 1", 1, [["0", "1", "0"]]],
    ["a/a", "1", 0, [["every x, when a = 0", "undefined", "a number"]]],
    // 0^0 is 1, so that at a = 0 the function is 1 everywhere.
    ["abs(x)^a", "a*abs(x)^(a - 1)*sign(x)", 1, [["0, when a = 0", "0", "undefined"]]],
  ])("%s, %s", async (formula, claim, order, at) => {
    const exceptions = at.map(([where, expected, actual]) => ({ at: where, expected, actual }));
    expect(await prove(formula, claim, order)).toMatchObject({ verdict: "equal-except", at: exceptions });
  });
});

it("drops cases of the parameters whose facts contradict one another by their signs", async () => {
  const { verdict } = await prove("a*x^2 + c*x + 1 > 0 ? x : 0", "x*(a*x + c) >= -1 ? x : 0", 0);
  expect(verdict).toBe("equal-except");
});

it("looks for no input beyond the end of the line", async () => {
  const definition = await definitionFromFormula({
    id: "beyond",
    formula: "x*log(a) + tanh(a)*min(a, x) + (a > b ? a : -b)*x + abs(a-b)*sqrt(a)",
    parameters: { a: { default: 1, range: [0.5, 2] }, b: { default: 2 } },
  });
  const { proofs } = await compile(definition, { target: "js" });
  expect(proofs["value"]!.verdict).toBe("proved");
});

describe("refutes with the simplest input", () => {
  it.each<[formula: string, claim: string, order: number, x: number, parameters?: Readonly<Record<string, number>>]>([
    ["tanh(x)", "1 + y^2", 1, 1],
    ["max(x, 0)", "y >= 0 ? 1 : 0", 1, -1],
    ["log(1 + exp(b*x))/b", "1 - exp(-y)", 1, 1, { b: 2 }],
    ["x > 3 ? x : 0", "x > 3.5 ? 1 : 0", 1, 3.3],
    ["x > 20 ? x : log1p(exp(x))", "x > 25 ? 1 : sigmoid(x)", 1, 23],
    ["exp(-1e9*x^2)", "0", 0, 0],
    ["min(-x, 0.5) > q ? x : 1", "min(-x, 1/3) > q ? 1 : 0", 1, -1, { q: 0.4 }],
  ])("%s, %s", async (formula, claim, order, x, parameters = {}) => {
    const proof = await prove(formula, claim, order);
    expect(proof).toMatchObject({ verdict: "refuted", witness: { x, parameters } });
  });

  it("says NaN where the claim has no value", async () => {
    expect(await prove("x^2", "x > 0 ? 2*x : sqrt(x)")).toMatchObject({ verdict: "refuted", witness: { actual: NaN } });
  });

  it("with finite values, although the function overflows at 1", async () => {
    const proof = await prove("exp(exp(exp(exp(x))))", "1");
    expect(proof.verdict === "refuted" && Number.isFinite(proof.witness.expected)).toBe(true);
  });
});

describe("does not guess", () => {
  it.each<[formula: string, claim: string, order: number, reason: RegExp]>([
    ["sqrt(3 + 2*sqrt(2))", "1 + sqrt(2)", 0, /no input was found/],
    ["exp(log(x))", "x", 0, /no value where x < 0/],
    ["log(x^2)", "2*log(x)", 0, /no value where x < 0/],
    ["log(-1 - x^2)", "1.5", 1, /nothing to compare/],
    ["sin(x)/sin(x)", "1", 0, /domain stays open/],
  ])("%s, %s", async (formula, claim, order, reason) => {
    const proof = await prove(formula, claim, order);
    expect(proof.verdict).toBe("unknown");
    expect(proof).not.toHaveProperty("probable");
    expect(proof.verdict === "unknown" && proof.reason).toMatch(reason);
  });

  it("and does not take 0*log(x) for 0 where the logarithm has no value", async () => {
    expect((await prove("0*log(x)", "0", 0)).verdict).toBe("unknown");
    expect(await prove("0*log(x)", "0", 0, ["x"])).toMatchObject({ verdict: "proved" });
  });
});

describe("is not misled", () => {
  it.each<[what: string, formula: string, claim: string, order: number, positive?: readonly string[]]>([
    ["by an overflow", "x > 800 ? sign((1000 - x)/exp(x)) : 0", "0", 0],
    [
      "by one in a product",
      "x > 800 and x < 804 ? (exp(x)*exp(60 - x) > 1e30 ? 1 : 2) : 0",
      "x > 800 and x < 804 ? 1 : 0",
      0,
    ],
    ["by a bound that is no number", "1e200*1e200*x^5 > x + 1 ? 1 : 0", "1", 0],
    [
      "by an underflow",
      "x > 0 and x < 1e-250 ? (x*sqrt(x)*1e200*1e180 > 1 ? 1 : 2) : 0",
      "x > 0 and x < 1e-250 ? 2 : 0",
      0,
    ],
    ["by a subnormal bound", "exp(-690) == 2.1717382813898268e-300 ? x : 2*x", "x", 0],
    ["by constants that are nearly equal", "x > 1/3 ? 1 : 0", "x > 0.3333333333333333 ? 1 : 0", 0],
    [
      "by a pole within a cell",
      "x > 0 ? sign(exp(1/(x + exp(x) - 1 - b)) - exp(-1/b)) : 0",
      "x > 0 ? -(x + exp(x) - 1 - b)/(x + exp(x) - 1 - b) : 0",
      0,
      ["b"],
    ],
    ["by a domain of another parameter", "x*log(a)", "x*log(a) + log(b) - log(b)", 0],
    ["by the domain of a product of powers", "(a*b)^x", "a^x*b^x", 0],
    ["by one factor of a denominator", "x", "x*(a^2 - a)/(a^2 - a)", 0, ["a"]],
    ["by a zero beside a denominator", "sign(x^2/q)", "1", 0, ["q"]],
    ["by a zero under a root", "x*q", "x^3/sqrt(x^4/q^2)", 0, ["q"]],
    ["by a product that underflows", "x*sign(a*c - 1e-200*1e-200)", "x", 0, ["a", "c"]],
    ["by a pole in the slope", "x > 0 ? max(exp(1/(x + exp(x) - 1 - b)), exp(-1/b)) : 0", "0", 1, ["b"]],
    [
      "by a pole at a parameter",
      "x > c ? max(exp(1/(x - a)), exp(1/(c - a))) + (1/(x - a))^2 : 0",
      "x > c ? exp(1/(c - a)) + (1/(x - a))^2 : 0",
      0,
    ],
    ["by the domain of a logarithm beside a product", "(a*x^2)/(c*a)", "x^2/c*log(q)/log(q)", 0, ["q"]],
    ["by a value that is compared with itself", "log(x) <= log(x) ? 1 : 2", "1", 0],
    ["by exponents that underflow", "sqrt(exp(x/2^200/2^200/2^200/2^200/2^200/2^74))", "1", 0],
    ["by a scale without end", "exp(x/2^200/2^200/2^200/2^200/2^200/2^74) > 2 ? 1 : 0", "1", 0],
    ["by denominators without end", "((((x/3)^200)^200)^200)^200", "x", 0],
  ])("%s", async (_what, formula, claim, order, positive = []) => {
    expect((await prove(formula, claim, order, positive)).verdict).not.toBe("proved");
  });

  it("by a formula without a value at the witness", async () => {
    const proof = await prove("log(x) + (sin(exp(x)) > a ? 1 : 2)", "x > 0 ? 1/x : 5");
    expect(proof.verdict).not.toBe("refuted");
  });

  it("by a case of the parameters that does not exist", async () => {
    const proof = await prove(
      "exp(a) > 1 ? (a < 0 ? max(x, 0) : x) : x",
      "exp(a) > 1 ? (a < 0 ? (x >= 0 ? 1 : 0) : 1) : 1",
    );
    expect(proof.verdict).not.toBe("equal-except");
  });

  it("by a kink in a parameter", async () => {
    const { formula, claim } = await goal("abs(a)*x", "a >= 0 ? x : -x", 1);
    expect(prover.prove({ formula, claim, order: 1, variable: b.parameter("a") }).verdict).not.toBe("proved");
  });
});

describe("compositions too deep for a normal form", () => {
  const nested = (f: (u: Expr) => Expr, depth: number): Expr => {
    let expr = b.x;
    for (let i = 0; i < depth; i++) expr = f(expr);
    return expr;
  };
  const silu = (u: Expr): Expr => b.mul(u, b.sigmoid(u));
  const mish = (u: Expr): Expr => b.mul(u, b.tanh(b.softplus(u)));

  it.each([
    ["silu", silu, 40],
    ["mish", mish, 40],
    ["silu", silu, 400],
  ])("%s, %# levels: equal modulo a prime is probable, not proved", (_name, f, depth) => {
    const formula = nested(f, depth);
    const claim = normalForm(derivative(formula, b.x));
    expect(prover.prove({ formula, claim, order: 1 })).toMatchObject({ verdict: "unknown", probable: true });
    const wrong = b.mul(claim, b.add(1, b.mul(1e-9, b.x)));
    const proof = prover.prove({ formula, claim: wrong, order: 1 });
    expect(["refuted", "unknown"]).toContain(proof.verdict);
    expect(proof).not.toHaveProperty("probable");
  });

  it("are proved where the function collapses", () => {
    const formula = nested((u) => b.softplus(u), 200);
    expect(prover.prove({ formula, claim: normalForm(derivative(formula, b.x)), order: 1 }).verdict).toBe("proved");
  });
});

describe("the argument", () => {
  it("names the cells, both sides, their normal form and the laws", async () => {
    const { cells } = await prove("x > 0 ? x : expm1(x)", "x > 0 ? 1 : exp(x)");
    expect(cells.map(({ where, outcome }) => [where, outcome])).toEqual([
      ["x < 0", "equal"],
      ["x > 0", "equal"],
      ["x = 0", "equal"],
    ]);
    expect(cells[0]).toMatchObject({ expected: "exp(x)", actual: "exp(x)", normalForm: "exp(x)" });
    expect(cells[0]!.laws).toContain("exp(u + v) = exp(u) * exp(v)");
  });

  it("reads the same at the end as at the beginning, although scales changed on the way", async () => {
    const { cells } = await prove("x > 1 ? exp(x) : exp(x/3) + exp(x/7)", "x > 1 ? y : exp(x/3)/3 + exp(x/7)/7");
    expect(cells.map(({ normalForm: text }) => text)).toContain("exp(x)");
  });

  it("is the same in every run", async () => {
    const run = async (): Promise<unknown> => {
      const { cells, ...verdict } = await prove("x > a ? tanh(b*x) : sin(x)", "x > a ? b - b*y^2 : cos(2*x)");
      return { cells, verdict };
    };
    expect(await run()).toEqual(await run());
  });
});
