/** ONNX Runtime Web on WebGPU only: an operator that it would compute on the processor is one that it does not have. */
import * as ort from "onnxruntime-web/webgpu";
import { model } from "../../browser/onnx.mjs";
import { NODES, node } from "../../browser/onnx-functions.mjs";

const OPTIONS = {
  executionProviders: ["webgpu"],
  graphOptimizationLevel: "all",
  extra: { session: { disable_cpu_ep_fallback: "1" } },
};

async function sessionOf(nodes, inputs, outputs) {
  return ort.InferenceSession.create(model({ nodes, inputs, outputs }), OPTIONS);
}

async function compute(id, data, shape) {
  const session = await sessionOf(NODES[id], { x: shape }, { y: shape });
  const { y } = await session.run({ x: new ort.Tensor("float32", data, shape) });
  const result = y.data.slice();
  await session.release();
  return result;
}

export async function open() {
  ort.env.wasm.wasmPaths = new URL("/ort/", location.href).href;
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = "error";
  return {
    value: (id, input) => compute(id, input, [input.length]),
    row: (id, row) => compute(id, row, [1, row.length]),
    async timed({ gelu, softmax, dense }) {
      const { rows, inputs, outputs } = dense;
      const timer = async (nodes, shapes, shape, data) => {
        const session = await sessionOf(nodes, shapes, { y: shape });
        const feeds = Object.fromEntries(
          await Promise.all(
            Object.entries(data).map(async ([name, values]) => [name, await onDevice(values, shapes[name])]),
          ),
        );
        return async () => (await session.run(feeds)).y.data;
      };
      const size = [gelu.length];
      const logits = [softmax.rows, softmax.columns];
      const product = [
        node("Gemm", ["x", "weight", "bias"], "t", { transB: 1 }),
        node("Gelu", ["t"], "y", { approximate: "none" }),
      ];
      return {
        gelu: await timer(NODES.gelu_erf, { x: size }, size, { x: gelu }),
        softmax: await timer(NODES.softmax, { x: logits }, logits, { x: softmax.data }),
        dense: await timer(
          product,
          { x: [rows, inputs], weight: [outputs, inputs], bias: [outputs] },
          [rows, outputs],
          { x: dense.x, weight: dense.weight, bias: dense.bias },
        ),
      };
    },
  };
}

/** A tensor that is on the device already. */
async function onDevice(data, dims) {
  const device = await ort.env.webgpu.device;
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const buffer = device.createBuffer({ size: 16 * Math.ceil(data.byteLength / 16), usage });
  device.queue.writeBuffer(buffer, 0, data);
  return ort.Tensor.fromGpuBuffer(buffer, { dataType: "float32", dims });
}
