/** jax-js, each function under jit. Its arrays are consumed by what takes them: `ref` keeps one for another use. */
import { defaultDevice, init, jit, nn, numpy, vjp } from "@jax-js/jax";
import { FUNCTIONS } from "../../browser/jax-functions.mjs";
import { transposed } from "../../browser/transposed.mjs";

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
      const elementwise = jit(FUNCTIONS.gelu_erf);
      const rowwise = jit((rows) => nn.softmax(rows, -1));
      const product = jit((rows, columns, shift) => FUNCTIONS.gelu_erf(numpy.matmul(rows, columns).add(shift)));
      return {
        gelu: () => elementwise(x.ref).data(),
        softmax: () => rowwise(logits.ref).data(),
        dense: () => product(features.ref, weight.ref, bias.ref).data(),
      };
    },
  };
}
