"""The worst float32 errors of emitted modules beside those of the frameworks' own functions, as Markdown.

Run by python-accuracy.mjs: python bench/python-accuracy.py ROWS [ID ...], where ROWS is a file with the catalogue's
parameters and corners.

Inputs are every 2039th float32 bit pattern that is finite, and extremes. The reference is the emitted PyTorch module in
float64, which the tests hold against the exact values. Errors are in ULP of float32, of f, of its gradient and of that
one's gradient, at the default parameters; beside roots, which are not at 0, in ULP of 1/4, six of which are 1.8e-7. Left
out are corners and subnormal references, for TensorFlow and JAX all below 2^-100, since these take what is subnormal on
the way for 0. "N" counts results that are not finite where the exact ones are, and a dash says that there is no such
function or gradient.
"""

import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "test", "python"))

EXTREMES = [0.0, 1e-45, 1e-38, 1e-30, 1e-8, 17.5, 20, 88, 89, 104, 1e4, 1e9, 3.4028235e38]
# The folder of the modules, the environment, and the smallest results that count.
FRAMEWORKS = {
    "PyTorch": ("pytorch", {}, 2.0**-126),
    "Keras 3 on TensorFlow": (
        "keras/keras3",
        {"KERAS_BACKEND": "tensorflow"},
        2.0**-100,
    ),
    "Keras 3 on JAX": ("keras/keras3", {"KERAS_BACKEND": "jax"}, 2.0**-100),
}
# The style of the modules, and whether torch.compile takes their functions.
WAYS = {
    "emitted": ("", False),
    "emitted, compiled": ("", True),
    "own": ("native", False),
}
COLUMNS = [
    (framework, way)
    for framework in FRAMEWORKS
    for way in WAYS
    if framework == "PyTorch" or not WAYS[way][1]
]
# One ULP of 1/4, of float32.
UNIT_BESIDE_ROOTS = 2.0**-25
ORDERS = ("Forward", "Backward", "Double backward")


def inputs():
    import numpy as np

    words = np.arange(0, 2**32, 2039, dtype=np.uint64).astype(np.uint32)
    values = words.view(np.float32)
    extremes = np.array([sign * x for x in EXTREMES for sign in (1, -1)], np.float32)
    return np.concatenate([values[np.isfinite(values)], extremes])


def defaults(subject):
    return {row["name"]: row["default"] for row in subject.row["parameters"]}


def references(subject, x, smallest):
    """f, f' and f'' in float64, at which inputs an error means something, and in how many ULP it counts as one."""
    import numpy as np
    import torch

    def evaluate(order, x):
        given = subject.arguments(defaults(subject), lambda held: torch.tensor(held, dtype=torch.float64))
        return subject.orders[order](torch.from_numpy(x), **given).numpy()

    wide = x.astype(np.float64)
    # The same frameworks take subnormal inputs for 0, too.
    usable = (x == 0) | (np.abs(x) >= 2.0**-126) | (smallest <= 2.0**-126)
    corner = np.isin(x, np.array(subject.row["kinks"], np.float32))
    for order in range(3):
        exact = evaluate(order, wide)
        counts = usable & np.isfinite(exact) & (np.abs(exact) >= smallest)
        counts &= np.abs(exact) < np.finfo(np.float32).max
        if order > 0:
            counts &= ~corner
        sides = evaluate(order, 0.5 * wide) * evaluate(order, 1.5 * wide)
        size = np.minimum(np.abs(exact), np.finfo(np.float32).max)
        of_quarter = UNIT_BESIDE_ROOTS / np.spacing(size.astype(np.float32))
        yield exact, counts, np.where(sides < 0, np.maximum(of_quarter, 1), 1)


def torch_orders(subject, x, is_compiled):
    """What computes f, f' and f''; what is compiled has no double backward."""
    import torch

    torch._dynamo.reset()
    given = subject.arguments(defaults(subject), torch.tensor)
    x = torch.from_numpy(x).requires_grad_()
    function = torch.compile(subject.function) if is_compiled else subject.function
    y = function(x, **given)
    if is_compiled:
        yield y
        yield torch.autograd.grad(y.sum(), x)[0]
        return
    yield y
    (slope,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    yield slope
    yield torch.autograd.grad(slope.sum(), x)[0] if slope.requires_grad else slope * 0


def keras_orders(subject, x, at):
    given = subject.arguments(defaults(subject), lambda held: at.tensor(held, "float32"))
    x = at.tensor(x, "float32")

    def function(x):
        return subject.function(x, **given)

    for _ in range(3):
        yield function(x)
        function = at.gradient(function)


def read_rows(path):
    with open(path) as file:
        rows = json.load(file)
    for row in rows.values():
        for parameter in row["parameters"]:
            parameter["default"] = float(parameter["default"])
        row["kinks"] = [float(kink) for kink in row["kinks"]]
        row["cases"] = []
    return rows


def measure(framework, path, only):
    """Prints a list of [worst, not finite] for each id and way."""
    import numpy as np
    import reference
    from subjects import Subject

    at = None
    folder, _, smallest = FRAMEWORKS[framework]
    if framework != "PyTorch":
        from keras_backends import backend

        at = backend()
    rows = read_rows(path)
    x = inputs()
    for identifier in only or rows:
        row = rows[identifier]
        exact = Subject(os.path.join(ROOT, "generated", "pytorch"), identifier, row)
        expected = list(references(exact, x, smallest))
        for way in (way for column, way in COLUMNS if column == framework):
            style, is_compiled = WAYS[way]
            modules = os.path.join(ROOT, "generated", folder, style)
            subject = Subject(modules, identifier, row)
            found = []
            if style == "native" and hasattr(subject.module, "second_derivative"):
                expected_here = []
            else:
                expected_here = expected
            made = keras_orders(subject, x, at) if at else torch_orders(subject, x, is_compiled)
            for values, counts, unit in expected_here:
                try:
                    got = next(made)
                except (LookupError, RuntimeError, NotImplementedError, StopIteration):
                    break
                got = at.numpy(got) if at else got.detach().double().numpy()
                error = (reference.ulps(got, values, reference.FLOAT32) / unit)[counts]
                lost = ~np.isfinite(error)
                found.append([float(error[~lost].max(initial=0)), int(lost.sum())])
            print(json.dumps([identifier, way, found]), flush=True)


def shown(found, order):
    if order >= len(found):
        return "-"
    worst, lost = found[order]
    text = f"{worst:.2g}" if worst < 1e5 else f"{worst:.0e}".replace("e+0", "e")
    return text + (f" N{lost}" if lost else "")


def main():
    if sys.argv[1:2] == ["--measure"]:
        measure(sys.argv[2], sys.argv[3], sys.argv[4:])
        return
    path, only = sys.argv[1], sys.argv[2:]
    results = {}
    for framework, (_, environment, _) in FRAMEWORKS.items():
        quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
        lines = subprocess.run(
            [sys.executable, "-B", __file__, "--measure", framework, path, *only],
            env={**os.environ, **quiet, **environment},
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        ).stdout.splitlines()
        for line in lines:
            identifier, way, found = json.loads(line)
            results[identifier, framework, way] = found
    heads = [f"{framework} {way}" for framework, way in COLUMNS]
    for order, title in enumerate(ORDERS):
        print(f"### {title}\n")
        print("|".join(["", "activation", *heads, ""]))
        print("|".join(["", *["---"] * (len(heads) + 1), ""]))
        for identifier in dict.fromkeys(identifier for identifier, *_ in results):
            cells = [shown(results[identifier, *column], order) for column in COLUMNS]
            print("|".join(["", identifier, *cells, ""]))
        print()


if __name__ == "__main__":
    main()
