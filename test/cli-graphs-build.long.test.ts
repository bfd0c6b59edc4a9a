/** Builds of row-wise activations and layers: files, records, what is compiled again, and configurations. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readConfig } from "../src/cli/build/read-config.js";
import { targets } from "../src/registry.js";
import { allSubjects } from "../src/cli/build/subjects.js";
import { Diagnostic } from "../src/diagnostic.js";
import { makeFolder, nonlin, removeFolder, snapshot } from "./cli-process.js";

let folder = "";
beforeEach(() => void (folder = makeFolder()));
afterEach(() => removeFolder(folder));
const at = (...parts: string[]): string => join(folder, ...parts);

interface Report {
  readonly compiled: number;
  readonly files: readonly { readonly path: string; readonly status: string }[];
}

async function build(...words: string[]): Promise<Report> {
  const { code, out, err } = await nonlin(["build", "--json", ...words], { folder });
  expect({ code, err }, out).toEqual({ code: 0, err: "" });
  return JSON.parse(out) as Report;
}

const configure = (config: object): void =>
  writeFileSync(at("nonlin.config.mjs"), `export default ${JSON.stringify(config)};`);

const json = (name: string): Readonly<Record<string, unknown>> =>
  JSON.parse(readFileSync(at("generated", name), "utf8")) as Readonly<Record<string, unknown>>;

const FEW = ["--only", "relu,nn.Softmax,dense_relu"];
const TARGETS = Object.keys(targets);

describe("a build", () => {
  test("writes graphs like activations, with their plans", async () => {
    const first = await build(...FEW);
    expect(first.compiled).toBe(3 * TARGETS.length);
    const paths = ["relu", "softmax", "dense_relu", "index"].flatMap((id) => [`js/${id}.d.ts`, `js/${id}.js`]);
    const written = [...snapshot(at("generated")).keys()];
    expect(written.filter((path) => !path.includes("/") || path.startsWith("js/"))).toEqual(
      ["accuracy.json", "js/package.json", "plans.json", "proofs.json", ...paths].sort(),
    );
    expect(written).toEqual(expect.arrayContaining(["pytorch/dense_relu.py", "keras/keras3/native/softmax.py"]));
    expect(Object.keys(json("accuracy.json"))).toEqual(["relu"]);
    const proofs = json("proofs.json");
    expect(Object.keys(proofs)).toEqual(["relu", "softmax", "dense_relu"]);
    expect(proofs["softmax"]).toEqual({
      js: { "gradient of x": { 1: "proved", 2: "proved", 3: "proved", 4: "proved" } },
    });
    const plans = json("plans.json");
    expect(Object.keys(plans)).toEqual(["softmax", "dense_relu"]);
    expect(plans["dense_relu"]).toMatchObject({
      js: {
        saves: ["x", "weight", "y"],
        kept: [],
        functions: [{ name: "forward", kernels: [{ reads: { x: 1, weight: 1, bias: 1 }, writes: { y: 1 } }] }, {}],
      },
    });

    interface Index {
      readonly softmax: {
        readonly forward: (x: Float32Array, y: undefined, sizes: object) => Float32Array;
      };
      readonly relu: { readonly value: (x: number) => number };
    }
    const index = (await import(pathToFileURL(at("generated/js/index.js")).href)) as Index;
    expect([...index.softmax.forward(Float32Array.of(5, 5), undefined, { rows: 1, columns: 2 })]).toEqual([0.5, 0.5]);
    expect(index.relu.value(-1)).toBe(0);

    expect((await build(...FEW)).compiled).toBe(0);
    const check = await nonlin(["build", ...FEW, "--check"], { folder });
    expect(check.code).toBe(0);
  });

  test("gives the same bytes in one part and in parts", async () => {
    await build(...FEW);
    for (const id of ["softmax", "relu", "dense_relu"]) await build("--only", id, "--out", "parts");
    expect(snapshot(at("parts"))).toEqual(snapshot(at("generated")));
  });

  test("takes layers of a configuration, and compiles again what they depend on", async () => {
    // One with loops, one without, and one that lacks a layer.
    const few = ["js", "wasm", "pytorch"] as const;
    const configuration = (formula: string) => ({
      targets: few,
      activations: [{ id: "mine", formula }],
      layers: [
        { layer: "dense", activation: "mine" },
        { layer: "nn.Conv1d", activation: "x > 0 ? x : b*x", id: "leaky_convolution" },
        { layer: "residual", activation: "nn.SiLU" },
        { layer: "cross_entropy", id: "loss" },
      ],
    });
    configure(configuration("x*tanh(x)"));
    const first = await build();
    expect(first.compiled).toBe(5 * few.length);
    const ids = ["mine", "dense_mine", "leaky_convolution", "residual_silu", "loss"];
    for (const id of ids) expect(first.files).toContainEqual({ path: `js/${id}.js`, status: "written" });
    expect(Object.keys(json("plans.json"))).toEqual(ids.slice(1));
    const text = readFileSync(at("generated/js/leaky_convolution.js"), "utf8");
    expect(text).toContain("// Convolution along one axis with x > 0 ? x : b*x: y = activation(weight ⋆ x + bias)\n");

    configure(configuration("x*tanh(2*x)"));
    const second = await build();
    expect(second.compiled).toBe(2 * few.length);
    const changed = second.files.filter(({ status }) => status === "written").map(({ path }) => path);
    expect(changed).toEqual(expect.arrayContaining(["js/mine.js", "js/dense_mine.js"]));
    expect(changed).not.toContain("js/residual_silu.js");
    expect((await build("--force")).files.filter(({ status }) => status !== "unchanged")).toEqual([]);
  });

  test("says which layer a mistake is in", async () => {
    configure({ layers: [{ layer: "dense", activation: "x + tahn(x)" }] });
    const { code, out, err } = await nonlin(["build"], { folder });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/^error: in the layer dense_activation: .*\n {2}x \+ tahn\(x\)\n {6}\^\^\^\^\n/);
  });
});

describe("layers in a configuration", () => {
  const mine = { id: "my_square", formula: "x*x" };
  test.each([
    [{ layers: {} }, "layers has to be a list, not an object", undefined],
    [{ layer: [] }, 'unknown key in the configuration: "layer"', "did you mean layers?"],
    [{ layers: [{ activation: "relu" }] }, "layers[0] needs the key layer", undefined],
    [
      { layers: [{ layer: "dens", activation: "relu" }] },
      'unknown layer in layers[0].layer: "dens"',
      "did you mean dense?",
    ],
    [
      { layers: [{ layer: "gated_dense" }] },
      "layers[0] needs the key activation",
      'an id or a formula; customary in gated_dense is "silu"',
    ],
    [
      { layers: [{ layer: "attention", activation: "relu" }] },
      "layers[0].activation: attention has no elementwise activation in it",
      "leave the key out",
    ],
    [{ layers: [{ layer: "dense", activation: "relu", id: "a b" }] }, 'layers[0].id: "a b" cannot be an id', undefined],
    [
      { layers: [{ layer: "dense", activation: "softmax" }] },
      "layers[0].activation: softmax is not elementwise, so it cannot be the activation of dense",
      undefined,
    ],
    [
      { activations: [mine], layers: [{ layer: "dense", activation: "my_squar" }] },
      'unknown activation in layers[0].activation: "my_squar"',
      "did you mean my_square?",
    ],
    [
      {
        layers: [
          { layer: "dense", activation: "x+1" },
          { layer: "dense", activation: "x+2" },
        ],
      },
      'layers[1].id "dense_activation" is that of layers[0] already',
      "choose another id",
    ],
    [
      { activations: [mine], layers: [{ layer: "dense", activation: "my_square", id: "My_Square" }] },
      'layers[0].id "My_Square" is that of activations[0] already',
      "choose another id",
    ],
    [
      { catalogue: true, layers: [{ layer: "dense", activation: "relu" }] },
      'layers[0].id "dense_relu" is one of the catalogue',
      "choose another id, or leave the catalogue out",
    ],
    [
      { catalogue: true, activations: [{ id: "Softmax", formula: "x" }] },
      'activations[0].id "Softmax" is one of the catalogue',
      "choose another id, or leave the catalogue out",
    ],
  ])("%j", (config, message, hint) => {
    const read = (): unknown => allSubjects(readConfig(config));
    expect(read).toThrow(Diagnostic);
    expect(read).toThrow(message);
    if (hint !== undefined) expect(read).toThrow(expect.objectContaining({ hint: expect.stringContaining(hint) }));
  });

  test("an activation of the configuration comes before one of the catalogue", () => {
    const own = { id: "gelu", formula: "x*x" };
    const [, layer] = allSubjects({ activations: [own], layers: [{ layer: "dense", activation: "gelu" }] });
    expect(layer).toEqual({ kind: "layer", id: "dense_gelu", layer: "dense", activation: { id: "gelu", config: own } });
    expect(allSubjects({ layers: [{ layer: "nn.Linear", activation: "gelu" }] })).toEqual([
      { kind: "layer", id: "dense_gelu_erf", layer: "dense", activation: { id: "gelu_erf" } },
    ]);
  });
});
