/** Forms for the sides of the line: equal to the formula there, without overflow and without cancellation. */
import { beforeAll, describe, expect, test } from "vitest";
import { createOracle, differentiate, type Oracle } from "../src/pipeline/activation.js";
import { definitionFromFormula } from "../src/frontends/definition.js";
import { x } from "../src/ir/build.js";
import { defaults, type Definition } from "../src/ir/definition.js";
import { evaluate } from "../src/ir/evaluate.js";
import { formulaText } from "../src/ir/print.js";
import { sideForms } from "../src/symbolic/construct/forms.js";
import { criticalInputs } from "../src/symbolic/critical.js";
import { cheapestPieces, cover, simplestBetween, type Candidate } from "../src/symbolic/regimes.js";

const definitionOf = (formula: string): Promise<Definition> =>
  definitionFromFormula({ id: "f", formula, title: formula, parameters: {} });

const FORMULAS = [
  "x*tanh(exp(x))",
  "(exp(2*x)-1)/(exp(2*x)+1)",
  "log(0.5*exp(x)+0.5)",
  "log(cosh(x))",
  "1/cosh(x)",
  "x*((1+exp(x))^2-1)/((1+exp(x))^2+1)",
  "log(x+sqrt(x^2+1))",
  "x/sqrt(1+a*x^2)",
  "(alpha+tanh(beta*x))*gamma*x",
  "log((1+exp(a*x))/(1+exp(a*(x-1))))/a",
  "x*erf(log(1+exp(x)))",
  "0.5*x*(1+erf(x/sqrt(2)))",
  "sign(x)*log(1+abs(x))",
  "(1-cos(x))/x",
  "x*exp(-exp(-x))",
  "x/(1+x^4)^(1/4)",
  "(1+abs(x))^0.4-1",
  "log10(1+10^x)",
  "2*atan(exp(x))-pi/2",
  "x/(1+abs(x)^1.5)^(1/1.5)",
  "1-(1+2*exp(x))^(-1/2)",
  "x*log(2-exp(-exp(x)))",
  "(exp(2*x)-1)/(1+exp(0.7*x+0.1))",
];

const INPUTS = [2 ** -30, 2 ** -9, 0.3, 1, 2.5, 7, 20, 40].flatMap((input) => [-input, input]);

describe("forms of the sides", () => {
  let oracle: Oracle;
  beforeAll(async () => {
    oracle = await createOracle();
  });

  test.each(FORMULAS)("of %s are equal to it", async (formula) => {
    const definition = await definitionOf(formula);
    const values = defaults(definition);
    let compared = 0;
    for (const expr of Object.values(differentiate(definition)))
      for (const form of sideForms(expr, x, values)) {
        const points = INPUTS.filter((input) => Math.sign(input) === form.sign).map((input) => ({
          ...values,
          x: input,
        }));
        const [wanted, got] = oracle.evaluate([expr, form.expr], points);
        points.forEach((point, i) => {
          // To 106 bits: the parts beyond a float64 agree as well.
          const gap = Math.abs(got!.high[i]! - wanted!.high[i]! + (got!.low[i]! - wanted!.low[i]!));
          expect(gap, `${form.name} at ${point.x}: ${formulaText(form.expr)}`).toBeLessThanOrEqual(
            2 ** -95 * Math.abs(wanted!.high[i]!),
          );
          compared += 1;
        });
      }
    expect(compared).toBeGreaterThan(30);
  });

  test.each([
    ["(exp(2*x)-1)/(exp(2*x)+1)", "far-right", 1000, 1],
    ["log(0.5*exp(x)+0.5)", "far-right", 1000, 1000 + Math.log(0.5)],
    ["log(0.5*exp(x)+0.5)", "right-of-0", 1e-30, 5e-31],
    ["log(cosh(x))", "far-left", -1e30, 1e30],
    ["(1+abs(x)^3)^(1/3)-x", "far-right", 1e9, 1e-18 / 3],
    ["(1+abs(x))^0.4-1", "left-of-0", -1e-30, 4e-31],
    ["log10(1+10^x)", "far-right", 400, 400],
    ["log(erfc(-x))", "far-left", -1e9, -1e18],
    ["log(x+sqrt(x^2+1))", "left-of-0", -1e-30, -1e-30],
    ["x*tanh(exp(x))", "far-right", 20000, 20000],
    ["log((1+exp(50*x))/(1+exp(50*(x-1))))/50", "far-right", 17.5, 1],
    ["x*log(2-exp(-exp(x)))", "far-right", 710, 710 * Math.LN2],
    ["2*atan(exp(x))-pi/2", "right-of-0", 1e-20, 1e-20],
    ["exp(2*x)-x*exp(x)", "far-right", 10000, Infinity],
  ])("of %s has its digits %s, at %d", async (formula, side, input, right) => {
    const definition = await definitionOf(formula);
    const forms = sideForms(differentiate(definition).value, x, defaults(definition)).filter(
      ({ name }) => name === side,
    );
    expect(forms.map(({ expr }) => evaluate(expr, { x: input }))).toContain(right);
  });

  test("are guarded where a parameter decides", async () => {
    const definition = await definitionOf("x/sqrt(1+a*x^2)");
    const far = sideForms(definition.formula, x, defaults(definition)).filter(({ name }) => name === "far-right");
    expect(far.length).toBeGreaterThan(0);
    // With a < 0 there is no root of a; the formula still has values near 0.
    for (const { expr } of far) expect(evaluate(expr, { a: -1, x: 0.5 })).toBeCloseTo(0.5 / Math.sqrt(0.75), 12);
  });

  test("are none where an operation has no expansion there", async () => {
    const definition = await definitionOf("sqrt(sin(x))");
    expect(sideForms(definition.formula, x, {}).every(({ name }) => !name.startsWith("far"))).toBe(true);
  });
});

describe("inputs read off a formula", () => {
  test.each([
    ["exp(2*x)", 354.5],
    ["exp(-x/3)", -2127],
    ["log(1+exp(100*x))", 7.1],
    ["1-tanh(5*x)", 3.8],
  ])("of %s are near %d", async (formula, place) => {
    const { formula: expr } = await definitionOf(formula);
    const found = criticalInputs(expr, x, {}, "float64");
    expect(found.some((input) => Math.abs(input / place - 1) < 0.03)).toBe(true);
  });
});

describe("pieces", () => {
  const candidate = (lost: readonly number[], cost = 1): Candidate => ({
    expr: x,
    steps: [],
    lost: Float64Array.from(lost),
    cost,
  });

  test("are cut where another form loses less, if it is worth it", () => {
    const left = candidate([0, 0, 60, 60]);
    const right = candidate([60, 60, 0, 0]);
    expect(cheapestPieces([left, right], 4).map(({ from, to }) => [from, to])).toEqual([
      [0, 2],
      [2, 4],
    ]);
    const slightlyWorse = candidate([0, 1, 1, 0]);
    expect(cheapestPieces([left, right, slightlyWorse], 4)).toEqual([{ candidate: slightlyWorse, from: 0, to: 4 }]);
  });

  test("come from the few candidates that are best somewhere", () => {
    const forms = [candidate([9, 9, 9]), candidate([9, 9, 0]), candidate([0, 0, 9])];
    expect(cover(forms).map((form) => forms.indexOf(form))).toEqual([2, 1]);
  });

  test.each([
    [20.3, 37.1, 32],
    [-37.1, -20.3, -32],
    [-1, 2, 0],
    [0.1, 0.3, 0.25],
    [5, 5.5, 5.5],
    [1e300, Number.MAX_VALUE, 2 ** 1023],
  ])("meet at a short number between %d and %d", (low, high, cut) => {
    expect(simplestBetween(low, high)).toBe(cut);
  });
});
