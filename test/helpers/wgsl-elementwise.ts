/** Elementwise activations as WGSL, run on a device: what forward makes of inputs, and backward of gradients of 1. */
import type { ParameterValues } from "../../src/ir/definition.js";
import type { ShaderModule } from "../../src/targets/wgsl/shader.js";
import { execute, type OpenDevice } from "./gpu.js";

function uniform({ parameters }: ShaderModule, size: number, values: ParameterValues): Uint32Array {
  const words = new Uint32Array(1 + parameters.length);
  words[0] = size;
  new Float32Array(words.buffer, 4).set(parameters.map(({ name }) => values[name]!));
  return words;
}

/** The outputs of forward, and what backward makes of gradients of 1. */
export async function runElementwise(
  opened: OpenDevice,
  module: ShaderModule,
  x: Float32Array,
  values: ParameterValues,
): Promise<{ readonly value: Float32Array; readonly derivative: Float32Array }> {
  const sizes = { binding: 0, kind: "uniform", data: uniform(module, x.length, values) } as const;
  const dispatch = { code: module.code, workgroups: [256, 1, 1] } as const;
  const made = await execute(opened, {
    ...dispatch,
    entry: "forward",
    bindings: [
      sizes,
      { binding: 1, kind: "read", data: x },
      { binding: 2, kind: "read_write", data: new Float32Array(x.length) },
    ],
  });
  const value = made.f32(2);
  const saved =
    module.saves[0] === "x"
      ? ({ binding: 1, kind: "read", data: x } as const)
      : ({ binding: 2, kind: "read", data: value } as const);
  const back = await execute(opened, {
    ...dispatch,
    entry: "backward",
    bindings: [
      sizes,
      saved,
      { binding: 3, kind: "read", data: new Float32Array(x.length).fill(1) },
      { binding: 4, kind: "read_write", data: new Float32Array(x.length) },
    ],
  });
  return { value, derivative: back.f32(4) };
}
