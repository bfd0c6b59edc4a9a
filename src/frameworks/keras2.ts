/** Keras 2.4, the tf.keras of TensorFlow 2.4: read in its source, and run in TensorFlow 2.4.0. */
import { along, call, passes, says, type Argument, type BuiltIn, type Call } from "./row.js";

const activation = (name: string, ...given: readonly Argument[]): Call =>
  call(`tf.keras.activations.${name}`, ...given);
const layer = (name: string, ...given: readonly Argument[]): Call => call(`tf.keras.layers.${name}`, ...given);

/** The activation relu names its first argument otherwise than the layer ReLU. */
const relu = (slope: string): readonly Argument[] => [
  passes(slope, "negative_slope", 0),
  passes("max_value", "max_value", Infinity, { infinityIsNone: true }),
  passes("threshold", "threshold", 0),
];

const ALPHA = passes("alpha", "alpha", 1);

export const keras2Rows: readonly BuiltIn[] = [
  { id: "relu", function: activation("relu"), layer: layer("ReLU"), names: ["tf.nn.relu"] },
  {
    id: "keras_relu",
    function: activation("relu", ...relu("alpha")),
    layer: layer("ReLU", ...relu("negative_slope")),
    names: ["tf.keras.backend.relu"],
  },
  {
    id: "leaky_relu",
    function: call("tf.nn.leaky_relu", passes("alpha", "negative_slope", 0.2)),
    layer: layer("LeakyReLU", passes("alpha", "negative_slope", 0.3)),
  },
  {
    id: "prelu",
    layer: layer("PReLU", passes("alpha_initializer", "slope", 0, { form: "initializer" })),
  },
  {
    id: "thresholded_relu",
    function: activation("relu", passes("threshold", "theta")),
    layer: layer("ThresholdedReLU", passes("theta", "theta", 1)),
  },
  { id: "relu6", function: call("tf.nn.relu6"), layer: layer("ReLU", says("max_value", "6.0", "None")) },
  { id: "hard_sigmoid_keras2", function: activation("hard_sigmoid"), names: ["tf.keras.backend.hard_sigmoid"] },
  { id: "linear", function: activation("linear"), layer: layer("Activation", says("activation", '"linear"')) },
  { id: "softsign", function: activation("softsign"), names: ["tf.nn.softsign"] },
  { id: "elu", function: activation("elu", ALPHA), layer: layer("ELU", ALPHA), names: ["tf.keras.backend.elu"] },
  { id: "selu", function: activation("selu"), names: ["tf.nn.selu"] },
  { id: "exponential", function: activation("exponential"), names: ["tf.exp", "tf.math.exp"] },
  { id: "sigmoid", function: activation("sigmoid"), names: ["tf.sigmoid", "tf.nn.sigmoid", "tf.math.sigmoid"] },
  { id: "tanh", function: activation("tanh"), names: ["tf.tanh", "tf.nn.tanh", "tf.math.tanh"] },
  {
    id: "softplus",
    function: activation("softplus"),
    fixed: { beta: 1, threshold: Infinity },
    names: ["tf.nn.softplus", "tf.math.softplus"],
  },
  { id: "logsigmoid", function: call("tf.math.log_sigmoid") },
  { id: "gelu_erf", function: activation("gelu"), names: ["tf.nn.gelu"] },
  { id: "gelu_tanh", function: activation("gelu", says("approximate", "True", "False")) },
  { id: "silu", function: activation("swish"), fixed: { beta: 1 }, names: ["tf.nn.silu", "tf.nn.swish"] },
  {
    id: "softmax",
    function: activation("softmax", along("axis", -1, -1)),
    layer: layer("Softmax", along("axis", -1, -1)),
    names: ["tf.nn.softmax"],
  },
  { id: "log_softmax", function: call("tf.nn.log_softmax", along("axis", -1)), names: ["tf.math.log_softmax"] },
  {
    id: "softmax2d",
    function: activation("softmax", along("axis", -3, -1)),
    layer: layer("Softmax", along("axis", -3, -1)),
  },
];
