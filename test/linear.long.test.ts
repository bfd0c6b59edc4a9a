/** Deep graphs stay linear: counts, not times, at three sizes. */
import { describe, expect, it } from "vitest";
import { schedule, type Block } from "../src/codegen/schedule.js";
import * as b from "../src/ir/build.js";
import { topological, type Expr } from "../src/ir/expr.js";
import { formulaText } from "../src/ir/print.js";
import { derivative } from "../src/symbolic/derivative.js";
import { withWideArguments } from "../src/symbolic/in-double.js";
import { normalForm as simplify } from "../src/symbolic/simplify.js";

/** x·sigmoid(x) applied to itself. */
function nestedSilu(depth: number): Expr {
  let expr = b.x;
  for (let i = 0; i < depth; i++) expr = b.mul(expr, b.sigmoid(expr));
  return expr;
}

const statements = (block: Block): number =>
  block.statements.reduce(
    (sum, row) => sum + 1 + (row.kind === "branch" ? statements(row.then) + statements(row.otherwise) : 0),
    0,
  );

/** Nodes per level at each step. */
function measure(depth: number): Record<string, number> {
  const f = simplify(nestedSilu(depth));
  const first = simplify(derivative(f, b.x));
  const second = simplify(derivative(first, b.x));
  const all = [f, first, second].map((expr) => simplify(expr));
  const count = (...roots: Expr[]): number => topological(roots).length / depth;
  return {
    value: count(f),
    derivative: count(first),
    secondDerivative: count(second),
    all: count(...all),
    lines: statements(schedule(all, { branchCost: 8 })) / depth,
  };
}

describe("silu composed with itself", () => {
  const small = measure(100);

  it.each([1000, 4000])("%i times needs no more nodes per level than 100 times", (depth) => {
    const large = measure(depth);
    for (const [step, perLevel] of Object.entries(large))
      expect(perLevel, step).toBeLessThanOrEqual(small[step]! * 1.1 + 1);
  });

  it("100,000 times is differentiated, simplified and scheduled without a deep stack", () => {
    const depth = 100_000;
    const slope = simplify(derivative(nestedSilu(depth), b.x));
    expect(topological([slope]).length / depth).toBeLessThanOrEqual(small["derivative"]! * 1.1 + 1);
    expect(statements(schedule([slope], { branchCost: 8 })) / depth).toBeLessThanOrEqual(small["lines"]! + 1);
  });

  it("is printed with its shared parts named, in linear length", () => {
    expect(formulaText(nestedSilu(2000)).length).toBeLessThan(2000 * 60);
  });
});

it("an exponential of a number squared sixty times is not taken for one of a square", () => {
  let power: Expr = b.min(b.max(b.x, -2), 2);
  for (let i = 0; i < 60; i++) power = b.mul(power, power);
  const mended = withWideArguments(b.exp(b.neg(power)), b.x);
  expect(topological([mended]).some(({ op }) => op === "productError")).toBe(false);
});
