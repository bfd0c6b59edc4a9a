/** What a device can do at most, measured: bytes per second of a copy, and float operations per second of a chain of them. */

const COPY = `
@group(0) @binding(0) var<storage, read> source: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> target_values: array<vec4<f32>>;

@compute @workgroup_size(256)
fn copy(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var i = id.x; i < arrayLength(&source); i += groups.x * 256u) {
    target_values[i] = source[i];
  }
}
`;

const CHAINS = 4;
const STEPS = 1024;
const UNROLLED = 8;
const INVOCATIONS = 256;
const chains = Array.from({ length: CHAINS }, (_, i) => `a${i}`);

/** Each invocation has independent chains of vectors, so that it waits for none. */
const MULTIPLY_ADD = `
@group(0) @binding(0) var<storage, read> source: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> target_values: array<vec4<f32>>;

@compute @workgroup_size(${INVOCATIONS})
fn multiply_add(@builtin(global_invocation_id) id: vec3u) {
  let factor = source[0];
  let addend = source[1];
${chains.map((name, i) => `  var ${name} = factor + f32(id.x + ${i}u);`).join("\n")}
  for (var step = 0u; step < ${STEPS}u; step++) {
${Array.from({ length: UNROLLED }, () => chains.map((name) => `    ${name} = fma(${name}, factor, addend);`).join("\n")).join("\n")}
  }
  target_values[id.x] = ${chains.join(" + ")};
}
`;

function pipelineOf({ device }, code, entryPoint, buffers) {
  const module = device.createShaderModule({ code });
  const pipeline = device.createComputePipeline({ layout: "auto", compute: { module, entryPoint } });
  const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
  const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  return (pass, workgroups) => {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(workgroups);
  };
}

/** Bytes read and written per second. */
export async function measuredBandwidth(bench, bytes) {
  const buffers = [bench.buffer(bytes, 1), bench.buffer(bytes)];
  const dispatch = pipelineOf(bench, COPY, "copy", buffers);
  const workgroups = Math.min(65535, Math.ceil(bytes / 16 / 256));
  const { best } = await bench.seconds((pass) => dispatch(pass, workgroups));
  buffers.forEach((buffer) => buffer.destroy());
  return (2 * bytes) / best;
}

/** Float operations per second: a fused multiplication and addition is two. */
export async function measuredArithmetic(bench, workgroups) {
  const buffers = [bench.buffer(32, 0.5), bench.buffer(16 * INVOCATIONS * workgroups)];
  const dispatch = pipelineOf(bench, MULTIPLY_ADD, "multiply_add", buffers);
  const { best } = await bench.seconds((pass) => dispatch(pass, workgroups));
  buffers.forEach((buffer) => buffer.destroy());
  return (workgroups * INVOCATIONS * STEPS * UNROLLED * CHAINS * 4 * 2) / best;
}
