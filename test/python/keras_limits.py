"""Cases of layer_cases.py that Keras has no layer for, or of which it means something else."""

import os

from layer_kinds import ROWS

LEGACY = os.environ.get("LEGACY") == "1"


def skips(case):
    o = case.options
    if case.kind in ("conv1d", "conv2d"):
        names = (
            ("stride", "dilation")
            if case.kind == "conv1d"
            else ("strideHeight", "dilationHeight")
        )
        pairs = (
            names if case.kind == "conv1d" else (*names, "strideWidth", "dilationWidth")
        )
        if any(o[n] > 1 for n in pairs if n.startswith("stride")) and any(
            o[n] > 1 for n in pairs if n.startswith("dilation")
        ):
            return "Keras has no strides together with dilation"
        if o["groups"] > 1 and LEGACY:
            return "gradients of grouped convolutions are not on the CPU in TensorFlow"
    if case.kind == "multihead_attention":
        if "extraKey" in case.inputs or o["zeroAttention"]:
            return "Keras appends no position to the keys"
        if "fully masked" in case.name or o["weights"] == "averaged":
            return "Keras masks with large numbers, and gives the weights of each head"
        if "mask" in case.inputs:
            return "Keras adds no mask of floats"
        if o["queries"] == 0 or o["keys"] == 0:
            return "nothing to attend to"
    if case.kind == "rms_norm" and "weight" not in case.inputs:
        return "RMSNormalization always has a scale"
    optional = {"dyt": ("weight", "bias"), "poly_norm": ("bias",)}
    optional["derf"] = ("inputShift", *optional["dyt"])
    if any(name not in case.inputs for name in optional.get(case.kind, ())):
        return "a layer that always has all of its weights"
    if case.kind == "prelu_channels" and case.name == "extreme":
        return "TensorFlow and JAX take what float64 cannot normalise for 0"
    if case.kind == "prelu_channels" and case.name == "at zero":
        return "PReLU of Keras has the gradient 0 there"
    if case.kind == "attention" and case.name == "fully masked row":
        return "NaN here, where PyTorch 2.13 has 0"
    if case.kind in ROWS and 0 in o["shape"] or case.options.get("shape") == []:
        return "a shape without elements or axes"
    if case.kind in ROWS and (
        "inf" in case.name or "NaN" in case.name or "bad row" in case.name
    ):
        return "rows with infinities are the framework's own"
    if case.kind == "prelu_channels" and (0 in o["shape"] or len(o["shape"]) < 2):
        return "a shape without elements, or without an axis after the batch"
    if any(0 in value.shape for value in case.inputs.values()):
        return "a tensor without elements"
    return None
