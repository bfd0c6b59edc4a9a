/** TensorFlow.js on WebAssembly, on one thread. */
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
import { FUNCTIONS } from "../../browser/tfjs-functions.mjs";
import { inputsOf } from "./subjects.mjs";

/** The numbers of a tensor. A tidy scope that returned them would look for tensors among them. */
function read(compute) {
  const tensor = tf.tidy(compute);
  const numbers = tensor.dataSync();
  tensor.dispose();
  return numbers;
}

export async function open() {
  setWasmPaths("/tfjs/");
  await tf.setBackend("wasm");
  await tf.ready();
  if (tf.getBackend() !== "wasm") throw new Error(`it runs on ${tf.getBackend()}`);
  return {
    prepare(subject) {
      const f = FUNCTIONS[subject.id];
      const inputs = inputsOf(subject);
      const tensors = inputs.map(({ values, shape }) => tf.tensor(values, shape));
      const dy = tf.tensor(subject.data.dy, subject.shapes.y);
      const pulled = () => tf.valueAndGrads(f)(tensors, dy);
      return {
        kernel: () => tf.dispose(f(...tensors)),
        copied: () => read(() => f(tf.tensor(inputs[0].values, inputs[0].shape), ...tensors.slice(1))),
        both: () => tf.tidy(() => void pulled()),
        gradient: () => read(() => pulled().grads[0]),
        dispose: () => tf.dispose([...tensors, dy]),
      };
    },
  };
}
