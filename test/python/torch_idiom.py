"""PyTorch's names and arguments, and weights that load both ways: torch_idiom.py MODULES"""

import os
import sys

import report
import torch
from report import require
from subjects import load
from torch import nn
from torch_modules import refused


def both_ways(folder):
    """The state of PyTorch's own module loads, and PyTorch's own loads that of ours; the same comes out."""
    x = torch.linspace(-2, 2, 24).reshape(2, 3, 4)
    pairs = {
        "dense_relu": ("DenseRelu", nn.Linear, (4, 5), {"bias": False}, nn.ReLU()),
        "conv1d_relu": ("Conv1dRelu", nn.Conv1d, (3, 5, 2), {"padding": 1}, nn.ReLU()),
        "layer_norm": (
            "LayerNorm",
            nn.LayerNorm,
            ([3, 4],),
            {"eps": 1e-3, "elementwise_affine": True, "bias": False},
            nn.Identity(),
        ),
        "rms_norm": ("RMSNorm", nn.RMSNorm, ([3, 4],), {"eps": 1e-3}, nn.Identity()),
        "batch_norm": (
            "BatchNorm",
            nn.BatchNorm1d,
            (3,),
            {"eps": 1e-3, "momentum": None, "affine": True},
            nn.Identity(),
        ),
    }
    for name, (class_name, own, given, named, after) in pairs.items():
        for place in ({}, {"device": "cpu", "dtype": torch.float64}):
            ours = getattr(module(folder, name), class_name)(*given, **named, **place)
            theirs = own(*given, **named, **place)
            with torch.no_grad():
                for weight in theirs.parameters():
                    weight.normal_()
            ours.load_state_dict(theirs.state_dict())
            theirs.load_state_dict(ours.state_dict())
            at = x.to(place.get("dtype", torch.float32))
            same = torch.allclose(ours(at), after(theirs(at)), rtol=1e-6)
            require(same, f"{name} computes another")


def module(folder, name):
    return load(f"idiom_{name}", os.path.join(folder, f"{name}.py"))


def arguments(folder):
    """Positions and keywords of PyTorch's own modules and functions."""
    x = torch.linspace(-3, 3, 25)
    named = {
        ("threshold", "Threshold", nn.Threshold): {"threshold": 0.1, "value": 20.0},
        ("hardtanh", "Hardtanh", nn.Hardtanh): {"min_val": -0.5, "max_val": 2.0},
        ("gelu_erf", "GELU", nn.GELU): {"approximate": "none"},
        ("hardshrink", "Hardshrink", nn.Hardshrink): {"lambd": 0.25},
    }
    for (name, class_name, own), given in named.items():
        ours = getattr(module(folder, name), class_name)
        for made in (ours(**given), ours(*given.values())):
            # GELU of PyTorch loses digits on the left.
            close = torch.allclose(made(x), own(**given)(x), rtol=1e-6, atol=1e-6)
            require(close, f"{name} computes another")
            text = repr(own(**given)).partition("(")[2]
            require(repr(made).endswith(text) or "=" not in text, repr(made))


def errors(folder):
    """What PyTorch refuses, by name."""
    x = torch.ones(3)
    for name, class_name, low, high in (
        ("hardtanh", "Hardtanh", "min_val", "max_val"),
        ("rrelu", "RReLU", "lower", "upper"),
    ):
        of = module(folder, name)
        for call in (
            lambda **given: getattr(of, name)(x, **given),
            getattr(of, class_name),
        ):
            message = refused(ValueError, call, **{low: 0.5, high: 0.25})
            require(low in message and high in message, message)
            call(**{low: 0.5, high: 0.5})
    for infinite in (float("inf"), -float("inf"), float("nan")):
        message = refused(ValueError, module(folder, "elu").elu, x, alpha=infinite)
        require("alpha must be finite" in message, message)
    message = refused(ValueError, module(folder, "gelu_erf").GELU, approximate="tanh")
    require("approximate" in message, message)


CHECKS = {"both_ways": both_ways, "arguments": arguments, "errors": errors}


def main():
    (folder,) = sys.argv[1:]
    for name, check in CHECKS.items():
        report.run("idiom", name, check, folder)


if __name__ == "__main__":
    main()
