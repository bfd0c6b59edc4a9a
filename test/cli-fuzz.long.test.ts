/** Commands, formulas and configurations from anyone: each ends in order. */
import fc from "fast-check";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commands } from "../src/cli/commands.js";
import { makeFolder, nonlin, removeFolder, snapshot } from "./cli-process.js";

let folder = "";
beforeAll(() => void (folder = makeFolder()));
afterAll(() => removeFolder(folder));

/** What must hold of every run, whatever it was asked: a code of ours, no stack, no file outside of the output. */
async function expectOrder(words: readonly string[], before: ReadonlyMap<string, string>): Promise<void> {
  const { code, out, err } = await nonlin(words, { folder });
  const told = `${JSON.stringify(words)}\n${out}\n${err}`;
  expect([0, 1, 2], told).toContain(code);
  expect(err, told).not.toMatch(/^\s+at .*:\d+/m);
  expect(err + (words.includes("--json") ? out : ""), told).not.toContain("internal error");
  const after = [...snapshot(folder)].filter(([path]) => !path.startsWith("out/") && !path.startsWith("generated/"));
  expect(new Map(after), told).toEqual(before);
}

/** Arguments of a process cannot hold the character 0. */
const text = fc.string({ unit: "binary", maxLength: 20 }).map((word) => word.replaceAll("\0", ""));
const names = [
  "relu",
  "nn.SiLU",
  "softmax",
  "nn.Linear",
  "nope",
  "x",
  "x*sigmoid(x)",
  "a*x",
  "../relu",
  "1/0",
  "tahn(x)",
  "x > 0 ? x : 0",
  "constructor",
];
const options = [...new Set(Object.values(commands).flatMap((command) => Object.keys(command.options)))]
  // Watching never ends, and a file to write to may be anywhere.
  .filter((name) => !["watch", "output", "out"].includes(name))
  .map((name) => `--${name}`);
const values = [
  "js",
  "relu",
  "tanh,relu",
  "a=1",
  "a=-inf",
  "alpha=0.5",
  "epsilon=0.1",
  "dense",
  "rms_norm,residual",
  "auto",
  "output",
  "none.ts",
  "",
  "--",
  "my_id",
  "con",
  "__proto__",
];
const word = fc.oneof(
  { arbitrary: fc.constantFrom(...options), weight: 4 },
  { arbitrary: fc.constantFrom(...values), weight: 4 },
  { arbitrary: fc.constantFrom(...names), weight: 3 },
  { arbitrary: text, weight: 2 },
);
const command = fc.oneof(
  { arbitrary: fc.constantFrom("list", "show", "export", "help"), weight: 8 },
  // A whole build takes seconds, so it is told what to build first; what follows may say otherwise.
  { arbitrary: fc.constant("build"), weight: 1 },
  { arbitrary: text, weight: 1 },
);
const vector = fc
  .tuple(command, fc.array(word, { maxLength: 5 }))
  .map(([name, rest]) => (name === "build" ? [name, ...rest, "--out", "out", "--only", "relu"] : [name, ...rest]));

test("any arguments end in order", async () => {
  const before = snapshot(folder);
  const run = fc.asyncProperty(fc.array(vector, { minLength: 4, maxLength: 4 }), async (vectors) => {
    await Promise.all(vectors.map((words) => expectOrder(words, before)));
  });
  await fc.assert(run, { numRuns: 60, interruptAfterTimeLimit: 45_000, endOnFailure: true });
});

const entry = fc.record(
  {
    id: fc.oneof(fc.constantFrom("own", "relu", "Own", "index", "a/b", "__proto__"), text),
    formula: fc.oneof(fc.constantFrom("x", "x*sigmoid(a*x)", "x >", "1/x", "abs(x)", "y"), text),
    title: fc.oneof(text, fc.constantFrom("*/ evil();", "`${process.exit(1)}`", "\n#", "</script>")),
    parameters: fc.dictionary(
      fc.constantFrom("a", "b", "x", "class", "constructor"),
      fc.record({ default: fc.double() }),
      { maxKeys: 2 },
    ),
    samples: fc.array(fc.dictionary(fc.constantFrom("a", "b"), fc.double(), { maxKeys: 1 }), { maxLength: 2 }),
    reference: text,
    extra: fc.anything(),
  },
  { requiredKeys: ["id", "formula"] },
);
const layer = fc.record(
  {
    layer: fc.oneof(fc.constantFrom("dense", "nn.LayerNorm", "attention", "dens", "__proto__"), text),
    activation: fc.oneof(fc.constantFrom("own", "relu", "softmax", "x*sigmoid(a*x)", "x*rows", "x >", "tahn"), text),
    id: fc.oneof(fc.constantFrom("own", "layer", "index"), text),
  },
  { requiredKeys: ["layer"] },
);
const config = fc.record(
  {
    activations: fc.array(entry, { maxLength: 2 }),
    layers: fc.array(layer, { maxLength: 1 }),
    targets: fc.constantFrom(["js"], ["jss"], "js"),
    only: fc.constantFrom(["own"], ["relu"], []),
    save: fc.constantFrom("auto", "input", 3),
    catalogue: fc.constantFrom(false, 0),
  },
  { requiredKeys: ["activations"] },
);
const source = fc.oneof(
  { arbitrary: config.map((value) => `export default ${fc.stringify(value)};`), weight: 6 },
  { arbitrary: text, weight: 1 },
);

test("any configuration ends in order", async () => {
  const run = fc.asyncProperty(fc.array(source, { minLength: 4, maxLength: 4 }), async (sources) => {
    sources.forEach((code, i) => writeFileSync(join(folder, `config${i}.mjs`), code));
    const before = new Map([...snapshot(folder)].filter(([path]) => /^config\d\.mjs$/.test(path)));
    await Promise.all(
      sources.map((_, i) => expectOrder(["build", "--config", `config${i}.mjs`, "--out", `out/${i}`], before)),
    );
  });
  await fc.assert(run, { numRuns: 30, interruptAfterTimeLimit: 45_000, endOnFailure: true });
});
