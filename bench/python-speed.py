"""Times of emitted PyTorch modules in units of PyTorch's own, as Markdown: python-speed.py [ID ...]

Forward without gradients, and forward with backward, of a million float32 numbers in one thread; eager, and compiled by
torch.compile. Medians of rounds in which all columns take turns.
"""

import importlib.util
import os
import statistics
import sys
import time

import torch
import torch.nn.functional as F

MODULES = os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "generated", "pytorch"
)
OWN = {
    "relu": F.relu,
    "leaky_relu": F.leaky_relu,
    "hardtanh": F.hardtanh,
    "softshrink": F.softshrink,
    "hardswish": F.hardswish,
    "elu": F.elu,
    "softplus": F.softplus,
    "silu": F.silu,
    "gelu_erf": F.gelu,
    "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
    "mish": F.mish,
}
COUNT, ROUNDS = 1_000_000, 15


def emitted(identifier):
    spec = importlib.util.spec_from_file_location(
        identifier, os.path.join(MODULES, f"{identifier}.py")
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[identifier] = module
    spec.loader.exec_module(module)
    return getattr(module, identifier)


def forward(function, x):
    with torch.no_grad():
        function(x)


def both(function, x):
    torch.autograd.grad(function(x).sum(), x)


def medians(functions, run, x):
    for function in functions:
        run(function, x)
    times = [[] for _ in functions]
    for _ in range(ROUNDS):
        for function, taken in zip(functions, times):
            start = time.perf_counter()
            run(function, x)
            taken.append(time.perf_counter() - start)
    return [statistics.median(taken) for taken in times]


def main():
    torch.set_num_threads(1)
    torch.manual_seed(0)
    x = (4 * torch.randn(COUNT)).requires_grad_()
    print("| id | eager f | eager f and f' | compiled f | compiled f and f' |")
    print("| --- | --- | --- | --- | --- |")
    for identifier in sys.argv[1:] or OWN:
        torch._dynamo.reset()
        own, ours = OWN[identifier], emitted(identifier)
        pairs = [(own, ours), (torch.compile(own), torch.compile(ours))]
        cells = []
        for pair in pairs:
            for run in (forward, both):
                theirs, mine = medians(pair, run, x)
                cells.append(f"{mine / theirs:.2g}")
        print(f"| {identifier} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
