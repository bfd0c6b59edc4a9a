/** ONNX Runtime Web on the processor. It has no tensors inside its memory: every call copies. */
import * as ort from "onnxruntime-web/wasm";
import { model } from "../../browser/onnx.mjs";
import { NODES } from "../../browser/onnx-functions.mjs";

export async function open() {
  ort.env.wasm.wasmPaths = new URL("/ort/", location.href).href;
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = "error";
  return {
    async prepare({ id, data, shapes }) {
      const { x: input, y: output, ...fixed } = shapes;
      const constants = Object.fromEntries(
        Object.entries(fixed).map(([name, shape]) => [name, { shape, data: data[name] }]),
      );
      const bytes = model({ nodes: NODES[id], inputs: { x: input }, outputs: { y: output }, constants });
      const session = await ort.InferenceSession.create(bytes, { executionProviders: ["wasm"] });
      return {
        copied: async () => (await session.run({ x: new ort.Tensor("float32", data.x, input) })).y.data,
        dispose: () => session.release(),
      };
    },
  };
}
