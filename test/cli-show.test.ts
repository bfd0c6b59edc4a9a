/** `nonlin show`: names as people type them, ranges and accuracy as far as they are known, and targets. */
import { afterAll, describe, expect, test } from "vitest";
import { findDefinition, findGraph } from "../src/catalogue.js";
import { describe as describeDefinition } from "../src/pipeline/describe.js";
import { definitionFromFormula } from "../src/frontends/definition.js";
import { findTarget } from "../src/registry.js";
import { makeFolder, nonlin, removeFolder } from "./cli-process.js";

const folder = makeFolder();
afterAll(() => removeFolder(folder));
const show = async (...words: string[]): Promise<string> => {
  const { code, out, err } = await nonlin(["show", ...words, "--ascii"], { folder });
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return out;
};

describe("names", () => {
  test.each([
    ["relu2", "relu_squared"],
    ["hard_swish", "hardswish"],
    ["hard-sigmoid", "hardsigmoid"],
    ["LeakyReLU", "leaky_relu"],
    ["gelu_pytorch_tanh", "gelu_tanh"],
    ["GELU_NEW", "gelu_tanh"],
    ["nn.SiLU", "silu"],
    ["prelu", "prelu"],
  ])("%s is %s", (name, id) => expect(findDefinition(name)?.id).toBe(id));

  test.each([
    ["LayerNorm", "layer_norm"],
    ["logsoftmax", "log_softmax"],
    ["nn.Softmax", "softmax"],
  ])("%s is %s", (name, id) => expect(findGraph(name)?.id).toBe(id));

  test("nothing else is found", () => {
    for (const name of ["", "_", "x", "relu7", "constructor", "__proto__"]) {
      expect(findDefinition(name)).toBeUndefined();
      expect(findGraph(name)).toBeUndefined();
    }
  });

  test.each([
    ["torch", "pytorch"],
    ["PyTorch", "pytorch"],
    ["keras", "keras3"],
    ["webgpu", "wgsl"],
    ["javascript", "js"],
    ["constructor", undefined],
    ["", undefined],
  ])("the target %s is %s", (name, target) => expect(findTarget(name)).toBe(target));
});

describe("ranges", () => {
  const rangeOf = async (formula: string) => {
    const { range } = await describeDefinition(await definitionFromFormula({ id: "it", formula }));
    return [range.ends, range.low, range.high];
  };

  test.each([
    ["sign(x)*log(1+abs(x))", "limits", -Infinity, Infinity],
    ["log(1+log(1+x^2))", "sampled", 0, Infinity],
    ["x/(1+abs(x))", "limits", -1, 1],
    ["x^3", "limits", -Infinity, Infinity],
    ["1/(1+log(1+x^2))", "unknown", undefined, 1],
  ])("of %s: %s", async (formula, ends, low, high) => {
    const [found, least, most] = await rangeOf(formula);
    expect(found).toBe(ends);
    if (low !== undefined) expect(least).toBeCloseTo(low, 12);
    expect(most).toBeCloseTo(high, 12);
  });

  test("waves do not grow because they are looked at far out", async () => {
    const [ends, low, high] = await rangeOf("sin(log(1+x^2))");
    expect(ends).toBe("unknown");
    expect(low).toBeGreaterThanOrEqual(-1);
    expect(high).toBeLessThanOrEqual(1);
  });

  test("are said to be sampled where they are", async () => {
    expect(await show("x*sigmoid(x)")).toMatch(/^range +-0\.278465 to Infinity, as sampled$/m);
    expect(await show("x/(1+abs(x))")).toMatch(/^range +-1 to 1$/m);
  });
});

test("accuracy is that of the target which was asked for", async () => {
  expect(await show("silu")).toContain("accuracy of js");
  expect(await show("silu", "--target", "torch")).toContain("accuracy of pytorch");
});

test("right limits of what grows slowly are not called wrong", async () => {
  expect(await show("sign(x)*log(1+abs(x))")).not.toContain("wrong");
});

test.each([
  ["arcsinh(x)", 'write "asinh(x)"'],
  ["logaddexp(x, 1)", 'write "log(exp(a) + exp(b))"'],
  ["asin(x)", "nothing that formulas have gives its values"],
  ["tahn(x)", 'did you mean "tanh"?'],
])("%s has a hint", async (formula, hint) => {
  const { code, err } = await nonlin(["show", formula], { folder });
  expect(code).toBe(2);
  expect(err).toContain(`hint: ${hint}`);
});

test("a graph has no plan in a framework's own functions", async () => {
  const { code, err } = await nonlin(["show", "dense", "--target", "torch"], { folder });
  expect(code).toBe(2);
  expect(err).toContain("without a plan of kernels");
});
