"""Emitted modules of hostile names: run_names.py FRAMEWORK MODULES CASES, where CASES is JSON.

A case has the id, the names of the arguments in Python with values, inputs, and what the function gives there.
"""

import importlib
import json
import sys

import numpy as np
import report
from report import require


class Torch:
    def __init__(self):
        import torch

        self.torch = torch

    def value_and_slope(self, function, inputs, learned):
        x = self.torch.tensor(inputs, dtype=self.torch.float64, requires_grad=True)
        tensors = {name: self.torch.tensor(held, dtype=self.torch.float64) for name, held in learned.items()}
        y = function(x, **tensors)
        (slope,) = self.torch.autograd.grad(y.sum(), x)
        return y.detach().numpy(), slope.numpy()

    def of_layer(self, layer, inputs):
        return layer.double().eval()(self.torch.tensor(inputs, dtype=self.torch.float64)).detach().numpy()

    def forward_mode(self, function, inputs, learned):
        """The sum of the derivatives by everything, in forward mode."""
        torch = self.torch
        values = [torch.tensor(inputs, dtype=torch.float64)]
        values += [torch.tensor(held, dtype=torch.float64) for held in learned.values()]
        names = list(learned)

        def call(x, *rest):
            return function(x, **dict(zip(names, rest)))

        tangents = [torch.ones_like(held) for held in values]
        given = [held.clone().requires_grad_() for held in values]
        (_, got) = torch.func.jvp(call, tuple(values), tuple(tangents))
        total = 0
        for held in torch.autograd.grad(call(*given).sum(), given):
            total = total + held.sum()
        require(np.allclose(got.sum(), total.detach(), rtol=1e-12), "forward mode gives another derivative")


class Keras:
    def __init__(self):
        import tensorflow as tf

        self.tf = tf

    def value_and_slope(self, function, inputs, learned):
        tf = self.tf
        x = tf.constant(inputs, "float64")
        tensors = {name: tf.constant(held, "float64") for name, held in learned.items()}
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x, **tensors)
        return y.numpy(), tape.gradient(y, x).numpy()

    def of_layer(self, layer, inputs):
        copy = type(layer).from_config(layer.get_config())
        return copy(self.tf.constant([inputs], "float32")).numpy()[0].astype(np.float64)

    def forward_mode(self, function, inputs, learned):
        return


def check(at, case):
    module = importlib.import_module(case["id"])
    function = getattr(module, case["id"])
    numbers, learned = case["numbers"], case["learned"]
    inputs = np.array(case["inputs"])

    def bound(x, **tensors):
        return function(x, **numbers, **tensors)

    value, slope = at.value_and_slope(bound, inputs, learned)
    # Number arguments are floats of Python, in which Keras computes in float32.
    require(np.allclose(value, case["value"], rtol=case["relative"]), f"{value}, not {case['value']}")
    require(np.allclose(slope, case["slope"], rtol=case["relative"]), f"slope {slope}, not {case['slope']}")
    if learned and hasattr(module, "second_derivative"):
        at.forward_mode(bound, inputs, learned)
    (name,) = [each for each in module.__all__ if each[0].isupper() and each != case["id"]]
    layer = getattr(module, name)(**numbers, **learned)
    require(np.allclose(at.of_layer(layer, inputs), case["value"], rtol=1e-5), "the layer gives another value")


def made(at, case):
    """Layers around an activation take its parameters beside their own."""
    module = importlib.import_module(case["id"])
    (name,) = [each for each in module.__all__ if each not in case["inner"]]
    layer = getattr(module, name)(*case["arguments"], **case["numbers"])
    got = at.of_layer(layer, np.ones(3)) if case["run"] else None
    require(got is None or np.isfinite(got).all(), f"{got}")


def main():
    framework, modules, cases = sys.argv[1:]
    sys.path.insert(0, modules)
    at = {"torch": Torch, "keras": Keras}[framework]()
    for case in json.loads(cases):
        report.run(case["id"], "names", made if "arguments" in case else check, at, case)


if __name__ == "__main__":
    main()
