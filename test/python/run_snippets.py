"""Code that `nonlin compare` gives against the function that it stands for: run_snippets.py CASES.

A case has the code and the name of its function, the call in the other framework, and inputs.
"""

import json
import sys

import numpy as np
import report
from report import require


def in_torch(function, inputs):
    import torch

    x = torch.tensor(inputs, dtype=torch.float32, requires_grad=True)
    y = function(x)
    (slope,) = torch.autograd.grad(y.sum(), x)
    return y.detach().numpy(), slope.numpy()


def in_keras(function, inputs):
    import tensorflow as tf

    x = tf.constant(inputs, "float32")
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    return np.array(y), np.array(tape.gradient(y, x))


RUN = {"torch": in_torch, "keras": in_keras}


def check(case):
    names = {}
    exec(case["code"], names)
    got = RUN[case["framework"]](names[case["id"]], case["inputs"])
    others = {}
    exec("import torch" if case["other"] == "torch" else "import keras, tensorflow as tf", others)
    wanted = RUN[case["other"]](eval(f"lambda x: {case['call']}", others), case["inputs"])
    for order in (0, 1):
        near = np.isclose(got[order], wanted[order], rtol=5e-6, atol=1e-7)
        wrong = np.flatnonzero(~near)
        require(
            wrong.size == 0,
            "; ".join(
                f"order {order} at {case['inputs'][i]}: {got[order][i]}, not {wanted[order][i]}"
                for i in wrong[:3]
            ),
        )


for each in json.loads(sys.argv[1]):
    report.run(each["framework"], "snippet", check, each)
