"""What no fixture has: rows of nothing but -inf, and layers that draw random numbers.

`drawn.py FRAMEWORK FOLDER` with the folder of the emitted modules; prints one line of JSON for each check. Statistics are
of 40,000 elements: their deviation from what is expected is at most six times the standard error.
"""

import json
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[2])

import numpy as np

COUNT = 40_000
RANDOM = np.random.default_rng(3).normal(size=COUNT).astype(np.float32)
# Where SELU goes for -inf, and the transformation that keeps mean 0 and variance 1.
SATURATION = -1.7580993408473766
MASKED = np.array([[0.5, -1.0, 2.0], [-np.inf] * 3, [1.0, -np.inf, 1.0]], np.float32)


def by_torch():
    import alpha_dropout
    import dropout
    import masked_softmax
    import rrelu_random
    import torch

    x = torch.tensor(MASKED, requires_grad=True)
    y = masked_softmax.masked_softmax(x)
    (slope,) = torch.autograd.grad((y * torch.arange(9.0).reshape(3, 3)).sum(), x)

    def run(module):
        drawn = module(torch.tensor(RANDOM)).numpy()
        return drawn, module.eval()(torch.tensor(RANDOM)).numpy()

    layers = {
        "dropout": dropout.Dropout(0.25),
        "alpha_dropout": alpha_dropout.AlphaDropout(0.25),
        "rrelu_random": rrelu_random.RreluRandom(),
    }
    return y.detach().numpy(), slope.numpy(), {k: run(v) for k, v in layers.items()}


def by_keras():
    import alpha_dropout
    import dropout
    import masked_softmax
    import rrelu_random
    import tensorflow as tf

    x = tf.constant(MASKED)
    # In a graph, as in a model.
    softmax = tf.function(masked_softmax.masked_softmax)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = softmax(x)
        total = tf.reduce_sum(y * np.arange(9.0, dtype=np.float32).reshape(3, 3))
    slope = tape.gradient(total, x)

    def run(layer):
        drawn = layer(tf.constant(RANDOM), training=True).numpy()
        return drawn, layer(tf.constant(RANDOM), training=False).numpy()

    layers = {
        "dropout": dropout.Dropout(0.25),
        "alpha_dropout": alpha_dropout.AlphaDropout(0.25),
        "rrelu_random": rrelu_random.RreluRandom(),
    }
    return y.numpy(), slope.numpy(), {k: run(v) for k, v in layers.items()}


def report(kind, **checks):
    wrong = [name.replace("_", " ") for name, holds in checks.items() if not holds]
    print(json.dumps({"kind": kind, "case": "drawn", "wrong": wrong}))


def near(values, expected, deviation):
    return abs(values.mean() - expected) <= 6 * deviation / np.sqrt(COUNT)


y, slope, drawn = {"torch": by_torch, "keras": by_keras}[sys.argv[1]]()
e = np.exp([0.5, -1.0, 2.0])
wanted = np.stack([e / e.sum(), np.zeros(3), [0.5, 0.0, 0.5]])
weights = np.arange(9.0).reshape(3, 3)
exact = wanted * (weights - (wanted * weights).sum(1, keepdims=True))
report(
    "masked_softmax",
    values=np.allclose(y, wanted, atol=1e-6),
    gradients=np.allclose(slope, exact, atol=1e-5),
)

got, still = drawn["dropout"]
kept = got != 0
report(
    "dropout",
    rate=near(~kept, 0.25, 0.5),
    scale=np.allclose(got[kept], RANDOM[kept] / 0.75, rtol=1e-6),
    nothing_at_inference=np.array_equal(still, RANDOM),
)

got, still = drawn["alpha_dropout"]
scale = 1 / np.sqrt(0.75 * (1 + 0.25 * SATURATION**2))
shift = -scale * SATURATION * 0.25
kept = np.isclose(got, scale * RANDOM + shift, atol=1e-4)
report(
    "alpha_dropout",
    rate=near(~kept, 0.25, 0.5),
    saturated=np.allclose(got[~kept], scale * SATURATION + shift, atol=1e-4),
    variance=abs(got.var() - 1) < 0.05,
    nothing_at_inference=np.array_equal(still, RANDOM),
)

got, still = drawn["rrelu_random"]
below = RANDOM < 0
slopes = got[below] / RANDOM[below]
mean = 0.5 * (1 / 8 + 1 / 3)
report(
    "rrelu_random",
    positive=np.array_equal(got[~below], RANDOM[~below]),
    range=slopes.min() >= 1 / 8 - 1e-6 and slopes.max() <= 1 / 3 + 1e-6,
    mean=abs(slopes.mean() - mean) <= 6 * 0.06 / np.sqrt(below.sum()),
    many=len(np.unique(slopes.round(6))) > 1000,
    mean_at_inference=np.allclose(still[below], mean * RANDOM[below], rtol=1e-5),
)
