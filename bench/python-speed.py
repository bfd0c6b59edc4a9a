"""Times of emitted PyTorch modules in units of PyTorch's own, as Markdown: python-speed.py [--rounds N] [--layers] [ID ...]

Processor time of a million float32 numbers in one thread, forward without gradients and forward with backward; eager,
eager with loops in C, and compiled by torch.compile beside the own function compiled in the same way. PyTorch's own is
what the native style calls: its function, or else the plain composition of its operations, which is marked with a star.
Lower quartiles of rounds in which all columns take turns. With --layers the same of what activations stand in, compiled: a
linear layer without gradients, and a step of training of an MLP.
"""

import argparse
import importlib.util
import math
import os
import statistics
import sys
import time

import torch

MODULES = os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "generated", "pytorch"
)
COUNT = 1_000_000
# Those of PyTorch's that take more than a pass.
IN_LAYERS = ("gelu_erf", "gelu_tanh", "logsigmoid", "mish", "silu", "softplus", "tanh")
ROWS, WIDTHS = 512, (256, 1024, 256)
COLUMNS = ("eager", "with loops in C", "compiled")


def load(style, identifier):
    """The function of a module, or nothing where it is not written in that style."""
    path = os.path.join(MODULES, style, f"{identifier}.py")
    if not os.path.exists(path):
        return None
    name = f"{style}_{identifier}"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def identifiers():
    """Those of elementwise activations without tensors that are learned: modules with formulas."""
    for file in sorted(os.listdir(MODULES)):
        identifier, end = os.path.splitext(file)
        if end == ".py" and not identifier.startswith("__") and identifier != "weights":
            module = load("", identifier)
            if hasattr(module, "second_derivative") and hasattr(module, identifier):
                yield identifier


def is_composition(function):
    """Whether the native style has no function of PyTorch's for it: its documentation says by which one it is."""
    return ", by torch." not in " ".join(function.__doc__.split())


def forward(function, x, gradient):
    with torch.no_grad():
        function(x)


def both(function, x, gradient):
    torch.autograd.grad(function(x), x, gradient)


def quartiles(functions, run, rounds, *arguments):
    for function in functions:
        run(function, *arguments)
    times = [[] for _ in functions]
    for _ in range(rounds):
        for function, taken in zip(functions, times):
            start = time.process_time()
            run(function, *arguments)
            taken.append(time.process_time() - start)
    return [statistics.quantiles(taken)[0] for taken in times]


def measure(identifier, rounds, x, gradient):
    """Ratios by column and run; nothing where a column has no module, or its gradients need more arguments."""
    torch._dynamo.reset()
    native, explicit, kernel = (load(s, identifier) for s in ("native", "", "kernel"))
    own, ours = getattr(native, identifier), getattr(explicit, identifier)
    in_c = kernel and getattr(kernel, identifier)
    found = {}
    for name, run in (("f", forward), ("f+b", both)):
        eager = [one for one in (own, ours, in_c) if one is not None]
        compiled = [torch.compile(own), torch.compile(ours)]
        times = quartiles([*eager, *compiled], run, rounds, x, gradient)
        theirs = times[0]
        found["eager", name] = times[1] / theirs
        if in_c is not None:
            found["with loops in C", name] = times[2] / theirs
        found["compiled", name] = times[-1] / times[-2]
    return found, is_composition(own)


def linear(act):
    """A linear layer with an activation behind it."""
    return torch.nn.Sequential(torch.nn.Linear(*WIDTHS[:2]), act)


def mlp(act):
    return torch.nn.Sequential(linear(act), torch.nn.Linear(*WIDTHS[1:]))


class Activation(torch.nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def layers(identifier, rounds):
    """Ratios of the compiled layer and of a step of training of the compiled MLP."""
    torch._dynamo.reset()
    functions = [
        getattr(load(style, identifier), identifier) for style in ("native", "")
    ]
    x, wanted = torch.randn(ROWS, WIDTHS[0]), torch.randn(ROWS, WIDTHS[-1])

    def infer(model):
        with torch.no_grad():
            model(x)

    def step(given):
        model, optimizer = given
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(x), wanted).backward()
        optimizer.step()

    alone = [torch.compile(linear(Activation(function))) for function in functions]
    models = [torch.compile(mlp(Activation(function))) for function in functions]
    trained = [
        (model, torch.optim.SGD(model.parameters(), lr=1e-3)) for model in models
    ]
    ratios = []
    for run, made in ((infer, alone), (step, trained)):
        times = quartiles([lambda one=one: run(one) for one in made], lambda f: f(), rounds)
        ratios.append(times[1] / times[0])
    return ratios


def main_layers(given):
    print("| id | linear layer | training step of an MLP |")
    print("| --- | --- | --- |")
    for identifier in given.ids or IN_LAYERS:
        cells = [f"{ratio:.2f}" for ratio in layers(identifier, given.rounds)]
        print(f"| `{identifier}` | {' | '.join(cells)} |", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--layers", action="store_true")
    parser.add_argument("ids", nargs="*")
    given = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    if given.layers:
        main_layers(given)
        return
    x = (4 * torch.randn(COUNT)).requires_grad_()
    gradient = torch.randn(COUNT)
    heads = [(column, run) for column in COLUMNS for run in ("f", "f+b")]
    print(f"| id | {' | '.join(' '.join(head) for head in heads)} |")
    print(f"| --- |{' --- |' * len(heads)}")
    all_found = []
    for identifier in given.ids or identifiers():
        try:
            found, composed = measure(identifier, given.rounds, x, gradient)
        except TypeError:
            # It has tensors that are learned beside its input.
            continue
        if not composed:
            all_found.append(found)
        cells = [f"{found[head]:.2g}" if head in found else "-" for head in heads]
        star = "\\*" if composed else ""
        print(f"| `{identifier}`{star} | {' | '.join(cells)} |", flush=True)
    means = []
    for head in heads:
        known = [math.log(found[head]) for found in all_found if head in found]
        means.append(f"{math.exp(statistics.fmean(known)):.2g}" if known else "-")
    print(f"| geometric mean, without \\* | {' | '.join(means)} |")


if __name__ == "__main__":
    main()
