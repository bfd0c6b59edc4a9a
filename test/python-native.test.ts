/** The native style says where the framework's own function is not what the definition says. */
import { describe, expect, it } from "vitest";
import { catalogue, findDefinition, findLayer } from "../src/catalogue.js";
import { compileGraph } from "../src/pipeline/layer.js";
import { compile, createOracle } from "../src/pipeline/activation.js";
import { differsFromDefinition } from "../src/frameworks/gradients.js";
import { definitionFromFormula } from "../src/frontends/definition.js";
import { builtInOf } from "../src/frameworks/find.js";
import { withActivation } from "../src/layers/layers.js";
import type { TargetName } from "../src/registry.js";

const oracle = await createOracle();

/** A module on one line, its first documentation and all. */
async function native(id: string, target: TargetName, version: string): Promise<string> {
  const { artifacts } = await compile(findDefinition(id)!, { target, version }, oracle);
  return artifacts.find(({ style }) => style === "native")!.text.replace(/\s+/g, " ");
}

const OURS = "where the definition, and so the explicit style, has";

describe("gradients at kinks", () => {
  it.each([
    [
      "hardswish",
      "pytorch",
      "1.13",
      [`At x = -3 the gradient is -0.5 ${OURS} 0.`, `or 1 in loops over many elements, ${OURS} 1.`],
    ],
    [
      "hardsigmoid",
      "pytorch",
      "1.7",
      [`At x = -3 the gradient is 0.166667, or 0 in loops over many elements, ${OURS} 0.`],
    ],
    ["selu", "keras2", "2.4", [`At x = 0 the gradient is 1.0507 ${OURS} 1.7581.`]],
    ["selu", "keras3", "3.15", [`At x = 0 the gradient on TensorFlow is 1.0507 ${OURS} 1.7581.`]],
    ["hardtanh", "keras3", "3.15", [`At x = -1 the gradient on TensorFlow and JAX is 1 ${OURS} 0.`]],
    ["keras_relu", "keras3", "3.15", [`At x = 2, with max_value = 2, the gradient on JAX is 0.5 ${OURS} 1.`]],
    ["elu", "pytorch", "1.7", ["Where alpha < 0 the gradient at x < 0 is 1, not alpha * exp(x)."]],
  ] as const)("%s for %s %s", async (id, target, version, sentences) => {
    const text = await native(id, target, version);
    for (const sentence of sentences) expect(text).toContain(sentence);
  });

  it("are the definition's in PyTorch 2.13, which says nothing of them", async () => {
    for (const id of ["hardswish", "hardsigmoid", "selu", "elu", "hardtanh"])
      expect(await native(id, "pytorch", "2.13")).not.toMatch(/the gradient is .* where the definition/);
  });

  it("are said of every function that has others, and of no other", async () => {
    const at = { framework: "torch", version: "1.7" } as const;
    for (const definition of catalogue) {
      const row = builtInOf(definition.id, at);
      const differs = row?.function !== undefined && differsFromDefinition({ at, row, definition }).length > 0;
      expect((await native(definition.id, "pytorch", "1.7")).includes(OURS), definition.id).toBe(differs);
    }
  });
});

describe("NaN and the infinities", () => {
  it.each([
    ["softshrink", "pytorch", "1.13", "At x = NaN the value is 0, not NaN."],
    ["hardshrink", "pytorch", "1.7", "At x = NaN the value is 0 in loops over many elements, not NaN."],
    ["threshold", "keras3", "3.15", "At x = NaN the value on TensorFlow and JAX is 0, not NaN."],
    ["silu", "pytorch", "2.13", "At x = -inf the value is NaN, not the limit."],
  ] as const)("of %s for %s %s", async (id, target, version, sentence) => {
    expect(await native(id, target, version)).toContain(sentence);
  });
});

describe("what is native", () => {
  it("layers with the framework's own activation say it, too", async () => {
    const layer = withActivation(findLayer("dense")!, findDefinition("hardswish")!);
    const { artifacts } = await compileGraph(layer, { target: "pytorch", version: "1.13" }, oracle);
    const text = artifacts.find(({ style }) => style === "native")!.text.replace(/\s+/g, " ");
    expect(text).toContain("nn.Hardswish()");
    expect(text).toContain(`At x = -3 the gradient is -0.5 ${OURS} 0.`);
  });

  it("is by what the formula is, not by its name", async () => {
    const formula = { id: "gelu_erf", formula: "x * tanh(x)" };
    const named = await compile(await definitionFromFormula(formula), { target: "pytorch" }, oracle);
    expect(named.artifacts.map(({ text }) => text).join("")).not.toMatch(/F\.gelu/);
    const other = await compile({ ...findDefinition("mish")!, id: "my" }, { target: "pytorch" }, oracle);
    expect(other.artifacts.find(({ style }) => style === "native")!.text).toMatch(/F\.mish\(x\)/);
  });

  it("is the proved derivative where the framework has nothing for it, and says so", async () => {
    const text = await native("snake", "pytorch", "2.13");
    expect(text).toMatch(/With the proved derivative, for want of/);
    const formula = await definitionFromFormula({ id: "it", formula: "x * erfc(-x)" });
    const { artifacts } = await compile(formula, { target: "keras3" }, oracle);
    for (const { text: each } of artifacts) if (each.includes("_erfc(")) expect(each).toMatch(/def _erfc\(/);
  });

  it("has the definition's derivative at bounds that are composed", async () => {
    expect(await native("sparse_sigmoid", "pytorch", "2.13")).not.toMatch(/clamp/);
  });
});
