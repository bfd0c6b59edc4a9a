/** Row-wise activations and layers on the command line: export, show, list and verify. */
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { catalogue, findDefinition, findGraph, findLayer, graphs, layers, rowActivations } from "../src/catalogue.js";
import { withActivation } from "../src/layers/layers.js";
import { makeFolder, nonlin, removeFolder } from "./cli-process.js";

let folder = "";
beforeAll(() => void (folder = makeFolder()));
afterAll(() => removeFolder(folder));
const run = (...words: string[]) => nonlin(words, { folder });

async function answer<Answer>(...words: string[]): Promise<Answer> {
  const { code, out, err } = await run(...words, "--json");
  expect({ code, err }, out).toEqual({ code: 0, err: "" });
  return JSON.parse(out) as Answer;
}

interface Exported {
  readonly id: string;
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly saves: readonly string[];
  readonly report: {
    readonly kept: readonly { readonly name: string; readonly bytes: string }[];
    readonly functions: readonly {
      readonly name: string;
      readonly kernels: readonly { readonly reads: object; readonly writes: object }[];
    }[];
  };
}

let written = 0;

/** Exports into a file of its own and imports it. */
async function imported<Module>(...words: string[]): Promise<Module> {
  const path = join(folder, "modules", `${written++}.mjs`);
  mkdirSync(join(folder, "modules"), { recursive: true });
  const { code, out, err } = await run("export", ...words, "--target", "js", "--output", path);
  expect({ code, out, err }).toEqual({ code: 0, out: "", err: "" });
  return (await import(pathToFileURL(path).href)) as Module;
}

type Tensors = Readonly<Record<string, Float32Array>>;
type Sizes = Readonly<Record<string, number>>;
interface LayerModule {
  readonly forward: (inputs: Tensors, outputs: Tensors | undefined, sizes: Sizes) => Tensors;
  readonly backward: (inputs: Tensors, outputs: Tensors | undefined, sizes: Sizes) => Tensors;
}

const close = (actual: ArrayLike<number>, wanted: readonly number[]): void => {
  expect(actual).toHaveLength(wanted.length);
  wanted.forEach((value, i) => expect(Math.abs(actual[i]! - value)).toBeLessThan(1e-5 * (1 + Math.abs(value))));
};

const wave = (length: number, step: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => Math.sin(step * i));

/** y = f(x · weightᵀ + bias) and dx, in plain loops. */
function plainDense(
  { x, weight, bias, dy }: { readonly [K in "x" | "weight" | "bias" | "dy"]: Float32Array },
  [rows, inputs, outputs]: readonly [number, number, number],
  f: (value: number) => number,
  slope: (value: number) => number,
) {
  const y: number[] = [];
  const dx = new Array<number>(rows * inputs).fill(0);
  for (let row = 0; row < rows; row++)
    for (let output = 0; output < outputs; output++) {
      let value = bias[output]!;
      for (let i = 0; i < inputs; i++) value += x[row * inputs + i]! * weight[output * inputs + i]!;
      y.push(f(value));
      const above = dy[row * outputs + output]! * slope(value);
      for (let i = 0; i < inputs; i++) dx[row * inputs + i]! += above * weight[output * inputs + i]!;
    }
  return { y, dx };
}

const DENSE = { rows: 3, inputs: 5, outputs: 4 };
const tensors = { x: wave(15, 0.7), weight: wave(20, 1.3), bias: wave(4, 2.1), dy: wave(12, 0.3) };

describe("the catalogue", () => {
  test("gives each id and each name of a framework one meaning", () => {
    const ids = [...catalogue, ...graphs].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id } of layers) expect(catalogue.map((definition) => definition.id)).not.toContain(id);
    const alone = layers.map((layer) => findGraph(layer.id)!);
    const all = [...catalogue, ...rowActivations, ...alone].flatMap(({ names }) => [
      ...new Set(names.map((name) => name.toLowerCase())),
    ]);
    expect(all.filter((name, i) => all.indexOf(name) !== i)).toEqual([]);
    for (const definition of graphs) expect(findGraph(definition.id)).toBe(definition);
    expect(findGraph("nn.Softmax")!.id).toBe("softmax");
    expect(findGraph("nn.linear")!.id).toBe("dense");
    expect(findLayer("nn.Conv2d")!.id).toBe("conv2d");
    expect(findGraph("relu")).toBeUndefined();
  });

  test("names a layer by its activation, and keeps its own name without one", () => {
    const dense = findLayer("dense")!;
    const [withRelu, alone] = ["relu", "linear"].map((id) => withActivation(dense, findDefinition(id)!));
    expect(withRelu).toMatchObject({ id: "dense_relu", title: "Dense with ReLU", names: [] });
    expect(withRelu!.formula).toBe("y = relu(weight · x + bias)");
    expect(alone).toMatchObject({ id: "dense", formula: "y = weight · x + bias" });
    expect(alone!.names).toContain("nn.Linear");
    for (const { id, takesActivation, customary } of layers)
      expect(graphs.some((one) => one.id === (takesActivation && customary !== "linear" ? `${id}_${customary}` : id)));
  });
});

describe("export", () => {
  test("of a row-wise activation is a module of its own", async () => {
    const { id, files, saves, report } = await answer<Exported>("export", "nn.Softmax", "--target", "js");
    expect({ id, saves }).toEqual({ id: "softmax", saves: ["y"] });
    expect(files.map(({ path }) => path)).toEqual(["js/softmax.js", "js/softmax.d.ts"]);
    expect(report.functions.map(({ name }) => name)).toEqual(["forward", "backward"]);
    const { out } = await run("export", "softmax", "--target", "js");
    expect(out).toBe(files[0]!.text);

    type Module = { forward: (x: Float32Array, y: undefined, sizes: Sizes) => Float32Array };
    const { forward } = await imported<Module>("softmax");
    close(forward(Float32Array.of(0, Math.log(3), 1, 1), undefined, { rows: 2, columns: 2 }), [0.25, 0.75, 0.5, 0.5]);
    expect(readdirSync(join(folder, "modules")).filter((name) => name.endsWith(".d.mts"))).toHaveLength(1);
  });

  test("puts a formula into a layer, forward and backward", async () => {
    const { forward, backward } = await imported<LayerModule>("x*tanh(x)", "--with", "dense");
    const { x, weight, bias, dy } = tensors;
    const preactivation = new Float32Array(12);
    const { y } = forward({ x, weight, bias }, { preactivation }, DENSE);
    const { dx } = backward({ dy, x, weight, preactivation }, undefined, DENSE);
    const slope = (value: number): number => Math.tanh(value) + value * (1 - Math.tanh(value) ** 2);
    const wanted = plainDense(tensors, [3, 5, 4], (value) => value * Math.tanh(value), slope);
    close(y!, wanted.y);
    close(dx!, wanted.dx);
  });

  test("of several layers is a list", async () => {
    const both = await answer<Exported[]>("export", "gelu", "--with", "residual,dense", "--target", "js");
    expect(both.map(({ id }) => id)).toEqual(["residual_gelu_erf", "dense_gelu_erf"]);
    const { out } = await run("export", "gelu", "--with", "residual", "--with", "dense", "--target", "js");
    expect(out).toBe(both.map(({ files }) => files[0]!.text).join("\n"));
    const [named] = [await answer<Exported>("export", "x+1", "--with", "dense", "--target", "js", "--name", "mine")];
    expect(named.id).toBe("dense_mine");
  });

  test("keeps for backward what --save says", async () => {
    const saves = async (...words: string[]) => {
      const { saves: names, report } = await answer<Exported>("export", ...words, "--with", "dense", "--target", "js");
      return { names, kept: report.kept };
    };
    const rows = { name: "preactivation", bytes: "4 * (rows * outputs)" };
    expect(await saves("relu")).toEqual({ names: ["x", "weight", "y"], kept: [] });
    expect(await saves("relu", "--save", "input")).toEqual({ names: ["x", "weight", "preactivation"], kept: [rows] });
    expect(await saves("tanh", "--save", "output")).toEqual({ names: ["x", "weight", "y"], kept: [] });
  });

  test("sets the defaults of the activation's parameters and of the layer's", async () => {
    const { x, weight, bias } = tensors;
    const elu = await imported<LayerModule>("elu", "--with", "dense", "--param", "alpha=0.5");
    const preactivations = plainDense(tensors, [3, 5, 4], Number, () => 1).y;
    const { y } = elu.forward({ x, weight, bias }, {}, DENSE);
    close(
      y!,
      preactivations.map((value) => (value > 0 ? value : 0.5 * Math.expm1(value))),
    );
    const norm = await imported<LayerModule>("elu", "--with", "rms_norm", "--param", "epsilon=2", "--param", "alpha=3");
    const size = Math.sqrt((9 + 4 + 9 + 4) / 4 + 2);
    const given = { x: Float32Array.of(3, 2, -3, -2) };
    const wanted = [3 / size, 2 / size, 3 * Math.expm1(-3 / size), 3 * Math.expm1(-2 / size)];
    close(norm.forward(given, {}, { rows: 1, columns: 4 })["y"]!, wanted);
    const [, declaration] = (await answer<Exported>("export", "dropout", "--param", "rate=0.1", "--target", "js"))
      .files;
    expect(declaration!.text).toContain("Default 0.1, range [0, 1].");
  });
});

describe("mistakes exit with 2, one clear message and a hint", () => {
  const JS = ["--target", "js"];
  test.each([
    [["export", "sofmax", ...JS], 'error: unknown activation "sofmax"\n', "did you mean softmax?"],
    [["export", "relu", "--with", "dens", ...JS], 'error: unknown layer in --with: "dens"\n', "did you mean dense?"],
    [["export", "relu", "--with", "", ...JS], 'error: --with has an empty name in ""\n', undefined],
    [
      ["export", "softmax", "--with", "dense", ...JS],
      "error: softmax is not elementwise, so it cannot be the activation of dense\n",
      "without --with it is a module of its own",
    ],
    [
      ["export", "relu", "--with", "attention", ...JS],
      "error: attention has no elementwise activation in it\n",
      "name it by itself, without --with: attention",
    ],
    [
      ["export", "relu", "--with", "dense,conv1d", ...JS, "--output", "one.js"],
      "error: --output is one file, but --with names 2 layers\n",
      "export them one after the other",
    ],
    [["export", "softmax", "--with", "dense"], "error: --target is missing\n", "one of js"],
    [
      ["export", "softmax", ...JS, "--trace"],
      "error: --trace is there for elementwise activations only",
      "nonlin show",
    ],
    [["export", "softmax", ...JS, "--name", "a-b"], 'error: --name: "a-b" cannot be an id', undefined],
    [["export", "dropout", ...JS, "--param", "rat=1"], 'error: unknown parameter "rat"\n', "did you mean rate?"],
    [["export", "dropout", ...JS, "--param", "rate=2"], "error: rate = 2 is outside its range, 0 to 1\n", undefined],
    [
      ["export", "relu", "--with", "conv1d", ...JS, "--param", "stride=2"],
      'error: unknown parameter "stride"\n',
      "relu has no parameters",
    ],
    [
      ["show", "softmax", "--param", "rows=2"],
      "error: rows is a size of softmax, not a parameter\n",
      "sizes are given when",
    ],
    [["export", "x*rows", "--with", "dense", ...JS], 'error: "rows" is both a size and a parameter', "give the"],
    [["show", "relu", "--plan"], "error: --plan is there for graphs, and relu is elementwise\n", "--with dense shows"],
    [["verify", "sparsemax"], "error: the gradients of sparsemax are not proved", "proved are graphs whose reductions"],
    [
      ["verify", "relu", "silu", "--with", "dense"],
      "error: --with needs one activation\n",
      "for example: nonlin verify",
    ],
    [["build", "--only", "softmx"], 'error: unknown activation "softmx"\n', "did you mean softmax?"],
  ])("nonlin %j", async (words, message, hint) => {
    const { code, out, err } = await run(...words);
    expect(err.slice(0, message.length)).toBe(message);
    if (hint !== undefined) expect(err).toContain(`\nhint: ${hint}`);
    expect({ code, out }).toEqual({ code: 2, out: "" });
  });
});

describe("show", () => {
  test("of a graph has its formula, tensors, sizes and what backward needs", async () => {
    const { code, out } = await run("show", "softmax");
    expect(code).toBe(0);
    const norm = (await run("show", "layer_norm")).out;
    expect(norm).toMatch(/^ {19}weight +columns +optional, else 1; /m);
    expect(norm).toMatch(/^ {19}dweight +columns +when weight is given; /m);
    expect(norm).toMatch(/^ {19}dbias +columns +only when asked for; /m);
    for (const line of [
      "softmax: Softmax",
      "  forward reads    x   rows x columns x inner  ",
      "  backward writes  dx  rows x columns x inner  ",
      "  inner = 1  ",
      "backward needs\n  y  there anyway\n",
    ])
      expect(out).toContain(line);
    expect(out).not.toContain("kernel");
  });

  test("--plan adds each kernel with its passes and operations", async () => {
    const { out } = await run("show", "x*tanh(x)", "--with", "dense", "--plan");
    expect(out).toContain("dense_activation: Dense with x*tanh(x)\n");
    expect(out).toContain("activation(x) = x * tanh(x)\n");
    expect(out).toMatch(/ {2}preactivation {2}4 \* \(rows \* outputs\) bytes that forward writes for it\n/);
    const forward = out.slice(out.indexOf("\nforward: 1 kernel\n"), out.indexOf("\nbackward: "));
    expect(forward).toMatch(/^ {5}reads +x, weight, bias\n {5}writes +y, preactivation\n {5}operations +2 \* /m);
    const plain = await run("show", "x*tanh(x)", "--with", "dense");
    expect(out.startsWith(plain.out)).toBe(true);
  });

  test("--json is the same as data", async () => {
    interface Shown {
      readonly id: string;
      readonly functions: readonly { readonly name: string; readonly inputs: readonly { readonly name: string }[] }[];
      readonly plan?: readonly { readonly kernels: readonly { readonly writes: object }[] }[];
    }
    const [dense, conv] = await answer<Shown[]>("show", "relu", "--with", "dense,conv1d", "--plan");
    expect([dense!.id, conv!.id]).toEqual(["dense_relu", "conv1d_relu"]);
    expect(dense!.functions[0]!.inputs).toMatchObject([{ name: "x" }, { name: "weight" }, { name: "bias", absent: 0 }]);
    expect(dense!.plan![0]!.kernels).toMatchObject([{ reads: { x: 1, weight: 1, bias: 1 }, writes: { y: 1 } }]);
    const dropout = await answer<Shown>("show", "dropout");
    expect(dropout).toMatchObject({ draws: true, parameters: [{ name: "rate", default: 0.5 }], saves: [] });
    expect(dropout.plan).toBeUndefined();
  });

  test("of an elementwise activation is what it was", async () => {
    const { out } = await run("show", "relu");
    for (const text of ["relu: ReLU\n", "f(x)  ", "accuracy of js (backward keeps the output)"])
      expect(out).toContain(text);
  });
});

test("list has what is elementwise, what is not, and layers", async () => {
  const entries = await answer<{ readonly kind: string; readonly id: string; readonly module?: string }[]>("list");
  const ofKind = (kind: string) => entries.filter((entry) => entry.kind === kind).map(({ id }) => id);
  expect(ofKind("activation")).toEqual(catalogue.map(({ id }) => id));
  expect(ofKind("row")).toEqual(rowActivations.map(({ id }) => id));
  expect(ofKind("layer")).toEqual(layers.map(({ id }) => id));
  expect(entries.find(({ id }) => id === "dense")).toMatchObject({ activation: "relu", module: "dense_relu" });
  const { out } = await run("list");
  expect([...out.matchAll(/^ {2}(\w+)/gm)].map(([, id]) => id).sort()).toEqual(entries.map(({ id }) => id).sort());
});
