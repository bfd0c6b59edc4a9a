"""PyTorch's own samples for its functions and modules (OpInfo and ModuleInfo), given to the emitted ones: torch_opinfo.py
MODULES

Values and gradients are those of PyTorch's own, in float32 and float64, and what PyTorch refuses is refused.
"""

import os
import sys
import types
import unittest
import warnings

import report
import torch
from report import require
from subjects import load
from torch import nn

# All that PyTorch's helpers want of it is a class to extend.
sys.modules.setdefault("expecttest", types.SimpleNamespace(TestCase=unittest.TestCase))
from torch.testing._internal.common_methods_invocations import op_db  # noqa: E402
from torch.testing._internal.common_modules import module_db  # noqa: E402

# The function of OpInfo and the module of ModuleInfo by ids; OpInfo has softplus for thresholds of 0.2 only.
NAMES = {
    "relu": ("nn.functional.relu", "nn.ReLU"),
    "leaky_relu": ("nn.functional.leaky_relu", "nn.LeakyReLU"),
    "relu6": ("nn.functional.relu6", "nn.ReLU6"),
    "hardtanh": ("nn.functional.hardtanh", "nn.Hardtanh"),
    "hardsigmoid": ("nn.functional.hardsigmoid", None),
    "hardswish": ("nn.functional.hardswish", "nn.Hardswish"),
    "softshrink": ("nn.functional.softshrink", "nn.Softshrink"),
    "hardshrink": ("nn.functional.hardshrink", "nn.Hardshrink"),
    "threshold": ("nn.functional.threshold", "nn.Threshold"),
    "softsign": ("nn.functional.softsign", "nn.Softsign"),
    "elu": ("nn.functional.elu", "nn.ELU"),
    "selu": ("nn.functional.selu", "nn.SELU"),
    "celu": ("nn.functional.celu", "nn.CELU"),
    "exponential": ("exp", None),
    "sigmoid": ("sigmoid", "nn.Sigmoid"),
    "tanh": ("tanh", "nn.Tanh"),
    "softplus": (None, "nn.Softplus"),
    "logsigmoid": ("nn.functional.logsigmoid", "nn.LogSigmoid"),
    "gelu_erf": ("nn.functional.gelu", "nn.GELU"),
    "silu": ("nn.functional.silu", "nn.SiLU"),
    "mish": ("nn.functional.mish", "nn.Mish"),
    "tanhshrink": ("nn.functional.tanhshrink", "nn.Tanhshrink"),
    "prelu": ("nn.functional.prelu", "nn.PReLU"),
    "rrelu": ("nn.functional.rrelu", None),
    "softmax": ("softmax", "nn.Softmax"),
    "log_softmax": ("log_softmax", "nn.LogSoftmax"),
    "softmin": ("nn.functional.softmin", "nn.Softmin"),
    "glu": (None, "nn.GLU"),
    "layer_norm": (None, "nn.LayerNorm"),
    "rms_norm": (None, "nn.RMSNorm"),
    "batch_norm": (None, "nn.BatchNorm2d"),
    "multihead_attention": (None, "nn.MultiheadAttention"),
}

# Arguments that only say where a result goes, or that choose what the module always is.
IDLE = {"inplace", "training", "approximate"}


def _differs(identifier, args, named):
    """The reason why a sample is of another function than the module's, or nothing."""
    for holds, reason in (
        (identifier == "gelu_erf" and named.get("approximate", "none") != "none", "other approximations are other modules"),
        (identifier == "softplus" and min(args[1:2], default=20) < 20, "below a threshold of 20 softplus has a jump"),
        (identifier == "rrelu" and named.get("training"), "random slopes are rrelu_random's"),
        (identifier in ("softmax", "log_softmax", "softmin") and "dtype" in named, "the type is the input's"),
        (identifier == "hardshrink" and named.get("lambd", 0) < 0, "a negative threshold is refused"),
        (identifier == "celu" and named.get("alpha", 1) < 0, "a negative alpha is refused"),
    ):  # fmt: skip
        if holds:
            return reason
    return None


def _module(folder, identifier):
    return load(f"opinfo_{identifier}", os.path.join(folder, f"{identifier}.py"))


def _close(name, got, expected):
    wide = {"rtol": 2e-6, "atol": 2e-6} if got.dtype == torch.float32 else {}
    torch.testing.assert_close(
        got, expected, equal_nan=True, msg=lambda m: f"{name}: {m}", **wide
    )


def _compare(name, ours, theirs, inputs):
    """Results, and gradients by every tensor that has one."""
    got, expected = (call(*inputs) for call in (ours, theirs))
    _close(name, got, expected)
    wanted = [x for x in inputs if torch.is_tensor(x) and x.requires_grad]
    if not wanted or not expected.requires_grad:
        return
    weights = torch.linspace(-1, 2, expected.numel(), dtype=expected.dtype).reshape(
        expected.shape
    )
    slopes = (
        torch.autograd.grad(y, wanted, weights, allow_unused=True)
        for y in (got, expected)
    )
    for mine, right in zip(*slopes):
        if right is not None:
            _close(f"the gradient of {name}", mine, right)


def samples(folder, identifier):
    """OpInfo's samples, but for those of another function."""
    name, _ = NAMES[identifier]
    function = getattr(_module(folder, identifier), identifier)
    count, others = 0, set()
    for info in op_db:
        if info.name != name or info.variant_test_name == "complex":
            continue
        for dtype in (torch.float32, torch.float64):
            for sample in info.sample_inputs("cpu", dtype, requires_grad=True):
                named = {k: v for k, v in sample.kwargs.items() if k not in IDLE}
                reason = _differs(identifier, sample.args, sample.kwargs)
                if reason is not None:
                    others.add(reason)
                    continue
                tensors = [sample.input, *sample.args, *named.values()]

                def ours(x, *rest):
                    return function(
                        x,
                        *rest[: len(sample.args)],
                        **dict(zip(named, rest[len(sample.args) :])),
                    )

                def theirs(x, *rest):
                    kept = {
                        **sample.kwargs,
                        **dict(zip(named, rest[len(sample.args) :])),
                        "inplace": False,
                    }
                    kept = {
                        k: v
                        for k, v in kept.items()
                        if k != "inplace" or "inplace" in sample.kwargs
                    }
                    return info.op(x, *rest[: len(sample.args)], **kept)

                _compare(f"{sample.args} {named}", ours, theirs, tensors)
                count += 1
    require(count > 0, f"there are no samples of {name}")
    return f"{count} samples; not: {sorted(others)}"


def refusals(folder, identifier):
    """What OpInfo says is an error is one."""
    name, _ = NAMES[identifier]
    function = getattr(_module(folder, identifier), identifier)
    for info in op_db:
        if info.name != name or info.error_inputs_func is None:
            continue
        for error in info.error_inputs("cpu"):
            sample = error.sample_input
            if _differs(identifier, sample.args, sample.kwargs) is not None:
                continue
            named = {k: v for k, v in sample.kwargs.items() if k not in IDLE}
            try:
                function(sample.input, *sample.args, **named)
            except (RuntimeError, TypeError, ValueError):
                continue
            require(False, f"{sample.args} {sample.kwargs} is accepted")


def modules(folder, identifier):
    """ModuleInfo's arguments and inputs, with the state of PyTorch's own module."""
    _, name = NAMES[identifier]
    module = _module(folder, identifier)
    (class_name,) = (word for word in module.__all__ if word[0].isupper())
    info = next(one for one in module_db if one.name == name)
    count, others = 0, set()
    for dtype in (torch.float32, torch.float64):
        given = {
            "device": "cpu",
            "dtype": dtype,
            "requires_grad": True,
            "training": False,
        }
        for sample in info.module_inputs_func(info, **given):
            made, call = sample.constructor_input, sample.forward_input
            if call is None:
                continue
            reason = _differs(identifier, made.args, made.kwargs)
            if reason is not None:
                others.add(reason)
                continue
            torch.manual_seed(0)
            theirs = info.module_cls(*made.args, **made.kwargs).to(dtype).eval()
            named = {k: v for k, v in made.kwargs.items() if k != "inplace"}
            ours = getattr(module, class_name)(*made.args, **named).to(dtype).eval()
            ours.load_state_dict(theirs.state_dict())

            def first(of):
                def result(*inputs):
                    y = of(
                        *inputs[: len(call.args)],
                        **dict(zip(call.kwargs, inputs[len(call.args) :])),
                    )
                    return y[0] if isinstance(y, tuple) else y

                return result

            inputs = [*call.args, *call.kwargs.values()]
            _compare(f"{made.args} {made.kwargs}", first(ours), first(theirs), inputs)
            count += 1
    require(count > 0, f"there are no inputs of {name}")
    return f"{count} inputs; not: {sorted(others)}"


def main():
    (folder,) = sys.argv[1:]
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    for identifier, (function, module) in NAMES.items():
        if function is not None:
            report.run(identifier, "samples", samples, folder, identifier)
            report.run(identifier, "refusals", refusals, folder, identifier)
        if module is not None:
            report.run(identifier, "modules", modules, folder, identifier)


if __name__ == "__main__":
    main()
