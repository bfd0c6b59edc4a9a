/** Functions in jax-js. Its arrays are consumed by what takes them. */
import { nn, numpy } from "@jax-js/jax";

const geluErf = (x) => nn.gelu(x, { approximate: false });

/** Of arrays. */
export const FUNCTIONS = {
  silu: nn.silu,
  gelu_erf: geluErf,
  gelu_tanh: (x) => nn.gelu(x, { approximate: true }),
  tanh: numpy.tanh,
  sigmoid: nn.sigmoid,
  softplus: nn.softplus,
  elu: (x) => nn.elu(x),
  mish: nn.mish,
  relu: nn.relu,
  hardswish: nn.hardSwish,
  softmax: (x) => nn.softmax(x, -1),
  log_softmax: (x) => nn.logSoftmax(x, -1),
  layer_norm: (x, weight, bias) => nn.standardize(x, -1, { epsilon: 1e-5 }).mul(weight).add(bias),
  dense: (x, weight, bias) => nn.relu(numpy.matmul(x, weight).add(bias)),
};
