/** Derivatives where pieces join: the slope of both where it is one, else what the comparison selects. */
import { beforeAll, describe, expect, test } from "vitest";
import { createOracle, createProver, differentiate, type Prover } from "../src/pipeline/activation.js";
import { definitionFromFormula } from "../src/frontends/definition.js";
import { defaults } from "../src/ir/definition.js";
import { evaluate } from "../src/ir/evaluate.js";
import { formulaText } from "../src/ir/print.js";

describe("the derivative at a join", () => {
  let prover: Prover;
  beforeAll(async () => {
    prover = createProver(await createOracle());
  });

  test.each([
    ["sign(x)*log(1+abs(x))", 0, 1],
    ["sign(x)*(exp(abs(x))-1)", 0, 1],
    ["max(0,x)+min(0,a*(exp(x/a)-1))", 0, 1],
    ["max(x,0)-max(-x,0)", 0, 1],
    ["sign(x)*log(abs(x)+sqrt(x^2+1))", 0, 1],
    ["x < 2 ? x^2 : 4*x-4", 2, 4],
    ["max(x,0)", 0, 0],
    ["abs(x)", 0, 0],
    ["x > 0 ? x : 0.25*x", 0, 0.25],
  ])("of %s at %d is %d", async (formula, at, slope) => {
    const definition = await definitionFromFormula({ id: "f", formula, title: formula, parameters: {} });
    const { derivative } = differentiate(definition, prover);
    expect(evaluate(derivative, { ...defaults(definition), x: at }), formulaText(derivative)).toBe(slope);
  });

  test("of the filled hole of sin(x)/x has its second derivative too", async () => {
    const definition = await definitionFromFormula({
      id: "f",
      formula: "x == 0 ? 1 : sin(x)/x",
      title: "",
      parameters: {},
    });
    const { derivative, secondDerivative } = differentiate(definition, prover);
    expect(evaluate(derivative, { x: 0 })).toBe(0);
    expect(evaluate(secondDerivative, { x: 0 })).toBeCloseTo(-1 / 3, 15);
  });

  test("is written with the comparison that includes it", async () => {
    const definition = await definitionFromFormula({
      id: "f",
      formula: "sign(x)*log(1+abs(x))",
      title: "",
      parameters: {},
    });
    expect(formulaText(differentiate(definition, prover).derivative)).toMatchInlineSnapshot(
      `"x <= 0 ? 1 / (1 - x) : 1 / (x + 1)"`,
    );
  });
});
