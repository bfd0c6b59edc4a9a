/** Simplification keeps values, is idempotent, never costs more; expressions are interned; derivatives are right. */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import * as b from "../src/ir/build.js";
import { formulaText } from "../src/ir/print.js";
import { variables, type Expr } from "../src/ir/expr.js";
import { derivative } from "../src/symbolic/derivative.js";
import { createOracle, type Oracle } from "../src/symbolic/oracle.js";
import { cost, simplify } from "../src/symbolic/simplify.js";
import { expressions, ordinary } from "./random.js";

let oracle: Oracle;
beforeAll(async () => {
  oracle = await createOracle();
});

/** The values of two expressions where both have one; equal to 80 bits. */
function agree(first: Expr, second: Expr, inputs: readonly number[]): void {
  const [p, q] = oracle.evaluate(
    [first, second],
    inputs.map((x) => ({ x })),
  );
  inputs.forEach((x, i) => {
    const [u, v] = [p!.high[i]!, q!.high[i]!];
    if (Number.isNaN(u) || Number.isNaN(v)) return;
    const difference = Math.abs(u - v + (p!.low[i]! - q!.low[i]!));
    const tolerance = 2 ** -80 * Math.max(Math.abs(u), Math.abs(v)) + 2 ** -1000;
    expect(u === v || difference <= tolerance, `x = ${x}: ${u} became ${v}`).toBe(true);
  });
}

describe("simplify, on random expressions", () => {
  const runs = { seed: 11, numRuns: 400 };

  it("keeps the value", () => {
    fc.assert(
      fc.property(expressions, fc.array(ordinary, { minLength: 3, maxLength: 6 }), (expr, inputs) =>
        agree(expr, simplify(expr), inputs),
      ),
      runs,
    );
  });

  it("is idempotent", () => {
    fc.assert(
      fc.property(expressions, (expr) => {
        const once = simplify(expr);
        expect(formulaText(simplify(once))).toBe(formulaText(once));
      }),
      runs,
    );
  });

  it("never costs more", () => {
    fc.assert(
      fc.property(expressions, (expr) => {
        expect(cost(simplify(expr))).toBeLessThanOrEqual(cost(expr));
      }),
      runs,
    );
  });
});

describe("expressions", () => {
  it("are the same object when they are equal", () => {
    expect(b.add(b.mul(b.x, 2), b.exp(b.x))).toBe(b.add(b.mul(b.x, 2), b.exp(b.x)));
    expect(b.constant(0.1)).toBe(b.fraction(1, 10));
  });

  it("keep -0, 0 and NaN apart, and variables by all that is known of them", () => {
    expect(b.constant(-0)).not.toBe(b.constant(0));
    expect(b.constant(NaN)).toBe(b.constant(NaN));
    expect(b.parameter("a", [0, 1])).not.toBe(b.parameter("a"));
  });

  it("are frozen", () => {
    const expr = b.exp(b.x);
    expect(Object.isFrozen(expr) && Object.isFrozen(expr.args)).toBe(true);
  });
});

describe("derivative", () => {
  it("goes through the comparison that the author wrote", () => {
    expect(derivative(b.select(b.gt(b.x, 0), b.x, 0), b.x)).toBe(b.select(b.gt(b.x, 0), 1, 0));
    expect(derivative(b.select(b.ge(b.x, 0), b.x, 0), b.x)).toBe(b.select(b.ge(b.x, 0), 1, 0));
  });

  it("reuses the result of the operation", () => {
    const t = b.tanh(b.x);
    expect(derivative(t, b.x)).toBe(b.sub(1, b.mul(t, t)));
    expect(derivative(b.exp(b.x), b.x)).toBe(b.exp(b.x));
  });

  it("is 0 by what does not occur", () => {
    expect(derivative(b.exp(b.x), b.parameter("a"))).toBe(b.constant(0));
  });

  it("by a parameter is by that parameter", () => {
    const a = b.parameter("a");
    expect(simplify(derivative(b.mul(a, b.exp(b.x)), a))).toBe(b.exp(b.x));
  });

  it("of random expressions agrees with differences of their values", () => {
    const h = 2 ** -30;
    fc.assert(
      fc.property(expressions, fc.double({ min: -3, max: 3, noNaN: true }), (expr, x) => {
        if (!variables(expr).includes(b.x)) return;
        const [value, slope] = oracle.evaluate([expr, derivative(expr, b.x)], [{ x }, { x: x - h }, { x: x + h }]);
        const [middle, left, right] = value!.high;
        const exact = slope!.high;
        if ([middle, left, right, ...exact].some((number) => !Number.isFinite(number!) || Math.abs(number!) > 1e3))
          return;
        // Only where value and slope hardly change: away from jumps, kinks and poles.
        if (Math.abs(right! - left!) > 1e-4) return;
        if (Math.abs(exact[1]! - exact[2]!) > 1e-6 * (1 + Math.abs(exact[0]!))) return;
        const low = value!.low;
        const difference = (right! - left! + (low[2]! - low[1]!)) / (2 * h);
        expect(Math.abs(difference - exact[0]!)).toBeLessThanOrEqual(1e-5 * (1 + Math.abs(exact[0]!)));
      }),
      { seed: 12, numRuns: 300 },
    );
  });
});
