/** Gated units in `gated_dense`, and which of those that share a name are the same function. */
import { describe, expect, it } from "vitest";
import { units } from "../src/activations/gated.js";
import { findLayer, findUnit } from "../src/catalogue.js";
import { differentiableInputs, type GraphDefinition } from "../src/ir/graph/definition.js";
import { evaluateGraph } from "../src/ir/graph/evaluate.js";
import { withUnit } from "../src/layers/layers.js";
import { gradients } from "../src/symbolic/vjp.js";
import { completeParameters, completeSizes, upstreamOf } from "./helpers/graph-run.js";
import { graphDefinition } from "./helpers/layer-cases.js";

const ROWS = 3;
const OUTPUTS = 5;
const wave = (length: number, phase: number, scale: number): Float64Array =>
  Float64Array.from({ length }, (_, i) => Math.fround(scale * Math.sin(1 + phase + 2.3 * i)));

/** The output and the gradients of inputs, by name. */
function run(definition: GraphDefinition, given: Record<string, number>, tensors: Record<string, Float64Array>) {
  const sizes = completeSizes(definition, given);
  const [output] = definition.outputs;
  const inputs = differentiableInputs(definition);
  const upstream = upstreamOf("y", output!);
  const roots = [output!.tensor, ...gradients([{ of: output!.tensor, gradient: upstream }], inputs)];
  const [y, ...slopes] = evaluateGraph(roots, {
    tensors: { ...tensors, "upstream of y": wave(ROWS * OUTPUTS, 5, 1) },
    sizes,
    parameters: completeParameters(definition),
  });
  return { y: [...y!], slopes: Object.fromEntries(inputs.map(({ name }, i) => [name, [...slopes[i]!]])) };
}

const near = (actual: readonly number[], expected: readonly number[]): void =>
  actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 11));

describe.each(units.map(({ id }) => id))("gated_dense with %s", (id) => {
  const dense = withUnit(findLayer("gated_dense")!, findUnit(id)!)!;

  it("is the unit of two products", () => {
    // With one input of 1 the products are the weights themselves; two of the rows are scaled beyond every limit.
    const x = Float64Array.of(1, 12, -12);
    const [weight, gateWeight] = [wave(OUTPUTS, 0, 3), wave(OUTPUTS, 1, 3)];
    const [bias, gateBias] = [wave(OUTPUTS, 2, 1), wave(OUTPUTS, 3, 1)];
    const given = { x, weight, gateWeight, bias, gateBias };
    const found = run(dense, { rows: ROWS, inputs: 1, outputs: OUTPUTS }, given);
    const halves = Float64Array.from({ length: ROWS * 2 * OUTPUTS }, (_, i) => {
      const [row, place] = [Math.floor(i / (2 * OUTPUTS)), i % (2 * OUTPUTS)];
      const [w, b] = place < OUTPUTS ? [weight, bias] : [gateWeight, gateBias];
      return x[row]! * w[place % OUTPUTS]! + b[place % OUTPUTS]!;
    });
    const alone = run(graphDefinition(id), { rows: ROWS, columns: OUTPUTS }, { x: halves });
    near(found.y, alone.y);
    const sums = (first: number): number[] =>
      Array.from({ length: OUTPUTS }, (_, j) =>
        [0, 1, 2].reduce((sum, row) => sum + alone.slopes["x"]![row * 2 * OUTPUTS + first + j]!, 0),
      );
    near(found.slopes["bias"]!, sums(0));
    near(found.slopes["gateBias"]!, sums(OUTPUTS));
  });
});

describe("the clamped SwiGLUs", () => {
  const at = (id: string, value: number, gate: number, parameters: Record<string, number> = {}): number => {
    const definition = graphDefinition(id);
    const [y] = evaluateGraph([definition.outputs[0]!.tensor], {
      tensors: { x: Float64Array.of(value, gate) },
      sizes: completeSizes(definition, { rows: 1, columns: 1 }),
      parameters: { ...completeParameters(definition), ...parameters },
    });
    return y![0]!;
  };
  const silu = (g: number, a = 1): number => g / (1 + Math.exp(-a * g));

  it.each([
    ["swiglu_oai", 9, 8, 8 * silu(7, 1.702)],
    ["swiglu_oai", -9, -20, -6 * silu(-20, 1.702)],
    ["swiglu_clamped", 11, 12, 10 * silu(10)],
    ["swiglu_clamped", -11, 2, -10 * silu(2)],
    ["swiglu_step", 8, 7.003, 7 * silu(7.003)],
    ["swiglu_step", -8, 9, -49],
  ])("%s(%d, %d)", (id, value, gate, expected) => expect(at(id, value, gate)).toBeCloseTo(expected, 12));

  it("are one with other constants, or are not", () => {
    const oai = { alpha: 1, offset: 0, limit: 7 };
    expect(at("swiglu_oai", 3, 9, oai)).toBeCloseTo(at("swiglu_clamped", 3, 9, { limit: 7 }), 12);
    // silu(7) is below 7: clamping after it is another function.
    expect(at("swiglu_step", 3, 9)).toBe(21);
    expect(at("swiglu_clamped", 3, 9, { limit: 7 })).toBeLessThan(20.99);
  });
});
