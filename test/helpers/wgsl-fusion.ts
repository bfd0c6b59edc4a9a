/** What fusion saves, in numbers that no machine has a part in: dispatches, bytes, workgroup memory, operations. */
import type { Oracle } from "../../src/pipeline/activation.js";
import { planActivation } from "../../src/pipeline/activation.js";
import { planGraph } from "../../src/pipeline/layer.js";
import { findDefinition, findLayer } from "../../src/catalogue.js";
import { evaluateInteger, type Integer } from "../../src/ir/graph/integer.js";
import { IDENTITY, withActivation } from "../../src/layers/layers.js";
import { activationModule } from "../../src/targets/wgsl/activation.js";
import { emitShaders } from "../../src/targets/wgsl/graph/module.js";
import type { ShaderModule } from "../../src/targets/wgsl/shader.js";
import { wgsl } from "../../src/targets/wgsl.js";
import { operationCounts } from "./gpu.js";

export interface Cost {
  readonly dispatches: number;
  readonly read: number;
  readonly written: number;
  readonly workgroupBytes: number;
  /** Instructions of SPIR-V that compute, of all kernels together. */
  readonly operations: number;
}

type Sizes = Readonly<Record<string, number>>;

/** Sizes, and overrides as they are by default. */
function withDefaults({ sizes, overrides }: ShaderModule, given: Sizes): Sizes {
  const all: Record<string, number> = { ...given };
  for (const { name, default: otherwise } of overrides) if (otherwise !== undefined) all[name] ??= otherwise;
  for (const { name, default: otherwise } of sizes)
    if (all[name] === undefined && otherwise !== undefined) all[name] = valueOf(otherwise, all);
  return all;
}

const valueOf = (integer: Integer, sizes: Sizes): number =>
  evaluateInteger(integer, ({ name }) => {
    const value = sizes[name];
    if (value === undefined) throw new Error(`nothing says what ${name} is`);
    return value;
  });

/** What computes: neither declarations, nor loads and stores, nor control. */
const COMPUTES = /^([FIUS][A-Z]|ExtInst|Select|Bitcast|Convert|Logical|Bitwise|Shift|Not|Dot|VectorTimesScalar)/;

/** Of one function: every tensor of a kernel is read or written once; a workspace is written where it first occurs. */
function costOf(module: ShaderModule, name: string, given: Sizes): Cost {
  const sizes = withDefaults(module, given);
  const { kernels } = module.functions.find((one) => one.name === name)!;
  const begun = new Set<number>();
  let [read, written, workgroupBytes, operations] = [0, 0, 0, 0];
  for (const kernel of kernels) {
    for (const { role, number, length } of kernel.bindings) {
      const bytes = 4 * valueOf(length, sizes);
      if (role === "input" || (role === "workspace" && begun.has(number))) read += bytes;
      else written += bytes;
    }
    for (const { number } of kernel.bindings) begun.add(number);
    workgroupBytes = Math.max(workgroupBytes, valueOf(kernel.workgroupBytes, sizes));
    for (const [operation, count] of Object.entries(operationCounts(module.code, kernel.entry)))
      if (COMPUTES.test(operation)) operations += count;
  }
  return { dispatches: kernels.length, read, written, workgroupBytes, operations };
}

const together = (costs: readonly Cost[]): Cost => ({
  dispatches: costs.reduce((sum, cost) => sum + cost.dispatches, 0),
  read: costs.reduce((sum, cost) => sum + cost.read, 0),
  written: costs.reduce((sum, cost) => sum + cost.written, 0),
  workgroupBytes: Math.max(...costs.map((cost) => cost.workgroupBytes)),
  operations: costs.reduce((sum, cost) => sum + cost.operations, 0),
});

export interface Comparison {
  readonly layer: string;
  readonly activation: string;
  readonly of: "forward" | "backward";
  readonly sizes: string;
  readonly fused: Cost;
  readonly unfused: Cost;
}

const SUBJECTS: readonly { readonly layer: string; readonly sizes: Sizes; readonly outputs: number }[] = [
  { layer: "dense", sizes: { rows: 256, inputs: 1024, outputs: 1024 }, outputs: 256 * 1024 },
  {
    layer: "conv2d",
    sizes: { batch: 8, channels: 64, height: 56, width: 56, filters: 64, kernelHeight: 3, paddingHeight: 1 },
    outputs: 8 * 64 * 56 * 56,
  },
  { layer: "layer_norm", sizes: { rows: 4096, columns: 1024 }, outputs: 4096 * 1024 },
];
const ACTIVATIONS = ["relu", "silu", "gelu_erf", "mish"];

/** A layer with the activation in it, against the layer without one and the activation after it. */
export function comparisons(oracle: Oracle): Comparison[] {
  return SUBJECTS.flatMap(({ layer, sizes, outputs }) => {
    const definition = findLayer(layer)!;
    const shader = (activation: string): ShaderModule =>
      emitShaders(planGraph(withActivation(definition, findDefinition(activation)!), wgsl, "auto", oracle));
    const plain = shader(IDENTITY);
    return ACTIVATIONS.flatMap((activation) => {
      const fused = shader(activation);
      const alone = activationModule(planActivation(findDefinition(activation)!, wgsl, oracle).plan);
      return (["forward", "backward"] as const).map((of) => ({
        layer,
        activation,
        of,
        sizes: Object.entries(sizes)
          .map(([name, value]) => `${name} ${value}`)
          .join(", "),
        fused: costOf(fused, of, sizes),
        unfused: together([costOf(plain, of, sizes), costOf(alone, of, { size: outputs })]),
      }));
    });
  });
}

const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
const pair = (fused: number | string, unfused: number | string): string => `${fused} / ${unfused}`;

/** The table as it is committed. */
export function fusionTable(rows: readonly Comparison[]): string {
  return [
    "# What fusion saves in WGSL",
    "",
    "Each cell is fused / unfused: the layer with the activation in it, against the layer alone and the activation after it.",
    "Dispatches, MiB read and written in buffers when each is touched once, bytes of workgroup memory of one workgroup, and",
    "instructions of SPIR-V that compute (as naga writes them, each once, whatever loops they are in). None of it depends on a",
    "machine. Written by `UPDATE=1 npx vitest run test/wgsl-fusion.long.test.ts`; the test compares it.",
    "",
    "| layer | activation | of | dispatches | MiB read | MiB written | workgroup bytes | instructions |",
    "|---|---|---|---|---|---|---|---|",
    ...rows.map(
      ({ layer, activation, of, fused, unfused }) =>
        `| ${[
          layer,
          activation,
          of,
          pair(fused.dispatches, unfused.dispatches),
          pair(mebibytes(fused.read), mebibytes(unfused.read)),
          pair(mebibytes(fused.written), mebibytes(unfused.written)),
          pair(fused.workgroupBytes, unfused.workgroupBytes),
          pair(fused.operations, unfused.operations),
        ].join(" | ")} |`,
    ),
    "",
    ...[...new Set(rows.map(({ layer, sizes }) => `- ${layer}: ${sizes}`))],
    "",
  ].join("\n");
}
