/** The promises about the code itself: who imports whom, no cycles, purity, and what a change costs. */
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { Project } from "ts-morph";
import { catalogue } from "../src/catalogue.js";

const root = resolve(import.meta.dirname, "..");
const source = join(root, "src");
const project = new Project({ skipAddingFilesFromTsConfig: true, skipFileDependencyResolution: true });
project.addSourceFilesAtPaths(join(source, "**/*.ts"));

interface Import {
  readonly from: string;
  readonly to: string;
  /** Types only: erased, so they make no cycle at run time. */
  readonly typeOnly: boolean;
}

const files = project.getSourceFiles().map((file) => relative(source, file.getFilePath()));
const external: { readonly from: string; readonly to: string }[] = [];
const imports: Import[] = project.getSourceFiles().flatMap((file) => {
  const from = relative(source, file.getFilePath());
  const declared = [...file.getImportDeclarations(), ...file.getExportDeclarations()].flatMap((declaration) => {
    const specifier = declaration.getModuleSpecifierValue();
    const named = "getNamedImports" in declaration ? declaration.getNamedImports() : declaration.getNamedExports();
    const namesOnlyTypes = named.length > 0 && named.every((name) => name.isTypeOnly());
    return specifier === undefined ? [] : [{ specifier, typeOnly: declaration.isTypeOnly() || namesOnlyTypes }];
  });
  const dynamic = [...file.getFullText().matchAll(/import\("([^"]+)"\)/g)].map((match) => ({
    specifier: match[1]!,
    typeOnly: false,
  }));
  return [...declared, ...dynamic].flatMap(({ specifier, typeOnly }) => {
    if (!specifier.startsWith(".")) {
      external.push({ from, to: specifier });
      return [];
    }
    const to = relative(source, resolve(dirname(join(source, from)), specifier)).replace(/\.js$/, ".ts");
    return [{ from, to, typeOnly }];
  });
});

const folderOf = (file: string): string => (file.includes("/") ? file.split("/")[0]! : file);

/** What each folder may import besides itself; files at the root of src are named. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  ir: [],
  math: ["ir"],
  activations: ["ir"],
  layers: ["ir", "activations"],
  frontends: ["ir", "diagnostic.ts"],
  frameworks: ["ir", "symbolic", "diagnostic.ts"],
  symbolic: ["ir"],
  codegen: ["frameworks", "ir", "math", "symbolic", "diagnostic.ts"],
  targets: ["codegen", "frameworks", "ir", "math"],
  "diagnostic.ts": [],
  "catalogue.ts": ["activations", "layers", "ir"],
  "registry.ts": ["targets", "frontends", "codegen", "ir"],
  pipeline: [
    "activations",
    "catalogue.ts",
    "codegen",
    "diagnostic.ts",
    "frameworks",
    "ir",
    "math",
    "registry.ts",
    "symbolic",
  ],
  cli: ["*"],
  "index.ts": ["*"],
};

describe("imports", () => {
  it("were found", () => {
    expect(files.length).toBeGreaterThan(40);
    expect(imports.length).toBeGreaterThan(100);
    for (const { to } of imports) expect(files).toContain(to);
  });

  it("run only in the directions of the design", () => {
    const wrong = imports.filter(({ from, to }) => {
      const [a, c] = [folderOf(from), folderOf(to)];
      const allowed = ALLOWED[a];
      return a !== c && !(allowed?.includes("*") === true && c !== "index.ts") && !(allowed?.includes(c) ?? false);
    });
    expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  it("are those that ARCHITECTURE.md shows", () => {
    const lines = readFileSync(join(root, "ARCHITECTURE.md"), "utf8").split("\n");
    const rows = lines.flatMap((line) => {
      const [, folder, , may] = /^\| `src\/(\w+)` \|(.*)\| ([^|]*) \|$/.exec(line) ?? [];
      return folder === undefined ? [] : [[folder, [...may!.matchAll(/`(\w+)`/g)].map(([, name]) => name!)] as const];
    });
    expect(rows.length).toBeGreaterThan(8);
    for (const [folder, may] of rows)
      if (folder !== "cli")
        expect(may, folder).toEqual(ALLOWED[folder]!.filter((name) => !name.endsWith(".ts")).sort());
  });

  it("have no cycle at run time", () => {
    const graph = new Map<string, string[]>();
    for (const { from, to, typeOnly } of imports) if (!typeOnly) graph.set(from, [...(graph.get(from) ?? []), to]);
    const state = new Map<string, "open" | "done">();
    const visit = (file: string, path: readonly string[]): void => {
      if (state.get(file) === "done") return;
      expect(state.get(file), [...path, file].join(" -> ")).toBeUndefined();
      state.set(file, "open");
      for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
      state.set(file, "done");
    };
    for (const file of files) visit(file, []);
  });

  it("let the checker of proofs use nothing of their search", () => {
    const search = /^symbolic\/prove\/(algebra|signs|regions|estimates|cases|refute|findings|assignments|modular)/;
    const used = imports.filter(({ from, to, typeOnly }) => {
      return from.startsWith("symbolic/prove/certificates/") && search.test(to) && !typeOnly;
    });
    expect(used.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  it("never let one target know another", () => {
    // targets/js.ts and everything in targets/js/ are one target.
    const targetOf = (file: string): string | undefined => /^targets\/(\w+)[./]/.exec(file)?.[1];
    const between = imports.filter(({ from, to }) => {
      const [a, c] = [targetOf(from), targetOf(to)];
      return a !== undefined && c !== undefined && a !== c;
    });
    expect(between).toEqual([]);
  });

  it("reach outside only where the design says so", () => {
    const places: Readonly<Record<string, readonly string[]>> = {
      jiti: ["cli"],
      mathjs: ["frontends"],
      "ts-morph": ["cli", "frontends"],
      "@lezer/python": ["frontends"],
      prettier: ["codegen", "frontends"],
      "@astral-sh/ruff-wasm-nodejs": ["codegen"],
      "gmp-wasm": ["symbolic"],
      watr: ["targets"],
    };
    for (const { from, to } of external) {
      const library = to.startsWith("node:") ? "node" : /^(@[^/]+\/)?[^/]+/.exec(to)![0];
      if (library === "node") continue;
      expect(places[library] ?? [], `${from} imports ${to}`).toContain(folderOf(from));
    }
  });
});

describe("purity", () => {
  it("keeps files, processes and clocks in src/cli", () => {
    // The formula parser finds one file of mathjs through node:module and node:url; it reads nothing itself.
    const impure = external.filter(
      ({ from, to }) =>
        to.startsWith("node:") && !["cli"].includes(folderOf(from)) && to !== "node:module" && to !== "node:url",
    );
    expect(impure).toEqual([]);
    for (const file of project.getSourceFiles()) {
      const path = relative(source, file.getFilePath());
      if (folderOf(path) === "cli") continue;
      expect(file.getFullText(), path).not.toMatch(
        /\bprocess\.|Date\.now|new Date\(|performance\.now|Math\.random|setTimeout/,
      );
    }
  });

  it("evaluates nothing", () => {
    for (const file of project.getSourceFiles()) {
      expect(file.getFullText(), file.getFilePath()).not.toMatch(/\beval\(|new Function\(|\bFunction\(/);
    }
  });

  it("has docstrings that begin with a noun phrase", () => {
    for (const file of project.getSourceFiles())
      expect(file.getFullText(), file.getFilePath()).not.toMatch(/\/\*\*?\s*What |\/\/\s*What |^\s*\*\s+What /m);
  });

  it("has no default exports and no any", () => {
    for (const file of project.getSourceFiles()) {
      expect(file.getFullText(), file.getFilePath()).not.toMatch(/^export default|: any\b|as any\b|<any>/m);
    }
  });
});

describe("the cost of change", () => {
  const text = (path: string): string => readFileSync(join(source, path), "utf8");

  it("of a target is one file and one registry line: nothing else knows its name", () => {
    const names = readdirSync(join(source, "targets"))
      .filter((name) => /^\w+\.ts$/.test(name))
      .map((name) => name.replace(".ts", ""));
    for (const name of names)
      for (const file of files.filter((path) => !/^(targets|frameworks|cli)\//.test(path) && path !== "registry.ts"))
        expect(text(file), `${file} mentions ${name}`).not.toMatch(new RegExp(`["'\`/]${name}["'\`/]`));
  });

  it("of an activation is one entry: its id stands nowhere else", () => {
    const ids = [
      ...text("activations/piecewise.ts").matchAll(/id: "(\w+)"/g),
      ...text("activations/smooth.ts").matchAll(/id: "(\w+)"/g),
    ].map((match) => match[1]!);
    expect(ids.length).toBeGreaterThan(30);
    const distinctive = ids.filter((id) => id.includes("_") || /\d/.test(id));
    for (const id of distinctive)
      for (const file of files.filter((path) => !/^(activations|frameworks|cli)\//.test(path)))
        expect(text(file), `${file} mentions ${id}`).not.toContain(`"${id}"`);
  });

  it("of an operation is one row: symbolic passes name operations only in their tables", () => {
    expect(text("codegen/schedule.ts")).not.toMatch(/"(exp|tanh|erf|sigmoid|softplus)"/);
    expect(text("symbolic/derivative.ts")).not.toMatch(/"(exp|tanh|erf|sigmoid|softplus|mul|add)"/);
    expect(text("symbolic/simplify.ts")).not.toMatch(/"(exp|tanh|erf|sigmoid|softplus)"/);
  });

  it("emits each thing once: no module of an elementwise activation is long", () => {
    const folder = join(root, "generated", "js");
    for (const { id } of catalogue)
      expect(readFileSync(join(folder, `${id}.js`), "utf8").split("\n").length, id).toBeLessThan(400);
  });

  it("stays small: no file of two ideas", () => {
    const long = files.map((path) => [path, text(path).split("\n").length] as const).filter(([, lines]) => lines > 330);
    expect(long).toEqual([]);
  });
});
