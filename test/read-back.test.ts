/** Finished text is read back: as planned it passes, and with one thing changed nothing is written. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import type { Target } from "../src/codegen/target.js";
import { definitionFromFormula, type FormulaDefinition } from "../src/frontends/definition.js";
import { evaluate } from "../src/ir/evaluate.js";
import { OPERATIONS } from "../src/ir/ops.js";
import { compile, createOracle, type Oracle } from "../src/pipeline/activation.js";
import { readers, targets, type TargetName } from "../src/registry.js";
import { GENERATED, definitionOf } from "./helpers/modules.js";
import { READ, others, written } from "./helpers/read-back.js";

let oracle: Oracle;
beforeAll(async () => {
  oracle = await createOracle();
});

const LEARNED: FormulaDefinition = {
  id: "own",
  formula: "x > 0 ? p*x^2 + beta*x : a*expm1(min(x, eps)) - a*x + beta*x*exp(eps)",
  parameters: {
    p: { default: 0.8, learnable: true },
    a: { default: 0.8, learnable: true },
    beta: { default: 0.5 },
    eps: { default: -1e-6, range: [-1, 0] },
  },
};

describe.each(READ.filter((name) => name !== "js"))("a module of %s", (name) => {
  it.each(["silu", "gelu_erf", "hardtanh", "prelu"])("of %s reads as the very expressions of the plan", async (id) => {
    const { files, found } = await others(await written(definitionOf(id), name, oracle));
    expect(files).toBeGreaterThan(0);
    expect(found).toEqual([]);
  });

  it("of a formula with numbers and learned parameters does, too", async () => {
    const definition = await definitionFromFormula(LEARNED);
    expect((await others(await written(definition, name, oracle))).found).toEqual([]);
  });
});

/** A change of a text, and the function in which it is found. */
type Change = readonly [what: string, target: TargetName, from: string, to: string, found: string];

const CHANGES: readonly Change[] = [
  ["a constant", "js", "t < -60", "t < -59", "value"],
  ["a constant", "pytorch", "min=-(2.0**40)", "min=-(2.0**41)", "value"],
  ["swapped operands", "pytorch", "(1 - t1)", "(t1 - 1)", "derivative"],
  ["a clamp that is missing", "pytorch", "torch.clamp(x, min=-(2.0**40))", "x", "value"],
  ["another number that a form is for", "pytorch", "if beta == 1:", "if beta == 2:", "value"],
  ["digits that are missing", "pytorch", "t = _double(torch.clamp", "t = (torch.clamp", "value"],
  ["digits that are missing", "pytorch", "else x.double()", "else x", "_double"],
  ["another function", "pytorch", "torch.sigmoid(-t)", "torch.tanh(-t)", "second_derivative"],
  ["a function that is not there", "pytorch", "def second_derivative", "def second_derivatives", "second_derivative"],
  [
    "a loop that nobody planned",
    "pytorch",
    "    t2 = torch",
    "    while t1 < 0: pass\n    t2 = torch",
    "second_derivative",
  ],
  ["a constant", "keras3", "t1 < -60", "t1 < -61", "value"],
  ["swapped operands", "keras3", "(2 - t)", "(t - 2)", "second_derivative"],
  ["a clamp that is missing", "keras3", "ops.maximum(x, -(2.0**60))", "x", "value"],
  ["a constant", "keras2", "t1 < -60", "t1 < -61", "value"],
  ["swapped operands", "keras2", "(2 - t)", "(t - 2)", "second_derivative"],
  ["a clamp that is missing", "keras2", "tf.math.maximum(x, -(2.0**60))", "x", "value"],
  ["another helper", "keras2", "tf.where(u < 0, e / t, 1 / t)", "tf.where(u < 0, 1 / t, e / t)", "_sigmoid"],
  ["a constant", "wgsl", "e + 0.5 * t1 * e", "e + 0.25 * t1 * e", "silu"],
  ["swapped operands", "wgsl", "(2.0 - t)", "(t - 2.0)", "silu_second_derivative"],
  ["a clamp that is missing", "wgsl", "select(x, -1.329228e36, x < -1.329228e36)", "x", "silu"],
  ["a branch for the other", "wgsl", "if (t < -60.0)", "if (-60.0 < t)", "silu_derivative"],
  ["an error that is left out", "wgsl", "product_error(beta, p)", "0.0", "silu"],
  ["a library that is left out", "wgsl", "fn precise_exp(", "fn precise_exponential(", "silu"],
];

describe("in a module of silu", () => {
  it.each(CHANGES)("%s in %s is found: %s", async (_, name, from, to, found) => {
    const target: Target = targets[name];
    const { emit } = target;
    const changed: Target["emit"] = async (...given) => {
      const artifacts = await emit(...given);
      const at = artifacts.findIndex(({ text }) => text.includes(from));
      expect(at).toBeGreaterThanOrEqual(0);
      return artifacts.map((each, i) => (i === at ? { ...each, text: each.text.replace(from, () => to) } : each));
    };
    const mutable = target as { emit: typeof emit };
    mutable.emit = changed;
    try {
      await expect(compile(definitionOf("silu"), { target: name }, oracle)).rejects.toThrow(
        new RegExp(`^the code written for (.*, )?${found}(,.*)? in \\S*/silu\\.\\w+ is not what was planned$`),
      );
    } finally {
      mutable.emit = emit;
    }
  });
});

it("code that is none is an error, too", async () => {
  const { artifacts, read } = await written(definitionOf("relu"), "pytorch", oracle);
  const [first] = artifacts;
  await expect(read([{ ...first!, text: `${first!.text}\n)` }])).rejects.toThrow(/the syntax breaks here/);
});

it.each([
  ["laplace", "_erfc", 1, -12, 9],
  ["gelu_erf", "_normal", -Math.SQRT1_2, -12, 14],
] as const)("in PyTorch's %s both forms of %s are near erfc", async (id, name, scale, from, to) => {
  const text = readFileSync(new URL(`../pytorch/${id}.py`, GENERATED), "utf8");
  const [file] = await readers.pytorch!([{ path: `${id}.py`, text, style: "explicit" }], []);
  const forms = file!.computed(name)!;
  expect(forms).toHaveLength(2);
  for (let u = from; u <= to; u += 1 / 64)
    for (const form of forms) {
      const right = OPERATIONS.erfc.evaluate(scale * u);
      expect(Math.abs(evaluate(form, { u, x: u }) / right - 1), `at ${u}`).toBeLessThan(2 ** -24);
    }
});
