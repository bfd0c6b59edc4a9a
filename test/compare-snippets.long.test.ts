/** The code with which `nonlin compare` ends: run, it is what the other framework has, at kinks too. */
import { describe, expect, it } from "vitest";
import { readArguments } from "../src/cli/shell/arguments.js";
import { commands } from "../src/cli/commands.js";
import { run } from "../src/cli/compare/compare.js";
import type { Comparison } from "../src/pipeline/comparison.js";
import { runChecks, verdict } from "./helpers/python.js";

const python = process.env["NONLIN_PYTHON"];

async function compare(...words: readonly string[]): Promise<Comparison> {
  let out = "";
  const { options, positionals, usage } = commands["compare"]!;
  const terminal = {
    out: (text: string) => void (out += text),
    err: () => undefined,
    interactive: false,
    unicode: false,
  };
  await run(readArguments([...words, "--json"], options, positionals, usage), terminal);
  return JSON.parse(out) as Comparison;
}

const DENSE = Array.from({ length: 2001 }, (_, i) => (i - 1000) / 100);

interface Row {
  readonly words: readonly [name: string, a: string, b: string];
  /** What each side has in place of the other's. */
  readonly snippets: readonly [RegExp | undefined, RegExp | undefined];
  /** Kinks that floats of the dense set may miss. */
  readonly kinks: readonly number[];
}

const ROWS: readonly Row[] = [
  {
    words: ["hard_sigmoid", "keras@2.4", "torch@2.13"],
    snippets: [
      /^import tensorflow as tf\n\n\ndef hardsigmoid\(x\):/,
      /^import torch\nfrom torch import Tensor\n\n\ndef hard_sigmoid_keras2/,
    ],
    kinks: [-3, -2.5, 2.5, 3],
  },
  { words: ["selu", "keras@3.15-tensorflow", "torch@2.13"], snippets: [/custom_gradient/, undefined], kinks: [0] },
  { words: ["celu", "keras@3.15-tensorflow", "torch@2.13"], snippets: [/custom_gradient/, undefined], kinks: [0] },
  { words: ["mish", "keras@2.4", "torch@2.13"], snippets: [/def mish/, undefined], kinks: [] },
  {
    words: ["hardtanh", "keras@2.4", "torch@2.13"],
    snippets: [/def hardtanh\(x, min_val=-1.0, max_val=1.0\)/, undefined],
    kinks: [-1, 1],
  },
];

describe.each(ROWS.map((row) => [row.words.join(" "), row] as const))("%s", (_title, { words, snippets, kinks }) => {
  const found = compare(...words);

  it("ends with code", async () => {
    const { snippets: given } = await found;
    for (const side of [0, 1] as const)
      if (snippets[side] === undefined) expect(given[side] ?? null).toBeNull();
      else expect(given[side]).toMatch(snippets[side]);
  });

  it.skipIf(python === undefined)("which does what the other framework does", async () => {
    const { snippets: given, versions, calls, ids } = await found;
    const cases = [0, 1].flatMap((side) => {
      const code = given[side];
      if (code === undefined || code === null) return [];
      const [own, other] = [versions[side]!, versions[1 - side]!].map((text) => text.split("@")[0]);
      return [{ code, id: ids[1 - side], framework: own, other, call: calls[1 - side], inputs: [...DENSE, ...kinks] }];
    });
    const environment = words[1] === "keras@2.4" ? {} : { TF_USE_LEGACY_KERAS: "0", KERAS_BACKEND: "tensorflow" };
    const outcomes = await runChecks(python!, "run_snippets.py", [JSON.stringify(cases)], environment);
    expect(cases.length).toBe(snippets.filter((each) => each !== undefined).length);
    for (const { framework } of cases) expect(verdict(outcomes, "snippet", framework!)).toBe("ok");
  });
});

it("says where the definition has other gradients than the framework that it stands for", async () => {
  const { snippets } = await compare("hardswish", "keras@2.4", "torch@1.13");
  expect(snippets[0]).toMatch(/^# At x = -3 the gradient is 0; in torch@1\.13 it is -0\.5\./);
});
