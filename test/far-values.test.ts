/** What is known and measured far out: values where 0 and infinity meet, and inputs at which a form's own parts break. */
import { describe, expect, it } from "vitest";
import { createOracle } from "../src/pipeline/activation.js";
import { parseFormula } from "../src/frontends/formula.js";
import { x } from "../src/ir/build.js";
import { columnEvaluator } from "../src/ir/evaluate.js";
import type { Expr } from "../src/ir/expr.js";
import { breakingInputs } from "../src/symbolic/critical.js";
import { derivative } from "../src/symbolic/derivative.js";
import { withFarValues } from "../src/symbolic/far-values.js";
import { normalForm } from "../src/symbolic/simplify.js";

const oracle = createOracle();
const differentiated = async (text: string, order: number): Promise<Expr> => {
  let { expr } = await parseFormula(text, { ranges: {} });
  for (let i = 0; i < order; i++) expr = normalForm(derivative(expr, x));
  return expr;
};

describe("the reference far out", () => {
  it.each([
    { formula: "x*exp(-exp(-x))", order: 1, at: -1e15, right: 0 },
    { formula: "x*exp(-exp(-x))", order: 2, at: -1e15, right: 0 },
    { formula: "1-exp(-exp(x))", order: 2, at: 1e12, right: 0 },
    // Its condition changes further out than forms for a side look.
    { formula: "x > -1e12 ? x*exp(-exp(-x)) : x*exp(1-exp(-x))", order: 1, at: -1e15, right: NaN },
    { formula: "log(x)", order: 0, at: -1e15, right: NaN },
  ])("$formula differentiated $order times at $at", async ({ formula, order, at, right }) => {
    const expr = await differentiated(formula, order);
    const points = [{ x: at }];
    const [known] = (await oracle).evaluate([expr], points);
    expect(known!.high[0]).toBeNaN();
    expect(withFarValues(expr, x, points, known!, await oracle).high[0]! + 0).toBe(right);
  });

  it("is left alone where everything is known", async () => {
    const expr = await differentiated("x*sigmoid(x)", 1);
    const points = [{ x: -20 }, { x: 0.5 }];
    const [known] = (await oracle).evaluate([expr], points);
    expect(withFarValues(expr, x, points, known!, await oracle)).toBe(known);
  });
});

describe("inputs at which a form breaks", () => {
  const breaks = async (text: string, isKnown = (_from: number, _to: number): boolean => false): Promise<number[]> => {
    const { expr } = await parseFormula(text, { ranges: {} });
    return breakingInputs(expr, (at) => columnEvaluator(at.length, () => at), "float64", isKnown);
  };

  it("are where products and powers overflow though the operands do not", async () => {
    const found = await breaks("1/(x*x*x*x)");
    expect(found.some((at) => at > 1e77 && at < 1.3e77)).toBe(true);
    expect(found.some((at) => at < -1e77 && at > -1.3e77)).toBe(true);
  });
  it("are where exponentials vanish", async () => {
    expect((await breaks("exp(-x)")).some((at) => at > 745 && at < 860)).toBe(true);
  });
  it("are none where something is measured there already", async () => {
    expect(await breaks("1/(x*x*x*x)", () => true)).toEqual([]);
  });
});
