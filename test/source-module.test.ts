/** Emitted modules read back: the expressions are, bit for bit, what the modules compute. */
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { catalogue } from "../src/catalogue.js";
import { Diagnostic } from "../src/diagnostic.js";
import { readModule, type ReadModule } from "../src/frontends/source/module.js";
import type { Definition, ParameterValues } from "../src/index.js";
import { columnEvaluator, evaluate } from "../src/ir/evaluate.js";
import type { Expr } from "../src/ir/expr.js";
import { OPERATIONS, type OperationName } from "../src/ir/ops.js";
import { doubleInputs, generator, parameterSets, singleInputs } from "./helpers/inputs.js";
import { GENERATED, definitionOf, loadModule } from "./helpers/modules.js";

const textOf = (id: string): string => readFileSync(new URL(`${id}.js`, GENERATED), "utf8");
const read = (definition: Definition): Promise<ReadModule> => readModule(textOf(definition.id), definition.parameters);

/** The expression at every point of the columns, with the parameters held. */
function compute(
  expr: Expr,
  columns: Readonly<Record<string, ArrayLike<number>>>,
  parameters: ParameterValues,
): Float64Array {
  const { length } = Object.values(columns)[0]!;
  const bound = new Map(Object.entries(columns).map(([name, values]) => [name, Float64Array.from(values)]));
  for (const [name, value] of Object.entries(parameters)) bound.set(name, new Float64Array(length).fill(value));
  return columnEvaluator(length, (name) => bound.get(name))(expr);
}

/** Where two columns are not the same floats; NaN is NaN, and -0 is not 0. */
const differences = (
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  inputs: ArrayLike<number>,
): readonly string[] =>
  Array.from({ length: inputs.length }, (_, i) => i)
    .filter((i) => !Object.is(actual[i], expected[i]))
    .map((i) => `at ${inputs[i]}: ${actual[i]} for ${expected[i]}`)
    .slice(0, 3);

const float32 = (values: Float64Array): Float32Array => Float32Array.from(values);

describe.each(catalogue.map((definition) => [definition.id, definition] as const))("%s", (id, definition) => {
  it("has the functions of numbers that it computes", async () => {
    const [found, module] = [await read(definition), await loadModule(id)];
    for (const parameters of parameterSets(definition)) {
      const inputs = doubleInputs(definition, parameters);
      for (const name of ["value", "derivative", "secondDerivative"] as const) {
        const expected = inputs.map((x) => module[name](x, parameters));
        const actual = compute(found.functions.get(name)!, { x: inputs }, parameters);
        expect(differences(actual, expected, inputs), `${name} ${JSON.stringify(parameters)}`).toEqual([]);
      }
    }
  });

  it("has the loops that it runs", async () => {
    const [found, module] = [await read(definition), await loadModule(id)];
    const learnable = definition.parameters.filter((parameter) => parameter.learnable).map(({ name }) => name);
    expect([...found.parameterGradients.keys()]).toEqual(learnable);
    for (const parameters of parameterSets(definition)) {
      const inputs = singleInputs(definition, parameters, 512);
      const random = generator(`${id} gradient`);
      const dy = inputs.map((_, i) => (i % 7 === 0 ? 1 : (random() - 0.5) * 4));
      const y = module.forward(inputs, new Float32Array(inputs.length), parameters);
      const stored = found.loops.get("forward")!;
      expect(stored.length).toBeGreaterThan(0);
      for (const expr of stored)
        expect(differences(float32(compute(expr, { x: inputs }, parameters)), y, inputs), "forward").toEqual([]);

      const saved = module.saves === "input" ? { x: inputs } : { y };
      const sums: Record<string, number> = Object.fromEntries(learnable.map((name) => [name, 0]));
      const dx = module.backward(dy, Object.values(saved)[0]!, new Float32Array(dy.length), parameters, sums);
      for (const expr of found.loops.get("backward")!)
        expect(differences(float32(compute(expr, { ...saved, dy }, parameters)), dx, inputs), "backward").toEqual([]);
      for (const [name, expr] of found.parameterGradients) {
        const sum = compute(expr, { ...saved, dy }, parameters).reduce((total, amount) => total + amount, 0);
        // Infinities of both signs are added in another order.
        if (Number.isFinite(sum) || Number.isFinite(sums[name])) expect(sum).toBe(sums[name]);
      }
    }
  });
});

describe("helpers", () => {
  const OPERANDS = [0, -0, 1e-310, 0.3, -0.7, 1.5, 2.25, -3.1, 5, 17.3, 27, -40, 1e5, 1e160, -1e305];

  it.each(["gelu_erf", "silu", "snake"])("of %s compute the operations of their names", async (id) => {
    const { functions } = await read(definitionOf(id));
    const helpers = [...functions].filter(([name]) => Object.hasOwn(OPERATIONS, name));
    expect(helpers.length).toBeGreaterThan(0);
    for (const [name, expr] of helpers) {
      const operation = OPERATIONS[name as OperationName];
      for (const u of OPERANDS)
        for (const v of operation.arity === 2 ? OPERANDS : [0]) {
          if (name === "erfcx" && u < 0) continue;
          const expected = operation.evaluate(...[u, v].slice(0, operation.arity));
          expect(evaluate(expr, { u, v }), `${name}(${u}, ${v})`).toBe(expected);
        }
    }
  });
});

describe("a module that was changed", () => {
  const [FROM_SILU, FROM_PRELU] = [textOf("silu"), textOf("prelu")];
  const silu = (from: string | RegExp, to: string): Promise<ReadModule> => {
    const text = FROM_SILU.replace(from, to);
    expect(text).not.toBe(FROM_SILU);
    return readModule(text, definitionOf("silu").parameters);
  };

  it.each([
    ["a lane that reads the other's input", "const u = x[j];", "const u = x[i];"],
    ["another way through the array", "i += 2", "i += 3"],
    ["another second element", "? i + 1 : i", "? i + 1 : 0"],
    ["an element of another array", "const v = x[i];", "const v = y[i];"],
    ["another table", "POWERS[(k >> 7) + 1075]", "POWERS[(k >> 7) + 1074]"],
    ["another step", "STEPS[k & 127]", "STEPS[k & 63]"],
    ["indices of two numbers", "* STEPS[k & 127]", "* STEPS[t & 127]"],
    ["something after the loop", "  return y;", "  y.reverse();\n  return y;"],
    ["another parameter", /beta/g, "gamma"],
    ["no syntax", "export function value(", "export function value(("],
    ["no loop", /for \(let i[^]*?\n {2}}\n/, ""],
  ])("is refused: %s", async (_, from, to) => {
    await expect(silu(from, to)).rejects.toBeInstanceOf(Diagnostic);
  });

  it("reads as what it says", async () => {
    const [same, other] = [await silu("2.19 ULP", "2 ULP"), await silu("t < -60", "t < -61")];
    const original = await readModule(FROM_SILU, definitionOf("silu").parameters);
    expect(same.functions.get("value")).toBe(original.functions.get("value"));
    expect(other.functions.get("value")).not.toBe(original.functions.get("value"));
    expect(other.loops).toEqual(original.loops);
  });

  it.each([
    ["d_slope += g", "d_slope -= g"],
    ["d_slope += g", "d_slope += d_slope * g"],
    ["let d_slope = 0", "let d_slope = 1"],
    ["gradients.slope += d_slope", "gradients.slope += 2"],
  ])("sums what it says: %s becomes %s", async (from, to) => {
    const text = FROM_PRELU.replace(from, to);
    expect(text).not.toBe(FROM_PRELU);
    await expect(readModule(text, definitionOf("prelu").parameters)).rejects.toBeInstanceOf(Diagnostic);
  });

  it("is read or refused, whatever was changed", async () => {
    const pieces = "( ) { } ; = + - * / < & | 0 1e999 2 ** 300 x i j dy beta return if const let POWERS choose(".split(
      " ",
    );
    const edit = fc.record({ at: fc.nat(), remove: fc.nat(20), piece: fc.constantFrom(...pieces, "") });
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (edits) => {
        let text = FROM_SILU;
        for (const { at, remove, piece } of edits) {
          const start = at % text.length;
          text = text.slice(0, start) + piece + text.slice(start + remove);
        }
        const result = await readModule(text, definitionOf("silu").parameters).catch((error: unknown) => error);
        if (result instanceof Error) expect(result).toBeInstanceOf(Diagnostic);
      }),
      { numRuns: 300 },
    );
  });
});
