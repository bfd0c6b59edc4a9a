/** A module of a package: the weights of layers in the layouts of nonlin, of PyTorch and of Keras. */
import { generated } from "../header.js";

/** One tensor of a layer. */
interface Row {
  readonly name: string;
  /** In the state of the PyTorch module. */
  readonly torch: string;
  /** Where each axis of the Keras weight comes from. */
  readonly axes: readonly number[];
}

const row = (name: string, torch: string, ...axes: readonly number[]): Row => ({ name, torch, axes });

/** By the kind of layer, in the order in which Keras has its weights. */
const LAYOUTS: Readonly<Record<string, readonly Row[]>> = {
  dense: [row("weight", "weight", 1, 0), row("bias", "bias", 0)],
  gated_dense: [
    row("weight", "value.weight", 1, 0),
    row("bias", "value.bias", 0),
    row("gateWeight", "gate.weight", 1, 0),
    row("gateBias", "gate.bias", 0),
  ],
  conv1d: [row("weight", "weight", 2, 1, 0), row("bias", "bias", 0)],
  conv2d: [row("weight", "weight", 2, 3, 1, 0), row("bias", "bias", 0)],
  layer_norm: [row("weight", "weight", 0), row("bias", "bias", 0)],
  rms_norm: [row("weight", "weight", 0)],
  dyt: [row("inputScale", "input_scale"), row("weight", "weight", 0), row("bias", "bias", 0)],
  derf: [
    row("inputScale", "input_scale"),
    row("inputShift", "input_shift"),
    row("weight", "weight", 0),
    row("bias", "bias", 0),
  ],
  poly_norm: [row("weight", "weight", 0), row("bias", "bias")],
  softmax_sink: [row("sink", "sink", 0)],
  snake_channels: [row("alpha", "alpha", 0), row("beta", "beta", 0)],
  batch_norm: [
    row("weight", "weight", 0),
    row("bias", "bias", 0),
    row("mean", "running_mean", 0),
    row("variance", "running_var", 0),
  ],
};

const table = Object.entries(LAYOUTS)
  .map(
    ([kind, rows]) =>
      `    "${kind}": [\n${rows
        .map(
          ({ name, torch, axes }) =>
            `        ("${name}", "${torch}", (${axes.join(", ")}${axes.length === 1 ? "," : ""})),\n`,
        )
        .join("")}    ],\n`,
  )
  .join("");

/** The text of the module; NumPy is all that it needs. */
export const weightsModule = `"""Weights of layers between nonlin, PyTorch and Keras.

nonlin's weights are dictionaries of arrays with the names that its modules use. PyTorch's
are the state of a generated module, as arrays: \`{k: v.numpy() for k, v in
module.state_dict().items()}\`. Keras' are what \`get_weights()\` of a layer gives. Kinds are
the ids of layers without their activation: dense, conv2d, multihead_attention, ...

${generated()}
"""

import numpy as np

__all__ = ["LAYOUTS", "from_keras", "from_torch", "to_keras", "to_torch"]

# For each kind: nonlin's name, the name in PyTorch's state, and where each axis of the
# Keras weight comes from, in the order of the Keras weights.
LAYOUTS = {
${table}}


def to_torch(kind, weights):
    """nonlin's weights as the state of a PyTorch module."""
    if kind == "multihead_attention":
        return _attention_to_torch(weights)
    if kind == "adaptive_log_softmax":
        return {_adaptive_in_torch(name): array for name, array in weights.items()}
    return {torch: weights[name] for name, torch, _ in _rows(kind) if name in weights}


def from_torch(kind, state):
    """The state of a PyTorch module as nonlin's weights."""
    if kind == "multihead_attention":
        return _attention_from_torch(state)
    if kind == "adaptive_log_softmax":
        return {_adaptive_from_torch(name): array for name, array in state.items()}
    return {name: state[torch] for name, torch, _ in _rows(kind) if torch in state}


def to_keras(kind, weights, heads=None):
    """nonlin's weights as those of a Keras layer; attention needs its number of heads."""
    if kind == "multihead_attention":
        return _attention_to_keras(weights, heads)
    if kind == "adaptive_log_softmax":
        names = sorted(weights, key=_adaptive_order)
        return [np.transpose(weights[name]) for name in names]
    return [
        np.transpose(weights[name], axes)
        for name, _, axes in _rows(kind)
        if name in weights
    ]


def from_keras(kind, arrays, names=None):
    """The weights of a Keras layer as nonlin's; \`names\` where it has not all of them."""
    if kind == "multihead_attention":
        return _attention_from_keras(arrays)
    if kind == "adaptive_log_softmax":
        return _adaptive_from_keras(arrays)
    rows = [row for row in _rows(kind) if names is None or row[0] in names]
    return {
        name: np.transpose(array, np.argsort(axes))
        for (name, _, axes), array in zip(rows, arrays)
    }


def _rows(kind):
    if kind not in LAYOUTS:
        known = ", ".join([*LAYOUTS, "multihead_attention", "adaptive_log_softmax"])
        raise ValueError(f"no layer of the kind {kind!r}; known are {known}")
    return LAYOUTS[kind]


_PARTS = ("query", "key", "value")


def _attention_to_torch(weights):
    projections = [weights[f"{part}Weight"] for part in _PARTS]
    state = {"out_proj.weight": weights["outputWeight"]}
    if len({array.shape for array in projections}) == 1:
        state["in_proj_weight"] = np.concatenate(projections)
    else:
        for part, array in zip("qkv", projections):
            state[f"{part}_proj_weight"] = array
    if "queryBias" in weights:
        biases = [np.ravel(weights[f"{part}Bias"]) for part in _PARTS]
        state["in_proj_bias"] = np.concatenate(biases)
        state["out_proj.bias"] = weights["outputBias"]
    for name, torch in (("extraKey", "bias_k"), ("extraValue", "bias_v")):
        if name in weights:
            state[torch] = np.reshape(weights[name], (1, 1, -1))
    return state


def _attention_from_torch(state):
    if "in_proj_weight" in state:
        projections = np.split(state["in_proj_weight"], 3)
    else:
        projections = [state[f"{part}_proj_weight"] for part in "qkv"]
    weights = {f"{part}Weight": array for part, array in zip(_PARTS, projections)}
    weights["outputWeight"] = state["out_proj.weight"]
    if "in_proj_bias" in state:
        for part, array in zip(_PARTS, np.split(state["in_proj_bias"], 3)):
            weights[f"{part}Bias"] = array
        weights["outputBias"] = state["out_proj.bias"]
    for name, torch in (("extraKey", "bias_k"), ("extraValue", "bias_v")):
        if torch in state:
            weights[name] = np.ravel(state[torch])
    return weights


def _attention_to_keras(weights, heads):
    if heads is None:
        raise ValueError("attention needs the number of heads")
    if "extraKey" in weights:
        raise ValueError("MultiHeadAttention of Keras appends no position to the keys")
    arrays = []
    for part in _PARTS:
        weight = weights[f"{part}Weight"]
        split = np.reshape(weight, (heads, weight.shape[0] // heads, weight.shape[1]))
        arrays.append(np.transpose(split, (2, 0, 1)))
        if f"{part}Bias" in weights:
            arrays.append(np.reshape(weights[f"{part}Bias"], (heads, -1)))
    output = weights["outputWeight"]
    shape = (heads, output.shape[1] // heads, output.shape[0])
    arrays.append(np.reshape(np.transpose(output), shape))
    if "outputBias" in weights:
        arrays.append(weights["outputBias"])
    return arrays


def _attention_from_keras(arrays):
    arrays = list(arrays)
    biased = len(arrays) == 8
    weights = {}
    for part in _PARTS:
        kernel = arrays.pop(0)
        split = np.transpose(kernel, (1, 2, 0))
        weights[f"{part}Weight"] = np.reshape(split, (-1, kernel.shape[0]))
        if biased:
            weights[f"{part}Bias"] = np.ravel(arrays.pop(0))
    kernel = arrays.pop(0)
    weights["outputWeight"] = np.transpose(np.reshape(kernel, (-1, kernel.shape[-1])))
    if biased:
        weights["outputBias"] = arrays.pop(0)
    return weights


def _adaptive_in_torch(name):
    if name.startswith("head"):
        return "head.weight" if name == "headWeight" else "head.bias"
    part, number = name.split("_")
    return f"tail.{number}.{0 if part == 'projection' else 1}.weight"


def _adaptive_from_torch(name):
    if name.startswith("head."):
        return "headWeight" if name == "head.weight" else "headBias"
    _, number, part, _ = name.split(".")
    return f"{'projection' if part == '0' else 'tail'}_{number}"


def _adaptive_order(name):
    if name.startswith("head"):
        return (-1, name != "headWeight")
    part, number = name.split("_")
    return (int(number), part != "projection")


def _adaptive_from_keras(arrays):
    arrays = [np.transpose(array) for array in arrays]
    weights = {"headWeight": arrays.pop(0)}
    if len(arrays) % 2 == 1:
        weights["headBias"] = arrays.pop(0)
    for number in range(len(arrays) // 2):
        weights[f"projection_{number}"] = arrays[2 * number]
        weights[f"tail_{number}"] = arrays[2 * number + 1]
    return weights
`;
