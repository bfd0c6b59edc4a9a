/** PyTorch 1.7 to 2.13: read in torch/nn/functional.py and torch/nn/modules/activation.py, and run in 1.7, 1.13 and 2.13. */
import { along, call, passes, says, type Argument, type BuiltIn, type Call } from "./row.js";

const functional = (name: string, ...given: readonly Argument[]): Call => call(`torch.nn.functional.${name}`, ...given);
const module = (name: string, ...given: readonly Argument[]): Call => call(`torch.nn.${name}`, ...given);

/** A function and a module with the same arguments. */
const both = (
  name: string,
  moduleName: string,
  ...given: readonly Argument[]
): Pick<BuiltIn, "function" | "layer"> => ({
  function: functional(name, ...given),
  layer: module(moduleName, ...given),
});

const EVALUATION = { mode: "evaluation" } as const;
const RRELU = [passes("lower", "lower", 1 / 8), passes("upper", "upper", 1 / 3)];
const SHRINK = passes("lambd", "lambd", 0.5);

export const torchRows: readonly BuiltIn[] = [
  { id: "relu", ...both("relu", "ReLU"), names: ["torch.relu"] },
  { id: "leaky_relu", ...both("leaky_relu", "LeakyReLU", passes("negative_slope", "negative_slope", 0.01)) },
  {
    id: "prelu",
    function: functional("prelu", passes("weight", "slope", undefined, { form: "tensor" })),
    layer: module("PReLU", passes("init", "slope", 0.25)),
    lacks: "a slope in float32 for inputs in float16",
    names: ["torch.prelu"],
  },
  {
    id: "rrelu",
    function: functional("rrelu", ...RRELU, says("training", "False", "False")),
    layer: { ...module("RReLU", ...RRELU), ...EVALUATION },
    lacks: "torch.func.vmap",
    instead: (name) => `F.leaky_relu(x, negative_slope=(${name("lower")} + ${name("upper")}) / 2)`,
  },
  {
    id: "threshold",
    ...both("threshold", "Threshold", passes("threshold", "threshold"), passes("value", "value")),
    names: ["torch.threshold"],
  },
  {
    id: "thresholded_relu",
    ...both("threshold", "Threshold", passes("threshold", "theta"), says("value", "0.0")),
  },
  { id: "relu6", ...both("relu6", "ReLU6") },
  {
    id: "hardtanh",
    ...both("hardtanh", "Hardtanh", passes("min_val", "min_val", -1), passes("max_val", "max_val", 1)),
  },
  {
    id: "hardsigmoid",
    ...both("hardsigmoid", "Hardsigmoid"),
    lacks: "a second derivative",
    // As it stands x + 3 would be rounded to 6 before it is compared.
    instead: () => "(F.hardtanh(x, -3, 3) + 3) / 6",
    slope: "torch.ops.aten.hardsigmoid_backward",
  },
  { id: "hardswish", ...both("hardswish", "Hardswish") },
  { id: "softshrink", ...both("softshrink", "Softshrink", SHRINK) },
  { id: "hardshrink", ...both("hardshrink", "Hardshrink", SHRINK) },
  { id: "linear", layer: module("Identity") },
  { id: "softsign", ...both("softsign", "Softsign") },
  {
    id: "elu",
    until: "1.7",
    ...both("elu", "ELU", passes("alpha", "alpha", 1)),
    notes: ["Where alpha < 0 the gradient at x < 0 is 1, not alpha * exp(x)."],
  },
  { id: "elu", since: "1.8", ...both("elu", "ELU", passes("alpha", "alpha", 1)) },
  { id: "selu", ...both("selu", "SELU"), names: ["torch.selu"] },
  { id: "celu", ...both("celu", "CELU", passes("alpha", "alpha", 1)), names: ["torch.celu"] },
  { id: "exponential", function: call("torch.exp") },
  { id: "sigmoid", function: call("torch.sigmoid"), layer: module("Sigmoid"), names: ["torch.nn.functional.sigmoid"] },
  { id: "tanh", function: call("torch.tanh"), layer: module("Tanh"), names: ["torch.nn.functional.tanh"] },
  {
    id: "softplus",
    // Above 50 log(1 + e^x) is x to a float64, and e^x would overflow; with 20, the default, to a float32 only.
    ...both(
      "softplus",
      "Softplus",
      passes("beta", "beta", 1),
      passes("threshold", "threshold", 20, { insteadOfInfinity: 50 }),
    ),
  },
  { id: "logsigmoid", ...both("logsigmoid", "LogSigmoid") },
  { id: "gelu_erf", ...both("gelu", "GELU"), chosenBy: { name: "approximate", literal: "none" } },
  {
    id: "gelu_tanh",
    since: "1.12",
    ...both("gelu", "GELU", says("approximate", '"tanh"', '"none"')),
    chosenBy: { name: "approximate", literal: "tanh" },
  },
  { id: "silu", ...both("silu", "SiLU"), fixed: { beta: 1 } },
  { id: "mish", since: "1.9", ...both("mish", "Mish") },
  { id: "tanhshrink", ...both("tanhshrink", "Tanhshrink") },
  {
    id: "softmax",
    function: call("torch.softmax", along("dim", -1)),
    layer: module("Softmax", along("dim", -1)),
    names: ["torch.nn.functional.softmax"],
  },
  {
    id: "log_softmax",
    function: call("torch.log_softmax", along("dim", -1)),
    layer: module("LogSoftmax", along("dim", -1)),
    names: ["torch.nn.functional.log_softmax"],
  },
  { id: "softmin", ...both("softmin", "Softmin", along("dim", -1)) },
  { id: "softmax2d", function: call("torch.softmax", along("dim", -3)), layer: module("Softmax2d") },
  { id: "glu", ...both("glu", "GLU", along("dim", -1, -1)) },
];
