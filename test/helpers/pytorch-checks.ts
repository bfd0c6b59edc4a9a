/** Tests that run the emitted PyTorch modules: by the newest PyTorch that they are made for, and by 1.13. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { catalogue } from "../../src/catalogue.js";
import { compile, createOracle } from "../../src/pipeline/activation.js";
import { runChecks, verdict, type Outcomes } from "./python.js";
import { referenceFolder } from "./python-reference.js";

const GENERATED = resolve(import.meta.dirname, "..", "..", "generated", "pytorch");

/** One pass: values, gradients, and that a module is one of PyTorch. */
const FIRST = ["float32", "close", "autograd", "functional", "differentiated", "shapes", "saving", "refusals"];
const REST = [
  ...["float64", "half", "gradcheck", "training", "channels", "memory"],
  ...["compiled", "transformed", "inductor", "exported", "packaged", "onnx", "symbolic", "traced"],
];
const EVERYWHERE = ["float32", "float64", "half", "autograd", "gradcheck", "shapes", "saving", "refusals"];

/** With loops in C: the loops themselves, and what may not be computed by them. */
const KERNEL = ["loops"];
const KERNEL_REST = [
  "threads",
  "formulas",
  "functional",
  "shapes",
  "saving",
  "refusals",
  "half",
  "training",
  "channels",
];

const PYTHONS = {
  "PyTorch 2.13": {
    python: process.env["NONLIN_PYTHON"],
    version: undefined,
    checks: { explicit: FIRST, native: ["native", "native_layer"], kernel: KERNEL },
  },
  "PyTorch 2.13, the rest": {
    python: process.env["NONLIN_PYTHON"],
    version: undefined,
    checks: { explicit: REST, native: ["native_range", "native_kinks"], kernel: KERNEL_REST },
  },
  "PyTorch 1.13": {
    python: process.env["NONLIN_PYTHON_TORCH_1_13"],
    version: "1.13",
    // At the corner of hardswish it has other gradients than the catalogue, and there is no forward mode.
    checks: { explicit: [...EVERYWHERE, "traced"], native: ["native", "native_range", "native_layer"], kernel: [] },
  },
} as const;

const ids = catalogue.map(({ id }) => id);
const kernels = readdirSync(join(GENERATED, "kernel")).map((file) => basename(file, ".py"));
const SUBJECTS = { explicit: ids, native: ids, kernel: kernels } as const;
type Style = keyof typeof SUBJECTS;

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
  describe.each(names)("%s", (name) => {
    const { python, version, checks } = PYTHONS[name];
    const styles = (Object.keys(SUBJECTS) as Style[]).filter((style) => checks[style].length > 0);
    let outcomes: Partial<Record<Style, Outcomes>>;
    const remove: (() => void)[] = [];

    beforeAll(async () => {
      if (python === undefined) return;
      let modules = GENERATED;
      if (version !== undefined) {
        const folder = await modulesFor(version);
        remove.push(() => rmSync(folder, { recursive: true, force: true }));
        modules = join(folder, "pytorch");
      }
      const reference = await referenceFolder();
      outcomes = {};
      for (const style of styles) {
        const folder = style === "explicit" ? modules : join(modules, style);
        const args = [reference, folder, style, checks[style].join(","), SUBJECTS[style].join(",")];
        outcomes[style] = await runChecks(python, "run_pytorch.py", args, { XDG_CACHE_HOME: reference });
      }
    });
    afterAll(() => remove.forEach((each) => each()));

    describe.skipIf(python === undefined).each(styles)("%s", (style) => {
      describe.each(checks[style].map((check) => [check] as const))("%s", (check) => {
        test.each(SUBJECTS[style])("%s", (id) => {
          expect(verdict(outcomes[style]!, check, id)).toBe("ok");
        });
      });
    });
  });
}
