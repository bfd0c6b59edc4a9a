"""Runs files of PyTorch, each line of the input one file, and says what their class A computes."""

import builtins
import contextlib
import io
import json
import math
import sys

import torch
import torch.nn.functional as F

STEP = 1e-3
torch.set_default_dtype(torch.float64)
SPACES = [builtins, torch, F, math, torch.Tensor, torch.special]
KEPT = [dict(vars(space)) for space in SPACES]


def restore():
    """Takes back what a file has assigned to modules."""
    for space, kept in zip(SPACES, KEPT):
        for name, value in list(vars(space).items()):
            if name not in kept:
                with contextlib.suppress(Exception):
                    delattr(space, name)
            elif value is not kept[name]:
                with contextlib.suppress(Exception):
                    setattr(space, name, kept[name])


def numbers(tensor):
    """Each element, None for what is no finite number."""
    return [value if math.isfinite(value) else None for value in tensor.detach().to(torch.float64).flatten().tolist()]


def run(text, points):
    space = {"__name__": "file"}
    exec(compile(text, "file.py", "exec"), space)
    function = space["A"].apply
    inputs = torch.tensor(points, dtype=torch.float64)
    columns = []
    for k in (-2, -1, 0, 1, 2):
        with torch.no_grad():
            value = function(inputs + k * STEP)
        columns.append(numbers(value + torch.zeros_like(inputs)))
    x = inputs.clone().requires_grad_(True)
    out = function(x)
    out.backward(torch.ones_like(out))
    claimed = numbers(x.grad)
    return [
        {"x": point, "values": [column[i] for column in columns], "claimed": claimed[i]}
        for i, point in enumerate(points)
    ]


for line in sys.stdin:
    question = json.loads(line)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            answer = {"points": run(question["text"], question["points"])}
    except BaseException as error:
        answer = {"error": f"{type(error).__name__}: {error}"[:200]}
    restore()
    print(json.dumps(answer), flush=True)
