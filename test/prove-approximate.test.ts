/** Certificates of approximating steps: wrong ones get none, and what is certified holds at MPFR's values. */
import { beforeAll, describe, expect, it } from "vitest";
import { createOracle, type Oracle } from "../src/compile.js";
import * as b from "../src/ir/build.js";
import type { Expr } from "../src/ir/expr.js";
import { nearness } from "../src/symbolic/prove/approximate.js";

const { x } = b;
const silu = b.mul(x, b.sigmoid(x));
const tail = (cut: number, coefficient: Expr): Expr =>
  b.select(b.lt(x, cut), b.mul(coefficient, b.mul(b.mul(x, b.exp(b.mul(0.5, x))), b.exp(b.mul(0.5, x)))), silu);
const held = (power: number): Expr => {
  const clamped = b.max(x, b.fraction(-(1n << BigInt(power))));
  return b.mul(clamped, b.sigmoid(clamped));
};
const shrink = b.sub(x, b.tanh(x));
/** x³/3 - 2x⁵/15 + 17x⁷/315 - ...: the exact coefficients of x - tanh x as far as a radius of 2^-10 needs them. */
const series = (third: Expr): Expr => {
  const square = b.mul(x, x);
  const sum = b.polynomial([third, b.fraction(-2, 15), b.fraction(17, 315), b.fraction(-62, 2835)], square);
  return b.select(b.lt(b.abs(x), b.fraction(1, 1024)), b.mul(b.mul(square, x), sum), shrink);
};

let oracle: Oracle;
beforeAll(async () => {
  oracle = await createOracle();
});

/** The largest differences that MPFR finds at these inputs: relative, and absolute where the value underflows. */
function measured(before: Expr, after: Expr, inputs: readonly number[]): { relative: number; absolute: number } {
  const [value, gap] = oracle.evaluate(
    [before, b.sub(after, before)],
    inputs.map((input) => ({ x: input })),
  );
  let [relative, absolute] = [0, 0];
  inputs.forEach((_, i) => {
    const [v, d] = [Math.abs(value!.high[i]!), Math.abs(gap!.high[i]!)];
    if (v > 2 ** -1022) relative = Math.max(relative, d / v);
    else absolute = Math.max(absolute, d);
  });
  return { relative, absolute };
}

const INPUTS = [-1e300, -1e91, -1e10, -800, -700, -300, -100, -61, -60.5, -60, -59, -20, -1, -1e-4, 1e-5, 0.5, 3, 1e9];

describe("certified, and within what is certified", () => {
  it.each<[name: string, before: Expr, after: Expr]>([
    ["an exponential tail", silu, tail(-60, b.constant(1))],
    ["a hold far out", silu, held(300)],
    ["a series at zero", shrink, series(b.fraction(1, 3))],
    ["equal expressions", silu, b.div(x, b.add(1, b.exp(b.neg(x))))],
  ])("%s", (_name, before, after) => {
    const certificate = nearness(before, after, x);
    expect(certificate).toMatchObject({ certified: true });
    if (!certificate.certified) return;
    const { relative = 0, absolute = 0 } = certificate.nearness;
    const found = measured(before, after, INPUTS);
    expect(found.relative).toBeLessThanOrEqual(Math.max(relative, absolute / 2 ** -1022));
    expect(found.absolute).toBeLessThanOrEqual(Math.max(absolute, relative * 2 ** -1022));
  });
});

describe("not certified", () => {
  it.each<[name: string, before: Expr, after: Expr]>([
    ["a tail with a coefficient that is off in the 12th digit", silu, tail(-60, b.constant(1.000000000001))],
    ["a tail that begins too early", silu, tail(-10, b.constant(1))],
    ["a hold too near", silu, held(3)],
    ["a series with a wrong coefficient", shrink, series(b.decimal("0.33333333334"))],
  ])("%s", (_name, before, after) => {
    expect(nearness(before, after, x)).toMatchObject({ certified: false, where: expect.any(String) as string });
  });
});

it("counts finite inputs of the loops only", () => {
  const line = b.select(b.lt(0, x), x, b.mul(0.1, x));
  const clamped = b.max(x, b.fraction(-(1n << 300n)));
  const after = b.select(b.lt(0, x), x, b.mul(0.1, clamped));
  expect(nearness(line, after, x, 2 ** 128)).toMatchObject({ certified: true });
  expect(nearness(line, after, x)).toMatchObject({ certified: false });
});
