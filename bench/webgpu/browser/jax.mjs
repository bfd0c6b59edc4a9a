/** jax-js, each function under jit. Its arrays are consumed by what takes them: `ref` keeps one for another use. */
import { defaultDevice, init, jit, nn, numpy, vjp } from "@jax-js/jax";

const geluErf = (x) => nn.gelu(x, { approximate: false });

const FUNCTIONS = {
  silu: nn.silu,
  gelu_erf: geluErf,
  gelu_tanh: (x) => nn.gelu(x, { approximate: true }),
  tanh: numpy.tanh,
  sigmoid: nn.sigmoid,
  softplus: nn.softplus,
  elu: (x) => nn.elu(x),
  mish: nn.mish,
  relu: nn.relu,
  softmax: (x) => nn.softmax(x, -1),
  log_softmax: (x) => nn.logSoftmax(x, -1),
};

const slopeOf = (f) => (x) => {
  const [y, pull] = vjp(f, [x]);
  return pull(numpy.onesLike(y))[0];
};

const array = (data, shape) => numpy.array(data, { shape: shape ?? [data.length], dtype: numpy.float32 });

export async function open() {
  await init("webgpu");
  defaultDevice("webgpu");
  return {
    value: (id, input) => jit(FUNCTIONS[id])(array(input)).data(),
    slope: (id, input) => jit(slopeOf(FUNCTIONS[id]))(array(input)).data(),
    row: (id, row) => jit(FUNCTIONS[id])(array(row, [1, row.length])).data(),
    async timed({ gelu, softmax, dense }) {
      const x = array(gelu);
      const logits = array(softmax.data, [softmax.rows, softmax.columns]);
      const features = array(dense.x, [dense.rows, dense.inputs]);
      const weight = array(transposed(dense), [dense.inputs, dense.outputs]);
      const bias = array(dense.bias);
      const elementwise = jit(geluErf);
      const rowwise = jit((rows) => nn.softmax(rows, -1));
      const product = jit((rows, columns, shift) => geluErf(numpy.matmul(rows, columns).add(shift)));
      return {
        gelu: () => elementwise(x.ref).data(),
        softmax: () => rowwise(logits.ref).data(),
        dense: () => product(features.ref, weight.ref, bias.ref).data(),
      };
    },
  };
}

/** Weights as (inputs, outputs), as its users have them. */
function transposed({ weight, inputs, outputs }) {
  const result = new Float32Array(weight.length);
  for (let output = 0; output < outputs; output++)
    for (let input = 0; input < inputs; input++) result[input * outputs + output] = weight[output * inputs + input];
  return result;
}
