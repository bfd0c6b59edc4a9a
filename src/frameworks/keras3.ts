/** Keras 3.0 to 3.15: read in keras/src/activations, layers/activations and ops of the first release of each minor version. */
import { along, call, passes, says, type Argument, type BuiltIn, type Call, type Misnamed } from "./row.js";

const activation = (name: string, ...given: readonly Argument[]): Call => call(`keras.activations.${name}`, ...given);
const layer = (name: string, ...given: readonly Argument[]): Call => call(`keras.layers.${name}`, ...given);
const ops = (...names: readonly string[]): { readonly names: readonly string[] } => ({
  names: names.map((name) => `keras.ops.${name}`),
});

const SLOPE = passes("negative_slope", "negative_slope", 0);
const MOST = passes("max_value", "max_value", Infinity, { infinityIsNone: true });
const THRESHOLD = passes("threshold", "threshold", 0);
const ALPHA = passes("alpha", "alpha", 1);
const SHRINK = passes("threshold", "lambd", 0.5);

export const keras3Rows: readonly BuiltIn[] = [
  { id: "relu", function: activation("relu"), layer: layer("ReLU"), ...ops("relu") },
  {
    id: "keras_relu",
    function: activation("relu", SLOPE, MOST, THRESHOLD),
    layer: layer("ReLU", MOST, SLOPE, THRESHOLD),
  },
  {
    id: "leaky_relu",
    function: activation("leaky_relu", passes("negative_slope", "negative_slope", 0.2)),
    layer: layer("LeakyReLU", passes("negative_slope", "negative_slope", 0.3)),
    ...ops("leaky_relu"),
  },
  {
    id: "prelu",
    layer: layer("PReLU", passes("alpha_initializer", "slope", 0, { form: "initializer" })),
  },
  {
    id: "thresholded_relu",
    function: activation("relu", passes("threshold", "theta")),
    layer: layer("ReLU", passes("threshold", "theta")),
  },
  {
    id: "threshold",
    since: "3.8",
    function: activation("threshold", passes("threshold", "threshold"), passes("default_value", "value")),
    ...ops("threshold"),
  },
  {
    id: "relu6",
    function: activation("relu6"),
    layer: layer("ReLU", says("max_value", "6.0", "None")),
    ...ops("relu6"),
  },
  {
    id: "hardtanh",
    since: "3.7",
    function: activation("hard_tanh"),
    fixed: { min_val: -1, max_val: 1 },
    ...ops("hard_tanh"),
  },
  { id: "hardsigmoid", function: activation("hard_sigmoid"), ...ops("hard_sigmoid") },
  {
    id: "hardswish",
    since: "3.1",
    function: activation("hard_silu"),
    names: ["keras.activations.hard_swish", "keras.ops.hard_silu", "keras.ops.hard_swish"],
  },
  { id: "softshrink", since: "3.7", function: activation("soft_shrink", SHRINK), ...ops("soft_shrink") },
  { id: "hardshrink", since: "3.7", function: activation("hard_shrink", SHRINK), ...ops("hard_shrink") },
  { id: "sparse_sigmoid", since: "3.10", function: activation("sparse_sigmoid"), ...ops("sparse_sigmoid") },
  { id: "linear", function: activation("linear"), layer: layer("Identity") },
  { id: "sparse_plus", since: "3.8", function: activation("sparse_plus"), ...ops("sparse_plus") },
  { id: "softsign", function: activation("softsign"), ...ops("softsign") },
  { id: "elu", function: activation("elu", ALPHA), layer: layer("ELU", ALPHA), ...ops("elu") },
  { id: "selu", function: activation("selu"), ...ops("selu") },
  { id: "celu", since: "3.7", function: activation("celu", ALPHA), ...ops("celu") },
  { id: "exponential", function: activation("exponential"), ...ops("exp") },
  { id: "sigmoid", function: activation("sigmoid"), ...ops("sigmoid") },
  { id: "tanh", function: activation("tanh"), ...ops("tanh") },
  { id: "softplus", function: activation("softplus"), fixed: { beta: 1, threshold: Infinity }, ...ops("softplus") },
  { id: "logsigmoid", until: "3.6", function: call("keras.ops.log_sigmoid") },
  { id: "logsigmoid", since: "3.7", function: activation("log_sigmoid"), ...ops("log_sigmoid") },
  { id: "gelu_erf", function: activation("gelu") },
  // Of the operation the approximation is the default, of the activation it is not.
  { id: "gelu_tanh", function: activation("gelu", says("approximate", "True", "False")), ...ops("gelu") },
  {
    id: "silu",
    function: activation("silu"),
    fixed: { beta: 1 },
    names: ["keras.activations.swish", "keras.ops.silu", "keras.ops.swish"],
  },
  { id: "mish", function: activation("mish") },
  { id: "tanhshrink", since: "3.7", function: activation("tanh_shrink"), ...ops("tanh_shrink") },
  { id: "squareplus", since: "3.7", function: activation("squareplus", passes("b", "b", 4)), ...ops("squareplus") },
  {
    id: "softmax",
    function: activation("softmax", along("axis", -1, -1)),
    layer: layer("Softmax", along("axis", -1, -1)),
    ...ops("softmax"),
  },
  { id: "log_softmax", function: activation("log_softmax", along("axis", -1, -1)), ...ops("log_softmax") },
  {
    id: "softmax2d",
    function: activation("softmax", along("axis", -3, -1)),
    layer: layer("Softmax", along("axis", -3, -1)),
  },
  { id: "glu", since: "3.7", function: activation("glu", along("axis", -1, -1)), ...ops("glu") },
];

export const keras3Misnamed: readonly Misnamed[] = [
  {
    id: "sparsemax",
    path: "keras.activations.sparsemax",
    since: "3.8",
    why: "its threshold sums the cumulative sums, so that the result does not sum to 1 where more than one element is left",
  },
];
