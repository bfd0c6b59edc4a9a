/** Shaders for tests of host modules, and devices that have less. */
import { mul } from "../../src/ir/build.js";
import { activation } from "../../src/ir/definition.js";
import { constantInteger, size, times } from "../../src/ir/graph/integer.js";
import type { Binding, ShaderModule } from "../../src/targets/wgsl/shader.js";
import { activationNamed } from "./wgsl-host.js";

/** Rows times what is given: with all that modules of layers have and activations have not. */
export const SCALED = `
struct Sizes { rows: u32, columns: u32, factor: f32, seed: u32, counter: u32, }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(4) var<storage, read_write> seeds: array<u32>;
@group(0) @binding(5) var<storage, read_write> scratch: array<f32>;
override has_bias: bool = true;
override writes_seeds: bool = true;
override lanes: u32 = 64u;
override width: u32;

@compute @workgroup_size(lanes)
fn doubled(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var i = id.x; i < sizes.rows * sizes.columns; i += groups.x * lanes) {
    scratch[i] = 2.0 * x[i];
  }
}

@compute @workgroup_size(lanes)
fn scaled(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var i = id.x; i < sizes.rows * sizes.columns; i += groups.x * lanes) {
    var added = 0.0;
    if (has_bias) { added = bias[i % width]; }
    y[i] = sizes.factor * scratch[i] + added;
    if (writes_seeds) { seeds[i] = sizes.seed + 3u * sizes.counter; }
  }
}
`;

export function scaledModule(code = SCALED): ShaderModule {
  const all = times("rows", "columns");
  const binding = (name: string, number: number, role: Binding["role"], more: Partial<Binding> = {}): Binding => ({
    name,
    number,
    role,
    access: role === "input" ? "read" : "read_write",
    element: "f32",
    length: all,
    presence: undefined,
    documentation: `The ${name}. */ \``,
    ...more,
  });
  const x = binding("x", 1, "input");
  const bias = binding("bias", 2, "input", { tensor: "biasOfRows", length: size("columns"), presence: "has_bias" });
  const y = binding("y", 3, "output");
  const seeds = binding("seeds", 4, "output", { element: "u32", presence: "writes_seeds" });
  const scratch = binding("scratch", 5, "workspace");
  const kernel = (entry: string, bindings: readonly Binding[]) =>
    ({
      entry,
      bindings,
      workgroups: all,
      documentation: entry,
      overrides: ["has_bias", "writes_seeds", "lanes", "width"],
      workgroupBytes: constantInteger(0),
      invocations: size("lanes"),
    }) as const;
  return {
    id: "scaled",
    title: "Scaled rows",
    formula: "factor * 2 x + bias",
    reference: "",
    code,
    half: false,
    subgroups: true,
    sizes: [
      { name: "rows", default: undefined, least: 0, most: 1000, documentation: "Rows." },
      { name: "columns", default: times(2, "rows"), least: 1, most: Infinity, documentation: "Columns." },
    ],
    requirements: [
      { left: size("rows"), relation: "<=", right: size("columns"), message: "{rows} rows are more than {columns}" },
    ],
    parameters: [{ ...activationNamed("elu").parameters[0]!, name: "factor", default: 0.5, range: [0, 1e300] }],
    draws: true,
    overrides: [
      { name: "has_bias", type: "bool", default: 1, documentation: "" },
      { name: "writes_seeds", type: "bool", default: 1, documentation: "" },
      { name: "lanes", type: "u32", default: 64, documentation: "Lanes." },
      { name: "width", type: "u32", default: undefined, sizeOf: size("columns"), documentation: "" },
    ],
    functions: [
      {
        name: "forward",
        documentation: "Scales.",
        inputs: [x, bias],
        outputs: [y, seeds],
        workspace: [scratch],
        kernels: [kernel("doubled", [x, scratch]), kernel("scaled", [bias, y, seeds, scratch])],
      },
    ],
    saves: [],
  };
}

/** Names that objects and TypeScript have. */
export const HOSTILE = activation({
  id: "delete",
  title: "*/ \u2028 `${x}` \\",
  parameters: { constructor: { default: 2 }, default: { default: 3 }, values: { default: 1 } },
  formula: (x, { constructor, default: other, values }) => mul(mul(mul(constructor, other), values), x),
  reference: "",
});

/** A device with other limits, and counts of what was called of it. */
export function limited(
  device: GPUDevice,
  limits: Partial<Record<keyof GPUSupportedLimits, number>>,
): GPUDevice & { readonly counts: Record<string, number> } {
  const counts: Record<string, number> = {};
  const of = (target: object, name: string | symbol): unknown => {
    const value: unknown = Reflect.get(target, name, target);
    if (typeof value !== "function") return value;
    return (...all: unknown[]): unknown => {
      counts[String(name)] = (counts[String(name)] ?? 0) + 1;
      return (value as (...all: unknown[]) => unknown).apply(target, all);
    };
  };
  const other = new Proxy(device.limits, {
    get: (target, name) => (Object.hasOwn(limits, name) ? limits[name as "maxBufferSize"] : of(target, name)),
  });
  return new Proxy(device, {
    get: (target, name) => (name === "limits" ? other : name === "counts" ? counts : of(target, name)),
  }) as GPUDevice & { readonly counts: Record<string, number> };
}
