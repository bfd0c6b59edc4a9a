"""Weights there and back again: `weights_round_trip.py FOLDER` with the folder of `weights.py`. Prints JSON lines."""

import json
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])

import numpy as np
import weights as layouts

draw = np.random.default_rng(5).normal
SHAPES = {
    "dense": {"weight": (3, 5), "bias": (3,)},
    "gated_dense": {"weight": (3, 5), "bias": (3,), "gateWeight": (3, 5), "gateBias": (3,)},
    "conv1d": {"weight": (4, 2, 3), "bias": (4,)},
    "conv2d": {"weight": (4, 2, 3, 5), "bias": (4,)},
    "layer_norm": {"weight": (7,), "bias": (7,)},
    "rms_norm": {"weight": (7,)},
    "dyt": {"inputScale": (), "weight": (7,), "bias": (7,)},
    "derf": {"inputScale": (), "inputShift": (), "weight": (7,), "bias": (7,)},
    "poly_norm": {"weight": (3,), "bias": ()},
    "softmax_sink": {"sink": (4,)},
    "snake_channels": {"alpha": (4,), "beta": (4,)},
    "batch_norm": {"weight": (7,), "bias": (7,), "mean": (7,), "variance": (7,)},
    "multihead_attention": {
        **{f"{part}Weight": (6, 6) for part in ("query", "key", "value", "output")},
        **{f"{part}Bias": (6,) for part in ("query", "key", "value", "output")},
    },
    "adaptive_log_softmax": {
        "headWeight": (5, 8), "headBias": (5,), "projection_0": (4, 8), "tail_0": (6, 4), "projection_1": (2, 8),
        "tail_1": (9, 2),
    },
}  # fmt: skip


def differences(kind, back, wanted):
    names = [name for name in wanted if name not in back or not np.array_equal(back[name], wanted[name])]
    return [f"{name} of {kind}" for name in names] + [f"{name} too many" for name in back if name not in wanted]


for kind, shapes in SHAPES.items():
    given = {name: np.asarray(draw(size=shape)) for name, shape in shapes.items()}
    torch = layouts.from_torch(kind, layouts.to_torch(kind, given))
    heads = {"heads": 3} if kind == "multihead_attention" else {}
    keras = layouts.from_keras(kind, layouts.to_keras(kind, given, **heads))
    wrong = differences(kind, torch, given) + differences(kind, keras, given)
    print(json.dumps({"kind": kind, "case": "there and back", "wrong": wrong}))

for name, call in {
    "an unknown kind": lambda: layouts.to_torch("densee", {}),
    "attention without heads": lambda: layouts.to_keras("multihead_attention", {}),
    "appended keys in Keras": lambda: layouts.to_keras("multihead_attention", {"extraKey": 0}, heads=1),
}.items():
    try:
        call()
        print(json.dumps({"kind": "refusals", "case": name, "wrong": ["nothing was refused"]}))
    except ValueError:
        print(json.dumps({"kind": "refusals", "case": name, "wrong": []}))
