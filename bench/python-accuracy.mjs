/**
 * The worst float32 errors of the emitted PyTorch and Keras modules beside those of the frameworks' own functions, as
 * Markdown: node bench/python-accuracy.mjs [--write] [id ...]. With --write the tables go to bench/python-accuracy.md.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

execFileSync(process.execPath, [here("../scripts/setup.mjs")], { stdio: "inherit" });
const { NONLIN_PYTHON: python } = JSON.parse(execFileSync(process.execPath, [here("../scripts/python.mjs")]));
if (python === undefined) process.exit(2);

const { catalogue } = await import("../dist/catalogue.js");
const { defaults } = await import("../dist/ir/definition.js");
const { evaluate } = await import("../dist/ir/evaluate.js");

const rows = catalogue.map((definition) => {
  const parameters = definition.parameters.map(({ name, learnable, ...rest }) => ({
    name,
    learnable,
    default: String(rest.default),
  }));
  const kinks = definition.kinks.map((kink) => String(evaluate(kink, defaults(definition))));
  return [definition.id, { parameters, kinks }];
});

const folder = mkdtempSync(join(tmpdir(), "nonlin-accuracy-"));
try {
  const file = join(folder, "rows.json");
  writeFileSync(file, JSON.stringify(Object.fromEntries(rows)));
  const given = process.argv.slice(2);
  const writes = given.includes("--write");
  const args = ["-B", here("python-accuracy.py"), file, ...given.filter((word) => word !== "--write")];
  const { status, stdout } = spawnSync(python, args, { stdio: ["ignore", writes ? "pipe" : "inherit", "inherit"] });
  if (writes && status === 0) writeFileSync(here("python-accuracy.md"), stdout);
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true });
}
