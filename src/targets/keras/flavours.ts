/** Keras 3 on `keras.ops`, and Keras 2 on TensorFlow: what modules for the two write differently. */
import { call } from "../../codegen/print.js";
import { HELPER_CALLS, NOWHERE } from "../../codegen/python/helpers.js";
import { ARITHMETIC, LOGIC, filledBy, type Dialect } from "../../codegen/python/tensors.js";
import { versionsOf } from "../../frameworks/version.js";
import { inTensorFlow } from "./vocabulary.js";

export interface Flavour {
  /** The framework's name in documentation. */
  readonly title: string;
  readonly versions: readonly string[];
  /** Versions that code is not written for, and why. */
  readonly without: Readonly<Record<string, string>>;
  /** Where modules with gradients of their own do not run, by version. */
  readonly withoutGradients: Readonly<Record<string, string>>;
  readonly folder: string;
  /** A template of a layer, which is in the words of Keras 3, for this flavour. */
  readonly template: (text: string) => string;
  /** The import lines of a module with this code. */
  readonly imports: (code: string) => string;
  readonly dialect: Dialect;
  /** Operations of the native style that are others: the framework's own, whatever they are worth. */
  readonly ownOperations: Partial<Dialect["operations"]>;
  /** The package of layers, initializers and serialisation. */
  readonly package: string;
  readonly serializable: string;
  readonly customGradient: string;
  /** The head of a gradient function, with `upstream` for the incoming gradient. */
  readonly gradientHead: readonly string[];
  readonly toTensor: (x: string) => string;
  /** The lines that make a tensor of arrays, and leave what stands for a tensor in a functional model. */
  readonly taken: (x: string) => readonly string[];
  /** Whether `x`, so taken, stands for a tensor in a functional model. */
  readonly isSymbolic: (x: string) => string;
  /** The class of functions in functional models. */
  readonly operation: string;
  readonly isFloating: (x: string) => string;
  readonly isHalf: (x: string) => string;
  readonly cast: (x: string, type: string) => string;
  readonly shapeOf: (x: string) => string;
  readonly sum: (x: string, axes: string) => string;
  readonly reshape: (x: string, shape: string) => string;
}

const clampBy =
  (maximum: string, minimum: string, clip: string): Dialect["clamp"] =>
  (tensor, low, high) => {
    if (low === undefined) return `${minimum}(${tensor}, ${high})`;
    return high === undefined ? `${maximum}(${tensor}, ${low})` : `${clip}(${tensor}, ${low}, ${high})`;
  };

const ops = (name: string) => call(`ops.${name}`);

export const KERAS_3: Flavour = {
  title: "Keras",
  versions: versionsOf("keras").filter((version) => version.startsWith("3.") && version !== "3.0"),
  withoutGradients: { "3.1": "Not for PyTorch as the backend: for that Keras 3.1 has no custom_gradient." },
  without: { "3.0": "it has no keras.ops.custom_gradient" },
  folder: "keras/keras3",
  imports: (code) =>
    [
      ...(/(?<![.\w])keras\b/.test(code) ? ["import keras"] : []),
      ...(/\bops\b/.test(code) ? ["from keras import ops"] : []),
    ].join("\n"),
  dialect: {
    operations: {
      ...ARITHMETIC,
      ...LOGIC,
      ...NOWHERE,
      sqrt: ops("sqrt"),
      abs: ops("abs"),
      exp: ops("exp"),
      expm1: ops("expm1"),
      log: ops("log"),
      log1p: ops("log1p"),
      sin: ops("sin"),
      cos: ops("cos"),
      sinh: ops("sinh"),
      cosh: ops("cosh"),
      tanh: ops("tanh"),
      atan: ops("arctan"),
      asinh: ops("arcsinh"),
      acosh: ops("arccosh"),
      atanh: ops("arctanh"),
      log2: ops("log2"),
      log10: ops("log10"),
      sigmoid: ops("sigmoid"),
      erf: ops("erf"),
      erfc: HELPER_CALLS.erfc,
      erfcx: HELPER_CALLS.erfcx,
      max: ops("maximum"),
      min: ops("minimum"),
      select: ops("where"),
      round: ops("round"),
      exp2Steps: { ...call(""), write: (steps) => `ops.exp2(${steps} / 128)` },
    },
    where: (condition, yes, no) => `ops.where(${condition}, ${yes}, ${no})`,
    whereTakesNumbers: true,
    clamp: clampBy("ops.maximum", "ops.minimum", "ops.clip"),
    filled: filledBy("ops.zeros_like", "ops.ones_like", (like, value) => `ops.full_like(${like}, ${value})`),
    isNumber: (tensor) => `~ops.isnan(${tensor})`,
    asNumbers: (condition, like) => `ops.cast(${condition}, ${like}.dtype)`,
    copy: (tensor) => `ops.copy(${tensor})`,
  },
  ownOperations: {},
  template: (text) => text,
  package: "keras",
  serializable: "keras.saving.register_keras_serializable",
  customGradient: "ops.custom_gradient",
  gradientHead: ["def gradient(*args, upstream=None):", "    if upstream is None:", "        upstream = args[-1]"],
  toTensor: (x) => `ops.convert_to_tensor(${x})`,
  taken: (x) => [`if not isinstance(${x}, keras.KerasTensor):`, `    ${x} = ops.convert_to_tensor(${x})`],
  isSymbolic: (x) => `isinstance(${x}, keras.KerasTensor)`,
  operation: "keras.Operation",
  isFloating: (x) => `keras.backend.is_float_dtype(${x}.dtype)`,
  isHalf: (x) => `keras.backend.standardize_dtype(${x}.dtype) in ("float16", "bfloat16")`,
  cast: (x, type) => `ops.cast(${x}, ${type})`,
  shapeOf: (x) => `${x}.shape`,
  sum: (x, axes) => `ops.sum(${x}, axis=${axes})`,
  reshape: (x, shape) => `ops.reshape(${x}, ${shape})`,
};

const math = (name: string) => call(`tf.math.${name}`);

export const KERAS_2: Flavour = {
  title: "tf.keras",
  versions: versionsOf("keras").filter((version) => version.startsWith("2.")),
  without: {},
  withoutGradients: {},
  folder: "keras/keras2",
  imports: () => "import tensorflow as tf",
  dialect: {
    operations: {
      ...ARITHMETIC,
      ...LOGIC,
      ...NOWHERE,
      // In TensorFlow 2.4 tf.math.sqrt of infinity is NaN, and tf.math.sigmoid has 12 bits where x is around -8.
      sqrt: { ...call(""), write: (u) => `tf.math.pow(${u}, 0.5)` },
      abs: math("abs"),
      exp: math("exp"),
      expm1: math("expm1"),
      log: math("log"),
      log1p: math("log1p"),
      sin: math("sin"),
      cos: math("cos"),
      sinh: math("sinh"),
      cosh: math("cosh"),
      tanh: math("tanh"),
      atan: math("atan"),
      asinh: math("asinh"),
      acosh: math("acosh"),
      atanh: math("atanh"),
      sigmoid: HELPER_CALLS.sigmoid,
      erf: math("erf"),
      erfc: math("erfc"),
      erfcx: HELPER_CALLS.erfcx,
      max: math("maximum"),
      min: math("minimum"),
      select: call("tf.where"),
      round: math("round"),
      exp2Steps: { ...call(""), write: (steps) => `tf.math.pow(2.0, ${steps} / 128)` },
    },
    where: (condition, yes, no) => `tf.where(${condition}, ${yes}, ${no})`,
    // In graphs TensorFlow 2.4 takes the type of a first number for that of the tensor.
    whereTakesNumbers: false,
    clamp: clampBy("tf.math.maximum", "tf.math.minimum", "tf.clip_by_value"),
    filled: filledBy(
      "tf.zeros_like",
      "tf.ones_like",
      (like, value) => `${/^[\w.]+$/.test(value) ? value : `(${value})`} * tf.ones_like(${like})`,
    ),
    isNumber: (tensor) => `~tf.math.is_nan(${tensor})`,
    asNumbers: (condition, like) => `tf.cast(${condition}, ${like}.dtype)`,
    copy: (tensor) => `tf.identity(${tensor})`,
  },
  ownOperations: { sqrt: math("sqrt"), sigmoid: math("sigmoid") },
  template: inTensorFlow,
  package: "tf.keras",
  serializable: "tf.keras.utils.register_keras_serializable",
  customGradient: "tf.custom_gradient",
  gradientHead: ["def gradient(upstream):"],
  toTensor: (x) => `tf.convert_to_tensor(${x})`,
  taken: (x) => [`${x} = tf.convert_to_tensor(${x})`],
  isSymbolic: (x) => `tf.keras.backend.is_keras_tensor(${x})`,
  operation: "tf.keras.layers.Layer",
  isFloating: (x) => `${x}.dtype.is_floating`,
  isHalf: (x) => `${x}.dtype in (tf.float16, tf.bfloat16)`,
  cast: (x, type) => `tf.cast(${x}, ${type})`,
  shapeOf: (x) => `${x}.shape`,
  sum: (x, axes) => `tf.reduce_sum(${x}, axis=${axes})`,
  reshape: (x, shape) => `tf.reshape(${x}, ${shape})`,
};
