"""Runs files of numbers that keep their gradients, each line of the input one file, and says what their operation computes."""

import json
import math
import sys
import warnings

import numpy as np

STEP = 1e-3
# The gradient from above.
ABOVE = 1.7
warnings.filterwarnings("ignore")
np.seterr(all="ignore")


def run(text, points, calls):
    space = {"__name__": "file"}
    exec(compile(text, "file.py", "exec"), space)
    given = [point if isinstance(point, dict) else {"x": point, "dy": ABOVE} for point in points]
    x, above = (np.array([point[name] for point in given], dtype=float) for name in ("x", "dy"))

    def made(u):
        value = space["Value"](np.zeros_like(u))
        value.data, value.grad = u.copy(), np.zeros_like(u)
        kind = calls[0]
        return value, space["Op"](value) if kind == "Op" else space["op"](value) if kind == "function" else value.op()

    columns = [above * np.broadcast_to(np.asarray(made(x + k * STEP)[1].data, dtype=float), x.shape) for k in (-2, -1, 0, 1, 2)]
    value, out = made(x)
    value.data, value.grad, out.grad = x.copy(), np.zeros_like(x), above.copy()
    if calls[0] == "Op":
        getattr(out, calls[1])()
    elif calls[0] == "passed":
        out.grad_fn(*out.args, out.grad)
    else:
        out._backward()
    claimed = np.broadcast_to(np.asarray(value.grad, dtype=float), x.shape)
    number = lambda v: float(v) if math.isfinite(v) else None
    return [
        {"x": point["x"], "values": [number(column[i]) for column in columns], "claimed": number(claimed[i])}
        for i, point in enumerate(given)
    ]


for line in sys.stdin:
    question = json.loads(line)
    try:
        answer = {"points": run(question["text"], question["points"], question["calls"])}
    except BaseException as error:
        answer = {"error": f"{type(error).__name__}: {error}"[:200]}
    print(json.dumps(answer), flush=True)
