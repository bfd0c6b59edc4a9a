/** Ids and parameters that emitted Python cannot have: what is refused. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { makeFolder, nonlin, removeFolder, snapshot } from "./cli-process.js";

const TARGETS = ["pytorch", "keras3", "keras2"] as const;

describe("what is refused, with one error, exit code 2 and nothing written", () => {
  const folder = makeFolder();
  afterAll(() => removeFolder(folder));
  const refusal = async (...words: readonly string[]): Promise<string> => {
    const { code, out, err } = await nonlin(["export", ...words, "--target", "pytorch", "--output", "out.py"], {
      folder,
    });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(snapshot(folder).size).toBe(0);
    expect(err.match(/^error: /gm)).toHaveLength(1);
    expect(err).toMatch(/^hint: /m);
    expect(err).not.toMatch(/\n\s+at /);
    return err;
  };

  it.each([
    ["lambda", /lambda is a keyword of Python/],
    ["None", /None is a keyword of Python/],
    ["torch", /the module itself uses torch/],
    ["nn", /the module itself uses nn/],
    ["F", /the module itself uses F/],
    ["math", /the module itself uses math/],
    ["value", /the module itself uses value/],
    ["x", /the module itself uses x/],
    ["max", /the module itself uses max/],
    ["keras", /a package that it would hide/],
    ["numpy", /a package that it would hide/],
    ["weights", /another file of the package/],
    ["Weights", /another file of the package/],
    ["native", /another file of the package/],
    ["__init__", /cannot be an id/],
    ["x; import os", /cannot be an id/],
    ["../relu", /cannot be an id/],
    ["a".repeat(65), /cannot be an id/],
    ["", /cannot be an id/],
  ])("the id %s", async (id, message) => {
    expect(await refusal("x * tanh(x)", "--name", id)).toMatch(message);
  });

  it.each(["lambda", "self", "True", "None", "_a", "é", "β"])("the parameter %s", async (name) => {
    expect(await refusal(`x * tanh(${name} * x)`, "--name", "it")).toMatch(/cannot be a name|is not supported/);
  });

  it.each(TARGETS)("in a build for %s", async (target) => {
    const activations = [
      { id: "fine", formula: "x * tanh(x)" },
      { id: "weights", formula: "x * tanh(x)" },
    ];
    writeFileSync(
      join(folder, "nonlin.config.mjs"),
      `export default ${JSON.stringify({ only: ["fine", "weights"], activations, targets: [target] })};`,
    );
    const { code, err } = await nonlin(["build"], { folder });
    expect([code, err.match(/^error: /gm)?.length]).toEqual([1, 1]);
    expect(err).toMatch(/"weights" cannot be the name of a Python module/);
    const written = [...snapshot(join(folder, "generated")).keys()];
    expect(written.some((path) => path.endsWith("/fine.py"))).toBe(true);
    rmSync(join(folder, "generated"), { recursive: true });
    rmSync(join(folder, "nonlin.config.mjs"));
  });
});
