/** Emitted PyTorch modules in PyTorch's own words: names and arguments, states that load both ways, what is refused. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findDefinition, findLayer } from "../src/catalogue.js";
import { compileGraph } from "../src/pipeline/layer.js";
import { compile, createOracle } from "../src/pipeline/activation.js";
import { withActivation } from "../src/layers/layers.js";
import { runChecks, type Outcomes } from "./helpers/python.js";

const python = process.env["NONLIN_PYTHON"];
const GENERATED = resolve(import.meta.dirname, "..", "generated", "pytorch");
const CHECKS = ["both_ways", "arguments", "errors"];

/** What the program looks at, as it is written for a version. */
async function emit(folder: string, frameworkVersion: string): Promise<string> {
  const oracle = await createOracle();
  const options = { target: "pytorch", frameworkVersion } as const;
  const inLayer = (layer: string, id: string) => withActivation(findLayer(layer)!, findDefinition(id)!);
  const graphs = [
    inLayer("dense", "relu"),
    inLayer("conv1d", "relu"),
    inLayer("layer_norm", "linear"),
    inLayer("rms_norm", "linear"),
    inLayer("batch_norm", "linear"),
  ];
  const written = [
    ...graphs.map((graph) => compileGraph(graph, options, oracle)),
    ...["threshold", "hardtanh", "gelu_erf", "hardshrink", "rrelu", "elu"].map((id) =>
      compile(findDefinition(id)!, options, oracle),
    ),
  ];
  for (const { artifacts } of await Promise.all(written))
    for (const { path, text } of artifacts) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  return join(folder, "pytorch");
}

describe.skipIf(python === undefined)("PyTorch's own words", () => {
  let folder = "";
  const outcomes: Record<string, Outcomes> = {};
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "nonlin-idiom-"));
    outcomes["2.13"] = await runChecks(python!, "torch_idiom.py", [GENERATED]);
    outcomes["1.13"] = await runChecks(python!, "torch_idiom.py", [await emit(folder, "1.13")]);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  describe.each(["2.13", "1.13"])("for %s", (version) => {
    test.each(CHECKS)("%s", (check) => {
      const outcome = outcomes[version]!.of(check, "idiom");
      expect(outcome === undefined ? `no outcome. ${outcomes[version]!.errors}` : outcome.ok || outcome.detail).toBe(
        true,
      );
    });
  });
});
