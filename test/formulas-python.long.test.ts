/** Formulas as people type them, as PyTorch computes them with float32 tensors: value, two derivatives, gradients. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FORMULAS, INPUTS, compiledFor, misses, single, type Column } from "./helpers/formulas.js";

const python = process.env["NONLIN_PYTHON"];
const PROGRAM = resolve(import.meta.dirname, "python", "run_formulas.py");

/** Every operation rounds to float32. */
const BOUND = single(2 ** -17);
/** The columns that the program writes. */
const COLUMNS = [
  ["value", "value"],
  ["derivative", "derivative"],
  ["second_derivative", "secondDerivative"],
  ["the function", "value"],
  ["its gradient", "derivative"],
] as const;

/** What is not right yet, and why. */
const FALLS_SHORT: Readonly<Record<string, readonly string[]>> = {};

describe.skipIf(python === undefined)("PyTorch", () => {
  const folder = mkdtempSync(join(tmpdir(), "formulas-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  beforeAll(async () => {
    writeFileSync(join(folder, "inputs.bin"), Float32Array.from(INPUTS));
    for (const formula of FORMULAS) {
      const { artifacts } = await compiledFor(formula, "pytorch");
      writeFileSync(join(folder, `${formula.id}.py`), artifacts.find(({ style }) => style === "explicit")!.text);
    }
    execFileSync(python!, ["-B", PROGRAM, folder], { stdio: ["ignore", "ignore", "inherit"] });
  });

  it.each(FORMULAS)("$id: $formula", (formula) => {
    const results = new Float32Array(Uint8Array.from(readFileSync(join(folder, `${formula.id}.bin`))).buffer);
    const columns = COLUMNS.map(([name, order], i): Column => {
      const got = results.subarray(i * INPUTS.length, (i + 1) * INPUTS.length);
      return { name, order, got, bound: BOUND };
    });
    expect(misses(formula, columns)).toEqual(FALLS_SHORT[formula.id] ?? []);
  });
});
