/** Tests that run the emitted PyTorch modules: by the newest PyTorch that they are made for, and by 1.13. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { catalogue } from "../../src/catalogue.js";
import { compile, createOracle } from "../../src/pipeline/activation.js";
import { runChecks, verdict, type Outcomes } from "./python.js";
import { writeReference } from "./python-reference.js";

const GENERATED = resolve(import.meta.dirname, "..", "..", "generated", "pytorch");

/** One pass: values, gradients, and that a module is one of PyTorch. */
const FIRST = ["float32", "autograd", "functional", "differentiated", "shapes", "saving", "refusals"];
const REST = [
  ...["float64", "half", "gradcheck", "training", "channels"],
  ...["compiled", "transformed", "inductor", "exported", "onnx", "symbolic", "traced"],
];
const EVERYWHERE = ["float32", "float64", "half", "autograd", "gradcheck", "shapes", "saving", "refusals"];

const PYTHONS = {
  "PyTorch 2.13": {
    python: process.env["NONLIN_PYTHON"],
    version: undefined,
    checks: { explicit: FIRST, native: ["native", "native_layer"] },
  },
  "PyTorch 2.13, the rest": {
    python: process.env["NONLIN_PYTHON"],
    version: undefined,
    checks: { explicit: REST, native: ["native_range", "native_kinks"] },
  },
  "PyTorch 1.13": {
    python: process.env["NONLIN_PYTHON_TORCH_1_13"],
    version: "1.13",
    // At the corner of hardswish it has other gradients than the catalogue, and there is no forward mode.
    checks: { explicit: [...EVERYWHERE, "traced"], native: ["native", "native_range", "native_layer"] },
  },
} as const;

const ids = catalogue.map(({ id }) => id);
const STYLES = ["explicit", "native"] as const;

/** Modules for another version than what lies in generated/, in a temporary folder. */
async function modulesFor(version: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "nonlin-pytorch-"));
  const oracle = await createOracle();
  for (const definition of catalogue) {
    const { artifacts } = await compile(definition, { target: "pytorch", version }, oracle);
    for (const { path, text } of artifacts) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  }
  return folder;
}

export function testPyTorch(names: readonly (keyof typeof PYTHONS)[]): void {
  let reference: Awaited<ReturnType<typeof writeReference>>;
  beforeAll(async () => {
    reference = await writeReference();
  });
  afterAll(() => reference.remove());

  describe.each(names)("%s", (name) => {
    const { python, version, checks } = PYTHONS[name];
    let outcomes: Record<(typeof STYLES)[number], Outcomes>;
    const remove: (() => void)[] = [];

    beforeAll(async () => {
      if (python === undefined) return;
      let modules = GENERATED;
      if (version !== undefined) {
        const folder = await modulesFor(version);
        remove.push(() => rmSync(folder, { recursive: true, force: true }));
        modules = join(folder, "pytorch");
      }
      const run = (style: string, folder: string, names: readonly string[]): Promise<Outcomes> =>
        runChecks(python, "run_pytorch.py", [reference.folder, folder, style, names.join(",")]);
      outcomes = {
        explicit: await run("explicit", modules, checks.explicit),
        native: await run("native", join(modules, "native"), checks.native),
      };
    });
    afterAll(() => remove.forEach((each) => each()));

    describe.skipIf(python === undefined).each(STYLES)("%s", (style) => {
      describe.each(checks[style].map((check) => [check] as const))("%s", (check) => {
        test.each(ids)("%s", (id) => {
          expect(verdict(outcomes[style], check, id)).toBe("ok");
        });
      });
    });
  });
}
