/** TensorFlow.js. What it has no operation for is composed as its layers compose it. */
import "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";

const geluErf = (x) => tf.mul(x, tf.mul(0.5, tf.add(1, tf.erf(tf.div(x, Math.sqrt(2))))));
const geluTanh = (x) =>
  tf.mul(tf.mul(0.5, x), tf.add(1, tf.tanh(tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.pow(x, 3)))))));

const FUNCTIONS = {
  silu: (x) => tf.mul(x, tf.sigmoid(x)),
  gelu_erf: geluErf,
  gelu_tanh: geluTanh,
  tanh: tf.tanh,
  sigmoid: tf.sigmoid,
  softplus: tf.softplus,
  elu: tf.elu,
  mish: (x) => tf.mul(x, tf.tanh(tf.softplus(x))),
  relu: tf.relu,
  softmax: (x) => tf.softmax(x, -1),
  log_softmax: (x) => tf.logSoftmax(x, -1),
};

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
        gelu: () => read(() => geluErf(x)),
        softmax: () => read(() => tf.softmax(logits, -1)),
        dense: () => read(() => geluErf(tf.fused.matMul({ a: features, b: weight, bias, activation: "linear" }))),
      };
    },
  };
}
