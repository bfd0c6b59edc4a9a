/** The gradient that each version of a framework gives at a function's kinks. */
import type { ParameterValues } from "../ir/definition.js";
import { isOf, measured, statusOf, type Column, type Measured, type Pair, type Span, type Status } from "./column.js";
import type { FrameworkVersion } from "./version.js";

interface KinkRow extends Span {
  readonly id: string;
  /** In the order of the definition's kinks. */
  readonly gradients: readonly Measured[];
}

export interface KinkRecord {
  readonly gradients: readonly Pair[];
  readonly status: Status;
}

/** The columns in which gradients are those of TensorFlow's or of PyTorch's kernels. */
const TENSORFLOW: readonly Column[] = ["tf.keras", "keras-tensorflow"];
const TORCH: readonly Column[] = ["torch", "keras-torch"];

const SELU_SCALE = 1.0507009873554805;
const SELU_SCALE_ALPHA = 1.7580993408473768;

const isPlain = ({ threshold, max_value }: ParameterValues): boolean => threshold === 0 && max_value === Infinity;
/** Then Keras calls relu6, whose gradient at 6 is 0. */
const isRelu6 = ({ threshold, max_value }: ParameterValues): boolean => threshold === 0 && max_value === 6;

const kinkRows: readonly KinkRow[] = [
  { id: "relu", gradients: [0] },
  {
    id: "keras_relu",
    columns: [...TENSORFLOW, "keras-torch"],
    gradients: [(p) => (isPlain(p) ? p["negative_slope"]! : 0), (p) => (isRelu6(p) ? 0 : 1)],
  },
  {
    id: "keras_relu",
    columns: ["keras-jax"],
    gradients: [(p) => (isPlain(p) && p["negative_slope"] !== 0 ? 1 : 0), (p) => (isRelu6(p) ? 0 : 0.5)],
  },
  { id: "leaky_relu", columns: [...TENSORFLOW, ...TORCH], gradients: [(p) => p["negative_slope"]!] },
  { id: "leaky_relu", columns: ["keras-jax"], gradients: [1] },
  { id: "prelu", columns: ["torch"], gradients: [(p) => p["slope"]!] },
  // Keras adds two relus, and both have the gradient 0 there.
  { id: "prelu", columns: [...TENSORFLOW, "keras-jax", "keras-torch"], gradients: [0] },
  { id: "rrelu", gradients: [(p) => (p["lower"]! + p["upper"]!) / 2] },
  { id: "thresholded_relu", gradients: [0] },
  { id: "threshold", gradients: [0] },
  { id: "relu6", gradients: [0, 0] },
  { id: "hardtanh", columns: TORCH, gradients: [0, 0] },
  { id: "hardtanh", columns: ["keras-tensorflow", "keras-jax"], gradients: [1, 1] },
  {
    id: "hardsigmoid",
    columns: ["torch"],
    until: "1.7",
    gradients: [
      { scalar: 1 / 6, vector: 0 },
      { scalar: 1 / 6, vector: 0 },
    ],
  },
  { id: "hardsigmoid", columns: ["torch"], since: "1.8", gradients: [0, 0] },
  // Keras 3.0 clipped x / 6 + 0.5.
  { id: "hardsigmoid", columns: ["keras-tensorflow"], until: "3.0", gradients: [1 / 6, 1 / 6] },
  { id: "hardsigmoid", columns: ["keras-tensorflow"], since: "3.1", gradients: [0, 0] },
  { id: "hardsigmoid", columns: ["keras-jax", "keras-torch"], gradients: [0, 0] },
  { id: "hard_sigmoid_keras2", gradients: [0.2, 0.2] },
  { id: "hardswish", columns: ["torch"], until: "2.6", gradients: [-0.5, { scalar: 1.5, vector: 1 }] },
  { id: "hardswish", columns: ["torch"], since: "2.7", until: "2.7", gradients: [-0.5, 1.5] },
  { id: "hardswish", columns: ["torch"], since: "2.8", gradients: [0, 1] },
  { id: "hardswish", columns: ["keras-tensorflow", "keras-jax", "keras-torch"], gradients: [0, 1] },
  { id: "softshrink", gradients: [0, 0] },
  { id: "hardshrink", gradients: [0, 0] },
  { id: "sparse_sigmoid", columns: ["keras-tensorflow", "keras-torch"], gradients: [0, 0] },
  { id: "sparse_sigmoid", columns: ["keras-jax"], gradients: [0.25, 0.25] },
  { id: "sparse_plus", gradients: [0, 1] },
  { id: "softsign", gradients: [1] },
  { id: "elu", gradients: [(p) => p["alpha"]!] },
  { id: "selu", columns: TENSORFLOW, gradients: [SELU_SCALE] },
  { id: "selu", columns: [...TORCH, "keras-jax"], gradients: [SELU_SCALE_ALPHA] },
  { id: "celu", columns: [...TORCH, "keras-jax"], gradients: [1] },
  // The ties of a maximum and of a minimum both give 1.
  { id: "celu", columns: ["keras-tensorflow"], gradients: [2] },
  { id: "softplus", columns: ["torch"], gradients: [(p) => 1 / (1 + Math.exp(-p["threshold"]!))] },
];

/** The gradients at the kinks in the definition's order; nothing where there is no record. */
export function kinkRecord(id: string, at: FrameworkVersion, parameters: ParameterValues): KinkRecord | undefined {
  const row = kinkRows.find((each) => each.id === id && isOf(at, each));
  if (row === undefined) return undefined;
  return { gradients: row.gradients.map((gradient) => measured(gradient, parameters)), status: statusOf(at) };
}
