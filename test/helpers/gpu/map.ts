/** Runs a scalar WGSL function over as many inputs as one likes. */
import { execute, type Binding } from "./execute.js";
import type { OpenDevice } from "./devices.js";

export interface MapF32 {
  /** WGSL that declares what the call needs. */
  readonly functions: string;
  /** An expression in `x`, an f32, and the parameters as `p.name`. */
  readonly call: string;
  readonly inputs: Float32Array;
  readonly parameters?: Readonly<Record<string, number>>;
}

const THREADS = 64;
/** What one row of the default limit of workgroups covers, a number of bytes that any binding may have. */
const BATCH = 65_535 * THREADS;

export async function mapF32(opened: OpenDevice, map: MapF32): Promise<Float32Array> {
  const names = Object.keys(map.parameters ?? {});
  const code = moduleOf(map, names);
  const outputs = new Float32Array(map.inputs.length);
  for (let start = 0; start < map.inputs.length; start += BATCH) {
    const inputs = map.inputs.subarray(start, start + BATCH);
    const bindings: Binding[] = [
      { binding: 0, kind: "read", data: inputs },
      { binding: 1, kind: "read_write", data: new Float32Array(inputs.length) },
      { binding: 2, kind: "uniform", data: Uint32Array.of(inputs.length) },
    ];
    if (names.length > 0) {
      bindings.push({ binding: 3, kind: "uniform", data: Float32Array.from(names, (name) => map.parameters![name]!) });
    }
    const workgroups = [Math.ceil(inputs.length / THREADS), 1, 1] as const;
    const results = await execute(opened, { code, entry: "map_main", bindings, workgroups });
    outputs.set(results.f32(1), start);
  }
  return outputs;
}

function moduleOf({ functions, call }: MapF32, names: readonly string[]): string {
  const parameters = [
    "struct P {",
    ...names.map((name) => `  ${name}: f32,`),
    "}",
    "@group(0) @binding(3) var<uniform> p: P;",
  ];
  return [
    functions,
    ...(names.length > 0 ? parameters : []),
    "@group(0) @binding(0) var<storage, read> map_inputs: array<f32>;",
    "@group(0) @binding(1) var<storage, read_write> map_outputs: array<f32>;",
    "@group(0) @binding(2) var<uniform> map_count: u32;",
    `@compute @workgroup_size(${THREADS})`,
    "fn map_main(@builtin(global_invocation_id) map_id: vec3<u32>) {",
    "  if (map_id.x >= map_count) {",
    "    return;",
    "  }",
    "  let x = map_inputs[map_id.x];",
    `  map_outputs[map_id.x] = ${call};`,
    "}",
    "",
  ].join("\n");
}
