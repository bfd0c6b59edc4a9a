/** LiteRT.js on the processor: XNNPACK, with relaxed SIMD where the engine has it. Weights are constants of a model. */
import { Tensor, loadAndCompile, loadLiteRt } from "@litertjs/core";
import { tflite } from "./tflite.mjs";

const node = (operator, inputs, output, more = {}) => ({ operator, inputs, output, ...more });
const one = (operator, more) => () => ({ nodes: [node(operator, ["x"], "y", more)] });
const numbers = (shape, values) => ({ shape, data: Float32Array.from(values) });

/** log(1 + exp(x)), the fewest operators that make it: TensorFlow Lite has none for softplus. */
const softplus = (output) => [node("Exp", ["x"], "e"), node("Add", ["e", "one"], "s"), node("Log", ["s"], output)];

const MODELS = {
  relu: one("Relu"),
  sigmoid: one("Logistic"),
  tanh: one("Tanh"),
  silu: () => ({ nodes: [node("Logistic", ["x"], "s"), node("Mul", ["x", "s"], "y")] }),
  gelu_erf: one("Gelu"),
  gelu_tanh: one("Gelu", { options: 1 }),
  elu: one("Elu"),
  softplus: () => ({ nodes: softplus("y"), constants: { one: numbers([], [1]) } }),
  mish: () => ({
    nodes: [...softplus("t"), node("Tanh", ["t"], "u"), node("Mul", ["x", "u"], "y")],
    constants: { one: numbers([], [1]) },
  }),
  hardswish: one("HardSwish"),
  softmax: one("Softmax", { beta: 1 }),
  log_softmax: one("LogSoftmax"),
  layer_norm: ({ data, sizes }) => ({
    nodes: [
      node("Mean", ["x", "last"], "mean", { options: 1, shape: [sizes.rows, 1] }),
      node("SquaredDifference", ["x", "mean"], "squares"),
      node("Mean", ["squares", "last"], "variance", { options: 1, shape: [sizes.rows, 1] }),
      node("Add", ["variance", "epsilon"], "held", { shape: [sizes.rows, 1] }),
      node("Rsqrt", ["held"], "scale", { shape: [sizes.rows, 1] }),
      node("Sub", ["x", "mean"], "centred"),
      node("Mul", ["centred", "scale"], "normal"),
      node("Mul", ["normal", "weight"], "scaled"),
      node("Add", ["scaled", "bias"], "y"),
    ],
    constants: {
      last: { shape: [1], data: Int32Array.of(1) },
      epsilon: numbers([], [1e-5]),
      weight: numbers([sizes.columns], data.weight),
      bias: numbers([sizes.columns], data.bias),
    },
  }),
  dense: ({ data, sizes }) => ({
    nodes: [node("FullyConnected", ["x", "weight", "bias"], "y", { options: 1 })],
    constants: {
      weight: numbers([sizes.outputs, sizes.inputs], data.weight),
      bias: numbers([sizes.outputs], data.bias),
    },
  }),
};

export async function open() {
  await loadLiteRt("/litert/");
  return {
    async prepare(subject) {
      const { id, data, shapes } = subject;
      const { nodes, constants } = MODELS[id](subject);
      const model = await loadAndCompile(
        tflite({
          nodes: nodes.map((each) => ({ shape: shapes.y, ...each })),
          inputs: { x: shapes.x },
          outputs: { y: shapes.y },
          constants,
        }),
        { accelerator: "wasm" },
      );
      const held = new Tensor(data.x, shapes.x);
      return {
        async kernel() {
          for (const tensor of await model.run([held])) tensor.delete();
        },
        async copied() {
          const x = new Tensor(data.x, shapes.x);
          const [y] = await model.run([x]);
          const result = y.toTypedArray();
          x.delete();
          y.delete();
          return result;
        },
        dispose() {
          held.delete();
          model.delete();
        },
      };
    },
  };
}
