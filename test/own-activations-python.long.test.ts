/** Own definitions with more than numbers, as PyTorch and Keras modules. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findDefinition, findLayer } from "../src/catalogue.js";
import { compileGraph, graphFor } from "../src/pipeline/layer.js";
import { compile, createOracle } from "../src/pipeline/activation.js";
import { definitionFromFormula } from "../src/frontends/definition.js";
import { surrogateOf } from "../src/ir/definition.js";
import { withActivation } from "../src/layers/layers.js";
import type { TargetName } from "../src/registry.js";
import { SPREAD } from "./helpers/own-activations.js";
import { runChecks, verdict, type Outcomes } from "./helpers/python.js";

const python = process.env["NONLIN_PYTHON"];
const CHECKS = ["by_channel", "two_inputs", "gated_dense", "surrogate"];
const FRAMEWORKS = { torch: "pytorch", keras: "keras3" } as const satisfies Record<string, TargetName>;

describe.skipIf(python === undefined)("in Python", () => {
  let folder = "";
  const outcomes: Record<string, Outcomes> = {};
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "nonlin-own-"));
    const oracle = await createOracle();
    const definitions = await Promise.all([
      ...SPREAD.map(definitionFromFormula),
      definitionFromFormula({ id: "sugar", formula: "max(x, 0)", gradient: surrogateOf(findDefinition("bsilu")!) }),
    ]);
    for (const [framework, target] of Object.entries(FRAMEWORKS)) {
      const compilations = await Promise.all([
        ...definitions.map((definition) => {
          expect(graphFor(definition, { target })).toBeUndefined();
          return compile(definition, { target }, oracle);
        }),
        compileGraph(withActivation(findLayer("gated_dense")!, definitions[2]!), { target }, oracle),
      ]);
      for (const { path, text, style } of compilations.flatMap(({ artifacts }) => artifacts)) {
        if (style !== "explicit") continue;
        const file = join(folder, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
      }
      const modules = join(folder, target === "keras3" ? "keras/keras3" : target);
      outcomes[framework] = await runChecks(python!, "own_activations.py", [framework, modules], {
        KERAS_BACKEND: "torch",
      });
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  describe.each(Object.keys(FRAMEWORKS))("with %s", (framework) => {
    test.each(CHECKS)("%s", (check) => expect(verdict(outcomes[framework]!, check, framework)).toBe("ok"));
  });
});
