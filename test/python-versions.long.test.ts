/**
 * What is emitted for old versions of the frameworks: only names and keywords that those have, no syntax newer than the
 * Python of their time, and, where an old release is there, run in it.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { catalogue, graphs } from "../src/catalogue.js";
import { compile } from "../src/pipeline/activation.js";
import { Diagnostic } from "../src/diagnostic.js";
import { canBe } from "../src/frameworks/call.js";
import { builtInOf } from "../src/frameworks/find.js";
import { kinkRecord } from "../src/frameworks/kinks.js";
import { isWithin, type FrameworkName, type FrameworkVersion } from "../src/frameworks/version.js";
import { defaults } from "../src/ir/definition.js";
import { evaluate } from "../src/ir/evaluate.js";
import { findDefinition } from "../src/index.js";
import { readPython } from "./helpers/python-code.js";
import { emitVersions, VERSIONS, writeArtifacts, type Emitted } from "./helpers/python-versions.js";
import { referenceFolder } from "./helpers/python-reference.js";
import { runChecks, verdict, type Outcomes } from "./helpers/python.js";

const read = <Shape>(name: string): Shape =>
  JSON.parse(readFileSync(resolve(import.meta.dirname, "fixtures", "signatures", name), "utf8")) as Shape;

interface Signatures {
  readonly names: Readonly<Record<string, string>>;
  readonly since?: Readonly<Record<string, string>>;
}

/** Of torch after 1.7: the versions that brought what is used of it. */
const TORCH_SINCE: Readonly<Record<string, string>> = {
  "torch.nn.functional.mish": "1.9",
  "torch.nn.Mish": "1.9",
  "torch.special.erfcx": "1.11",
  "torch.nn.functional.scaled_dot_product_attention": "2.0",
  "torch.fx.wrap": "1.8",
  "torch.compiler.allow_in_graph": "2.1",
  "torch.compiler.is_compiling": "2.3",
  "torch.nn.RMSNorm": "2.4",
  // It was run in 1.13; nothing older is at hand.
  "torch.ops.aten.hardsigmoid_backward": "1.13",
  "torch._C._are_functorch_transforms_active": "2.0",
  "torch._functorch.utils.unwrap_dead_wrappers": "2.0",
};
const TORCH_KEYWORDS_SINCE: Readonly<Record<string, string>> = {
  "torch.nn.functional.cross_entropy(label_smoothing)": "1.10",
  "torch.nn.functional.gelu(approximate)": "1.12",
  "torch.nn.functional.scaled_dot_product_attention(scale)": "2.1",
};
/** What is there, but is no function. */
const VALUES = new Set(
  (
    "torch.float16 torch.bfloat16 torch.float64 torch.bool torch.autograd.Function tf.float16 tf.bfloat16 keras.backend " +
    "keras.KerasTensor keras.Operation torch.nn.modules torch.nn.modules.batchnorm torch.nn.modules.batchnorm._BatchNorm"
  ).split(" "),
);

const torch = read<Signatures>("torch-1.7.json").names;
const tf = read<Signatures>("keras-2.4.json").names;
const keras = read<Signatures>("keras-3.json");

interface Vocabulary {
  readonly framework: FrameworkName;
  /** `F.x` as it is called in full; undefined for what is not of the framework. */
  readonly full: (name: string) => string | undefined;
  readonly since: (name: string) => string | undefined;
  readonly signature: (name: string) => string | undefined;
}

const startsWith =
  (roots: readonly string[], rename: (name: string) => string = (name) => name) =>
  (name: string): string | undefined =>
    roots.includes(name.split(".")[0]!) && name.includes(".") ? rename(name) : undefined;

/** Since when a name or the folder of names is there. */
const sinceOf = (first: string, names: Readonly<Record<string, string>>, since: Readonly<Record<string, string>>) => {
  const all = [...Object.keys(names), ...Object.keys(since)];
  const folders = new Set(
    all
      .filter((name) => since[name] === undefined)
      .flatMap((name) => name.split(".").map((_, i, parts) => parts.slice(0, i).join("."))),
  );
  return (name: string): string | undefined => {
    if (Object.hasOwn(since, name)) return since[name];
    if (Object.hasOwn(names, name) || folders.has(name) || VALUES.has(name)) return first;
    const inside = all.find((each) => each.startsWith(`${name}.`));
    return inside === undefined ? undefined : since[inside];
  };
};

const VOCABULARIES: Readonly<Record<keyof typeof VERSIONS, Vocabulary>> = {
  pytorch: {
    framework: "torch",
    full: startsWith(["torch", "F", "nn"], (name) =>
      name.replace(/^F\./, "torch.nn.functional.").replace(/^nn\./, "torch.nn."),
    ),
    since: sinceOf("1.7", torch, TORCH_SINCE),
    signature: (name) => torch[name],
  },
  keras2: {
    framework: "keras",
    full: startsWith(["tf"]),
    since: sinceOf("2.4", tf, {}),
    signature: (name) => tf[name],
  },
  keras3: {
    framework: "keras",
    full: startsWith(["keras", "ops"], (name) => name.replace(/^ops\./, "keras.ops.")),
    since: sinceOf("3.0", keras.names, keras.since!),
    signature: (name) => keras.names[name],
  },
};

function strangers({ version, artifacts }: Emitted, { framework, full, since, signature }: Vocabulary): string[] {
  const at: FrameworkVersion = { framework, version };
  const isThere = (from: string | undefined): boolean => from !== undefined && isWithin(at, { since: from });
  const found = new Set<string>();
  for (const { path, text } of artifacts) {
    if (!path.endsWith(".py") || path.endsWith("weights.py")) continue;
    const { names, calls } = readPython(text);
    for (const name of names) {
      const whole = full(name);
      if (whole !== undefined && !isThere(since(whole))) found.add(`${whole} in ${path}`);
    }
    for (const { callee, keywords } of calls) {
      if (framework === "torch" && callee.startsWith(".") && !isMethod(callee)) found.add(`${callee} in ${path}`);
      const whole = full(callee);
      if (whole === undefined) continue;
      const known = signature(whole) ?? "";
      for (const keyword of keywords) {
        const listed = new RegExp(`(^|[\\s,*])${keyword}\\b|\\*\\*`).test(known);
        if (!listed && !isThere(TORCH_KEYWORDS_SINCE[`${whole}(${keyword})`]))
          found.add(`${whole}(${keyword}=) in ${path}`);
      }
    }
  }
  return [...found];
}

/** Methods of tensors that any version has, of modules, of what is above a class or of Python; what is chosen from a tuple of classes has no name. */
const isMethod = (callee: string): boolean =>
  callee === "." || Object.hasOwn(torch, `Tensor${callee}`) || /^\.(__init__|apply|forward|join)$/.test(callee);

/** What Python 3.6 does not read. */
const NEWER: Readonly<Record<string, RegExp>> = {
  "an assignment within an expression": /:=/,
  "arguments by position only": /\(([^()]*, )?\/[,)]/,
  "a union of types": /[:>] ?[\w.]+ \| None/,
  "a generic builtin": /[:>] ?(tuple|list|dict)\[/,
  "a match": /^\s*match .*:$/m,
};
const withoutStrings = (text: string): string => text.replace(/"""[^]*?"""|"(?:[^"\\\n]|\\.)*"/g, '""');

/** Reads every file as Python 3.6 does. */
const READ_AS_3_6 = `
import ast, pathlib, sys
files = list(pathlib.Path(sys.argv[1]).rglob("*.py"))
for path in files:
    ast.parse(path.read_text(), feature_version=(3, 6))
print(len(files))
`;

const emitted: Partial<Record<keyof typeof VERSIONS, readonly Emitted[]>> = {};
const folder = mkdtempSync(join(tmpdir(), "nonlin-versions-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(async () => {
  for (const name of Object.keys(VERSIONS) as (keyof typeof VERSIONS)[]) {
    emitted[name] = await emitVersions(name);
    for (const { version, artifacts } of emitted[name]) writeArtifacts(join(folder, `${name}-${version}`), artifacts);
  }
});

const CASES = (Object.keys(VERSIONS) as (keyof typeof VERSIONS)[]).flatMap((name) =>
  VERSIONS[name].map((version) => [name, version] as const),
);

describe.each(CASES)("%s for %s", (name, version) => {
  const it_ = (): Emitted => emitted[name]!.find((each) => each.version === version)!;

  it("has every activation and layer in both styles", () => {
    for (const style of ["explicit", "native"])
      expect(it_().artifacts.filter((artifact) => artifact.style === style)).toHaveLength(
        catalogue.length + graphs.length,
      );
  });

  it("uses only names and keywords that are there", () => {
    expect(strangers(it_(), VOCABULARIES[name])).toEqual([]);
  });

  it("has no syntax that the Python of its time does not have", () => {
    for (const { path, text } of it_().artifacts)
      for (const [what, pattern] of Object.entries(NEWER))
        expect(withoutStrings(text), `${path}: ${what}`).not.toMatch(pattern);
  });

  it.skipIf(process.env["NONLIN_PYTHON"] === undefined)("is read as Python 3.6", () => {
    const words = ["-c", READ_AS_3_6, join(folder, `${name}-${version}`)];
    const { stdout, stderr } = spawnSync(process.env["NONLIN_PYTHON"]!, words, { encoding: "utf8" });
    expect([stderr, Number(stdout)]).toEqual(["", it_().artifacts.filter(({ path }) => path.endsWith(".py")).length]);
  });
});

describe("what the checks see", () => {
  const strange = (text: string): string[] =>
    strangers({ version: "1.7", artifacts: [{ path: "a.py", text }] } as unknown as Emitted, VOCABULARIES.pytorch);

  it.each([
    ["torch.special.erfcx(x)", "torch.special.erfcx"],
    ["nn.Mish()", "torch.nn.Mish"],
    ['F.gelu(x, approximate="tanh")', "torch.nn.functional.gelu(approximate=)"],
    ["torch.wherever(x)", "torch.wherever"],
    ["(x + 1).nan_to_zero()", ".nan_to_zero"],
    ["torch.clamp(x, lowest=1)", "torch.clamp(lowest=)"],
  ])("%s", (text, what) => expect(strange(text)[0]).toBe(`${what} in a.py`));

  it("nothing strange in what is there", () => expect(strange("torch.clamp(x, min=1).to(x.dtype)")).toEqual([]));
});

it("one plan serves all versions of a target: they have the same operations", () => {
  for (const each of Object.values(emitted))
    for (const { target } of each)
      expect(Object.keys(target.operations)).toEqual(Object.keys(each[0]!.target.operations));
});

it("Keras 3.0 is refused, since it has no custom_gradient", async () => {
  const thrown: unknown = await compile(findDefinition("relu")!, { target: "keras3", version: "3.0" }).catch(
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(Diagnostic);
  expect((thrown as Diagnostic).message).toMatch(/no version "3.0": it has no keras.ops.custom_gradient/);
});

/** The gradients on record at the kinks of each case of the reference, where the framework's own function is called. */
function recordsAt(at: FrameworkVersion): string {
  const rows = catalogue.flatMap((definition) => {
    const row = builtInOf(definition.id, at);
    if (row?.function === undefined) return [];
    const cases = [defaults(definition), ...definition.samples].flatMap((parameters, index) => {
      const record = canBe(row, parameters) ? kinkRecord(definition.id, at, parameters) : undefined;
      if (record === undefined) return [];
      const finite = definition.kinks.map((kink) => Number.isFinite(evaluate(kink, parameters)));
      const pairs = record.gradients.filter((_, i) => finite[i]).map(({ scalar, vector }) => [scalar, vector]);
      return [[String(index), pairs] as const];
    });
    return [[definition.id, Object.fromEntries(cases)] as const];
  });
  return JSON.stringify(Object.fromEntries(rows));
}

const CHECKS = {
  explicit: ["float32", "float64", "kinks", "half", "checked", "saved"],
  native: ["native", "native_kinks", "saved"],
} as const;
const STYLES = ["explicit", "native"] as const;

const RELEASES = [
  { name: "pytorch", version: "1.7", variable: "NONLIN_PYTHON_TORCH_1_7", program: "torch", path: "pytorch" },
  { name: "pytorch", version: "1.13", variable: "NONLIN_PYTHON_TORCH_1_13", program: "torch", path: "pytorch" },
  { name: "keras2", version: "2.4", variable: "NONLIN_PYTHON_KERAS_2_4", program: "tf", path: "keras/keras2" },
] as const;

describe.each(RELEASES)("$name in the release $version", ({ name, version, variable, program, path }) => {
  const python = process.env[variable];
  if (python === undefined)
    console.error(`*** NOT TESTED: modules for ${name} ${version}, since ${variable} names no Python`);
  const outcomes: Partial<Record<(typeof STYLES)[number] | "package", Outcomes>> = {};

  beforeAll(async () => {
    if (python === undefined) return;
    const reference = await referenceFolder();
    const modules = join(folder, `${name}-${version}`, path);
    const records = recordsAt({ framework: VOCABULARIES[name].framework, version });
    for (const [style, at] of [
      ["explicit", modules],
      ["native", join(modules, "native")],
      ["package", modules],
    ] as const)
      outcomes[style] = await runChecks(python, "run_versions.py", [program, reference, at, style, records]);
  });

  it.skipIf(python === undefined)("imports everything", () => {
    expect(verdict(outcomes.package!, "package", "all")).toBe("ok");
    expect(outcomes.package!.of("package", "all")!.detail).toBe(
      `${2 * (catalogue.length + graphs.length) + 1} modules`,
    );
  });

  describe.skipIf(python === undefined).each(STYLES)("%s", (style) => {
    describe.each(CHECKS[style].map((check) => [check] as const))("%s", (check) => {
      it.each(catalogue.map(({ id }) => id))("%s", (id) => {
        expect(verdict(outcomes[style]!, check, id)).toBe("ok");
      });
    });
  });
});
