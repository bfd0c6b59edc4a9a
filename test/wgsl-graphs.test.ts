/** Graphs as WGSL: what PyTorch computed, on every driver; front ends; sizes that no tile divides; extremes. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { planGraph } from "../src/compile-graph.js";
import { createOracle } from "../src/compile.js";
import type { GraphDefinition } from "../src/ir/graph/definition.js";
import { emitShaders } from "../src/targets/wgsl/graph/module.js";
import type { ShaderModule } from "../src/targets/wgsl/shader.js";
import { wgsl } from "../src/targets/wgsl.js";
import type { Target } from "../src/codegen/target.js";
import { DRIVERS, nagaProblems, openDevice, unavailable, validate, type OpenDevice } from "./helpers/gpu.js";
import { fixtureIds, layerCases, type LayerCase } from "./helpers/layer-cases.js";
import { runShader } from "./helpers/wgsl-run.js";

const target: Target = { ...wgsl, graphs: { of: "kernels", machine: "parallel", emit: () => Promise.resolve([]) } };
const oracle = await createOracle();
const modules = new Map<string, ShaderModule>();

function moduleOf(definition: GraphDefinition): ShaderModule {
  const key = [definition.id, ...definition.activations.map(({ id }) => id)].join("-");
  const known = modules.get(key) ?? emitShaders(planGraph(definition, target, "auto", oracle));
  modules.set(key, known);
  return known;
}

/** Of an element; and of the largest element, where sums cancel. */
const VALUES = { relative: 2e-6, ofLargest: 1e-6 } as const;
const GRADIENTS = { relative: 1e-5, ofLargest: 2e-6 } as const;

/** Software drivers take as long for a lane that idles as for one that works. */
const SMALL = { product_tile: 4, row_lanes: 16, column_lanes: 4 } as const;

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

async function run(device: OpenDevice, one: LayerCase): Promise<void> {
  const { definition, sizes, parameters, tensors, outputs, upstream, gradients } = one;
  const module = moduleOf(definition);
  const results = await runShader(device, module, "forward", { tensors, sizes, parameters, overrides: SMALL });
  for (const [name, { output, values }] of Object.entries(outputs)) {
    const extra = definition.extras.find((candidate) => candidate.outputs.includes(output));
    const found =
      extra === undefined
        ? results
        : await runShader(device, module, extra.name, { tensors, sizes, parameters, overrides: SMALL });
    check(name, found[output.name]!, values, VALUES);
  }
  const ofExtras = Object.keys(upstream).some((name) => !Object.hasOwn(results, name));
  if (Object.keys(upstream).length === 0 || ofExtras) return;
  const above = Object.fromEntries(
    definition.outputs.map(({ name }) => [`d${name}`, upstream[name] ?? new Float64Array(results[name]!.length)]),
  );
  const slopes = await runShader(device, module, "backward", {
    tensors: { ...results, ...tensors, ...above },
    sizes,
    parameters,
    overrides: SMALL,
    leftOut: new Set(
      definition.outputs.length === 0
        ? []
        : module.functions
            .find(({ name }) => name === "backward")!
            .outputs.flatMap(({ tensor, presence }) =>
              presence !== undefined && !Object.hasOwn(gradients, tensor!.slice(1)) ? [tensor!] : [],
            ),
    ),
  });
  const scale = Math.max(...Object.values(upstream).map(largestOf));
  for (const [name, values] of Object.entries(gradients))
    check(`the gradient of ${name}`, slopes[`d${name}`]!, values, GRADIENTS, Math.max(scale, largestOf(values)));
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

  describe.each(fixtureIds)("%s", (id) => {
    it.each(layerCases(id))("$name", (one) => run(device, one));
  });
});

describe("front ends accept", () => {
  it.each(fixtureIds)("%s", async (id) => {
    const [one] = layerCases(id);
    const { code } = moduleOf(one!.definition);
    expect(await validate(code)).toEqual([]);
    expect(nagaProblems(code)).toEqual([]);
  });
});
