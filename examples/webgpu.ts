/** SiLU of numbers on a WebGPU device: in browsers, and in Node with the package `webgpu`. */
/// <reference types="@webgpu/types" />
import { silu, submit } from "../generated/wgsl/index.js";

export async function swish(device: GPUDevice, values: Float32Array): Promise<Float32Array> {
  const kernels = await silu(device);
  const size = values.length;
  const bytes = 4 * size;
  const x = device.createBuffer({ size: bytes, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST });
  const y = device.createBuffer({ size: bytes, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC });
  const read = device.createBuffer({ size: bytes, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  device.queue.writeBuffer(x, 0, values.buffer, values.byteOffset, bytes);

  await submit(device, (encoder) => {
    kernels.forward.encode(encoder, { x, y }, { size });
    encoder.copyBufferToBuffer(y, 0, read, 0, bytes);
  });

  await read.mapAsync(GPUMapMode.READ);
  return new Float32Array(read.getMappedRange().slice(0));
}
