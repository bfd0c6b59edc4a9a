"""Emitted modules that use Keras's own functions."""

import numpy as np
from keras_values import arguments, called, usable
from report import require


def native(at, subject):
    """Values and gradients to 1e-5 of the size of input and output: Keras's own lose digits in tails and near 0."""
    for case in subject.cases:
        case = usable(at, case)
        function = called(subject, arguments(at, subject, case))
        x = at.tensor(case.inputs, "float32")
        size = np.abs(case.inputs)
        chosen = (size >= 1e-3) & (size <= 80)
        for kink in case.kinks:
            chosen &= np.abs(case.inputs - np.float32(kink)) > 1e-5
        for order, of in enumerate((function, at.gradient(function))):
            got = at.numpy(of(x))
            exact = case.exact[order]
            with np.errstate(all="ignore"):
                larger = np.maximum(np.maximum(np.abs(exact), size), 1)
                right = np.abs(got - exact) <= 1e-5 * larger
            wrong = np.flatnonzero(chosen & ~right)
            require(
                wrong.size == 0,
                f"{case.parameters} order {order}: {wrong.size} misses, "
                + "; ".join(
                    f"f({case.inputs[i]}) = {got[i]}, exact {exact[i]}"
                    for i in wrong[:3]
                ),
            )


def native_layer(at, subject):
    """The layer computes what the function does and comes back from its configuration."""
    x = at.tensor(np.linspace(-3, 3, 24).reshape(2, 3, 4), "float32")
    for case in subject.cases:
        made = subject.layer(**subject.numbers(case.parameters), name="it")
        got = at.numpy(made(x))
        expected = at.numpy(subject.function(x, **arguments(at, subject, case)))
        require(np.allclose(got, expected, rtol=1e-6), "layer and function differ")
        copy = subject.layer.from_config(made.get_config())
        require(np.array_equal(at.numpy(copy(x)), got), "a copy computes another")


CHECKS = {"native": native, "native_layer": native_layer}
