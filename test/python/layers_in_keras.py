"""Runs a case of layer_cases.py through an emitted Keras module, on the backend of KERAS_BACKEND, or tf.keras (LEGACY=1)."""

import os

import numpy as np
import weights as layouts
from keras_limits import LEGACY, skips
from layer_kinds import HALVES, ROWS, TENSORS

__all__ = ["compute", "skips", "tolerance"]

if LEGACY:
    import tensorflow as tf

    keras = tf.keras
    BACKEND = "tensorflow"
else:
    os.environ["JAX_ENABLE_X64"] = "1"
    import keras

    BACKEND = keras.backend.backend()
    if BACKEND == "jax":
        import jax
    elif BACKEND == "torch":
        import torch

        torch.set_default_device("cpu")
    else:
        import tensorflow as tf

keras.backend.set_floatx("float64")
(keras.mixed_precision.set_global_policy if LEGACY else keras.config.set_dtype_policy)(
    "float64"
)


def tolerance(case):
    """Keras on JAX and on PyTorch computes in float32 here and there whatever the input is, and so do its multi-head
    attention and, because of a constant, its own gelu."""
    single = BACKEND != "tensorflow" or os.environ.get("STYLE") == "native"
    single = single or (case.kind == "multihead_attention" and not LEGACY)
    return 1e-5 if single else 1e-9


def gradients(function, leaves, upstream):
    """Outputs of a function of a dictionary of arrays, and the gradients by its floating entries."""
    floating = {k: v for k, v in leaves.items() if v.dtype == np.float64}
    rest = {k: v for k, v in leaves.items() if k not in floating}

    def total(named):
        outputs = function({**named, **rest})
        return sum(
            as_sum(outputs[k], upstream[k]) for k in upstream if k in outputs
        ), outputs

    if BACKEND == "tensorflow":
        variables = {k: tf.constant(v) for k, v in floating.items()}
        with tf.GradientTape() as tape:
            for value in variables.values():
                tape.watch(value)
            loss, outputs = total(variables)
        found = tape.gradient(loss, variables)
    elif BACKEND == "jax":
        found, outputs = jax.grad(total, has_aux=True)(
            {k: jax.numpy.asarray(v) for k, v in floating.items()}
        )
    else:
        variables = {
            k: torch.tensor(v, requires_grad=True) for k, v in floating.items()
        }
        loss, outputs = total(variables)
        values = torch.autograd.grad(loss, list(variables.values()), allow_unused=True)
        found = dict(zip(variables, values))
    numbers = {k: as_array(v) for k, v in outputs.items()}
    return numbers, {
        k: np.zeros(floating[k].shape) if v is None else as_array(v)
        for k, v in found.items()
    }


def as_array(value):
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    return np.asarray(value)


def as_sum(tensor, upstream):
    if BACKEND == "tensorflow":
        return tf.reduce_sum(tensor * upstream.reshape(tensor.shape))
    if BACKEND == "jax":
        return (tensor * upstream.reshape(tensor.shape)).sum()
    return (tensor * torch.from_numpy(upstream).reshape(tensor.shape)).sum()


def compute(case):
    function = FUNCTIONS.get(case.kind, layer)(case)
    outputs, found = gradients(function, case.inputs, case.upstream)
    return {**outputs, **{f"d{k}": found[k] for k in case.gradients if k in found}}


def class_of(case):
    return getattr(
        case.module, next(name for name in case.module.__all__ if name[0].isupper())
    )


def reshaped(x, shape):
    return x.reshape(shape) if hasattr(x, "reshape") else tf.reshape(x, shape)


def moved(x, axes):
    if BACKEND == "torch":
        return x.permute(axes)
    return x.transpose(axes) if hasattr(x, "transpose") else tf.transpose(x, axes)


def rowwise(case):
    layer = (
        class_of(case)()
        if case.kind == "softmax2d"
        else class_of(case)(axis=case.options["axis"])
    )
    return lambda named: {"y": layer(reshaped(named["x"], case.options["shape"]))}


def halves(case):
    gate = {"gate": case.options["gate"]} if case.kind != "glu" else {}
    layer = class_of(case)(axis=case.options["axis"], **gate)
    return lambda named: {"y": layer(reshaped(named["x"], case.options["shape"]))}


class WithWeights:
    """A layer whose weights are replaced by tensors, so that gradients by them can be had on every backend."""

    def __init__(self, layer, convert):
        self.layer = layer
        self.convert = convert

    def __call__(self, named, *inputs, **more):
        real = layouts.np
        layouts.np = Arrays
        try:
            arrays = self.convert({k: v for k, v in named.items() if k not in TENSORS})
        finally:
            layouts.np = real
        variables = self.layer.weights
        assert len(arrays) == len(variables), (len(arrays), [v.name for v in variables])
        if LEGACY:
            return replaced(self.layer, variables, arrays)(*inputs, **more)
        trainable = {id(v) for v in self.layer.trainable_variables}
        first = [a for v, a in zip(variables, arrays) if id(v) in trainable]
        second = [a for v, a in zip(variables, arrays) if id(v) not in trainable]
        random = [v.value for v in self.layer.non_trainable_variables][len(second) :]
        return self.layer.stateless_call(first, second + random, *inputs, **more)[0]


def replaced(layer, variables, arrays):
    """Old layers have no stateless call: their variables are set, and gradients go through the variables."""
    by_id = {id(v): a for v, a in zip(variables, arrays)}

    def swap(part):
        for name, value in list(vars(part).items()):
            if id(value) in by_id:
                object.__setattr__(part, name, by_id[id(value)])
        for inner in part._flatten_layers(include_self=False, recursive=True):
            if inner is not part:
                swap(inner)

    swap(layer)
    return layer


class Arrays:
    """NumPy's names on tensors, for the converter."""

    transpose = staticmethod(
        lambda x, axes=None: moved(x, tuple(axes or range(len(x.shape))[::-1]))
    )
    reshape = staticmethod(reshaped)
    ravel = staticmethod(lambda x: reshaped(x, (-1,)))


def layer(case):
    o = case.options
    bias = "bias" in case.inputs
    name = case.module.__name__
    make = getattr(case.module, name) if hasattr(case.module, name) else class_of(case)
    more = dict(case.parameters)
    if case.kind == "dense" or case.kind == "gated_dense":
        made = make(o["outputs"], use_bias=bias, **more)
    elif case.kind == "conv1d":
        made = make(
            o["filters"], o["kernel"], strides=o["stride"], dilation_rate=o["dilation"], groups=o["groups"],
            use_bias=bias, **more,
        )  # fmt: skip
    elif case.kind == "conv2d":

        def pair(text):
            return (o[f"{text}Height"], o[f"{text}Width"])

        made = make(
            o["filters"], pair("kernel"), strides=pair("stride"), dilation_rate=pair("dilation"), groups=o["groups"],
            use_bias=bias, **more,
        )  # fmt: skip
    elif case.kind in ("layer_norm", "rms_norm"):
        affine = (
            {}
            if case.kind == "rms_norm"
            else {"center": "bias" in case.inputs, "scale": "weight" in case.inputs}
        )
        made = make(epsilon=o["epsilon"], **affine, **more)
    elif case.kind in ("poly_norm", "snake_channels"):
        made = make(epsilon=o["epsilon"], **more)
    elif case.kind == "softmax_sink":
        made = class_of(case)(heads=o["heads"])
    elif case.kind == "batch_norm":
        made = make(
            epsilon=o["epsilon"],
            center="bias" in case.inputs,
            scale="weight" in case.inputs,
            **more,
        )
    else:
        made = make(**more)
    return lambda named: {"y": applied(case, made, named)}


def applied(case, made, named):
    o = case.options
    if case.kind == "residual":
        shape = tuple(named["x"].shape)
        if not made.built:
            made((np.zeros(shape), np.zeros(shape)))
        return WithWeights(made, lambda weights: slope_of(weights))(
            named, (named["x"], named["residual"])
        )
    x = named["x"]
    padded = {"conv1d": ("padding",), "conv2d": ("paddingHeight", "paddingWidth")}.get(
        case.kind
    )
    channels_first = case.kind in ("conv1d", "conv2d", "batch_norm", "snake_channels")
    rank = len(x.shape)
    if channels_first:
        x = moved(x, (0, *range(2, rank), 1))
    if padded is not None:
        x = pad(x, [(0, 0), *((o[name], o[name]) for name in padded), (0, 0)])
    if not made.built:
        # Builds the activation, too.
        made(np.zeros([int(n) for n in x.shape]))
    call = WithWeights(
        made, lambda weights: layouts.to_keras(case.kind, weights) + slope_of(weights)
    )
    y = call(named, x)
    return moved(y, (0, rank - 1, *range(1, rank - 1))) if channels_first else y


def slope_of(weights):
    """The activation's own weight comes last, and is a number."""
    return [reshaped(weights["slope"], ())] if "slope" in weights else []


def pad(x, widths):
    if BACKEND == "tensorflow":
        return tf.pad(x, widths)
    return keras.ops.pad(x, widths)


def cross_entropy(case):
    o = case.options
    more = {"smoothing": o.get("smoothing", 0.0), "ignore": o.get("ignore", -100)}
    if "weight" in case.inputs:
        more["weight"] = case.inputs["weight"]
    return lambda named: {
        "loss": case.module.cross_entropy(case.inputs["target"], named["x"], **more)
    }


def attention(case):
    o = case.options
    more = {"causal": o["causal"] == 1, "scale": o.get("scale"), "softcap": o.get("softcap")}
    return lambda named: {
        "y": case.module.attention(
            named["query"], named["key"], named["value"], named.get("mask"), **more
        )
    }


def multihead(case):
    o = case.options
    made = class_of(case)(
        o["heads"],
        o["embed"] // o["heads"],
        use_bias="queryBias" in case.inputs,
        output_shape=o["embed"],
    )
    swap = (1, 0, 2) if o["batchFirst"] != 1 else (0, 1, 2)
    shapes = [
        (o["batch"], o["queries"], o["embed"]),
        (o["batch"], o["keys"], o["valueFeatures"]),
    ]
    shapes.append((o["batch"], o["keys"], o["keyFeatures"]))
    if LEGACY:
        made(*[np.zeros(s) for s in shapes])
    else:
        made.build(*shapes)
    attend = np.ones((o["batch"], 1, o["queries"], o["keys"]), bool)
    if "padding" in case.inputs:
        attend = attend & (case.inputs["padding"] == 0)[:, None, None, :]
    if "blocked" in case.inputs:
        blocked = case.inputs["blocked"] != 0
        heads = blocked.shape[0] > 1
        attend = attend & ~(
            blocked.reshape(o["batch"], o["heads"], *blocked.shape[1:])
            if heads
            else blocked[None]
        )
    call = WithWeights(
        made, lambda weights: layouts.to_keras(case.kind, weights, o["heads"])
    )
    wants = o["weights"] == "heads"

    def function(named):
        query, key, value = (
            moved(named[name], swap) for name in ("query", "key", "value")
        )
        more = {"attention_mask": attend} if not attend.all() else {}
        y = call(named, query, value, key, return_attention_scores=wants, **more)
        return (
            {"y": moved(y[0], swap), "weights": y[1]}
            if wants
            else {"y": moved(y, swap)}
        )

    return function


def adaptive(case):
    o = case.options
    made = class_of(case)(o["classes"], o["cutoffs"], o["divValue"], o["headBias"] == 1)
    made.build((o["rows"], o["inputs"]))
    call = WithWeights(made, lambda weights: layouts.to_keras(case.kind, weights))

    def function(named):
        output, loss = call(named, named["x"], case.inputs["target"])
        return {"output": output, "loss": loss}

    return function


def slopes(case):
    o = case.options
    shared = o.get("sharedAxes")
    if shared is None:
        shared = [
            axis
            for axis in range(1, len(o["shape"]))
            if axis > 1 or o["parameters"] == 1
        ]
    made = case.module.prelu_channels(shared_axes=shared)
    made.build(tuple(o["shape"]))
    shape = made.weights[0].shape
    call = WithWeights(made, lambda weights: [reshaped(weights["slope"], tuple(shape))])
    return lambda named: {"y": call(named, reshaped(named["x"], o["shape"]))}


FUNCTIONS = {
    **{kind: rowwise for kind in ROWS},
    **{kind: halves for kind in HALVES},
    "prelu_channels": slopes,
    "cross_entropy": cross_entropy,
    "attention": attention,
    "multihead_attention": multihead,
    "adaptive_log_softmax": adaptive,
}
