/** Work that targets of one arithmetic share: the search, its measurements and the proofs are done once. */
import { expect, it } from "vitest";
import { compile, createOracle, type Oracle } from "../src/pipeline/activation.js";
import { definitionFromFormula } from "../src/frontends/definition.js";
import type { TargetName } from "../src/registry.js";

/** An oracle that counts the columns of references that it is asked for; single constants are no work. */
async function counting(): Promise<{ readonly oracle: Oracle; readonly asked: () => number }> {
  const real = await createOracle();
  let count = 0;
  const evaluate: Oracle["evaluate"] = (exprs, points) => {
    if (points.length > 1) count += 1;
    return real.evaluate(exprs, points);
  };
  return { oracle: { evaluate }, asked: () => count };
}

const SECOND: readonly (readonly [first: TargetName, then: TargetName, formula: string])[] = [
  // One of which float32 keeps the digits: others are computed in float64 for PyTorch, in a form of its own.
  ["pytorch", "keras3", "a*exp(-abs(x))"],
  ["keras3", "keras2", "x*tanh(a*x)"],
  ["js", "js", "x*tanh(a*x)"],
  ["wgsl", "wgsl", "x*tanh(a*x)"],
];

it.each(SECOND)("a formula that was compiled for %s asks for nothing new for %s", async (first, then, formula) => {
  const { oracle, asked } = await counting();
  const own = (): ReturnType<typeof definitionFromFormula> =>
    definitionFromFormula({ id: "own", formula, parameters: { a: { default: 0.7 } } });
  const before = await compile(await own(), { target: first }, oracle);
  const needed = asked();
  expect(needed).toBeGreaterThan(0);
  const after = await compile(await own(), { target: then }, oracle);
  expect(asked()).toBe(needed);
  expect(after.accuracy).toEqual(before.accuracy);
  expect(after.rules).toEqual(before.rules);
});

it("what is shared is about the same formula, defaults and samples", async () => {
  const { oracle, asked } = await counting();
  for (const value of [0.7, 0.8]) {
    const before = asked();
    const own = { id: "own", formula: "x*tanh(a*x)", parameters: { a: { default: value } } };
    await compile(await definitionFromFormula(own), { target: "js" }, oracle);
    expect(asked()).toBeGreaterThan(before);
  }
});
