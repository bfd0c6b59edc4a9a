"""Emitted PyTorch modules with loops in C: what the loops give, and that everything else is by the formulas."""

import os
import warnings
from contextlib import contextmanager

import torch
from reference import Bound, misses
from report import require
from torch.utils._python_dispatch import TorchDispatchMode
from torch_values import arguments, compiled_like, same

# ULP of values and of gradients: of what is computed in double and rounded once, or in single in few operations.
ULPS = (2, 6)


def _gradient(function, x, weights, **options):
    return torch.autograd.grad(function(x), x, weights, **options)[0]


def loops(subject):
    """f and its gradient within the bound at every input, as one and in pieces of any length."""
    require(subject.module._loops() is not None, "there are no loops")
    for case in subject.cases:
        x = torch.from_numpy(case.inputs).requires_grad_()
        given = arguments(subject, case)

        def function(x):
            return subject.function(x, **given)

        got = function(x), _gradient(function, x, torch.ones_like(x))
        for order, values in enumerate(got):
            ulps = ULPS[order]
            limit = subject.bound(order, ulps) if subject.is_unbounded else Bound(ulps, ulps, 2.0**-22)
            texts, count, _ = misses(values.detach().numpy(), case, order, limit)
            require(not texts, f"{case.parameters}: {count} misses: {'; '.join(texts)}")
        pieces = [function(piece) for piece in x.split(7)]
        require(same(torch.cat(pieces), got[0]), "pieces have other bits")
    return ""


def threads(subject):
    """The same bits by several threads, and in a process that was forked from one with threads."""
    x = torch.linspace(-20, 20, 2**18 + 3).requires_grad_()
    weights = torch.linspace(1, 2, x.numel())

    def results():
        return subject.function(x), _gradient(subject.function, x, weights)

    alone = results()
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        together = results()
        child = os.fork()
        if child == 0:
            os._exit(0 if same(subject.function(x), alone[0]) else 1)
        require(os.waitpid(child, 0)[1] == 0, "another value in a fork")
    finally:
        torch.set_num_threads(before)
    require(all(map(same, alone, together)), "threads give other bits")


class _Nothing(TorchDispatchMode):
    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        return function(*args, **(kwargs or {}))


class _Subclass(torch.Tensor):
    pass


@contextmanager
def _environment(module, **variables):
    """The loops as another environment has them."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    module._loops.cache_clear()
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
        module._loops.cache_clear()


def formulas(subject):
    """The bits of the formulas for whatever loops cannot have, or must not."""
    module, function = subject.module, subject.function
    x = torch.linspace(-9, 9, 301)
    value, slope = module.value(x), module.derivative(x)

    def traced():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return torch.jit.trace(function, (x,))(x)

    def dispatched():
        with _Nothing():
            return function(x)

    def compiled():
        torch._dynamo.reset()
        return torch.compile(function, fullgraph=True, backend="aot_eager")(x)

    negative = torch._neg_view(-x)
    strided = torch.stack((x, x), 1)[:, 0]
    rows = {
        "a step between elements": (function(strided), module.value(strided)),
        "a negative view": (function(negative), module.value(x)),
        "a subclass": (
            function(x.as_subclass(_Subclass)).as_subclass(torch.Tensor),
            value,
        ),
        "a mode of dispatch": (dispatched(), value),
        "a trace": (traced(), value),
        "compiled code": (compiled(), value),
        "vmap": (torch.func.vmap(function)(x), value),
        "a transform": (torch.func.grad(lambda x: function(x).sum())(x), slope),
    }
    for name, (got, expected) in rows.items():
        agree = compiled_like(subject) if name == "compiled code" else same
        require(agree(got, expected), f"{name} is not by the formula")
    leaf = x.clone().requires_grad_()
    twice = _gradient(function, leaf, torch.ones_like(x), create_graph=True)
    require(twice.requires_grad, "a gradient cannot be differentiated")
    double = x.double()
    require(same(function(double), module.value(double)), "float64 is not")
    require(function(x.to("meta")).device.type == "meta", "meta tensors are not")
    for name, variables in {
        "switched off": {"NONLIN_KERNELS": "0"},
        "no compiler": {"CC": "/nowhere/cc"},
        "a compiler that fails": {"CC": "false"},
        "no place for a cache": {"XDG_CACHE_HOME": "/dev/null"},
    }.items():
        with _environment(module, **variables):
            require(same(function(x), value), f"{name}: it is not by the formula")


CHECKS = {"loops": loops, "threads": threads, "formulas": formulas}
