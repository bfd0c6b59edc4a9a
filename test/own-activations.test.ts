/** Own definitions with more than numbers: learned for each channel, with a second input, or with a declared surrogate gradient. */
import { describe, expect, it } from "vitest";
import { spread } from "../src/activations/spread.js";
import { findDefinition, findLayer } from "../src/catalogue.js";
import { compileGraph } from "../src/pipeline/layer.js";
import { compile, createOracle, type Artifact } from "../src/pipeline/activation.js";
import { definitionFromFormula } from "../src/frontends/definition.js";
import { x } from "../src/ir/build.js";
import { surrogateOf, type Definition } from "../src/ir/definition.js";
import { withActivation } from "../src/layers/layers.js";
import { derivative } from "../src/symbolic/derivative.js";
import { call, graphModule, type Arrays } from "./helpers/graph-modules.js";
import { SPREAD } from "./helpers/own-activations.js";

const INPUTS = [-1e4, -800, -90, -20.5, -5, -1.25, -0, 1e-30, 0.75, 3, 30, 100, 300, 700];
const CHANNELS = 7;
const ROWS = 2;
/** Learned numbers in turn; those of a second input are as large as inputs are. */
const LEARNED = [1, 0.5, 2, 1.5, 0.125, 3, 1];

const near = (actual: number, expected: number, scale: number): void => {
  if (!Number.isFinite(expected)) expect(Math.fround(actual)).toBe(expected);
  else
    expect(Math.abs(actual - expected)).toBeLessThanOrEqual(2 ** -22 * Math.max(Math.abs(expected), scale, 2 ** -126));
};

describe.each(SPREAD)("$id, in JavaScript", (entry) => {
  it("gives the value and all gradients, without overflow on the way", async () => {
    const definition = await definitionFromFormula(entry);
    const module = await graphModule(spread(definition));
    const oracle = await createOracle();
    const isOf = (how: string) => definition.parameters.filter(({ learnable }) => String(learnable) === how);
    const byChannel = isOf("channel").length > 0;
    const count = byChannel ? ROWS * CHANNELS : INPUTS.length;
    const sizes = byChannel ? { rows: ROWS, channels: CHANNELS } : { size: count };
    const xs = Float32Array.from(INPUTS);
    const dy = Float32Array.from(xs, (_, i) => 1 + (i % 3) / 4);
    const learned: Record<string, Float32Array> = {};
    for (const { name } of isOf("true")) learned[name] = Float32Array.of(0.25);
    for (const { name } of isOf("channel")) learned[name] = Float32Array.from(LEARNED);
    for (const { name } of isOf("element")) learned[name] = Float32Array.from(INPUTS).reverse();
    const parameters = Object.fromEntries(isOf("false").map(({ name, default: value }) => [name, value]));
    const placeOf = (name: string, i: number): number =>
      learned[name]!.length === 1 ? 0 : byChannel ? i % CHANNELS : i;
    const points = Array.from(xs, (at, i) => ({
      ...parameters,
      x: at,
      ...Object.fromEntries(Object.keys(learned).map((name) => [name, learned[name]![placeOf(name, i)]!])),
    }));
    const tensors: Arrays = { x: xs, dy, ...learned };
    const { y } = call(module, "forward", tensors, { ...sizes, ...parameters });
    const gradients = call(module, "backward", tensors, { ...sizes, ...parameters });

    const [value] = oracle.evaluate([definition.formula], points);
    y!.forEach((found, i) => near(found, Math.fround(value!.high[i]!), 0));
    const names = ["x", ...Object.keys(learned)];
    expect(Object.keys(gradients).sort()).toEqual(names.map((name) => `d${name}`).sort());
    for (const name of names) {
      const symbol = name === "x" ? x : definition.parameters.find((parameter) => parameter.name === name)!.symbol;
      const [slope] = oracle.evaluate([derivative(definition.formula, symbol)], points);
      const found = gradients[`d${name}`]!;
      const [sums, sizesOfTerms] = [new Float64Array(found.length), new Float64Array(found.length)];
      points.forEach((_, i) => {
        const term = dy[i]! * slope!.high[i]!;
        const place = name === "x" ? i : placeOf(name, i);
        sums[place] = sums[place]! + term;
        sizesOfTerms[place] = sizesOfTerms[place]! + Math.abs(term);
      });
      found.forEach((number, i) => near(number, Math.fround(sums[i]!), sizesOfTerms[i]!));
    }
  });
});

/** What is not there is said. */
describe("layers", () => {
  const definition = (i: number): Promise<Definition> => definitionFromFormula(SPREAD[i]!);
  const dense = findLayer("dense")!;

  it.each(["js", "pytorch"] as const)("without channels refuse numbers for each, in %s", async (target) => {
    const graph = withActivation(dense, await definition(0));
    await expect(compileGraph(graph, { target })).rejects.toThrow(
      "dense_swish_by_channel has no place for beta of swish_by_channel: it is one number for each channel",
    );
  });

  it("of kernels refuse surrogates", async () => {
    const own = await definitionFromFormula({ id: "step", formula: "x > 0 ? 1 : 0", gradient: "x/(1+abs(x))" });
    await expect(compileGraph(withActivation(dense, own), { target: "js" })).rejects.toThrow(
      "dense_step in js would have the derivative of step, and not its surrogate",
    );
  });

  it("with two products take a formula of two inputs", async () => {
    const graph = withActivation(findLayer("gated_dense")!, await definition(2));
    expect(graph.formula).toBe(
      "y = value * gate / (1 + exp(-gate)), value = weight · x + bias, gate = gateWeight · x + gateBias",
    );
    const own = await graphModule(graph);
    const known = await graphModule(withActivation(findLayer("gated_dense")!, findDefinition("silu")!));
    const wave = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => Math.sin(1 + 2.3 * i));
    const tensors = {
      x: wave(6),
      weight: wave(15),
      gateWeight: wave(15).reverse(),
      bias: wave(5),
      gateBias: wave(5),
      dy: wave(10),
    };
    const sizes = { rows: 2, inputs: 3, outputs: 5 };
    const run = (module: typeof own) => {
      const kept = { valuePreactivation: new Float32Array(10), gatePreactivation: new Float32Array(10) };
      const { y } = call(module, "forward", tensors, sizes, kept);
      const optional = { dbias: new Float32Array(5), dgateBias: new Float32Array(5) };
      return { y: y!, ...call(module, "backward", { ...tensors, ...kept }, sizes, optional) };
    };
    const [found, expected] = [run(own), run(known)];
    expect(Object.keys(found)).toEqual(Object.keys(expected));
    for (const [name, numbers] of Object.entries(expected))
      found[name as "y"].forEach((number, i) => expect(number).toBeCloseTo(numbers[i]!, 5));
  });
});

describe("a surrogate gradient", () => {
  it("is what backward has, and is said", async () => {
    const bsilu = findDefinition("bsilu")!;
    const sugar = await definitionFromFormula({ id: "sugar", formula: "max(x, 0)", gradient: surrogateOf(bsilu) });
    const oracle = await createOracle();
    const { artifacts } = await compile(sugar, { target: "js" }, oracle);
    const [{ text }] = artifacts as readonly [Artifact];
    type Module = Readonly<Record<"value" | "derivative", (input: number) => number>>;
    const own = (await import(`data:text/javascript,${encodeURIComponent(text)}`)) as Module;
    const points = INPUTS.map((at) => ({ x: at, alpha: 1.67 }));
    const [slopes] = oracle.evaluate([derivative(bsilu.formula, x)], points);
    for (const [i, at] of INPUTS.entries()) {
      expect(own.value(at)).toBe(at < 0 ? 0 : at);
      near(own.derivative(at), slopes!.high[i]!, 0);
    }
    expect(text).toContain("// The gradient is a declared surrogate: the derivative of bsilu.");
    expect(text).toContain("Proved to be the derivative of bsilu");
    expect(text).toContain("nonlin: surrogate");
  });

  it("is a formula of x alone", async () => {
    const entry = { id: "step", formula: "x > 0 ? 1 : 0", gradient: "tanh(steepness*x)" };
    await expect(definitionFromFormula(entry)).rejects.toThrow('the gradient has "steepness"');
  });
});
