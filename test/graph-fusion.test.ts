/** What plans promise: kernels, passes over memory, and what is kept, of every layer with every elementwise activation. */
import { describe, expect, it, vi } from "vitest";
import { catalogue, findDefinition, layers, rowActivations } from "../src/catalogue.js";
import { reportOf, type KernelReport, type PlanReport } from "../src/codegen/graph/report.js";
import type { GraphPlan } from "../src/codegen/target.js";
import { planGraph } from "../src/pipeline/layer.js";
import { createOracle, type Saving } from "../src/pipeline/activation.js";
import type { ActivationForms } from "../src/pipeline/forms.js";
import type { GraphDefinition } from "../src/ir/graph/definition.js";
import { sizeOf } from "../src/ir/graph/places.js";
import type { GraphFunction } from "../src/ir/kernel.js";
import { targets } from "../src/registry.js";
import { completeSizes } from "./helpers/graph-run.js";

// The forms of an activation are the same in every layer, and take most of the time.
vi.mock(import("../src/pipeline/forms.js"), async (importOriginal) => {
  const original = await importOriginal();
  const known = new Map<string, ActivationForms>();
  const formsOf: typeof original.formsOf = (definition, target, oracle, wantsOutput, trace) => {
    const key = `${definition.id} ${wantsOutput}`;
    const forms = known.get(key) ?? original.formsOf(definition, target, oracle, wantsOutput, trace);
    known.set(key, forms);
    return forms;
  };
  return { ...original, formsOf };
});

const oracle = await createOracle();

interface Planned {
  readonly plan: GraphPlan;
  readonly report: PlanReport;
}

function planned(definition: GraphDefinition, save: Saving = "auto"): Planned {
  const plan = planGraph(definition, targets.js, save, oracle);
  return { plan, report: reportOf(plan) };
}

const layer = (id: string, activation = "linear"): GraphDefinition =>
  layers.find((candidate) => candidate.id === id)!.define(findDefinition(activation)!);

const functionOf = ({ plan }: Planned, name: string): GraphFunction =>
  plan.functions.find((candidate) => candidate.name === name)!;

const kernelsOf = ({ report }: Planned, name: string): readonly KernelReport[] =>
  report.functions.find((candidate) => candidate.name === name)!.kernels;

/** How many passes all kernels of a function make over its tensors. */
function passes(kernels: readonly KernelReport[], of: "reads" | "writes"): Record<string, number> {
  const total: Record<string, number> = {};
  for (const kernel of kernels)
    for (const [name, count] of Object.entries(kernel[of])) total[name] = (total[name] ?? 0) + count;
  return total;
}

interface Promised {
  /** Steps that pass over x in the one kernel of forward. */
  readonly forward: number;
  /** Steps that pass over x, and over dy, in the one kernel of backward. */
  readonly backward: readonly [x: number, dy: number];
  /** The same with `linear`, where dy is no tile but read by each product. */
  readonly linear: readonly [x: number, dy: number];
  /** What is summed over rows: vectors along these axes. */
  readonly vectors: readonly (readonly string[])[];
}

const FILTERS = ["groups", "groupFilters"];

const PROMISED: Readonly<Record<string, Promised>> = {
  dense: { forward: 1, backward: [1, 1], linear: [1, 2], vectors: [["outputs"]] },
  gated_dense: { forward: 2, backward: [2, 1], linear: [2, 1], vectors: [["outputs"], ["outputs"]] },
  conv1d: { forward: 1, backward: [1, 1], linear: [1, 2], vectors: [FILTERS] },
  conv2d: { forward: 1, backward: [1, 1], linear: [1, 3], vectors: [FILTERS] },
  layer_norm: { forward: 3, backward: [5, 3], linear: [5, 3], vectors: [["columns"], ["columns"]] },
  rms_norm: { forward: 2, backward: [3, 2], linear: [3, 2], vectors: [["columns"]] },
  batch_norm: { forward: 1, backward: [1, 1], linear: [1, 1], vectors: [["channels"], ["channels"]] },
  residual: { forward: 1, backward: [1, 1], linear: [0, 1], vectors: [] },
};

const named = (axes: readonly { readonly name: string }[]): string => axes.map(({ name }) => name).join(" x ");

describe.each(Object.entries(PROMISED))("%s", (id, promised) => {
  it.each(catalogue.map((activation) => activation.id))("with %s is one kernel forward and one backward", (name) => {
    const result = planned(layer(id, name));
    const learnable = findDefinition(name)!.parameters.filter((parameter) => parameter.learnable).length;

    const [forward, ...more] = kernelsOf(result, "forward");
    expect(more).toEqual([]);
    expect(functionOf(result, "forward").workspace).toEqual([]);
    const kept = result.report.saved.map((saved) => saved.name);
    expect(forward!.writes).toEqual(Object.fromEntries(["y", ...kept].map((tensor) => [tensor, 1])));
    expect(forward!.reads["x"]).toBe(promised.forward);

    const [backward, ...others] = kernelsOf(result, "backward");
    const { workspace } = functionOf(result, "backward");
    const vectors = [
      ...promised.vectors.map((axes) => axes.join(" x ")),
      ...Array.from({ length: learnable }, () => ""),
    ];
    const sums = workspace.map(({ axes }) => named(axes));
    // The second kernel writes what the first has summed in float64. Without an activation a bias may be summed by it.
    expect(others.length).toBe(vectors.length === 0 ? 0 : 1);
    const readAfter = Object.keys(others[0]?.reads ?? {}).filter(
      (read) => !workspace.some((part) => part.name === read),
    );
    if (sums.length === 0 && name === "linear") expect(readAfter).toEqual(vectors.length === 0 ? [] : ["dy"]);
    else expect([sums.sort(), readAfter]).toEqual([vectors.sort(), []]);

    const inputs = Object.keys({ ...backward!.reads });
    // A kept output stands for x where nothing is multiplied by x.
    const x = backward!.reads["x"] ?? (inputs.includes("y") ? backward!.reads["y"] : 0);
    const [readsOfX, readsOfDy] = name === "linear" ? promised.linear : promised.backward;
    const isProduct = promised.vectors.length > 0 && !id.endsWith("norm");
    // The sums for learnable parameters of an activation behind a product take a pass of their own, one for all of them.
    expect([x, backward!.reads["dy"]]).toEqual([readsOfX, readsOfDy + (isProduct ? Math.min(learnable, 1) : 0)]);
    // Both halves of a gated layer add to dx; everything else is written once.
    const written = Object.entries(backward!.writes).filter(([, count]) => count !== 1);
    expect(written).toEqual(id === "gated_dense" ? [["dx", 2]] : []);
  });
});

type Kept = readonly string[];

/** What a product with an activation keeps besides x, weights and y: by default, and under `save: "output"`. */
const NOTHING: readonly [Kept, Kept] = [[], []];
const ALWAYS: readonly [Kept, Kept] = [["preactivation"], ["preactivation"]];
/** The derivative is a function of the output, but loses accuracy in it: callers have to ask for it. */
const ON_REQUEST: readonly [Kept, Kept] = [["preactivation"], []];

/**
 * All others are no functions of the output, or none is proved: elu's sign is lost where alpha is negative, and softplus
 * jumps at its threshold.
 */
const KEPT: Readonly<Record<string, readonly [Kept, Kept]>> = {
  linear: NOTHING,
  relu: NOTHING,
  leaky_relu: NOTHING,
  thresholded_relu: NOTHING,
  relu6: NOTHING,
  hardsigmoid: NOTHING,
  hardshrink: NOTHING,
  exponential: NOTHING,
  logsigmoid: NOTHING,
  softplus: NOTHING,
  hardtanh: ON_REQUEST,
  sparse_sigmoid: ON_REQUEST,
  selu: ON_REQUEST,
  celu: ON_REQUEST,
  elu: ON_REQUEST,
  sigmoid: ON_REQUEST,
  tanh: ON_REQUEST,
};

describe("a product with an activation", () => {
  it.each(catalogue.map(({ id }) => id))("keeps what backward needs of %s", (name) => {
    for (const id of ["dense", "conv1d", "conv2d"]) {
      const saved = (["auto", "output"] as const).map((save) =>
        planned(layer(id, name), save).report.saved.map((tensor) => tensor.name),
      );
      expect(saved, id).toEqual(KEPT[name] ?? ALWAYS);
    }
  });

  it.each([
    ["dense", { rows: 200, inputs: 6, outputs: 7 }, 1400],
    ["conv1d", { batch: 2, channels: 3, length: 10, filters: 5, kernel: 3 }, 80],
    ["conv2d", { batch: 2, channels: 3, height: 9, width: 10, filters: 5, kernelHeight: 3 }, 560],
  ] as const)("keeps one tensor of the output's size at most: %s", (id, sizes, elements) => {
    for (const name of ["gelu_erf", "silu", "mish"]) {
      const definition = layer(id, name);
      const { saved } = planned(definition).report;
      expect(saved.map(({ bytes }) => sizeOf(bytes, completeSizes(definition, sizes)))).toEqual([4 * elements]);
    }
  });

  it("keeps the product with its bias, so that backward does not want the bias", () => {
    expect(planned(layer("dense", "gelu_erf")).plan.saves).toEqual(["x", "weight", "preactivation"]);
    expect(planned(layer("dense", "relu")).plan.saves).toEqual(["x", "weight", "y"]);
  });

  it("keeps both sides of a gate, and no more", () => {
    const definition = layer("gated_dense", "silu");
    const { saved } = planned(definition).report;
    const sizes = completeSizes(definition, { rows: 200, inputs: 6, outputs: 7 });
    expect(saved.map(({ name, bytes }) => [name, sizeOf(bytes, sizes)])).toEqual([
      ["gatePreactivation", 5600],
      ["valuePreactivation", 5600],
    ]);
  });
});

describe("what is made again instead of being kept", () => {
  it.each(["layer_norm", "rms_norm", "batch_norm", "residual"])("%s keeps nothing for any activation", (id) => {
    for (const { id: name } of catalogue) expect(planned(layer(id, name)).report.saved, name).toEqual([]);
  });

  it.each(rowActivations.map((definition) => [definition.id, definition] as const))("%s", (_, definition) => {
    const result = planned(definition);
    expect(result.report.saved).toEqual([]);
    expect(functionOf(result, "forward").workspace).toEqual([]);
    expect(kernelsOf(result, "forward").length).toBe(1);
    expect(passes(kernelsOf(result, "forward"), "writes")).toEqual({ y: 1 });
  });

  it("cross_entropy needs one kernel each way", () => {
    const result = planned(layer("cross_entropy"));
    expect(result.report.saved).toEqual([]);
    for (const name of ["forward", "backward"]) {
      expect(kernelsOf(result, name).length, name).toBe(1);
      expect(functionOf(result, name).workspace, name).toEqual([]);
    }
  });

  it("attention has no scores outside of a tile of 64 queries", () => {
    const definition = layer("attention");
    const result = planned(definition);
    expect(result.report.saved).toEqual([]);
    const sizes = completeSizes(definition, { batch: 2, heads: 3, queries: 1000, keys: 500, features: 16 });
    for (const name of ["forward", "backward"]) {
      const { kernels, workspace } = functionOf(result, name);
      expect(kernels.length, name).toBe(1);
      expect(workspace, name).toEqual([]);
      for (const { tiles } of kernels)
        for (const { length } of tiles) {
          const elements = sizeOf(length, { ...sizes, queriesBlock: 64, keysBlock: 500 });
          expect(elements, length.text).toBeLessThanOrEqual(64 * 500);
        }
    }
    expect(passes(kernelsOf(result, "forward"), "writes")).toEqual({ y: 1 });
    expect(passes(kernelsOf(result, "backward"), "writes")).toEqual({ dquery: 1, dkey: 1, dvalue: 1 });
  });

  it("multihead_attention keeps what comes out of products with weights, and no scores", () => {
    const definition = layer("multihead_attention");
    const result = planned(definition);
    expect(result.report.saved.map(({ name }) => name).sort()).toEqual([
      "context",
      "projectedKey",
      "projectedQuery",
      "projectedValue",
    ]);
    const sizes = completeSizes(definition, { queries: 1000, keys: 500, batch: 2, embed: 16, heads: 4 });
    const bytes = result.report.saved.map((saved) => sizeOf(saved.bytes, sizes)).reduce((sum, each) => sum + each);
    expect(bytes).toBe(4 * 2 * 16 * (1000 + 500 + 1000 + 500));
    for (const name of ["forward", "backward"])
      for (const { length } of functionOf(result, name).workspace)
        expect(sizeOf(length, sizes), length.text).toBeLessThanOrEqual(2 * 1000 * 16);
  });
});

describe("operations", () => {
  it("of products are two for each pair of elements, and grow with the batch", () => {
    const dense = layer("dense", "relu");
    const count = (rows: number): number =>
      sizeOf(kernelsOf(planned(dense), "forward")[0]!.operations, { rows, inputs: 100, outputs: 50 });
    expect(count(10)).toBeGreaterThanOrEqual(2 * 10 * 100 * 50);
    expect(count(10)).toBeLessThan(2.2 * 10 * 100 * 50);
    expect(count(20)).toBe(2 * count(10));
  });

  it.each([
    ["adaptive_log_softmax", "rows", { inputs: 16, shortlist: 5, size_0: 4, size_1: 3 }],
    ["gated_dense", "rows", { inputs: 16, outputs: 5 }],
    ["attention", "batch", { heads: 2, queries: 5, features: 3 }],
    ["conv2d", "batch", { channels: 4, height: 5, width: 6, filters: 3, kernelHeight: 2 }],
  ] as const)("of %s are linear in its %s", (id, batch, others) => {
    const definition = layer(id);
    for (const { name, kernels } of planned(definition).report.functions)
      for (const { operations, steps } of kernels) {
        const [once, twice] = [10, 20].map((count) =>
          sizeOf(operations, completeSizes(definition, { ...others, [batch]: count })),
        );
        expect([once, 2 * once!], `${name}: ${steps.join("; ")}`).toContain(twice);
      }
  });
});
