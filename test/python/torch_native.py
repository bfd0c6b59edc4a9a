"""Emitted modules that use PyTorch's own functions."""

import io

import numpy as np
import torch
from reference import FLOAT32
from report import require
from torch_values import arguments, same


def native(subject):
    """Values and gradients in float64 to 1e-6 of the size of input and output: PyTorch loses digits in tails."""
    for case in subject.cases:
        chosen = np.abs(case.inputs) <= 500
        chosen &= ~np.isin(case.inputs, np.float32(case.kinks))
        x = torch.from_numpy(case.inputs[chosen].astype(np.float64)).requires_grad_()
        y = subject.function(x, **arguments(subject, case, torch.float64))
        (slope,) = torch.autograd.grad(y.sum(), x)
        for order, got in enumerate((y, slope)):
            exact = case.exact[order][chosen]
            got = got.detach().numpy()
            size = np.maximum(np.abs(exact), np.abs(x.detach().numpy()))
            wrong = np.flatnonzero(~(np.abs(got - exact) <= 1e-6 * np.maximum(size, 1)))
            require(
                wrong.size == 0,
                f"{case.parameters} order {order}: {wrong.size} misses, "
                + "; ".join(
                    f"f({x[i].item()}) = {got[i]}, exact {exact[i]}" for i in wrong[:3]
                ),
            )


def native_range(subject):
    """float32 values and gradients are finite up to 10000 where the exact ones are."""
    for case in subject.cases:
        chosen = np.abs(case.inputs) <= 1e4
        x = torch.from_numpy(case.inputs[chosen]).requires_grad_()
        y = subject.function(x, **arguments(subject, case))
        (slope,) = torch.autograd.grad(y.sum(), x)
        for order, got in enumerate((y, slope)):
            finite = np.abs(case.exact[order][chosen]) < FLOAT32.largest
            wrong = np.flatnonzero(finite & ~got.detach().isfinite().numpy())
            require(
                wrong.size == 0,
                f"{case.parameters} order {order}: {wrong.size} are not finite, as "
                f"{[got[i].item() for i in wrong[:3]]} at {x[wrong[:3]].tolist()}",
            )


# torch.clamp passes gradients at its bounds, and the definition takes none there.
OWN_KINKS = {"sparse_sigmoid"}


def native_kinks(subject):
    """At kinks PyTorch takes the derivative that the definition takes."""
    if subject.id in OWN_KINKS:
        return "its own"
    for case in subject.cases:
        for kink in case.kinks:
            x = torch.full((64,), kink, requires_grad=True)
            y = subject.function(x, **arguments(subject, case))
            (slope,) = torch.autograd.grad(y.sum(), x)
            (i, *_) = np.flatnonzero(case.inputs == np.float32(kink))
            exact = np.float32(case.exact[1][i])
            right = bool(torch.isclose(slope, torch.tensor(exact), rtol=1e-6).all())
            require(
                right, f"{case.parameters} at {kink}: {slope[0].item()}, not {exact}"
            )


def native_layer(subject):
    """The layer computes what the function does, learns what is learnable, and can be saved."""
    x = torch.linspace(-3, 3, 31)
    for case in subject.cases:
        layer = subject.layer(**subject.numbers(case.parameters))
        layer.eval()
        given = arguments(subject, case)
        require(
            same(layer(x), subject.function(x, **given)), "layer and function differ"
        )
        learned = sum(held.numel() for held in layer.parameters())
        require(learned == len(subject.learnable), f"{learned} learned numbers")
        file = io.BytesIO()
        torch.save(layer, file)
        file.seek(0)
        copy = torch.load(file, weights_only=False)
        require(same(copy(x), layer(x)), "torch.save and load change it")


CHECKS = {
    "native": native,
    "native_range": native_range,
    "native_kinks": native_kinks,
    "native_layer": native_layer,
}
