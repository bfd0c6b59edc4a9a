/** Graphs as WGSL: accepted by two front ends, and on every driver what PyTorch computed, forward and backward. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { differentiableInputs, graphInputs } from "../src/ir/graph/definition.js";
import { DRIVERS, nagaProblems, openDevice, unavailable, validate, type OpenDevice } from "./helpers/gpu.js";
import { fixtureIds, graphDefinition, layerCases, rowActivations, type LayerCase } from "./helpers/layer-cases.js";
import { evaluateInteger } from "../src/ir/graph/integer.js";
import { forSubgroups } from "../src/targets/wgsl/shader.js";
import { SMALL_TILES, runShader, shadersOf, type ShaderCall } from "./helpers/wgsl-run.js";

/** Of an element; and of the largest element, where sums cancel. */
const VALUES = { relative: 2e-6, ofLargest: 1e-6 } as const;
const GRADIENTS = { relative: 1e-5, ofLargest: 2e-6 } as const;
/** A driver may take a number below this for 0. */
const LEAST_NORMAL = 2 ** -126;

const largestOf = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((top, value) => (Number.isFinite(value) ? Math.max(top, Math.abs(value)) : top), 0);

interface Comparison {
  readonly tolerance: { readonly relative: number; readonly ofLargest: number };
  readonly scale?: number;
  /** Places that are not compared. */
  readonly without?: (i: number) => boolean;
}

function check(
  what: string,
  actual: ArrayLike<number>,
  expected: Float64Array,
  { tolerance: { relative, ofLargest }, scale = largestOf(expected), without = () => false }: Comparison,
): void {
  expect(actual.length, `${what}: how many`).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const [value, wanted] = [actual[i]!, Math.fround(expected[i]!)];
    const isRight =
      Object.is(value, wanted) || Math.abs(value - wanted) <= relative * Math.abs(wanted) + ofLargest * scale;
    if (!isRight && !without(i)) expect.fail(`${what}[${i}] is ${value} instead of ${wanted}`);
  }
}

async function run(device: OpenDevice, one: LayerCase): Promise<void> {
  const { definition, sizes, parameters, tensors, outputs, upstream, gradients } = one;
  const module = await shadersOf(definition);
  const call = (name: string, given: ShaderCall["tensors"], leftOut: readonly string[] = []) =>
    runShader(device, module, name, {
      tensors: given,
      sizes,
      parameters,
      overrides: SMALL_TILES,
      leftOut: new Set(leftOut),
    });
  const results = await call("forward", tensors);
  for (const [name, { output, values }] of Object.entries(outputs)) {
    const extra = definition.extras.find((candidate) => candidate.outputs.includes(output));
    const found = extra === undefined ? results : await call(extra.name, tensors);
    check(name, found[output.name]!, values, { tolerance: VALUES });
  }
  const ofExtras = Object.keys(upstream).some((name) => !Object.hasOwn(results, name));
  if (Object.keys(upstream).length === 0 || ofExtras) return;
  const above = Object.fromEntries(
    definition.outputs.map(({ name }) => [`d${name}`, upstream[name] ?? new Float64Array(results[name]!.length)]),
  );
  const absent = differentiableInputs(definition).filter(({ name }) => !Object.hasOwn(gradients, name));
  const slopes = await call(
    "backward",
    { ...results, ...tensors, ...above },
    absent.map(({ name }) => `d${name}`),
  );
  const scale = Math.max(...Object.values(upstream).map(largestOf));
  for (const [name, values] of Object.entries(gradients)) {
    const x = tensors[name]!;
    check(`the gradient of ${name}`, slopes[`d${name}`]!, values, {
      tolerance: GRADIENTS,
      scale: Math.max(scale, largestOf(values)),
      // The slope at a kink next to it.
      without: (i) => x[i] !== 0 && Math.abs(x[i]!) < LEAST_NORMAL,
    });
  }
}

/** What takes a driver long is compiling: of graphs of many kernels fewer cases, of which each compiles most of them. */
const MANY_KERNELS = ["multihead_attention", "adaptive_log_softmax"];

function casesOn(driver: string, id: string): readonly LayerCase[] {
  const cases = layerCases(id);
  const isLarge = MANY_KERNELS.includes(id);
  if (driver === "swiftshader") return isLarge ? cases.filter((_, i) => i % 6 === 0) : cases;
  if (isLarge) return [];
  const seen = new Set<string>();
  return cases.filter(({ definition, tensors }) => {
    const key = definition.activations.length > 0 ? "" : Object.keys(tensors).join();
    return seen.has(key) ? definition.activations.length === 0 : seen.add(key);
  });
}

describe.each(DRIVERS)("on $name", (driver) => {
  const reason = unavailable(driver);
  if (reason !== undefined) {
    it.skipIf(process.env["CI"] === undefined)("is there", () => expect.fail(reason));
    return;
  }
  let device: OpenDevice;
  beforeAll(async () => {
    device = await openDevice(driver);
  });
  afterAll(() => device.close());

  describe.each(fixtureIds.filter((id) => casesOn(driver.name, id).length > 0))("%s", (id) => {
    it.each(casesOn(driver.name, id))("$name", (one) => run(device, one));
  });
});

/** Features of a head, for which attention is to fit. */
const FEATURES = 64;

describe("front ends accept", () => {
  const others = rowActivations.filter(({ id }) => !fixtureIds.includes(id));
  it.each([...fixtureIds, ...others.map(({ id }) => id)])(
    "%s",
    async (id) => {
      const definition = fixtureIds.includes(id) ? layerCases(id)[0]!.definition : graphDefinition(id);
      const { code, subgroups } = await shadersOf(definition);
      for (const text of subgroups ? [code, forSubgroups(code)] : [code]) {
        expect(await validate(text)).toEqual([]);
        expect(nagaProblems(text)).toEqual([]);
      }
    },
    120_000,
  );

  it("no kernel with more buffers than every device has", async () => {
    for (const id of fixtureIds) {
      const { functions, overrides } = await shadersOf(layerCases(id)[0]!.definition);
      const chosen = new Map(overrides.map(({ name, default: value }) => [name, value]));
      for (const { entry, bindings, workgroupBytes } of functions.flatMap(({ kernels }) => kernels)) {
        // Of sizes only those that are whole in workgroup memory count: features, and their products.
        const bytes = evaluateInteger(workgroupBytes, ({ name }) => chosen.get(name) ?? FEATURES);
        expect(bindings.length, `buffers of ${id} ${entry}`).toBeLessThanOrEqual(8);
        expect(bytes, `workgroup memory of ${id} ${entry}`).toBeLessThanOrEqual(16_384);
      }
    }
  });

  it("names that are words of the language", async () => {
    const { code, functions } = await shadersOf(graphDefinition("cross_entropy"));
    expect(graphInputs(graphDefinition("cross_entropy")).map(({ name }) => name)).toContain("target");
    expect(code).toContain("var<storage, read> target_: array<i32>;");
    expect(functions[0]!.inputs.map(({ name, tensor }) => [name, tensor])).toContainEqual(["target_", "target"]);
  });
});
