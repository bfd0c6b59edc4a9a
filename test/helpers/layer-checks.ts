/**
 * Tests that run emitted layers and row-wise activations in PyTorch and Keras on the cases that PyTorch computed (fixtures/layers):
 * outputs and gradients by inputs and weights, which come through the emitted converter of layouts.
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findDefinition, findGraph, findLayer } from "../../src/catalogue.js";
import { compileGraph } from "../../src/pipeline/layer.js";
import { createOracle, targetIndex } from "../../src/pipeline/activation.js";
import type { GraphDefinition } from "../../src/ir/graph/definition.js";
import { IDENTITY, withActivation } from "../../src/layers/layers.js";
import type { TargetName } from "../../src/registry.js";

const here = dirname(dirname(fileURLToPath(import.meta.url)));
const fixtures = join(here, "fixtures", "layers");
const python = process.env["NONLIN_PYTHON"];

interface Fixture {
  readonly kind: string;
  readonly activations: readonly string[];
}

const FIXTURES: readonly Fixture[] = readdirSync(fixtures)
  .filter((name) => name.endsWith(".json"))
  .map((name) => {
    const { cases } = JSON.parse(readFileSync(join(fixtures, name), "utf8")) as {
      cases: readonly { options: { activation?: string } }[];
    };
    const activations = new Set(cases.flatMap(({ options }) => options.activation ?? []));
    return { kind: name.replace(".json", ""), activations: [...activations] };
  });

const definitionsOf = ({ kind, activations }: Fixture): readonly GraphDefinition[] => {
  const layer = findLayer(kind);
  if (layer === undefined || layer.id !== kind) return [findGraph(kind)!];
  return (activations.length === 0 ? [IDENTITY] : activations).map((id) => withActivation(layer, findDefinition(id)!));
};

interface Run {
  readonly title: string;
  readonly target: TargetName;
  readonly folder: string;
  readonly program: "torch" | "keras";
  readonly environment?: Readonly<Record<string, string>>;
  /** All kinds when absent. */
  readonly kinds?: readonly string[];
}

/** Enough to see that the backends of Keras 3 agree; every kind is run on TensorFlow. */
const SOME = ["dense", "gated_dense", "glu", "softmax", "sparsemax", "residual", "adaptive_log_softmax"];
const LEGACY = { LEGACY: "1", TF_USE_LEGACY_KERAS: "1" };
const RUNS: readonly Run[] = [
  { title: "PyTorch", target: "pytorch", folder: "pytorch", program: "torch" },
  {
    title: "Keras 3 on TensorFlow",
    target: "keras3",
    folder: "keras/keras3",
    program: "keras",
    environment: { KERAS_BACKEND: "tensorflow" },
  },
  {
    title: "Keras 3 on JAX",
    target: "keras3",
    folder: "keras/keras3",
    program: "keras",
    environment: { KERAS_BACKEND: "jax" },
    kinds: ["dense", "glu", "softmax"],
  },
  {
    title: "Keras 3 on PyTorch",
    target: "keras3",
    folder: "keras/keras3",
    program: "keras",
    environment: { KERAS_BACKEND: "torch" },
    kinds: SOME,
  },
  { title: "tf.keras", target: "keras2", folder: "keras/keras2", program: "keras", environment: LEGACY },
];
/** In no fixture: checked for what holds of them whatever is drawn. */
const DRAWN = ["masked_softmax", "dropout", "alpha_dropout", "rrelu_random"];
const STYLES = ["explicit", "native"] as const;

interface Result {
  readonly kind: string;
  readonly case: string;
  readonly skipped?: string;
  readonly wrong?: readonly string[];
}

/** Lines that are no JSON are the frameworks' own talk. */
function parsed(text: string): Result[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Result);
}

const runPython = (words: readonly string[], environment: Readonly<Record<string, string>>): Promise<Result[]> =>
  new Promise((resolve, reject) => {
    const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: "3", CUDA_VISIBLE_DEVICES: "", ...environment };
    execFile(python!, words, { env, maxBuffer: 2 ** 28 }, (error, stdout, stderr) => {
      if (error === null) resolve(parsed(stdout));
      else reject(new Error(`${words.join(" ")}: ${error.message.slice(0, 200)}\n${stderr.slice(-2000)}`));
    });
  });

let scratch = "";

async function emit(target: TargetName): Promise<void> {
  const oracle = await createOracle();
  const artifacts = [...(await targetIndex(target, []))];
  for (const definition of [...FIXTURES.flatMap(definitionsOf), ...DRAWN.map((id) => findGraph(id)!)])
    artifacts.push(...(await compileGraph(definition, { target }, oracle)).artifacts);
  for (const { path, text } of artifacts) {
    mkdirSync(dirname(join(scratch, path)), { recursive: true });
    writeFileSync(join(scratch, path), text);
    // Each style is a folder of its own on Python's path, and needs the converter.
    if (path.endsWith("/weights.py")) {
      mkdirSync(join(scratch, dirname(path), "native"), { recursive: true });
      writeFileSync(join(scratch, dirname(path), "native", "weights.py"), text);
    }
  }
}

export function testLayers(): void {
  describe.skipIf(python === undefined)("emitted layers in Python", () => {
    beforeAll(async () => {
      scratch = mkdtempSync(join(tmpdir(), "nonlin-layers-"));
      for (const target of new Set(RUNS.map((run) => run.target))) await emit(target);
    });
    afterAll(() => rmSync(scratch, { recursive: true, force: true }));

    it("weights come back from both layouts", async () => {
      const results = await runPython([join(here, "python", "weights_round_trip.py"), join(scratch, "pytorch")], {});
      expect(results.length).toBe(17);
      expect(results.filter(({ wrong = [] }) => wrong.length > 0)).toEqual([]);
    });

    const ONCE = RUNS.filter(({ kinds }) => kinds === undefined);
    it.each(ONCE)("rows of -inf and drawn numbers: $title", async ({ folder, program, environment = {} }) => {
      const results = await runPython([join(here, "python", "drawn.py"), program, join(scratch, folder)], environment);
      expect(results.map(({ kind }) => kind)).toEqual(DRAWN);
      expect(results.filter(({ wrong = [] }) => wrong.length > 0)).toEqual([]);
    });

    for (const { title, folder, program, environment = {}, kinds = FIXTURES.map(({ kind }) => kind) } of RUNS)
      for (const style of STYLES)
        describe(`${title}, ${style}`, () => {
          let results: readonly Result[] = [];
          beforeAll(async () => {
            const modules = join(scratch, folder, style === "native" ? "native" : "");
            results = await runPython([join(here, "python", "layer_cases.py"), program, modules, ...kinds], {
              ...environment,
              STYLE: style,
            });
          });

          it.each(kinds)("%s", (kind) => {
            const cases = results.filter((result) => result.kind === kind);
            const run = cases.filter(({ skipped }) => skipped === undefined);
            expect(run.length, "cases that ran").toBeGreaterThan(0);
            expect(run.flatMap(({ case: name, wrong = [] }) => wrong.map((text) => `${name}: ${text}`))).toEqual([]);
          });
        });
  });
}
