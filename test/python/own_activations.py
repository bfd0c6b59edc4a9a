"""Own definitions that learn by channel, have a second input or a surrogate gradient: own_activations.py torch|keras MODULES"""

import os
import sys

import report
import torch
from report import require
from subjects import load


def near(found, expected, name):
    expected = expected.double()
    # Sums of terms that cancel are near in terms of these.
    scale = 1e-5 * expected.abs().max().item() + 1e-6
    close = torch.allclose(found.double(), expected, rtol=2e-5, atol=scale)
    require(close, f"{name}: {found.flatten()[:4]} instead of {expected.flatten()[:4]}")


def class_of(module):
    (name,) = (name for name in module.__all__ if name[0].isupper())
    return getattr(module, name)


def gradients(result, *tensors):
    return torch.autograd.grad(result.square().sum(), tensors, retain_graph=True)


class Torch:
    """Channels are along axis 1."""

    x = torch.linspace(-6, 6, 24).reshape(2, 3, 4)
    shape = (1, 3, 1)

    def learning(self, cls, name):
        layer = cls(3)
        return layer, getattr(layer, name)

    def made(self, cls, *sizes):
        return cls(*sizes)

    def weights(self, dense):
        pairs = (dense.value, dense.gate)
        return [tensor for layer in pairs for tensor in (layer.weight, layer.bias)]


class Keras:
    """Channels are along the last axis."""

    x = torch.linspace(-6, 6, 24).reshape(2, 4, 3)
    shape = (1, 1, 3)

    def learning(self, cls, name):
        layer = cls()
        layer.build((2, 4, 3))
        return layer, getattr(layer, name).value

    def made(self, cls, *sizes):
        layer = cls(sizes[1])
        layer.build((None, sizes[0]))
        return layer

    def weights(self, dense):
        pairs = (dense.value, dense.gate)
        kernels = [(layer.kernel.value, layer.bias.value) for layer in pairs]
        return [
            tensor
            for kernel, bias in kernels
            for tensor in (kernel.detach().t(), bias.detach())
        ]


def by_channel(framework, module):
    """One number for each channel, with its gradient, and one for all beside it."""
    for name, formula in {
        "swish_by_channel": lambda x, beta: x * torch.sigmoid(beta * x),
        "telu_by_channel": lambda x, beta: x * torch.tanh(torch.exp(beta * x)),
    }.items():
        layer, beta = framework.learning(class_of(module(name)), "beta")
        require(tuple(beta.shape) == (3,), f"{name}: {tuple(beta.shape)} numbers")
        with torch.no_grad():
            beta.copy_(torch.tensor([1.0, 0.5, 2.0]))
        x = framework.x.clone().requires_grad_()
        free = beta.detach().clone().requires_grad_()
        expected = formula(x, free.reshape(framework.shape))
        found = layer(x)
        near(found, expected, name)
        for ours, theirs in zip(
            gradients(found, x, beta), gradients(expected, x, free)
        ):
            near(ours, theirs, f"{name}: gradient")


def two_inputs(framework, module):
    """Two tensors, each with its gradient."""
    formulas = {
        "swiglu_typed": lambda x, u: x * torch.nn.functional.silu(u),
        "gated_softplus": lambda x, u: torch.log1p(x.exp()) * u.tanh() - 0.5 * u,
    }
    for name, formula in formulas.items():
        x = framework.x.clone().requires_grad_()
        u = framework.x.flip(0).clone().requires_grad_()
        expected = formula(x, u)
        for call in (getattr(module(name), name), class_of(module(name))()):
            found = call(x, u)
            near(found, expected, name)
            for ours, theirs in zip(gradients(found, x, u), gradients(expected, x, u)):
                near(ours, theirs, f"{name}: gradient")


def gated_dense(framework, module):
    """A formula of two inputs behind two products."""
    layer = framework.made(class_of_dense(module("gated_dense_swiglu_typed")), 3, 5)
    weight, bias, gate_weight, gate_bias = framework.weights(layer)
    x = torch.linspace(-2, 2, 12).reshape(4, 3)
    gate = torch.nn.functional.silu(x @ gate_weight.t() + gate_bias)
    near(layer(x), (x @ weight.t() + bias) * gate, "gated_dense")


def class_of_dense(module):
    (name,) = (name for name in module.__all__ if name.startswith("GatedDense"))
    return getattr(module, name)


def surrogate(framework, module):
    """Forward is ReLU, backward bsilu'."""
    x = framework.x.clone().requires_grad_()
    found = class_of(module("sugar"))()(x)
    near(found, x.relu(), "value")
    free = framework.x.clone().requires_grad_()
    smooth = (free + 1.67) * torch.sigmoid(free) - 0.835
    (slope,) = torch.autograd.grad(smooth.sum(), free)
    (ours,) = torch.autograd.grad(found.sum(), x)
    near(ours, slope, "gradient")


CHECKS = {
    "by_channel": by_channel,
    "two_inputs": two_inputs,
    "gated_dense": gated_dense,
    "surrogate": surrogate,
}


def main():
    name, folder = sys.argv[1:]
    framework = {"torch": Torch, "keras": Keras}[name]()

    def module(of):
        return load(f"own_{of}", os.path.join(folder, f"{of}.py"))

    for check, run in CHECKS.items():
        report.run(name, check, run, framework, module)


if __name__ == "__main__":
    main()
