/**
 * Templates of layers are written in the words of Keras 3. Keras 2 has other names for the same functions of tensors, with
 * the same arguments.
 */

const OPS_IN_TENSORFLOW: Readonly<Record<string, string>> = {
  all: "tf.reduce_all",
  any: "tf.reduce_any",
  arange: "tf.range",
  argmax: "tf.argmax",
  cast: "tf.cast",
  concatenate: "tf.concat",
  cumsum: "tf.cumsum",
  einsum: "tf.einsum",
  equal: "tf.equal",
  erf: "tf.math.erf",
  exp: "tf.math.exp",
  greater_equal: "tf.greater_equal",
  log: "tf.math.log",
  log_softmax: "tf.nn.log_softmax",
  logsumexp: "tf.reduce_logsumexp",
  maximum: "tf.maximum",
  mean: "tf.reduce_mean",
  one_hot: "tf.one_hot",
  ones_like: "tf.ones_like",
  relu: "tf.nn.relu",
  reshape: "tf.reshape",
  rsqrt: "tf.math.rsqrt",
  shape: "tf.shape",
  sigmoid: "tf.math.sigmoid",
  sin: "tf.math.sin",
  softmax: "tf.nn.softmax",
  sort: "tf.sort",
  split: "tf.split",
  square: "tf.math.square",
  sqrt: "tf.math.sqrt",
  stack: "tf.stack",
  stop_gradient: "tf.stop_gradient",
  subtract: "tf.subtract",
  sum: "tf.reduce_sum",
  tanh: "tf.math.tanh",
  where: "tf.where",
  zeros_like: "tf.zeros_like",
};

const RANDOM_IN_TENSORFLOW: Readonly<Record<string, string>> = {
  dropout: "tf.nn.dropout",
  uniform: "tf.random.uniform",
};

function named(table: Readonly<Record<string, string>>, name: string): string {
  const found = table[name];
  if (found === undefined) throw new Error(`no name in TensorFlow for ${name}`);
  return found;
}

/** A template for Keras 2. */
export const inTensorFlow = (template: string): string =>
  template
    // Operations that draw take the number itself, and are drawn anew in compiled models.
    .replace(/^.*keras\.random\.SeedGenerator.*\n/gm, "")
    .replaceAll("self.seed_generator", "self.seed")
    .replace(/\bops\.(\w+)/g, (_, name: string) => named(OPS_IN_TENSORFLOW, name))
    .replace(/\bkeras\.random\.(\w+)/g, (_, name: string) => named(RANDOM_IN_TENSORFLOW, name))
    .replace(/\bkeras\.saving\.register/g, "tf.keras.utils.register")
    .replace(/(?<![.\w])keras\./g, "tf.keras.");
