/** Formulas as people type them, as PyTorch computes them with float32 tensors: value, two derivatives, gradients. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import type { Compilation } from "../src/pipeline/activation.js";
import {
  FORMULAS,
  INPUTS,
  compiledFor,
  expectRight,
  isSaid,
  single,
  type Column,
  type Formula,
  type Run,
  type Shortcoming,
} from "./helpers/formulas.js";

const python = process.env["NONLIN_PYTHON"];
const PROGRAM = resolve(import.meta.dirname, "python", "run_formulas.py");

/** Every operation rounds to float32. */
const BOUND = single(2 ** -16);
/** The columns that the program writes. */
const COLUMNS = [
  ["value", "value"],
  ["derivative", "derivative"],
  ["second_derivative", "secondDerivative"],
  ["the function", "value"],
  ["its gradient", "derivative"],
] as const;

const BEYOND = "at other parameters, at infinity or where results are subnormal";
/** What is refused although it is right at the defaults and all inputs of the fixture. */
const beyond: Shortcoming = { of: [], said: true, why: BEYOND };
const FALLS_SHORT: Readonly<Record<string, Shortcoming>> = {
  snake: beyond,
  self_quotient: { of: ["second_derivative"], said: true, why: "growing and vanishing parts meet from 1e15 on" },
  erfact: { of: ["second_derivative"], said: true, why: "growing and vanishing parts meet at the largest float" },
  pasu: { of: ["value", "the function"], said: true, why: "1 + tanh where a parameter stands for 1" },
  clipped_gelu: {
    of: ["derivative", "second_derivative", "its gradient"],
    said: false,
    why: "gelu(10) is 10 - 8e-23, which no float tells from the bound",
  },
};

describe.skipIf(python === undefined)("PyTorch", () => {
  const folder = mkdtempSync(join(tmpdir(), "formulas-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const compiled = new Map<string, Promise<Compilation>>();

  /** What the program has written of a module. */
  async function runOf({ id }: Formula): Promise<Run> {
    const { accuracy } = await compiled.get(id)!;
    const results = new Float32Array(Uint8Array.from(readFileSync(join(folder, `${id}.bin`))).buffer);
    const columns = COLUMNS.map(([name, order], i): Column => {
      const got = results.subarray(i * INPUTS.length, (i + 1) * INPUTS.length);
      return { name, order, got, bound: BOUND };
    });
    return { columns, said: isSaid("pytorch", accuracy) };
  }

  beforeAll(async () => {
    writeFileSync(join(folder, "inputs.bin"), Float32Array.from(INPUTS));
    for (const formula of FORMULAS) {
      const compilation = compiledFor(formula, "pytorch");
      compiled.set(formula.id, compilation);
      const { artifacts } = await compilation.catch(() => ({ artifacts: [] }));
      for (const { style, text } of artifacts)
        if (style === "explicit") writeFileSync(join(folder, `${formula.id}.py`), text);
    }
    execFileSync(python!, ["-B", PROGRAM, folder], { stdio: ["ignore", "ignore", "inherit"] });
  });

  it.each(FORMULAS)("$id: $formula", (formula) => expectRight(formula, () => runOf(formula), FALLS_SHORT[formula.id]));
});
