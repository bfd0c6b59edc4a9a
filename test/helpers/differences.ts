import type { EmittedModule } from "./modules.js";

/**
 * Where the emitted functions deliberately differ from what a framework computes, and why. The tests check both sides:
 * that the framework's recorded value is the one named here, and that ours is.
 */
export interface Difference {
  readonly ids: readonly string[];
  readonly of: "value" | "gradient";
  /** A special input (`nan`, `+inf`, `-inf`, `-0.0`) or a corner, as the fixture names it. */
  readonly at: string;
  readonly ours: number;
  readonly reason: string;
}

/** Frameworks let a gradient at NaN depend on how a comparison with NaN happens to fall. */
const NAN_IN = "NaN in gives NaN out, in derivatives too: a lost value must not look like a gradient";
const LIMIT = "an infinite input gives the limit, where frameworks compute 0 * inf or inf / inf";

export const differences: readonly Difference[] = [
  {
    ids: ["relu", "leaky_relu", "prelu", "rrelu", "threshold", "relu6", "hardtanh", "hardsigmoid", "softshrink"],
    of: "gradient",
    at: "nan",
    ours: NaN,
    reason: NAN_IN,
  },
  {
    ids: ["keras_relu", "thresholded_relu", "hard_sigmoid_keras2", "hardshrink", "sparse_sigmoid", "linear"],
    of: "gradient",
    at: "nan",
    ours: NaN,
    reason: NAN_IN,
  },
  {
    ids: ["softsign", "sparse_plus", "gelu_erf", "gelu_tanh", "silu", "mish", "squareplus"],
    of: "gradient",
    at: "-inf",
    ours: 0,
    reason: LIMIT,
  },
  {
    ids: ["sparse_plus", "gelu_erf", "gelu_tanh", "silu", "mish", "squareplus"],
    of: "gradient",
    at: "+inf",
    ours: 1,
    reason: LIMIT,
  },
  { ids: ["softsign"], of: "gradient", at: "+inf", ours: 0, reason: LIMIT },
  { ids: ["softsign"], of: "value", at: "+inf", ours: 1, reason: LIMIT },
  { ids: ["softsign"], of: "value", at: "-inf", ours: -1, reason: LIMIT },
  { ids: ["hardswish"], of: "value", at: "-inf", ours: 0, reason: LIMIT },
  { ids: ["gelu_erf", "gelu_tanh", "silu", "mish"], of: "value", at: "-inf", ours: -0, reason: LIMIT },
  { ids: ["squareplus"], of: "value", at: "-inf", ours: 0, reason: LIMIT },
  { ids: ["thresholded_relu"], of: "value", at: "-inf", ours: 0, reason: LIMIT },
  {
    ids: ["thresholded_relu"],
    of: "value",
    at: "-0.0",
    ours: 0,
    reason: "below the threshold the value is the constant 0; Keras 2 multiplies the input with a mask",
  },
  {
    ids: ["logsigmoid"],
    of: "value",
    at: "+inf",
    ours: -0,
    reason: "the limit is reached from below, and the finite values before it round to -0",
  },
  {
    ids: ["tanhshrink"],
    of: "value",
    at: "-0.0",
    ours: -0,
    reason: "an odd function keeps the sign of zero; x - tanh(x) computed in floats loses it",
  },
  {
    ids: ["keras_relu"],
    of: "gradient",
    at: "0 (s=.1 only)",
    ours: 0,
    reason: "one formula for all parameters: 0 at the threshold, as Keras has it with max_value or a threshold",
  },
  {
    ids: ["keras_relu"],
    of: "gradient",
    at: "max_value == 6, th=0",
    ours: 1,
    reason: "one formula for all parameters: Keras takes another path, relu6, for this value only",
  },
];

/** Differences in defaults and in what is accepted. */
export interface InterfaceDifference {
  readonly id: string;
  readonly ours: string;
  readonly theirs: string;
  readonly reason: string;
  readonly holds: (module: EmittedModule) => boolean;
}

const refuses = (call: () => unknown): boolean => {
  try {
    call();
    return false;
  } catch (error) {
    return error instanceof RangeError;
  }
};

export const interfaceDifferences: readonly InterfaceDifference[] = [
  {
    id: "softplus",
    ours: "threshold Infinity",
    theirs: "20 in PyTorch",
    reason: "the cut to the identity at 20 costs float64 half of its digits, and it is not needed: nothing overflows",
    holds: ({ value }) => value(20.5) === 20.500000001250154,
  },
  {
    id: "softplus",
    ours: "threshold below 20 refused",
    theirs: "any threshold in PyTorch",
    reason: "below 20 the function jumps at the threshold visibly, and its derivative with it",
    holds: ({ value }) => refuses(() => value(1, { threshold: 1 })) && !refuses(() => value(1, { threshold: 20 })),
  },
  {
    id: "softplus",
    ours: "beta above 0 and of ordinary size",
    theirs: "any beta in PyTorch, 0 giving NaN or inf",
    reason: "there is no softplus of sharpness 0, and a bound on beta is what keeps beta * x accurate",
    holds: ({ value }) => [0, -1, 1e30].every((beta) => refuses(() => value(1, { beta }))),
  },
  {
    id: "leaky_relu",
    ours: "negative slopes refused",
    theirs: "any slope in PyTorch, an error in the backward of the in-place form",
    reason: "backward reads the sign of the output, which a negative slope hides; prelu takes any slope",
    holds: ({ derivative }) => refuses(() => derivative(-1, { negative_slope: -0.1 })),
  },
  {
    id: "celu",
    ours: "alpha above 0 only",
    theirs: "any alpha but 0 in PyTorch",
    reason: "frameworks disagree for negative alpha, and exp(x / alpha) grows without bound there",
    holds: ({ value }) => refuses(() => value(-1, { alpha: 0 })) && refuses(() => value(-1, { alpha: -1 })),
  },
  {
    id: "softshrink",
    ours: "negative lambd refused",
    theirs: "refused by PyTorch too, accepted by Keras",
    reason: "the two branches would overlap",
    holds: ({ value }) => refuses(() => value(0, { lambd: -0.5 })),
  },
  {
    id: "threshold",
    ours: "parameters keep float64's digits in the float32 loops",
    theirs: "PyTorch rounds them to float32 first",
    reason: "one meaning of a parameter in both precisions; it shows at float32 inputs within a rounding of a corner",
    holds: ({ forward }) => forward(Float32Array.of(0.1), undefined, { threshold: 0.1, value: 20 })[0] !== 20,
  },
];
