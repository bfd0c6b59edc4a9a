"""Runs functions and the gradients that people give for them, and compares the two by finite differences.

Each line of output is one check: whether the gradient is right at a few hundred points. Triton is not here, so that its
kernels run on arrays of NumPy, block by block, by the few lines below.
"""

import json
import sys
import types

import numpy as np

POINTS = 400
STEP = 1e-5


class Block(np.ndarray):
    def to(self, _):
        return self

    cast = to


def block(values):
    return np.asarray(values, dtype=np.float64).view(Block)


class Pointer:
    def __init__(self, data, offset=0):
        self.data, self.offset = data, offset
        self.dtype = None

    def __add__(self, other):
        return Pointer(self.data, self.offset + np.asarray(other))

    __radd__ = __add__


class Kernel:
    def __init__(self, function):
        self.function = function

    def __call__(self, *args, **named):
        return self.function(*args, **named)

    def __getitem__(self, grid):
        import torch

        def launch(*args, **named):
            count = (grid(named) if callable(grid) else grid)[0]
            given = [Pointer(a.detach().numpy().reshape(-1)) if isinstance(a, torch.Tensor) else a for a in args]
            run(self.function, count, given, named)

        return launch


PROGRAM = [0]


def run(function, count, args, named):
    for PROGRAM[0] in range(count):
        function(*args, **named)


def install_triton():
    language = types.ModuleType("triton.language")
    index = lambda pointer, mask: np.where(np.asarray(mask), pointer.offset, 0).astype(np.int64)

    def load(pointer, mask=True, other=0.0):
        return block(np.where(np.asarray(mask), pointer.data[index(pointer, mask)], other))

    def store(pointer, value, mask=True):
        chosen = np.broadcast_to(np.asarray(mask), np.shape(pointer.offset))
        pointer.data[pointer.offset[chosen].astype(np.int64)] = np.broadcast_to(np.asarray(value), chosen.shape)[chosen]

    language.load, language.store = load, store
    language.program_id = lambda _: np.asarray(PROGRAM[0]).view(Block)
    language.arange = lambda low, high: np.arange(low, high).view(Block)
    language.sigmoid = lambda x: 1 / (1 + np.exp(-x))
    language.constexpr = language.float32 = language.int64 = None
    triton = types.ModuleType("triton")
    triton.jit, triton.language = Kernel, language
    triton.cdiv = lambda a, b: -(-a // b)
    device = types.ModuleType("triton.language.extra.libdevice")
    device.tanh = np.tanh
    extra = types.ModuleType("triton.language.extra")
    extra.libdevice = device
    sys.modules.update(
        {
            "triton": triton,
            "triton.language": language,
            "triton.language.extra": extra,
            "triton.language.extra.libdevice": device,
        }
    )


def inputs(shape):
    """Points away from 0, where the functions in question have their kinks."""
    x = np.random.default_rng(7).uniform(-3, 3, shape)
    return np.where(np.abs(x) < 0.01, 0.5, x)


def slopes(function, arrays, weights):
    """Of the weighted sum of the results, by each element of each array: the functions act on each by itself."""
    found = []
    for i, array in enumerate(arrays):
        slope = np.zeros_like(array)
        for at in np.ndindex(array.shape):
            low, high = [[a.copy() for a in arrays] for _ in range(2)]
            low[i][at] -= STEP
            high[i][at] += STEP
            slope[at] = (np.sum(weights * (function(*high) - function(*low)))) / (2 * STEP)
        found.append(slope)
    return found


def gap(right, given):
    return max(np.max(np.abs(np.asarray(r) - np.asarray(g)) / (1 + np.abs(r))) for r, g in zip(right, given))


def of_class(names, case):
    import torch

    apply = names[case["f"]].apply
    x = inputs(tuple(case["shape"]))
    tensor = torch.tensor(x, requires_grad=True)
    result = apply(tensor)
    weights = np.random.default_rng(8).uniform(0.5, 2, tuple(result.shape))
    (given,) = torch.autograd.grad(result, tensor, torch.tensor(weights))
    value = lambda a: apply(torch.tensor(a)).detach().numpy()
    return gap(slopes(value, [x], weights), [given.numpy()])


def of_pair(names, case):
    f, df = names[case["f"]], names[case["df"]]
    x = inputs(POINTS)
    if case.get("above"):
        above = np.random.default_rng(8).uniform(0.5, 2, POINTS)
        given = np.asarray(df(x, above))
    else:
        above, given = np.ones(POINTS), np.asarray(df(x))
    value = lambda a: np.asarray(f(a))
    right = above * (value(x + STEP) - value(x - STEP)) / (2 * STEP)
    return gap([right], [given])


def of_jax(names, case):
    import jax

    f = names[case["f"]]
    x = inputs(tuple(case["shape"]))
    result, back = jax.vjp(f, x)
    weights = np.random.default_rng(8).uniform(0.5, 2, result.shape)
    return gap(slopes(lambda a: np.asarray(f(a)), [x], weights), [back(weights)[0]])


def of_tangents(names, case):
    import jax

    f = names[case["f"]]
    arrays = [inputs(POINTS)] + [inputs(POINTS)[::-1].copy()] * (case["inputs"] - 1)
    worst = []
    for i in range(len(arrays)):
        tangents = [np.ones(POINTS) if j == i else np.zeros(POINTS) for j in range(len(arrays))]
        _, given = jax.jvp(f, arrays, tangents)
        low, high = [[a + sign * STEP * t for a, t in zip(arrays, tangents)] for sign in (-1, 1)]
        worst.append(gap([(np.asarray(f(*high)) - np.asarray(f(*low))) / (2 * STEP)], [given]))
    return max(worst)


def of_tensorflow(names, case):
    import tensorflow as tf

    f = names[case["f"]]
    x = inputs(tuple(case["shape"]))
    variable = tf.Variable(x)
    with tf.GradientTape() as tape:
        result = f(variable)
        weights = np.random.default_rng(8).uniform(0.5, 2, tuple(result.shape))
        total = tf.reduce_sum(result * weights)
    given = tape.gradient(total, variable)
    return gap(slopes(lambda a: f(tf.constant(a)).numpy(), [x], weights), [given.numpy()])


def of_kernels(names, case):
    """`forward` and `backward`: the arguments of each by their names, "out" for what is stored to."""
    x = [inputs(POINTS), inputs(POINTS)[::-1].copy()][: case["inputs"]]
    above = np.random.default_rng(8).uniform(0.5, 2, POINTS)
    size = 64
    count = -(-POINTS // size)

    def launch(kernel, buffers, order, numbers):
        args = [Pointer(buffers[name]) for name in order]
        run(names[kernel].function, count, args + numbers, {})

    numbers = [size, size, size] if case.get("strides") else [POINTS, size]
    pad = lambda a: np.concatenate([a, np.zeros(count * size - POINTS)])

    def value(*arrays):
        buffers = {f"x{i}": pad(a) for i, a in enumerate(arrays)}
        buffers["y"] = np.zeros(count * size)
        launch(case["f"], buffers, case["forward"], numbers)
        return buffers["y"][:POINTS]

    buffers = {f"x{i}": pad(a) for i, a in enumerate(x)}
    buffers |= {"y": pad(value(*x)), "dy": pad(above)} | {f"dx{i}": np.zeros(count * size) for i in range(len(x))}
    launch(case["df"], buffers, case["backward"], numbers)
    given = [buffers[name][:POINTS] for name in case["gradients"]]
    right = []
    for i in range(len(x)):
        low, high = [[a + (sign * STEP if j == i else 0) for j, a in enumerate(x)] for sign in (-1, 1)]
        right.append(above * (value(*high) - value(*low)) / (2 * STEP))
    return gap(right, given)


WAYS = {
    "class": of_class,
    "pair": of_pair,
    "jax": of_jax,
    "tangents": of_tangents,
    "tensorflow": of_tensorflow,
    "kernels": of_kernels,
}


def main():
    install_triton()
    for case in json.loads(sys.argv[1]):
        names = {"__name__": "case"}
        try:
            if "jax" in case["text"]:
                import jax

                jax.config.update("jax_enable_x64", True)
            exec(compile(case["text"], case["id"], "exec"), names)
            worst = float(WAYS[case["way"]](names, case))
            detail = "right" if worst < 1e-6 else "wrong"
            outcome = {"id": case["id"], "check": "executed", "ok": True, "detail": detail}
        except Exception as error:
            outcome = {"id": case["id"], "check": "executed", "ok": False, "detail": f"{type(error).__name__}: {error}"}
        print(json.dumps(outcome), flush=True)


main()
