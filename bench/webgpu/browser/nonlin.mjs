/** The emitted modules on a device with the default limits. */
import * as kernels from "nonlin-kernels";

const STORAGE = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;

export async function open() {
  const adapter = await navigator.gpu.requestAdapter();
  const features = ["subgroups"].filter((name) => adapter.features.has(name));
  const device = await adapter.requestDevice({ requiredFeatures: features });
  const made = new Map();

  async function moduleOf(id) {
    if (!made.has(id)) made.set(id, await kernels[id](device));
    return made.get(id);
  }
  const upload = (data) => {
    const buffer = device.createBuffer({ size: Math.max(16, 16 * Math.ceil(data.byteLength / 16)), usage: STORAGE });
    device.queue.writeBuffer(buffer, 0, data);
    return buffer;
  };
  const output = (length) => upload(new Float32Array(length));

  async function download(buffer, length) {
    const copy = device.createBuffer({ size: 4 * length, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 0, copy, 0, 4 * length);
    device.queue.submit([encoder.finish()]);
    await copy.mapAsync(GPUMapMode.READ);
    const result = new Float32Array(copy.getMappedRange().slice(0));
    copy.destroy();
    return result;
  }

  async function run(kernel, buffers, sizes, result, length) {
    const encoder = device.createCommandEncoder();
    kernel.encode(encoder, buffers, sizes);
    device.queue.submit([encoder.finish()]);
    return download(buffers[result], length);
  }

  return {
    async value(id, input) {
      const { forward } = await moduleOf(id);
      const size = input.length;
      return run(forward, { x: upload(input), y: output(size) }, { size }, "y", size);
    },
    async slope(id, input) {
      const { backward, saves } = await moduleOf(id);
      const size = input.length;
      const buffers = { x: upload(input), dy: upload(new Float32Array(size).fill(1)), dx: output(size) };
      if (saves.includes("y")) {
        buffers.y = upload(await this.value(id, input));
        if (!saves.includes("x")) delete buffers.x;
      }
      return run(backward, buffers, { size }, "dx", size);
    },
    async row(id, row) {
      const { forward } = await moduleOf(id);
      const sizes = { rows: 1, columns: row.length };
      return run(forward, { x: upload(row), y: output(row.length) }, sizes, "y", row.length);
    },
    async timed({ gelu, softmax, dense }) {
      const [elementwise, rowwise, product] = [
        await moduleOf("gelu_erf"),
        await moduleOf("softmax"),
        await moduleOf("dense_gelu_erf"),
      ];
      const size = gelu.length;
      const geluBuffers = { x: upload(gelu), y: output(size) };
      const logits = softmax.data.length;
      const softmaxBuffers = { x: upload(softmax.data), y: output(logits) };
      const { rows, inputs, outputs } = dense;
      const results = rows * outputs;
      const denseBuffers = {
        x: upload(dense.x),
        weight: upload(dense.weight),
        bias: upload(dense.bias),
        y: output(results),
      };
      return {
        gelu: () => run(elementwise.forward, geluBuffers, { size }, "y", size),
        softmax: () =>
          run(rowwise.forward, softmaxBuffers, { rows: softmax.rows, columns: softmax.columns }, "y", logits),
        dense: () => run(product.forward, denseBuffers, { rows, inputs, outputs }, "y", results),
      };
    },
  };
}
