/** What each function is in ONNX: one operator, or the few that it is composed of. */
export const node = (operator, inputs, output, attributes) => ({ operator, inputs, output, attributes });
const one = (operator, attributes) => [node(operator, ["x"], "y", attributes)];

export const NODES = {
  relu: one("Relu"),
  sigmoid: one("Sigmoid"),
  tanh: one("Tanh"),
  silu: [node("Sigmoid", ["x"], "s"), node("Mul", ["x", "s"], "y")],
  gelu_erf: one("Gelu", { approximate: "none" }),
  gelu_tanh: one("Gelu", { approximate: "tanh" }),
  elu: one("Elu"),
  softplus: one("Softplus"),
  mish: one("Mish"),
  hardswish: one("HardSwish"),
  softmax: one("Softmax"),
  log_softmax: one("LogSoftmax"),
  layer_norm: [node("LayerNormalization", ["x", "weight", "bias"], "y")],
  dense: [node("Gemm", ["x", "weight", "bias"], "t", { transB: 1 }), node("Relu", ["t"], "y")],
};
