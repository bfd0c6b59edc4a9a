/** `nonlin compare`: where frameworks disagree, said from definitions and records. */
import { describe, expect, it } from "vitest";
import { catalogue } from "../src/catalogue.js";
import { readArguments } from "../src/cli/shell/arguments.js";
import { commands } from "../src/cli/commands.js";
import { run } from "../src/cli/compare/compare.js";
import { differsFromDefinition } from "../src/frameworks/gradients.js";
import { compareSides, type Comparison } from "../src/pipeline/comparison.js";
import { sidesOf } from "../src/cli/compare/sides.js";
import { Diagnostic } from "../src/diagnostic.js";
import { builtInOf } from "../src/frameworks/find.js";
import { parseVersion } from "../src/frameworks/version.js";
import { constant, exp, mul, select, gt, x } from "../src/ir/build.js";
import { largestGap } from "../src/symbolic/gap.js";
import { createOracle } from "../src/symbolic/oracle.js";
import { createProver } from "../src/symbolic/prove/prove.js";

const oracle = await createOracle();

async function compare(...words: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const texts = { out: "", err: "" };
  const { options, positionals, usage } = commands["compare"]!;
  const terminal = {
    out: (text: string) => void (texts.out += text),
    err: (text: string) => void (texts.err += text),
    interactive: false,
    unicode: false,
  };
  const code = await run(readArguments(words, options, positionals, usage), terminal);
  return { code, ...texts };
}

async function comparison(...words: readonly string[]): Promise<Comparison & { readonly code: number }> {
  const { code, out } = await compare(...words, "--json");
  return { ...(JSON.parse(out) as Comparison), code };
}

/** The gradients at the kinks that differ, one line for each. */
const kinkLines = ({ kinks }: Comparison): string[] =>
  kinks.map(({ x: at, gradients: [a, b] }) => {
    const text = ({ scalar, vector }: (typeof kinks)[number]["gradients"][number]): string =>
      [...new Set([scalar, vector])].map((value) => Number(value.toPrecision(5))).join("|");
    return `${at}: ${text(a)}, ${text(b)}`;
  });

describe("libraries of models", () => {
  it.each([
    ["gelu", "ggml", "torch", "different", ["gelu_tanh", "gelu_erf"]],
    ["gelu", "transformers", "ggml", "different", ["gelu_erf", "gelu_tanh"]],
    ["gelu_new", "transformers", "ggml", "same", ["gelu_tanh", "gelu_tanh"]],
    ["gelu_quick", "llama.cpp", "vllm", "same", ["quick_gelu", "quick_gelu"]],
    ["geglu", "ggml", "vllm", "different", ["geglu_tanh", "geglu"]],
    ["swigluoai_and_mul", "vllm", "ggml", "same", ["swiglu_oai", "swiglu_oai"]],
    ["relu2", "transformers", "vllm", "same", ["relu_squared", "relu_squared"]],
    ["swiglu_step", "vllm", "ggml", "missing", ["swiglu_step", null]],
  ])("%s in %s and %s", async (name, a, b, verdict, ids) => {
    const found = await comparison(name, a, b);
    expect({ verdict: found.verdict, ids: found.ids.map((id) => id ?? null), special: found.special }).toEqual({
      verdict,
      ids,
      special: [],
    });
  });

  it("have one version, and what the other one has under its own name", async () => {
    expect((await comparison("geglu", "ggml", "vllm")).snippets).toEqual([
      "ggml_geglu_erf(x)",
      'GeluAndMul(approximate="tanh")',
    ]);
    await expect(compare("gelu", "transformers@4.50", "torch")).rejects.toThrow(
      "versions of transformers are not told apart",
    );
  });
});

describe("the facts where frameworks disagree", () => {
  it.each([
    ["leaky_relu at 0", ["leaky_relu", "torch@2.13", "keras@3.15-jax"], ["0: 0.01, 1"]],
    ["leaky_relu at 0 by layers", ["LeakyReLU", "keras@3.15-tensorflow", "keras@3.15-jax"], ["0: 0.01, 1"]],
    ["prelu at 0", ["nn.PReLU", "torch@2.13", "keras@3.15"], ["0: 0.25, 0"]],
    ["prelu at 0 in Keras 2.4", ["prelu", "torch@1.7", "keras@2.4"], ["0: 0.25, 0"]],
    ["selu at 0", ["selu", "torch@2.13", "keras@3.15-tensorflow"], ["0: 1.7581, 1.0507"]],
    ["selu at 0 by backends", ["selu", "keras@3.15-jax", "keras@2.4"], ["0: 1.7581, 1.0507"]],
    ["celu at 0", ["celu", "torch@2.13", "keras@3.15-tensorflow"], ["0: 1, 2"]],
    ["hardtanh at its bounds", ["nn.Hardtanh", "torch@2.13", "keras@3.15"], ["-1: 0, 1", "1: 0, 1"]],
    ["hardtanh at its bounds in JAX", ["hard_tanh", "keras@3.15-torch", "keras@3.15-jax"], ["-1: 0, 1", "1: 0, 1"]],
    ["hardswish by versions", ["hardswish", "torch@1.13", "torch@2.13"], ["-3: -0.5, 0", "3: 1.5|1, 1"]],
    ["hardswish in 2.7", ["hardswish", "torch@2.7", "torch@2.8"], ["-3: -0.5, 0", "3: 1.5, 1"]],
    ["hardsigmoid in 1.7", ["hardsigmoid", "torch@1.7", "torch@1.8"], ["-3: 0.16667|0, 0", "3: 0.16667|0, 0"]],
    ["hard_sigmoid in Keras 3.0", ["hard_sigmoid", "keras@3.0", "keras@3.1"], ["-3: 0.16667, 0", "3: 0.16667, 0"]],
    ["sparse_sigmoid at ±1", ["sparse_sigmoid", "keras@3.15-jax", "keras@3.15-torch"], ["-1: 0.25, 0", "1: 0.25, 0"]],
    [
      "Keras relu(max_value) and relu(negative_slope)",
      ["keras_relu", "keras@3.15-tensorflow", "keras@3.15-jax"],
      ["0: 0.1, 1", "2: 1, 0.5"],
    ],
  ])("%s", async (_, words, expected) => {
    const found = await comparison(...words);
    expect(kinkLines(found)).toEqual(expected);
    expect(found).toMatchObject({ verdict: "same", same: false, code: 1 });
  });

  it.each([
    ["0 with max_value = 6", "max_value=6", "keras@3.15-tensorflow", "keras@3.15-jax", []],
    ["0.5 with max_value = 3", "max_value=3", "keras@3.15-tensorflow", "keras@3.15-jax", ["3: 1, 0.5"]],
  ])("Keras relu at max_value gives %s", async (_, parameter, a, b, expected) => {
    const plain = ["negative_slope=0", "threshold=0"].flatMap((each) => ["--param", each]);
    const found = await comparison("keras_relu", a, b, "--param", parameter, ...plain);
    expect(kinkLines(found)).toEqual(expected);
  });

  it("hard_sigmoid of Keras 2.4 is another function: the gap is 1/12 at ±2.5", async () => {
    const found = await comparison("hard_sigmoid", "keras@2.4", "torch@2.13");
    expect(found).toMatchObject({ verdict: "different", code: 1, ids: ["hard_sigmoid_keras2", "hardsigmoid"] });
    expect(found.gap!.size).toBeCloseTo(1 / 12, 12);
    expect(found.gap!.at).toEqual([-2.5, 2.5]);
    expect(kinkLines(found)).toEqual(["-2.5: 0.2, 0.16667", "2.5: 0.2, 0.16667"]);
    const { out } = await compare("hard_sigmoid", "keras@2.4", "torch@2.13");
    expect(out).toContain("largest gap 0.0833 at x = -2.5 and 2.5");
  });

  it("NaN goes through softshrink in current PyTorch only", async () => {
    const found = await comparison("softshrink", "torch@1.13", "torch@2.13");
    expect(found).toMatchObject({ same: true, code: 0 });
    expect(found.special).toMatchObject([{ input: "nan", of: "value", given: [{ scalar: 0 }, null] }]);
    const keras = await comparison("softshrink", "torch@2.13", "keras@3.15-jax");
    expect(keras.special).toMatchObject([{ input: "nan", given: [null, { scalar: 0 }] }]);
  });

  it("threshold of NaN is the default value in Keras", async () => {
    const { special } = await comparison("threshold", "torch@2.13", "keras@3.15", "--param", "value=7");
    expect(special).toMatchObject([{ input: "nan", of: "value", given: [null, { scalar: 7 }] }]);
  });

  it("softsign's gradient at infinity is NaN but in TensorFlow", async () => {
    const { special } = await comparison("softsign", "torch@2.13", "keras@3.15-tensorflow");
    expect(special.map(({ input, of }) => `${of} ${input}`)).toEqual(["gradient infinity", "gradient minusInfinity"]);
    expect(special[0]!.given[0]).toEqual({ scalar: "NaN", vector: "NaN" });
  });

  it("sparsemax of Keras 3 is another function of that name", async () => {
    const found = await comparison("sparsemax", "keras@3.15", "torch@2.13");
    expect(found).toMatchObject({ verdict: "missing", code: 1 });
    expect(found.notes[0]).toMatch(/keras\.activations\.sparsemax .* another function: .*cumulative/);
  });
});

describe("what is the same", () => {
  it.each([
    ["relu", "torch@1.7", "keras@2.4"],
    ["gelu", "torch@1.7", "keras@3.15-jax"],
    ["nn.SiLU", "torch@2.13", "keras@2.4"],
    ["tanh", "torch@1.13", "keras@3.0-torch"],
    ["hard_sigmoid", "torch@2.13", "keras@3.15"],
    ["elu", "torch@2.13", "keras@3.15-tensorflow"],
    ["relu6", "torch@2.13", "keras@2.4"],
    ["softmax", "torch@2.13", "keras@2.4"],
    ["glu", "torch@2.13", "keras@3.15"],
    ["hardtanh", "torch@2.13", "keras@3.15-torch"],
  ])("%s in %s and %s", async (...words) => {
    const { code, out } = await compare(...words);
    expect(out).toMatch(/is the same in/);
    expect(code).toBe(0);
  });

  it("softplus, to a float32: PyTorch cuts at 20", async () => {
    const found = await comparison("softplus", "torch@2.13", "keras@3.15");
    expect(found).toMatchObject({ verdict: "same-in-float32", code: 0 });
    expect(found.gap!.at).toEqual([20]);
    expect(found.gap!.size).toBeCloseTo(Math.log1p(Math.exp(-20)), 15);
  });
});

describe("defaults and snippets", () => {
  it("LeakyReLU is called with other slopes, and what closes the gap is said", async () => {
    const found = await comparison("LeakyReLU", "torch@2.13", "keras@2.4");
    expect(found.defaults).toEqual([{ parameter: "negative_slope", defaults: [0.01, 0.3] }]);
    expect(found.gap).toEqual({ size: "Infinity", at: ["-Infinity"], isVisible: true });
    expect(found.snippets).toEqual(["torch.nn.LeakyReLU(negative_slope=0.3)", "tf.keras.layers.LeakyReLU(alpha=0.01)"]);
    expect(found.kinks).toEqual([]);
    expect(found.code).toBe(1);
  });

  it("are the same with the same value given", async () => {
    const found = await comparison("LeakyReLU", "torch@2.13", "keras@2.4", "--param", "negative_slope=0.1");
    expect(found).toMatchObject({ same: true, defaults: [], code: 0 });
    expect(found.calls).toEqual(["torch.nn.LeakyReLU(negative_slope=0.1)", "tf.keras.layers.LeakyReLU(alpha=0.1)"]);
  });

  it("names of arguments are those of the framework", async () => {
    const { calls } = await comparison("prelu", "torch@2.13", "keras@3.15", "--param", "slope=0.5");
    expect(calls).toEqual([
      "torch.nn.PReLU(init=0.5)",
      "keras.layers.PReLU(alpha_initializer=keras.initializers.Constant(0.5))",
    ]);
  });

  it("code for what a framework lacks comes from the exporters", async () => {
    const asked: unknown[] = [];
    const found = await compareSides(
      { sides: sidesOf("mish", [parseVersion("keras@2.4"), parseVersion("torch@2.13")]), given: {} },
      {
        oracle,
        prover: createProver(oracle),
        snippet: (id, parameters, at) => {
          asked.push([id, parameters, at]);
          return "code";
        },
      },
    );
    expect(found).toMatchObject({ verdict: "missing", snippets: ["code", undefined] });
    expect(asked).toEqual([["mish", {}, { framework: "keras", version: "2.4" }]]);
  });

  it("code is asked for where gradients differ, of a side that has the definition's", async () => {
    const snippet = (id: string): string => `explicit ${id}`;
    const tools = { oracle, prover: createProver(oracle), snippet };
    const sides = sidesOf("selu", [parseVersion("keras@3.15"), parseVersion("torch@2.13")]);
    expect((await compareSides({ sides, given: {} }, tools)).snippets).toEqual(["explicit selu", undefined]);
  });
});

describe("every function at every kink", () => {
  it("has the definition's derivative in PyTorch 2.13", () => {
    for (const definition of catalogue) {
      const at = parseVersion("torch@2.13");
      const row = builtInOf(definition.id, at);
      if (row !== undefined) expect(differsFromDefinition({ at, row, definition }), definition.id).toEqual([]);
    }
  });
});

describe("gaps", () => {
  it("that only show far out or between the points of a grid are found", () => {
    const bump = mul(constant(0.25), exp(mul(constant(-400), mul(x, x))));
    const gap = largestGap(bump, constant(0), [], oracle);
    expect(gap!.size).toBeCloseTo(0.25, 9);
    const limit = largestGap(select(gt(x, 0), constant(1), constant(0)), constant(0), [0], oracle);
    expect(limit!.size).toBe(1);
  });

  it("are none between equal functions, and unbounded where they grow", () => {
    expect(largestGap(mul(x, 2), mul(2, x), [], oracle)).toBeUndefined();
    expect(largestGap(mul(x, 2), x, [], oracle)).toMatchObject({ size: Infinity, at: [-Infinity, Infinity] });
  });
});

describe("the matrix", () => {
  it("has a row for each function that any framework has", async () => {
    const { code, out } = await compare("--all", "--markdown");
    expect(code).toBe(0);
    const rows = out.trimEnd().split("\n");
    expect(rows[0]).toBe("|  | keras@2.4 | keras@3.15 | torch@1.7 | torch@1.13 | torch@2.13 |");
    for (const row of rows) expect(row.match(/(?<!\\)\|/g)).toHaveLength(7);
    const cells = Object.fromEntries(rows.map((row) => [row.split(" | ")[0]!.slice(2), row.split(" | ").slice(1)]));
    expect(cells["`hardswish`"]![0]).toBe("-");
    expect(cells["`hardswish`"]![3]).toBe("gradient -0.5 at -3, 1.5 or 1 at 3");
    expect(cells["`mish`"]).toEqual(["-", "same", "-", "same", "same |"]);
    expect(cells["`celu`"]![1]).toBe("tensorflow: gradient 2 at 0 / jax, torch: same");
    expect(cells["`leaky_relu`"]![0]).toBe("default negative_slope 0.2 (layer 0.3)");
    expect(cells["`silu`"]![4]).toContain("beta = 1 only");
    expect(cells["`sparsemax`"]![1]).toBe("another function");
    expect(cells["`snake`"]).toBeUndefined();
  });

  it("is JSON for machines", async () => {
    const { out } = await compare("--all", "--json");
    const rows = JSON.parse(out) as { id: string; frameworks: Record<string, { is: string; kinks: string[] }> }[];
    const celu = rows.find(({ id }) => id === "celu")!;
    expect(celu.frameworks["keras@3.15-tensorflow"]).toMatchObject({ is: "same", kinks: ["2 at 0"] });
    expect(celu.frameworks["keras@2.4"]).toMatchObject({ is: "missing" });
  });
});

describe("what is refused", () => {
  it.each([
    [["hard_sigmoud", "torch", "keras"], /unknown activation/, /did you mean/],
    [["constructor", "torch", "keras"], /unknown activation/, /./],
    [["__proto__", "torch", "keras"], /unknown activation/, /./],
    [["", "torch", "keras"], /unknown activation ""/, /./],
    [["relu; import os", "torch", "keras"], /unknown activation/, /./],
    [["\u001b[31mrelu", "torch", "keras"], /unknown activation "\\u001b/, /./],
    [["x".repeat(10000), "torch", "keras"], /unknown activation/, /./],
    [["dense", "torch", "keras"], /dense is a layer/, /activation alone/],
    [["relu", "torch@9", "keras"], /not known/, /1\.7/],
    [["relu", "tensorflow", "keras"], /unknown framework/, /such as/],
    [["relu", "torch"], /needs a name and two versions/, /for example/],
    [[], /needs a name and two versions/, /for example/],
    [["relu", "--all"], /leave out "relu"/, undefined],
    [["--all", "--param", "alpha=1"], /--param goes with one activation/, undefined],
    [["relu", "torch", "keras", "--markdown"], /--markdown goes with --all/, undefined],
    [["elu", "torch", "keras", "--param", "alpah=1"], /unknown parameter/, /one of alpha$|did you mean alpha/],
    [["relu", "torch", "keras", "--param", "a=1"], /unknown parameter/, /no parameters/],
    [["leaky_relu", "torch", "keras", "--param", "negative_slope=-1"], /outside its range/, undefined],
    [["hardtanh", "torch", "keras", "--param", "min_val=0"], /cannot be set in keras@3.15-tensorflow/, /leave out/],
  ])("%j", async (words, message, hint) => {
    const thrown: unknown = await compare(...words).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(Diagnostic);
    const { message: text, hint: help } = thrown as Diagnostic;
    expect(text).toMatch(message);
    expect(text.length).toBeLessThan(200);
    expect(text).not.toMatch(/\u001b/);
    if (hint !== undefined) expect(help).toMatch(hint);
  });
});
