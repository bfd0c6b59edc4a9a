/** jax-js on WebAssembly, each function under jit. Its arrays are consumed by what takes them: `ref` keeps one. */
import { blockUntilReady, defaultDevice, init, jit, numpy, vjp } from "@jax-js/jax";
import { FUNCTIONS } from "../../browser/jax-functions.mjs";
import { inputsOf } from "./subjects.mjs";

const array = ({ values, shape }) => numpy.array(values, { shape, dtype: numpy.float32 });

export async function open() {
  await init("wasm");
  defaultDevice("wasm");
  return {
    prepare(subject) {
      const inputs = inputsOf(subject);
      const arrays = inputs.map(array);
      const dy = array({ values: subject.data.dy, shape: subject.shapes.y });
      const f = jit(FUNCTIONS[subject.id]);
      const pulled = jit((slope, ...read) => {
        const [y, pull] = vjp(FUNCTIONS[subject.id], read);
        return [y, ...pull(slope)];
      });
      const held = () => arrays.map(({ ref }) => ref);
      const release = (results) => results.forEach((result) => result.dispose());
      return {
        kernel: async () => release([await blockUntilReady(f(...held()))]),
        copied: () => f(array(inputs[0]), ...held().slice(1)).dataSync(),
        both: async () => release(await blockUntilReady(pulled(dy.ref, ...held()))),
        gradient() {
          const [y, dx, ...others] = pulled(dy.ref, ...held());
          release([y, ...others]);
          return dx.dataSync();
        },
        dispose() {
          release([...arrays, dy]);
          f.dispose();
          pulled.dispose();
        },
      };
    },
  };
}
