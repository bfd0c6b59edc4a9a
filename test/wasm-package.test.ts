/** The WebAssembly modules as files: their types, the commands that write them, and a page in Chromium. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import ts from "typescript";
import { afterAll, describe, expect, it } from "vitest";
import { catalogue, graphs } from "../src/catalogue.js";
import { makeFolder, nonlin, removeFolder } from "./cli-process.js";
import { browserUnavailable, openPage } from "./helpers/browser.js";
import { WASM, loadWasm, type WasmModule } from "./helpers/wasm.js";

const ids = catalogue.map(({ id }) => id);
const ofGraphs = graphs.map(({ id }) => id);

describe("the types", () => {
  const problemsOf = (lines: readonly string[]): string[] => {
    const folder = mkdtempSync(join(tmpdir(), "nonlin-wasm-types-"));
    try {
      const file = join(folder, "consumer.mts");
      writeFileSync(file, lines.join("\n"));
      const program = ts.createProgram([file], {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.NodeNext,
        moduleResolution: ts.ModuleResolutionKind.NodeNext,
        lib: ["lib.es2022.d.ts"],
        types: [],
        strict: true,
        noEmit: true,
      });
      return ts
        .getPreEmitDiagnostics(program)
        .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "));
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  it("let a strict program through, and only a right one", () => {
    const lines = ids.flatMap((id) => [
      `import * as ${id} from ${JSON.stringify(fileURLToPath(new URL(`${id}.js`, WASM)))};`,
      `const ${id}X: Float32Array = ${id}.allocate(4);`,
      `${id}.backward(${id}X, ${id}.forward(${id}X, ${id}X), ${id}.renew(${id}X));`,
      `${id}.free(${id}X);`,
      `const ${id}Saves: "input" | "output" = ${id}.saves;`,
      `const ${id}Numbers: number[] = [${id}.value(1), ${id}.derivative(1), ${id}.secondDerivative(1)];`,
      "// @ts-expect-error The loops take Float32Arrays.",
      `${id}.forward([1]);`,
      "// @ts-expect-error A length is a number.",
      `${id}.allocate("1");`,
      `export { ${id}Saves, ${id}Numbers };`,
    ]);
    const layers = [
      ...["softmax", "layer_norm"].map(
        (id) => `import * as ${id} from ${JSON.stringify(fileURLToPath(new URL(`${id}.js`, WASM)))};`,
      ),
      "const rows: Float32Array = softmax.forward(softmax.allocate(6), undefined, { shape: [2, 3] });",
      "const normal = layer_norm.forward({ x: rows }, {}, { rows: 2, columns: 3 });",
      "layer_norm.backward({ dy: normal.y, x: rows }, { dx: null }, { rows: 2, columns: 3 });",
      "// @ts-expect-error The tensors have names.",
      "layer_norm.forward(rows, {}, { rows: 2, columns: 3 });",
    ];
    const index = [
      `import * as index from ${JSON.stringify(fileURLToPath(new URL("index.js", WASM)))};`,
      "index.free(index.relu.forward(index.allocate(1)));",
    ];
    expect(problemsOf([...lines, ...layers, ...index])).toEqual([]);
  });
});

describe("the folder", () => {
  it("has three files for each definition, and what they share", () => {
    const own = [...ids, ...ofGraphs].flatMap((id) => [`${id}.d.ts`, `${id}.js`, `${id}.wat`]);
    const shared = ["index.d.ts", "index.js", "memory.d.mts", "memory.mjs", "package.json"];
    expect(readdirSync(WASM).sort()).toEqual([...own, ...shared].sort());
  });

  it("has an index of all of them", async () => {
    const index = (await import(new URL("index.js", WASM).href)) as Record<string, unknown>;
    expect(Object.keys(index).sort()).toEqual([...ids, ...ofGraphs, "allocate", "free", "renew"].sort());
    expect({ ...(index["relu"] as WasmModule) }).toEqual({ ...(await loadWasm("relu")) });
  });
});

describe("the commands", () => {
  const folder = makeFolder();
  afterAll(() => removeFolder(folder));
  const load = (path: string): Promise<WasmModule> =>
    import(pathToFileURL(join(folder, path)).href) as Promise<WasmModule>;

  it("export a module that runs, with what it imports", async () => {
    const { code, err } = await nonlin(["export", "silu", "--target", "wasm", "--output", "silu.mjs"], { folder });
    expect([code, err]).toEqual([0, ""]);
    const files = readdirSync(folder).filter((name) => name !== "node_modules");
    expect(files.sort()).toEqual(["memory.d.mts", "memory.mjs", "silu.d.mts", "silu.mjs", "silu.wat"]);
    const module = await load("silu.mjs");
    expect([...module.forward(Float32Array.of(-1, 0, 1))]).toEqual([-1, 0, 1].map((x) => Math.fround(module.value(x))));
  });

  it("export formulas, with functions that vectors do not have and names that modules use", async () => {
    const formula = "count * atan(x) + free * x + left";
    const parameters = ["count=2", "free=0.5", "left=0"].flatMap((given) => ["--param", given]);
    const words = ["export", formula, "--name", "own", "--target", "webassembly", "--output", "own.mjs"];
    const { code, err } = await nonlin([...words, ...parameters], { folder });
    expect([code, err]).toEqual([0, ""]);
    const module = await load("own.mjs");
    const x = Float32Array.of(0.5, 1, 2, 3, 7.5);
    expect([...module.forward(x)]).toEqual([...x].map((value) => Math.fround(module.value(value))));
  });

  // Their loops compute as scalar functions do, with error-free transformations, of constants too.
  it.each(["(1-x^2)*exp(-x^2/2)", "(1+exp(x))^0.3-1"])("export %s", async (formula) => {
    const words = [
      "export",
      formula,
      "--name",
      "careful",
      "--target",
      "wasm",
      "--output",
      `careful${formula.length}.mjs`,
    ];
    const { code, err } = await nonlin(words, { folder });
    expect(code, err).toBe(0);
    const module = await load(`careful${formula.length}.mjs`);
    for (const x of [-9, -2, -1, -0.5, 0, 1e-3, 0.5, 1, 3, 9]) {
      const [value] = module.forward(Float32Array.of(x));
      const exact = module.value(Math.fround(x));
      expect(Math.abs(value! - exact)).toBeLessThanOrEqual(2 ** -22 * Math.abs(exact));
    }
  });

  it("build activations, rows and layers", async () => {
    const built = await nonlin(["build", "--target", "wasm", "--only", "relu,softmax,conv1d_relu"], { folder });
    expect(built.code).toBe(0);
    expect(readdirSync(join(folder, "generated", "wasm")).filter((name) => name.endsWith(".wat"))).toEqual([
      "conv1d_relu.wat",
      "relu.wat",
      "softmax.wat",
    ]);
    expect(readFileSync(join(folder, "generated", "wasm", "memory.mjs"), "utf8")).toBe(
      readFileSync(new URL("memory.mjs", WASM), "utf8"),
    );
    const exported = await nonlin(["export", "softmax", "--target", "wasm", "--output", "rows.mjs"], { folder });
    expect([exported.code, exported.err]).toEqual([0, ""]);
  });
});

/** More than the 4 KB that pages once could compile at a time. */
const LARGE = "mish";

const PAGE = `
import * as large from "./wasm/${LARGE}.js";
import * as relu from "./wasm/relu.js";

export function run(values) {
  const x = large.allocate(values.length);
  x.set(values);
  const inside = Array.from(large.forward(relu.forward(x, x), x));
  const copied = Array.from(large.forward(relu.forward(values)));
  large.allocate(2 ** 25);
  let told = "";
  try {
    large.forward(x);
  } catch (error) {
    told = error.message;
  }
  return { inside, copied, renewed: Array.from(large.renew(x)), told };
}
`;

describe.skipIf(browserUnavailable() !== undefined && process.env["CI"] === undefined)("in Chromium", () => {
  it("modules run on a page's main thread, and compute what they do in Node", async () => {
    const texts = Object.fromEntries(
      readdirSync(WASM).map((name) => [`wasm/${name}`, readFileSync(new URL(name, WASM), "utf8")] as const),
    );
    const code = /"(AGFzb[^"]*)"/.exec(texts[`wasm/${LARGE}.js`]!)![1]!;
    expect(Buffer.from(code, "base64").length).toBeGreaterThan(4096);
    const opened = await openPage({ modules: { ...texts, "page.js": PAGE } });
    try {
      const values = Float32Array.of(-3, -0.5, 0, 0.25, 1, 2, 7, 100, 1e-40);
      const [large, relu] = await Promise.all([loadWasm(LARGE), loadWasm("relu")]);
      const expected = [...large.forward(relu.forward(values))];
      const result = await opened.call<Record<string, unknown>>("page.js", "run", values);
      expect(result).toMatchObject({ inside: expected, copied: expected, renewed: expected });
      expect(result["told"]).toMatch(/renew\(x\)/);
    } finally {
      await opened.close();
    }
  });
});
