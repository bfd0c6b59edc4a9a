"""Emitted PyTorch modules in compiled, exported and traced code."""

import warnings

import torch
from report import require
from torch_values import arguments, same

# Those for which C++ is made and compiled: this takes seconds each.
INDUCTOR = ("silu", "gelu_erf", "hardtanh")


def _operators(subject):
    """Each module has a namespace of its own."""
    return getattr(torch.ops, subject.module._NAMESPACE)


def opcheck(subject):
    """PyTorch's own checks of the two custom operators: schema, fake tensors, gradients, compilation."""
    case = subject.cases[-1]
    names = (subject.id, f"{subject.id}_derivative")
    operators = [
        getattr(_operators(subject), name).default
        for name in names
        if hasattr(_operators(subject), name)
    ]
    expected = 1 if subject.learnable else 2
    require(len(operators) == expected, f"operators {operators}")
    for operator in operators:
        x = torch.linspace(-3, 3, 12).reshape(3, 4).requires_grad_()
        given = (x, *arguments(subject, case).values())
        torch.library.opcheck(operator, given[: len(operator._schema.arguments)])


def compiled(subject):
    """Forward and backward in one graph, with the same bits."""
    _same_as_eager(subject, "aot_eager")


def inductor(subject):
    if subject.id not in INDUCTOR:
        return "not one of the few"
    _same_as_eager(subject, "inductor")


def _same_as_eager(subject, backend):
    torch._dynamo.reset()
    case = subject.cases[-1]
    layer = subject.layer(**subject.numbers(case.parameters))

    def function(x):
        return layer(x) * 2

    make = torch.compile(function, fullgraph=True, backend=backend, dynamic=False)
    for dtype in (torch.float32, torch.bfloat16):
        x = torch.from_numpy(case.inputs[:257]).to(dtype).requires_grad_()
        results = []
        for call in (function, make):
            y = call(x)
            (slope,) = torch.autograd.grad(y.sum(), x)
            results.append((y, slope))
        for name, eager, got in zip(("f", "f'"), *results):
            require(same(eager, got), f"compiled {name} of {dtype} is not the same")


def exported(subject):
    """torch.export gives a program with the operator in it."""
    case = subject.cases[-1]
    layer = subject.layer(**subject.numbers(case.parameters))
    x = torch.from_numpy(case.inputs[:257])
    program = torch.export.export(layer, (x,))
    called = [node.target for node in program.graph.nodes]
    operator = getattr(_operators(subject), subject.id).default
    require(operator in called, "the operator is not in it")
    require(
        same(program.module()(x), layer(x)), "the exported program computes another"
    )


def traced(subject):
    """torch.jit.trace gives the same values."""
    case = subject.cases[-1]
    layer = subject.layer(**subject.numbers(case.parameters))
    x = torch.from_numpy(case.inputs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trace = torch.jit.trace(layer, x[:7])
    require(same(trace(x), layer(x)), "the trace computes another")


CHECKS = {
    "opcheck": opcheck,
    "compiled": compiled,
    "inductor": inductor,
    "exported": exported,
    "traced": traced,
}
