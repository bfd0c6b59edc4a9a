/** Goals made to mislead the prover: nearly right claims, each with the one verdict that is right, or those that are wrong. */
import { beforeAll, describe, expect, it } from "vitest";
import { createOracle, createProver, type Proof, type Prover } from "../src/pipeline/activation.js";
import { parseFormula } from "../src/frontends/formula.js";
import { parameter } from "../src/ir/build.js";

let prover: Prover;
beforeAll(async () => {
  prover = createProver(await createOracle());
});

interface Particulars {
  readonly order?: number;
  readonly positive?: readonly string[];
  /** The parameter by which the formula is differentiated. */
  readonly by?: string;
}

type Row = [formula: string, claim: string, particulars?: Particulars];

async function prove(
  formula: string,
  claim: string,
  { order = 0, positive = [], by }: Particulars = {},
): Promise<Proof> {
  const ranges = Object.fromEntries(positive.map((name) => [name, [Number.MIN_VALUE, Infinity] as const]));
  const left = await parseFormula(formula, { ranges });
  const right = await parseFormula(claim, { ranges, output: order > 0, gradient: order > 0 });
  const variable = by === undefined ? {} : { variable: parameter(by) };
  return prover.prove({ formula: left.expr, claim: right.expr, order, ...variable });
}

const [first, second] = [{ order: 1 }, { order: 2 }];
const [positiveA, positiveQ] = [{ positive: ["a"] }, { positive: ["q"] }];

describe("holds, although it looks doubtful", () => {
  it.each<Row>([
    ["tanh(x + a)", "(tanh(x) + tanh(a))/(1 + tanh(x)*tanh(a))"],
    ["cos(x*pi/3)^3", "(3*cos(x*pi/3) + cos(x*pi))/4"],
    ["abs(x)^2.5", "x^2*sqrt(abs(x))"],
    ["abs(x)^1.5", "1.5*sqrt(abs(x))*sign(x)", first],
    ["log(x)", "1/exp(y)", first],
    ["sqrt(x)", "dy/(2*y)", first],
    ["sqrt(x^2 + 2*a*x + a^2)", "abs(x + a)"],
    ["a > b ? (b > c ? (c > a ? max(x, 0) : x) : x) : x", "1", first],
    ["q^x > 1 ? x : 0", "x*log(q) > 0 ? x : 0", positiveQ],
    ["a*x^2 + c > 0 ? x : 0", "a > 0 ? (x^2 > -c/a ? x : 0) : (a < 0 ? (x^2 < -c/a ? x : 0) : (c > 0 ? x : 0))"],
    ["x == 1 ? 1 : x^2", "2*x", first],
    ["x == 0 ? 0 : x^2*sin(1/x)", "x == 0 ? 0 : 2*x*sin(1/x) - cos(1/x)", first],
    ["max(a, 0)*x", "a >= 0 ? x : 0", { order: 1, by: "a" }],
    ["abs(a)^3*x", "3*a*abs(a)*x", { order: 1, by: "a" }],
  ])("%s | %s", async (formula, claim, particulars) => {
    expect(await prove(formula, claim, particulars)).toMatchObject({ verdict: "proved" });
  });
});

describe("holds but for single inputs or parameters", () => {
  it.each<readonly [formula: string, claim: string, particulars: Particulars, at: readonly string[]]>([
    ["x*abs(x)", "x == 0 ? 2 : 2*sign(x)", second, ["0"]],
    ["x == 1 ? 1 : x^2", "x == 1 ? 0 : 2*x", first, ["1"]],
    ["x == 0 ? 0 : x^2*sin(1/x)", "x == 0 ? 1 : 2*x*sin(1/x) - cos(1/x)", first, ["0"]],
    ["abs(x)^(4/3)", "x == 0 ? 7 : 4/3*abs(x)^(1/3)*sign(x)", first, ["0"]],
    ["2*x", "2*x^3/sqrt(x^4)", {}, ["0"]],
    ["x^3", "3*y/x", first, ["0"]],
    ["1/(1/a)*x", "a*x", {}, ["every x, when a = 0"]],
    ["exp(log(a^2)/2)*x", "abs(a)*x", {}, ["every x, when a = 0"]],
    ["x", "x*(a^2 - a)/(a^2 - a)", positiveA, ["every x, when a = 1"]],
    ["(x/q == 0 ? 5 : x)", "x", positiveQ, ["0"]],
  ])("%s | %s", async (formula, claim, particulars, at) => {
    expect(await prove(formula, claim, particulars)).toMatchObject({
      verdict: "equal-except",
      at: at.map((place) => ({ at: place })),
    });
  });
});

describe("is wrong, however little", () => {
  it.each<Row>([
    ["x*log(2)", "x*0.6931471805599453"],
    ["exp(x)*(1 + 1e-40)", "exp(x)"],
    ["tanh(x)", "tanh(x) + 1e-60"],
    ["a^3 - a == 0 ? x : 2*x", "a == 0 ? x : 2*x"],
    ["a^4 - 5*a^2 + 4 == 0 ? x : 2*x", "(a == 1 or a == -1 or a == 2) ? x : 2*x"],
    ["a*c == c ? x : 2*x", "c == 0 ? x : 2*x"],
    ["x^2/(2*a)", "x/a + (a == 1 ? 1 : 0)", first],
    ["exp(log(a^2)/2)*x", "a*x"],
    ["max(min(x, c), a)", "min(max(x, a), c)"],
    ["log(q)*x > 1 ? x : 0", "x > 1/log(q) ? x : 0", positiveQ],
    ["a*x^2 + c > 0 ? x : 0", "a > 0 ? (x^2 > -c/a ? x : 0) : (a < 0 ? (x^2 < -c/a ? x : 0) : (c >= 0 ? x : 0))"],
    ["x > c ? max(erf(1/(x - a)), erf(1/(c - a))) : 0", "x > c ? erf(1/(c - a)) : 0"],
    ["x > 0 ? max(exp(1/(x + exp(x) - 1 - b)), exp(-1/b)) : 0", "0", { order: 1, positive: ["b"] }],
    ["abs(a)*x", "a >= 0 ? x : -x", { order: 1, by: "a" }],
    ["abs(a - c^2)*x", "a >= c^2 ? x : -x", { order: 1, by: "a" }],
  ])("%s | %s", async (formula, claim, particulars) => {
    expect(await prove(formula, claim, particulars)).toMatchObject({ verdict: "refuted" });
  });
});

/** No float64 lies where these are wrong, or only one side has a value there: unknown will do, an equality will not. */
describe("is not accepted", () => {
  it.each<Row>([
    ["exp(x) > 2 ? 1 : 0", "x > 0.6931471805599453 ? 1 : 0"],
    ["a^2 == 2 ? x : 2*x", "2*x"],
    ["x > 0 ? (x > 1e-200*1e-200 ? 1 : 2) : 1", "1"],
    ["x*sign(a*c - 1e-200*1e-200)", "x", { positive: ["a", "c"] }],
    ["log(sin(x))", "log(sin(x)) + log(cos(x)) - log(cos(x))"],
    ["log(1 + sin(x))", "log(a*(1 + sin(x))) - log(abs(a))"],
    ["x*log(a)", "log(a^x*b) - log(b)"],
    ["sqrt(a)*sqrt(x^2 + 1)", "sqrt(a)*sqrt(x^2 + 1)*sqrt(b)/sqrt(b)"],
    ["sign(x^2/q)", "1", positiveQ],
    ["(x^2/q == 0 ? 5 : x)", "x", positiveQ],
    ["x*q", "x^3/sqrt(x^4/q^2)", positiveQ],
    ["abs(a^2 - c)*x", "a^2 >= c ? 2*a*x : -2*a*x", { order: 1, by: "a" }],
    ["x > 0 ? (10*x + 0.5 > exp(-sqrt(1 + sin(x))) ? x : 0) : 0", "x > 0 ? x*sqrt(1 + sin(x))/sqrt(1 + sin(x)) : 0"],
    ["abs(x)^(1 + a)", "x == 0 ? 7 : (1 + a)*abs(x)^a*sign(x)", { order: 1, positive: ["a"] }],
  ])("%s | %s", async (formula, claim, particulars) => {
    expect((await prove(formula, claim, particulars)).verdict).not.toBe("proved");
  });
});

describe("holds, as far as anybody can tell: never refuted", () => {
  it.each<Row>([
    ["sqrt(1 - x)*sqrt(1 + x)", "sqrt(1 - x^2)"],
    ["sqrt(4 + x^2)*sqrt(1 + x^2)", "sqrt(x^4 + 5*x^2 + 4)"],
    ["x*sqrt(5 + 2*sqrt(6))", "x*(sqrt(2) + sqrt(3))"],
    ["x*cos(pi/5)", "x*(1 + sqrt(5))/4"],
    ["x > 0 ? (x^(1/3))^3 : 0", "x > 0 ? x : 0"],
    ["x > 1 ? log(x^2 - 1) : 0", "x > 1 ? log(x - 1) + log(x + 1) : 0"],
    ["log(sin(x)^2)", "2*log(abs(sin(x)))"],
    ["sqrt(a)*sqrt(b)*x", "sqrt(a*b)*x"],
  ])("%s | %s", async (formula, claim, particulars) => {
    expect((await prove(formula, claim, particulars)).verdict).not.toBe("refuted");
  });
});
