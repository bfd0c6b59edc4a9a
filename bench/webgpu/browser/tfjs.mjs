/** TensorFlow.js on WebGPU. */
import "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
import { FUNCTIONS } from "../../browser/tfjs-functions.mjs";

async function read(compute) {
  const tensor = tf.tidy(compute);
  const result = await tensor.data();
  tensor.dispose();
  return result;
}

export async function open() {
  await tf.setBackend("webgpu");
  await tf.ready();
  if (tf.getBackend() !== "webgpu") throw new Error(`it runs on ${tf.getBackend()}`);
  // Small tensors would be computed on the processor.
  tf.env().set("WEBGPU_CPU_FORWARD", false);
  return {
    value: (id, input) => read(() => FUNCTIONS[id](tf.tensor1d(input))),
    slope: (id, input) => read(() => tf.grad(FUNCTIONS[id])(tf.tensor1d(input), tf.onesLike(tf.tensor1d(input)))),
    row: (id, row) => read(() => FUNCTIONS[id](tf.tensor2d(row, [1, row.length]))),
    async timed({ gelu, softmax, dense }) {
      const x = tf.tensor1d(gelu);
      const logits = tf.tensor2d(softmax.data, [softmax.rows, softmax.columns]);
      const features = tf.tensor2d(dense.x, [dense.rows, dense.inputs]);
      const weight = tf.tidy(() => tf.transpose(tf.tensor2d(dense.weight, [dense.outputs, dense.inputs])));
      const bias = tf.tensor1d(dense.bias);
      return {
        gelu: () => read(() => FUNCTIONS.gelu_erf(x)),
        softmax: () => read(() => tf.softmax(logits, -1)),
        dense: () =>
          read(() => FUNCTIONS.gelu_erf(tf.fused.matMul({ a: features, b: weight, bias, activation: "linear" }))),
      };
    },
  };
}
