/** Functions in TensorFlow.js. What it has no operation for is composed as its layers compose it. */
import * as tf from "@tensorflow/tfjs-core";

const geluErf = (x) => tf.mul(x, tf.mul(0.5, tf.add(1, tf.erf(tf.div(x, Math.sqrt(2))))));
const geluTanh = (x) =>
  tf.mul(tf.mul(0.5, x), tf.add(1, tf.tanh(tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.pow(x, 3)))))));

/** Of tensors. */
export const FUNCTIONS = {
  silu: (x) => tf.mul(x, tf.sigmoid(x)),
  gelu_erf: geluErf,
  gelu_tanh: geluTanh,
  tanh: tf.tanh,
  sigmoid: tf.sigmoid,
  softplus: tf.softplus,
  elu: tf.elu,
  mish: (x) => tf.mul(x, tf.tanh(tf.softplus(x))),
  relu: tf.relu,
  hardswish: (x) => tf.mul(x, tf.div(tf.relu6(tf.add(x, 3)), 6)),
  softmax: (x) => tf.softmax(x, -1),
  log_softmax: (x) => tf.logSoftmax(x, -1),
  layer_norm: (x, weight, bias) => {
    const { mean, variance } = tf.moments(x, -1, true);
    return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5))), weight), bias);
  },
  dense: (x, weight, bias) => tf.fused.matMul({ a: x, b: weight, bias, activation: "relu" }),
};
