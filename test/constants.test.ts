/** Constants of formulas: each is written as the float nearest to it, proved as what it is, and refused where no float is near. */
import { beforeAll, describe, expect, it } from "vitest";
import { differencesOf } from "../src/codegen/read-back.js";
import type { Target } from "../src/codegen/target.js";
import { compile, createOracle, planActivation, type Oracle } from "../src/pipeline/activation.js";
import { definitionFromFormula } from "../src/frontends/definition.js";
import { readers, targets, type TargetName } from "../src/registry.js";
import type { Prover } from "../src/symbolic/prove/prove.js";

let oracle: Oracle;
beforeAll(async () => {
  oracle = await createOracle();
});

const definition = (formula: string) => definitionFromFormula({ id: "own", formula });
const TARGETS = Object.keys(targets) as readonly TargetName[];
const READ = Object.keys(readers) as readonly TargetName[];

const DECIMALS: readonly (readonly [formula: string, ...literals: string[]])[] = [
  ["x*sigmoid(1.702*x)", "1.702"],
  ["x*sigmoid(0.3*x)", "0.3"],
  ["x*sigmoid(0.7*x)", "0.7"],
  ["x*sigmoid(1.1*x)", "1.1"],
  ["x*sigmoid(-1.4*x)", "1.4"],
  ["0.5*x*(1 + tanh(0.7978845608*(x + 0.044715*x^3)))", "0.044715"],
  ["x > 0 ? x : x/3 + 0.1*x*exp(-x^2)", "3", "0.1"],
];

describe.each(DECIMALS)("%s", (formula, ...literals) => {
  it.each(TARGETS)("in %s", async (target) => {
    const { artifacts, proofs } = await compile(await definition(formula), { target }, oracle);
    for (const literal of literals) expect(artifacts[0]!.text).toContain(literal);
    for (const { verdict } of Object.values(proofs)) expect(verdict).not.toBe("refuted");
  });

  it.each(READ)("reads back as the very expressions of the plan in %s", async (name) => {
    const unneeded: Prover = {
      prove: () => {
        throw new Error("nothing is left to prove");
      },
      record: () => undefined,
    };
    const own = await definition(formula);
    const target: Target = targets[name];
    const { plan, forms } = planActivation(own, target, oracle);
    const expand = forms.expand(false);
    const artifacts = await target.emit(plan, expand, {
      planFor: (platform) => planActivation(own, platform, oracle).plan,
    });
    const read = await readers[name]!(artifacts, own.parameters);
    expect(read.length).toBeGreaterThan(0);
    for (const { computed } of read)
      expect(differencesOf(target.computations!(plan, expand), computed, unneeded)).toEqual([]);
  });
});

describe("constants that round to a number that is in the formula, too", () => {
  it.each(["x*(1 + exp(-100)) + 1/(1 + exp(x))", "x*(0.1 + exp(-100)) + 0.1*sin(x)"])("%s", async (formula) => {
    const { proofs } = await compile(await definition(formula), { target: "js" }, oracle);
    for (const { verdict } of Object.values(proofs)) expect(verdict).toBe("proved");
  });
});

const EVERYWHERE = TARGETS;
const SINGLES = TARGETS.filter((name) => targets[name].computed !== "float64");
const OUT_OF_RANGE: readonly (readonly [formula: string, constant: string, refusing: readonly TargetName[]])[] = [
  ["x + exp(1000)", "exp(1000)", EVERYWHERE],
  ["x*exp(-1000)", "exp(-1000)", EVERYWHERE],
  ["x*1e-200*1e-200", "1e-400", EVERYWHERE],
  ["1e39*x", "1e39", SINGLES],
  ["1e-50*x", "1e-50", SINGLES],
];

describe.each(OUT_OF_RANGE)("%s", (formula, constant, refusing) => {
  it.each(TARGETS)("in %s", async (target) => {
    const compiled = compile(await definition(formula), { target }, oracle);
    if (!refusing.includes(target)) await expect(compiled).resolves.toMatchObject({ id: "own" });
    else
      await expect(compiled).rejects.toMatchObject({
        name: "Diagnostic",
        message: expect.stringContaining(`the constant ${constant} is outside what ${target} can hold`) as string,
        hint: expect.stringContaining("scale the formula") as string,
      });
  });
});

it("a constant of a derivative that becomes 0 is no mistake: the derivative is 0 as well", async () => {
  const { accuracy } = await compile(await definition("tanh(1e-200*x)"), { target: "js" }, oracle);
  expect(accuracy.secondDerivative.ulp).toBeLessThanOrEqual(1);
});
