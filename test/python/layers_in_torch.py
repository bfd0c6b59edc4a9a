"""Runs a case of layer_cases.py through an emitted PyTorch module, in float64."""

import warnings

import torch
import weights as layouts
from layer_kinds import HALVES, ROWS, TENSORS

warnings.filterwarnings("ignore", message="Initializing zero-element tensors")
warnings.filterwarnings("ignore", message="Support for mismatched key_padding_mask")


def skips(case):
    if case.kind == "prelu_channels" and case.options.get("sharedAxes") is not None:
        return "slopes for several axes are a feature of Keras"
    return None


def tolerance(case):
    return 1e-9


def class_of(case):
    found = [name for name in case.module.__all__ if name[0].isupper()]
    return getattr(case.module, found[0])


def compute(case):
    leaves = {}
    for name, value in case.inputs.items():
        tensor = torch.from_numpy(value)
        leaves[name] = tensor.requires_grad_(name in case.gradients)
    outputs = OUTPUTS.get(case.kind, layer)(case, leaves)
    named = dict(outputs)
    upstream = [name for name in case.upstream if name in named]
    inputs = [name for name in case.gradients]
    gradients = torch.autograd.grad(
        [named[name] for name in upstream],
        [leaves[name] for name in inputs],
        [
            torch.from_numpy(case.upstream[name]).reshape(named[name].shape)
            for name in upstream
        ],
        allow_unused=True,
        materialize_grads=True,
    )
    results = {name: value.detach().numpy() for name, value in named.items()}
    return {
        **results,
        **{f"d{name}": value.numpy() for name, value in zip(inputs, gradients)},
    }


def rowwise(case, leaves):
    x = leaves["x"].reshape(case.options["shape"])
    module = (
        class_of(case)()
        if case.kind == "softmax2d"
        else class_of(case)(dim=case.options["axis"])
    )
    return {"y": module(x)}


def halves(case, leaves):
    gate = {"gate": case.options["gate"]} if case.kind != "glu" else {}
    x = leaves["x"].reshape(case.options["shape"])
    return {"y": class_of(case)(dim=case.options["axis"], **gate)(x)}


def slopes(case, leaves):
    x = leaves["x"].reshape(case.options["shape"])
    module = class_of(case)(case.options["parameters"]).double()
    return {
        "y": torch.func.functional_call(
            module, {"weight": leaves["slope"].reshape(-1)}, (x,)
        )
    }


def layer(case, leaves):
    """A layer whose weights come from the converter, so that gradients flow through it."""
    module = class_of(case)(*arguments(case), **case.parameters).double().eval()
    weights = {k: v for k, v in leaves.items() if k not in TENSORS}
    state = {} if case.kind == "residual" else layouts.to_torch(case.kind, weights)
    if "slope" in leaves:
        learned = [
            name
            for name, _ in module.named_parameters()
            if name.startswith("activation.")
        ][0]
        state[learned] = leaves["slope"].reshape(module.get_parameter(learned).shape)
    state.pop("slope", None)
    given = [leaves[name] for name in ("x", "residual") if name in leaves]
    return {"y": torch.func.functional_call(module, state, tuple(given))}


def arguments(case):
    o = case.options
    bias = "bias" in case.inputs
    return {
        "dense": lambda: (o["inputs"], o["outputs"], bias),
        "gated_dense": lambda: (o["inputs"], o["outputs"], bias),
        "conv1d": lambda: (
            o["channels"], o["filters"], o["kernel"], o["stride"], o["padding"], o["dilation"], o["groups"], bias,
        ),
        "conv2d": lambda: (
            o["channels"],
            o["filters"],
            *((o[f"{name}Height"], o[f"{name}Width"]) for name in ("kernel", "stride", "padding", "dilation")),
            o["groups"],
            bias,
        ),
        "layer_norm": lambda: (o["columns"], o["epsilon"]),
        "rms_norm": lambda: (o["columns"], o["epsilon"]),
        "batch_norm": lambda: (o["channels"], o["epsilon"]),
        "dyt": lambda: (o["columns"],),
        "derf": lambda: (o["columns"],),
        "poly_norm": lambda: (o["epsilon"],),
        "softmax_sink": lambda: (o["heads"],),
        "snake_channels": lambda: (o["channels"], o["epsilon"]),
        "residual": lambda: (),
    }[case.kind]()  # fmt: skip


def cross_entropy(case, leaves):
    o = case.options
    weight = leaves.get("weight")
    module = class_of(case)(o.get("smoothing", 0.0), o.get("ignore", -100), weight)
    return {"loss": module(leaves["x"], leaves["target"].long())}


def attention(case, leaves):
    o = case.options
    mask = leaves.get("mask")
    return {
        "y": case.module.attention(
            leaves["query"],
            leaves["key"],
            leaves["value"],
            mask,
            causal=o["causal"] == 1,
            scale=o.get("scale"),
            softcap=o.get("softcap"),
        )
    }


def multihead(case, leaves):
    o = case.options
    module = class_of(case)(
        o["embed"],
        o["heads"],
        bias="queryBias" in case.inputs,
        add_bias_kv="extraKey" in case.inputs,
        add_zero_attn=o["zeroAttention"] == 1,
        kdim=o["keyFeatures"],
        vdim=o["valueFeatures"],
        batch_first=o["batchFirst"] == 1,
    ).double()
    tensors = {k: v for k, v in leaves.items() if k not in TENSORS}
    state = as_state(layouts.to_torch, case.kind, tensors)
    mask = leaves.get("mask")
    if "blocked" in leaves:
        blocked = leaves["blocked"].bool()
        mask = blocked if mask is None else mask.masked_fill(blocked, -torch.inf)
    if mask is not None and mask.shape[0] == 1:
        mask = mask[0]
    padding = leaves["padding"].bool() if "padding" in leaves else None
    given = (leaves["query"], leaves["key"], leaves["value"])
    more = {
        "key_padding_mask": padding,
        "attn_mask": mask,
        "need_weights": o["weights"] != "none",
        "average_attn_weights": o["weights"] == "averaged",
    }
    y, attended = torch.func.functional_call(module, state, given, more)
    return {"y": y} if o["weights"] == "none" else {"y": y, "weights": attended}


def adaptive(case, leaves):
    o = case.options
    module = class_of(case)(
        o["inputs"], o["classes"], o["cutoffs"], o["divValue"], o["headBias"] == 1
    ).double()
    state = layouts.to_torch(
        case.kind, {k: v for k, v in leaves.items() if k not in TENSORS}
    )
    given = (leaves["x"], leaves["target"].long())
    output, loss = torch.func.functional_call(module, state, given)
    return {"output": output, "loss": loss}


def as_state(convert, kind, tensors):
    """The converter on tensors instead of arrays: it concatenates and reshapes with NumPy's functions."""
    real = layouts.np
    layouts.np = TorchAsNumpy
    try:
        return convert(kind, tensors)
    finally:
        layouts.np = real


class TorchAsNumpy:
    concatenate = staticmethod(torch.cat)
    ravel = staticmethod(torch.ravel)
    reshape = staticmethod(torch.reshape)


OUTPUTS = {
    **{kind: rowwise for kind in ROWS},
    **{kind: halves for kind in HALVES},
    "prelu_channels": slopes,
    "cross_entropy": cross_entropy,
    "attention": attention,
    "multihead_attention": multihead,
    "adaptive_log_softmax": adaptive,
}
