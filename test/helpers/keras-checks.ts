/** Tests that run the emitted Keras modules: by Keras 3 on its backends, and by tf.keras 2. */
import { resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { catalogue } from "../../src/catalogue.js";
import { runChecks, verdict, type Outcomes } from "./python.js";
import { referenceFolder } from "./python-reference.js";

const GENERATED = resolve(import.meta.dirname, "..", "..", "generated", "keras");

const python = process.env["NONLIN_PYTHON"];

/** tf_keras is what became of tf.keras 2. */
const RUNS = {
  "Keras 3 on TensorFlow": { folder: "keras3", environment: { KERAS_BACKEND: "tensorflow" } },
  "Keras 3 on JAX": { folder: "keras3", environment: { KERAS_BACKEND: "jax" } },
  "Keras 3 on PyTorch": { folder: "keras3", environment: { KERAS_BACKEND: "torch" } },
  "tf.keras 2": { folder: "keras2", environment: { KERAS_BACKEND: "tensorflow", NONLIN_KERAS: "tf_keras" } },
} as const;

const CHECKS = {
  /** One pass: values, gradients, and that a layer is one of Keras. */
  first: { explicit: ["float32", "gradients", "layer", "refusals", "saving"], native: ["native"] },
  rest: { explicit: ["float64", "compiled", "half", "training"], native: ["native_layer", "saving"] },
} as const;

type Style = "explicit" | "native";
const STYLES: readonly Style[] = ["explicit", "native"];

export type KerasRun = keyof typeof RUNS;

const ids = catalogue.map(({ id }) => id);

export function testKeras(names: readonly KerasRun[], parts: readonly (keyof typeof CHECKS)[]): void {
  const of = (style: Style): readonly string[] => parts.flatMap((part) => [...CHECKS[part][style]]);
  const checks: Readonly<Record<Style, readonly string[]>> = { explicit: of("explicit"), native: of("native") };
  describe.skipIf(python === undefined)("Keras", () => {
    describe.each(names)("%s", (name) => {
      const { folder, environment } = RUNS[name];
      let outcomes: Record<Style, Outcomes>;
      beforeAll(async () => {
        const reference = await referenceFolder();
        const run = (style: Style): Promise<Outcomes> => {
          const modules = resolve(GENERATED, folder, style === "native" ? "native" : ".");
          const args = [reference, modules, style, checks[style].join(",")];
          return runChecks(python!, "run_keras.py", args, environment);
        };
        outcomes = { explicit: await run("explicit"), native: await run("native") };
      });

      describe.each(STYLES)("%s", (style) => {
        describe.each(checks[style].map((check) => [check] as const))("%s", (check) => {
          test.each(ids)("%s", (id) => {
            expect(verdict(outcomes[style], check, id)).toBe("ok");
          });
        });
      });
    });
  });
}
