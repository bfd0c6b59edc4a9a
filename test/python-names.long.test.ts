/** Ids, parameters, titles and references that are hostile or clash with what emitted Python needs: what is accepted, run. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pythonNames } from "../src/codegen/python/parameters.js";
import { compile, createOracle } from "../src/pipeline/activation.js";
import { compileGraph } from "../src/pipeline/layer.js";
import { findLayer } from "../src/catalogue.js";
import { definitionFromFormula, type FormulaDefinition } from "../src/frontends/definition.js";
import { defaults, type Definition } from "../src/ir/definition.js";
import { evaluate } from "../src/ir/evaluate.js";
import { x } from "../src/ir/build.js";
import { withActivation } from "../src/layers/layers.js";
import { derivative } from "../src/symbolic/derivative.js";
import { RESERVED as KERAS_RESERVED } from "../src/targets/keras/reserved.js";
import { RESERVED as TORCH_RESERVED } from "../src/targets/pytorch/reserved.js";
import { writeArtifacts } from "./helpers/python-versions.js";
import { runChecks, verdict, type Outcomes } from "./helpers/python.js";

const python = process.env["NONLIN_PYTHON"];
const TARGETS = ["pytorch", "keras3", "keras2"] as const;

const named = (id: string, formula = "x * tanh(x)", more: Partial<FormulaDefinition> = {}): FormulaDefinition => ({
  id,
  formula,
  ...more,
});

const IDS = ["Foo", "ReLU", "tensor", "value_error", "print", "f", "match", "layer", "relu", "a".repeat(64)];
const PARAMETERS = [
  "value ctx gradient y torch name training saved_tensors",
  "float t bias gate units forward dtype weights",
  "keras wide args round_ len kwargs inputs u",
  "derivative math ops tf nn Tensor F call",
  // Beside those of a layer around the activation.
  "units use_bias gate activation layer stride activation_gate",
];
const HOSTILE = '"""\nimport os; os._exit(3)\n\\"""\\ {x} {0} %s \u2028 \u0000 é "';

const weighted = (names: readonly string[]): string =>
  `x * x * (${names.map((name, i) => `${i + 1} * ${name}`).join(" + ")}) / 40`;

const ENTRIES: readonly FormulaDefinition[] = [
  ...IDS.map((id) => named(id)),
  ...PARAMETERS.map((names, i) => named(`parameters_${i}`, weighted(names.split(" ")))),
  // What depends on no tensor is computed by Python.
  named("of_numbers", "x * (sigmoid(a) + erfc(b) + exp(-c))"),
  named("titled", "x * tanh(2 * x)", { title: HOSTILE, reference: HOSTILE }),
  named("learned", "x * tanh(x * (gradient + 2 * tangent_gradient + 3 * other) / 6)", {
    parameters: {
      gradient: { default: 0.5, learnable: true },
      tangent_gradient: { default: 0.25, learnable: true },
      other: { default: 1.5 },
    },
  }),
];

const INPUTS = [-3, -0.5, 0.25, 2];

/** The arguments by the names that they have in Python. */
function caseOf(definition: Definition, target: (typeof TARGETS)[number]): object {
  const parameters = defaults(definition);
  const { parameters: names } = pythonNames(definition, target === "pytorch" ? TORCH_RESERVED : KERAS_RESERVED);
  const slope = derivative(definition.formula, x);
  const given = (learnable: boolean) =>
    Object.fromEntries(
      names.filter((each) => each.parameter.learnable === learnable).map((each) => [each.name, each.parameter.default]),
    );
  return {
    id: definition.id,
    numbers: given(false),
    learned: given(true),
    inputs: INPUTS,
    value: INPUTS.map((at) => evaluate(definition.formula, { ...parameters, x: at })),
    slope: INPUTS.map((at) => evaluate(slope, { ...parameters, x: at })),
    relative: target === "pytorch" ? 1e-12 : 1e-6,
  };
}

describe.each(TARGETS)("what is accepted for %s", (target) => {
  const folder = mkdtempSync(join(tmpdir(), "nonlin-names-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const path = { pytorch: "pytorch", keras3: "keras/keras3", keras2: "keras/keras2" }[target];
  const texts = new Map<string, string>();
  const outcomes: Partial<Record<"explicit" | "native", Outcomes>> = {};

  beforeAll(async () => {
    const oracle = await createOracle();
    const definitions = await Promise.all(ENTRIES.map(definitionFromFormula));
    for (const definition of definitions) {
      const { artifacts } = await compile(definition, { target }, oracle);
      writeArtifacts(folder, artifacts);
      for (const { text, style } of artifacts) texts.set(`${definition.id} ${style}`, text);
    }
    const around = definitions.find(({ id }) => id === "parameters_4")!;
    const layer = withActivation(findLayer("dense")!, around);
    const { artifacts } = await compileGraph(layer, { target }, oracle);
    writeArtifacts(folder, artifacts);
    if (python === undefined) return;
    const run = target === "pytorch";
    const inner = ["Parameters4", "parameters_4", "value", "derivative", "second_derivative"];
    const made = { id: layer.id, inner, numbers: {}, arguments: run ? [3, 2] : [2], run };
    const cases = JSON.stringify([...definitions.map((each) => caseOf(each, target)), made]);
    const environment = target === "keras3" ? { TF_USE_LEGACY_KERAS: "0", KERAS_BACKEND: "tensorflow" } : {};
    for (const [style, at] of [
      ["explicit", path],
      ["native", `${path}/native`],
    ] as const)
      outcomes[style] = await runChecks(
        python,
        "run_names.py",
        [run ? "torch" : "keras", join(folder, at), cases],
        environment,
      );
  });

  it("says in the documentation what was renamed", () => {
    for (const style of ["explicit", "native"]) {
      expect(texts.get(`parameters_0 ${style}`)).toMatch(/value_: the parameter value\./);
      expect(texts.get(`parameters_1 ${style}`)).toMatch(/float_: the parameter float\./);
      expect(texts.get(`learned ${style}`)).not.toMatch(/other: the parameter/);
    }
  });

  it("is what its name says, not what a framework has under it", () => {
    expect(texts.get("relu native")).toMatch(/tanh\(x\)/);
    expect(texts.get("relu native")).not.toMatch(/(F|activations|nn)\.(relu|ReLU)/);
  });

  describe.skipIf(python === undefined).each(["explicit", "native"] as const)("in Python, %s", (style) => {
    it.each([...ENTRIES.map(({ id }) => id), "dense_parameters_4"])("%s", (id) => {
      expect(verdict(outcomes[style]!, "names", id)).toBe("ok");
    });
  });
});

describe.skipIf(python === undefined)("what is reserved", () => {
  it.each([
    ["torch.nn.Module()", TORCH_RESERVED],
    ["torch.autograd.Function", TORCH_RESERVED],
    ["keras.layers.Layer()", KERAS_RESERVED],
  ])("has every name of %s", async (of, { attributes }) => {
    const { spawnSync } = await import("node:child_process");
    const program = `import ${of.split(".")[0]!}; print(*[name for name in dir(${of}) if not name.startswith("_")])`;
    const { stdout } = spawnSync(python!, ["-c", program], {
      encoding: "utf8",
      env: { ...process.env, KERAS_BACKEND: "tensorflow", CUDA_VISIBLE_DEVICES: "-1" },
    });
    const found = stdout.trim().split(" ");
    expect(found.length).toBeGreaterThan(10);
    expect(found.filter((name) => !attributes.includes(name))).toEqual([]);
  });
});
