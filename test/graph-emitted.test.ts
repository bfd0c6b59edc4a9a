/** The emitted code of graph activations and layers against what PyTorch computed in float64. */
import { describe, expect, it } from "vitest";
import { add, mul, tanh } from "../src/ir/build.js";
import { axis, each, input, read } from "../src/ir/graph/build.js";
import { graph, graphInputs } from "../src/ir/graph/definition.js";
import { evaluateGraph } from "../src/ir/graph/evaluate.js";
import { element, plus, position } from "../src/ir/graph/integer.js";
import type { Axis } from "../src/ir/graph/tensor.js";
import { gradients } from "../src/symbolic/vjp.js";
import {
  MODULE_TARGETS,
  call,
  emptyArray,
  functionOf,
  graphModule,
  type ModuleTarget,
  type MutableArrays,
} from "./helpers/graph-modules.js";
import { fixtureIds, layerCases, type LayerCase } from "./helpers/layer-cases.js";

/** Of an element; and of the largest element, where sums cancel. */
const VALUES = { relative: 1e-6, ofLargest: 1e-7 } as const;
const GRADIENTS = { relative: 1e-5, ofLargest: 1e-6 } as const;
/** Products of WebAssembly add up in float32. */
const IN_SINGLES = { relative: 1e-6, ofLargest: 4e-7 } as const;

const largestOf = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((top, value) => (Number.isFinite(value) ? Math.max(top, Math.abs(value)) : top), 0);

function check(
  what: string,
  actual: ArrayLike<number>,
  expected: Float64Array,
  { relative, ofLargest }: { readonly relative: number; readonly ofLargest: number },
  scale = largestOf(expected),
): void {
  expect(actual.length, `${what}: how many`).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const [value, wanted] = [actual[i]!, Math.fround(expected[i]!)];
    const isRight =
      Object.is(value, wanted) || Math.abs(value - wanted) <= relative * Math.abs(wanted) + ofLargest * scale;
    if (!isRight) expect.fail(`${what}[${i}] is ${value} instead of ${wanted}`);
  }
}

/** Extra functions, such as the weights of attention, have no gradient: of cases with one only the values are compared. */
async function run(
  target: ModuleTarget,
  { definition, given, sizes, parameters, tensors, outputs, upstream, gradients }: LayerCase,
) {
  const module = await graphModule(definition, "auto", target);
  const types = new Map(graphInputs(definition).map(({ name, type }) => [name, type]));
  const arrays: MutableArrays = {};
  for (const [name, values] of Object.entries(tensors)) {
    const type = types.get(name);
    arrays[name] =
      type === "int32"
        ? Int32Array.from(values)
        : type === "uint8"
          ? Uint8Array.from(values)
          : Float32Array.from(values);
  }
  const numbers = { ...given, ...parameters };
  const forward = functionOf(module, "forward");
  const kept = forward.outputs.filter(({ optional }) => optional);
  const results = call(
    module,
    "forward",
    arrays,
    numbers,
    Object.fromEntries(kept.map((of) => [of.name, emptyArray(of, sizes)])),
  );
  for (const [name, { output, values }] of Object.entries(outputs)) {
    const extra = definition.extras.find((candidate) => candidate.outputs.includes(output));
    const found = extra === undefined ? results : call(module, extra.name, arrays, numbers);
    check(name, found[output.name]!, values, target === "wasm" ? IN_SINGLES : VALUES);
  }
  const ofExtras = Object.keys(upstream).filter((name) => !forward.outputs.some((output) => output.name === name));
  if (Object.keys(upstream).length === 0 || ofExtras.length > 0) return;
  for (const { name } of forward.outputs) if (!Object.hasOwn(arrays, name)) arrays[name] = results[name]!;
  for (const of of functionOf(module, "backward").inputs.filter(
    ({ name }) => /^d/.test(name) && !Object.hasOwn(arrays, name),
  )) {
    const above = upstream[of.name.slice(1)];
    arrays[of.name] = above === undefined ? emptyArray(of, sizes) : Float32Array.from(above);
  }
  const wanted = functionOf(module, "backward").outputs.filter(({ name }) => Object.hasOwn(gradients, name.slice(1)));
  const slopes = call(
    module,
    "backward",
    arrays,
    numbers,
    Object.fromEntries(wanted.map((of) => [of.name, emptyArray(of, sizes)])),
  );
  const scale = Math.max(...Object.values(upstream).map(largestOf));
  for (const [name, values] of Object.entries(gradients))
    check(`the gradient of ${name}`, slopes[`d${name}`]!, values, GRADIENTS, Math.max(scale, largestOf(values)));
}

describe("a tile that lacks a block's axis", () => {
  it("is read at places along it", async () => {
    const [a, b, c, d] = ["a", "b", "c", "d"].map((name) => axis(name)) as [Axis, Axis, Axis, Axis];
    const [t, u] = [input("t", [b, c]), input("u", [a, b])];
    const index = input("index", [c], { type: "int32" });
    const gathered = read(t, { b: element(index) });
    const shifted = read(gathered, { c: plus(position(d), -1) }, [d]);
    const tensor = each((r, v) => tanh(mul(r, add(v, 1))), shifted, u);
    const sizes = { a: 2, b: 3, c: 4, d: 5 };
    const definition = graph({
      id: "shifted_gather",
      title: "",
      formula: "",
      reference: "",
      sizes: { a: {}, b: {}, c: {}, d: {} },
      outputs: { y: { tensor, axes: [d, a, b] } },
    });
    const numbers = (length: number, seed: number): Float32Array =>
      Float32Array.from({ length }, (_, i) => Math.sin(seed + 1.7 * i));
    const tensors = { t: numbers(12, 1), u: numbers(6, 2), index: Int32Array.of(2, 0, 1, 2), dy: numbers(30, 3) };
    const module = await graphModule(definition);
    const { y } = call(module, "forward", tensors, sizes);
    const results = call(module, "backward", { ...tensors, y: y! }, sizes);
    const seeds = [{ of: tensor, gradient: input("dy", [d, a, b]) }];
    const meant = evaluateGraph([...gradients(seeds, [t, u])], { tensors, sizes });
    for (const [i, name] of ["dt", "du"].entries())
      for (const [at, value] of results[name]!.entries())
        expect(value, `${name}[${at}]`).toBeCloseTo(meant[i]![at]!, 5);
  });
});

describe.each(MODULE_TARGETS)("%s", (target) => {
  describe.each(fixtureIds)("%s", (id) => {
    it.each(layerCases(id))("$name", (one) => run(target, one));
  });
});
