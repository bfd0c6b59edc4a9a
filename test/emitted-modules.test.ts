/** What every emitted module promises beside its numbers: its exports, its types, its errors, and what it writes where. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import ts from "typescript";
import { beforeAll, describe, expect, test } from "vitest";
import { catalogue, graphs } from "../src/catalogue.js";
import { kinkInputs } from "../src/pipeline/activation.js";
import { defaults, type Definition, type Parameter, type ParameterValues } from "../src/index.js";
import { generator, parameterSets, step } from "./helpers/inputs.js";
import { GENERATED, loadModule, type EmittedModule } from "./helpers/modules.js";

const EXPORTS = ["backward", "derivative", "forward", "saves", "secondDerivative", "value"];
const ids = catalogue.map(({ id }) => id);
const allIds = [...ids, ...graphs.map(({ id }) => id)];

/** Inputs where nothing special happens. */
const ORDINARY = [-5.3, -3.61, -2.17, -1.31, -0.74, -0.23, 0.19, 0.83, 1.37, 2.29, 3.71, 5.9, 7.1];
const ordinary = Float32Array.from(ORDINARY);

/** Parameter values just outside what a definition accepts. */
/** Values outside of the ranges, and what is no number at all: `null` is what JSON makes of Infinity. */
const refused = (definition: Definition): { readonly name: string; readonly value: number }[] =>
  definition.parameters.flatMap(({ name, range: [low, high] }) => [
    { name, value: NaN },
    ...[null, "1", true, {}].map((value) => ({ name, value: value as unknown as number })),
    ...(low > -Infinity ? [{ name, value: step(low, -1) }] : []),
    ...(high < Infinity ? [{ name, value: Infinity }] : []),
  ]);

const saved = (module: EmittedModule, x: Float32Array, parameters?: ParameterValues): Float32Array =>
  module.saves === "output" ? module.forward(x, undefined, parameters) : x;

describe.each(catalogue.map((definition) => [definition.id, definition] as const))("%s", (id, definition) => {
  let module: EmittedModule;
  beforeAll(async () => {
    module = await loadModule(id);
  });

  test("exports what every module exports", () => {
    expect(Object.keys(module).sort()).toEqual(EXPORTS);
    expect(["input", "output"]).toContain(module.saves);
  });

  test("depends on nothing", () => {
    const text = readFileSync(new URL(`${id}.js`, GENERATED), "utf8");
    expect(text).not.toMatch(/^\s*import\b|\bimport\s*\(|\brequire\s*\(|^\s*export\b.*\bfrom\b/m);
  });

  test("refuses parameters out of range by name, before it writes", () => {
    for (const { name, value } of refused(definition)) {
      const parameters = { [name]: value };
      const [y, dx] = [new Float32Array(2).fill(7), new Float32Array(2).fill(7)];
      const [x, dy] = [Float32Array.of(-1, 1), Float32Array.of(2, 3)];
      const calls = [
        () => module.value(1, parameters),
        () => module.derivative(1, parameters),
        () => module.secondDerivative(1, parameters),
        () => module.forward(x, y, parameters),
        () => module.backward(dy, x, dx, parameters),
      ];
      for (const call of calls) {
        expect(call, `${name} = ${value}`).toThrow(RangeError);
        expect(call).toThrow(new RegExp(`\\b${name}\\b`));
      }
      expect([...y, ...dx]).toEqual([7, 7, 7, 7]);
    }
  });

  test("accepts the ends of the parameters' ranges", () => {
    for (const { name, range } of definition.parameters)
      for (const value of range) expect(() => module.value(1, { [name]: value })).not.toThrow();
  });

  test("refuses arrays of different lengths, before it writes", () => {
    const [two, three] = [new Float32Array(2).fill(7), new Float32Array(3).fill(7)];
    expect(() => module.forward(three, two)).toThrow(RangeError);
    expect(() => module.forward(two, three)).toThrow(RangeError);
    expect(() => module.backward(three, two)).toThrow(RangeError);
    expect(() => module.backward(three, three, two)).toThrow(RangeError);
    expect(() => module.backward(two, two, three)).toThrow(RangeError);
    expect([...two, ...three]).toEqual([7, 7, 7, 7, 7]);
  });

  test("works in place, into a given array, and into a fresh one", () => {
    const dy = Float32Array.from(ordinary, (_, i) => 1 + i / 8);
    const y = module.forward(ordinary);
    const kept = saved(module, ordinary);
    const dx = module.backward(dy, kept);
    const given = new Float32Array(ordinary.length);
    expect(module.forward(ordinary, given)).toBe(given);
    expect(given).toEqual(y);
    expect(module.backward(dy, kept, given)).toBe(given);
    expect(given).toEqual(dx);
    const x = ordinary.slice();
    expect(module.forward(x, x)).toBe(x);
    expect(x).toEqual(y);
    const gradient = dy.slice();
    expect(module.backward(gradient, kept, gradient)).toBe(gradient);
    expect(gradient).toEqual(dx);
  });

  test("works on nothing", () => {
    const nothing = new Float32Array(0);
    expect(module.forward(nothing)).toHaveLength(0);
    expect(module.backward(nothing, nothing)).toHaveLength(0);
  });

  test("reads and writes views only where they are", () => {
    const [offset, length] = [3, ordinary.length];
    const framed = (): Float32Array => new Float32Array(length + 8).fill(99);
    const view = (array: Float32Array): Float32Array => array.subarray(offset, offset + length);
    const [x, y, dy, dx] = [framed(), framed(), framed(), framed()];
    view(x).set(ordinary);
    view(dy).fill(0.5);
    module.forward(view(x), view(y));
    module.backward(view(dy), module.saves === "output" ? view(y) : view(x), view(dx));
    expect(view(y)).toEqual(module.forward(ordinary));
    expect(view(dx)).toEqual(module.backward(new Float32Array(length).fill(0.5), saved(module, ordinary)));
    const outside = [y, dx].flatMap((array) => [...array.subarray(0, offset), ...array.subarray(offset + length)]);
    expect(new Set(outside)).toEqual(new Set([99]));
  });

  test("multiplies each slope with the gradient from above", () => {
    const random = generator(id);
    const dy = Float32Array.from(ordinary, () => (random() - 0.5) * 16);
    const dx = module.backward(dy, saved(module, ordinary));
    dx.forEach((got, i) => {
      const wanted = dy[i]! * module.derivative(ordinary[i]!);
      // One rounding of the product, and what a slope recovered from a rounded output may be off.
      expect(Math.abs(got - wanted)).toBeLessThanOrEqual(2 ** -22 * Math.abs(wanted) + 2 ** -149);
    });
  });

  test("its derivatives are the slopes of its values", () => {
    const h = 1e-5;
    for (const parameters of parameterSets(definition)) {
      const kinks = kinkInputs(definition, [parameters]);
      for (const x of ORDINARY) {
        if (kinks.some((kink) => Math.abs(x - kink) < 0.01)) continue;
        const slope = (f: (x: number, parameters?: ParameterValues) => number): number =>
          (f(x + h, parameters) - f(x - h, parameters)) / (2 * h);
        const scale = 1 + Math.abs(module.value(x, parameters));
        expect(Math.abs(module.derivative(x, parameters) - slope(module.value))).toBeLessThan(1e-5 * scale);
        expect(Math.abs(module.secondDerivative(x, parameters) - slope(module.derivative))).toBeLessThan(1e-5 * scale);
      }
    }
  });
});

const isLearnable = (parameter: Parameter): boolean => parameter.learnable !== false;

test.each(catalogue.filter(({ parameters }) => parameters.some(isLearnable)))(
  "$id adds up its parameters' gradients",
  async (definition) => {
    const module = await loadModule(definition.id);
    const names = definition.parameters.filter(isLearnable).map(({ name }) => name);
    const h = 1e-6;
    const dy = Float32Array.from(ordinary, (_, i) => 1 - i / 8);
    for (const parameters of parameterSets(definition)) {
      const gradients = Object.fromEntries(names.map((name) => [name, 10]));
      const kept = saved(module, ordinary, parameters);
      module.backward(dy, kept, undefined, parameters, gradients);
      module.backward(dy, kept, undefined, parameters, gradients);
      for (const name of names) {
        const moved = (by: number): ParameterValues => ({ ...parameters, [name]: parameters[name]! + by });
        const slope = (x: number): number => (module.value(x, moved(h)) - module.value(x, moved(-h))) / (2 * h);
        const sum = ordinary.reduce((total, x, i) => total + dy[i]! * slope(x), 0);
        // A difference of values has an error of their last place over h.
        const size = Math.max(...ordinary.map((x) => Math.abs(module.value(x, parameters))));
        expect(Math.abs(gradients[name]! - (10 + 2 * sum))).toBeLessThan(5e-6 + (size * 2 ** -48) / h);
      }
    }
  },
);

test("the folder holds a module and its types for each id, an index, and what makes it one of ES modules", () => {
  const expected = [...allIds, "index"].flatMap((id) => [`${id}.js`, `${id}.d.ts`]);
  expect(readdirSync(GENERATED).sort()).toEqual([...expected, "package.json"].sort());
  const manifest: unknown = JSON.parse(readFileSync(new URL("package.json", GENERATED), "utf8"));
  expect(manifest).toEqual({ type: "module", sideEffects: false });
});

test("the index exports each module under its id", async () => {
  const index = (await import(new URL("index.js", GENERATED).href)) as Record<string, EmittedModule>;
  expect(Object.keys(index).sort()).toEqual([...allIds].sort());
  for (const id of allIds) {
    const module = await loadModule(id);
    expect({ ...index[id] }).toEqual({ ...module });
  }
});

/** The same for modules of graphs: a tensor in and one out, several by name, sizes that must be given. */
const GRAPH_LINES = [
  "const { softmax, dropout, dense_relu, attention } = index;",
  "arrays.push(softmax.forward(array, undefined, { shape: [2, 2], axis: -1 }));",
  "arrays.push(softmax.backward(array, array, undefined, { rows: 2, columns: 2 }));",
  "arrays.push(dropout.forward(array, array, { size: 4, rate: 0.1, seed: 3 }));",
  "const sizes = { rows: 2, inputs: 2, outputs: 2 };",
  "arrays.push(dense_relu.forward({ x: array, weight: array, bias: null }, {}, sizes).y);",
  "const slopes = dense_relu.backward({ dy: array, x: array, weight: array, y: array }, { dx: null }, sizes);",
  "if (slopes.dweight) arrays.push(slopes.dweight);",
  "const attended = { batch: 1, heads: 1, queries: 2, keys: 2, features: 2, causal: 1 };",
  "arrays.push(attention.forward({ query: array, key: array, value: array }, {}, attended).y);",
  "// @ts-expect-error A size is missing.",
  "dense_relu.forward({ x: array, weight: array }, {}, { rows: 2, inputs: 2 });",
  "// @ts-expect-error A tensor is missing.",
  "dense_relu.forward({ x: array }, {}, sizes);",
  "// @ts-expect-error Tensors are Float32Arrays.",
  "dense_relu.forward({ x: [1, 2], weight: array }, {}, sizes);",
];

/** A program that uses every module as its types say, and is refused where they say so. */
function consumer(): string {
  const folder = fileURLToPath(GENERATED);
  const lines = catalogue.flatMap((definition) => {
    const { id } = definition;
    const parameters = JSON.stringify(defaults(definition), (_, value: unknown) =>
      value === Infinity ? "Infinity" : value,
    ).replaceAll('"Infinity"', "Infinity");
    const second = definition.parameters.length > 0 ? `, ${parameters}` : "";
    const gradients = definition.parameters.filter(({ learnable }) => learnable).map(({ name }) => `${name}: 0`);
    return [
      `import * as ${id} from ${JSON.stringify(join(folder, `${id}.js`))};`,
      `numbers.push(${id}.value(1), ${id}.derivative(1${second}), ${id}.secondDerivative(1${second}));`,
      `saves.push(${id}.saves);`,
      `arrays.push(${id}.forward(array), ${id}.forward(array, array${second}));`,
      `arrays.push(${id}.backward(array, array), ${id}.backward(array, array, array${second}));`,
      ...(gradients.length > 0
        ? [`${id}.backward(array, array, undefined, undefined, { ${gradients.join(", ")} });`]
        : []),
      `numbers.push(index.${id}.value(1${second}));`,
      "// @ts-expect-error No definition has a parameter of this name.",
      `${id}.value(1, { unknown: 1 });`,
      "// @ts-expect-error The input is a number.",
      `${id}.value("1");`,
      "// @ts-expect-error The loops take Float32Arrays.",
      `${id}.forward([1]);`,
      "// @ts-expect-error backward needs what forward saved.",
      `${id}.backward(array);`,
    ];
  });
  return [
    `import * as index from ${JSON.stringify(join(folder, "index.js"))};`,
    "const numbers: number[] = [];",
    'const saves: ("input" | "output")[] = [];',
    "const arrays: Float32Array[] = [];",
    "const array = new Float32Array(4);",
    ...lines,
    ...GRAPH_LINES,
    "export { numbers, saves, arrays };",
  ].join("\n");
}

test("the types let a strict program through, and only a right one", () => {
  const folder = mkdtempSync(join(tmpdir(), "nonlin-types-"));
  try {
    const file = join(folder, "consumer.mts");
    writeFileSync(file, consumer());
    const program = ts.createProgram([file], {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      lib: ["lib.es2022.d.ts"],
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noEmit: true,
    });
    const problems = ts.getPreEmitDiagnostics(program).map(({ messageText, file: at, start = 0 }) => {
      const line = at === undefined ? "" : at.text.slice(start).split("\n")[0];
      return `${ts.flattenDiagnosticMessageText(messageText, " ")}: ${line}`;
    });
    expect(problems).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** Compiles definitions one after the other in a process of its own; prints path and text of each file. */
const COMPILE = `
  const [ids] = process.argv.slice(1).map((text) => text.split(","));
  const { compile, createOracle } = await import(new URL("pipeline/activation.js", process.env.DIST));
  const { catalogue } = await import(new URL("catalogue.js", process.env.DIST));
  const oracle = await createOracle();
  const files = {};
  for (const id of ids) {
    const definition = catalogue.find((entry) => entry.id === id);
    const { artifacts } = await compile(definition, { target: "js" }, oracle);
    for (const { path, ...rest } of artifacts) files[path] = rest;
  }
  console.log(JSON.stringify(files));
`;

test("a module's text does not depend on what was compiled before it", async () => {
  const order = ["relu", "elu", "prelu", "sigmoid", "tanh", "squareplus"];
  const run = async (names: readonly string[]): Promise<Record<string, unknown>> => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--input-type=module", "-e", COMPILE, names.join(",")],
      { env: { ...process.env, DIST: new URL("../dist/", import.meta.url).href }, maxBuffer: 2 ** 24 },
    );
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  const [one, other] = await Promise.all([run(order), run([...order].reverse())]);
  expect(Object.keys(one!)).toHaveLength(2 * order.length);
  expect(other).toEqual(one);
});
