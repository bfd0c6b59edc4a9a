"""Emitted PyTorch modules in compiled, transformed, exported and traced code."""

import atexit
import contextlib
import functools
import io
import os
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import torch
from reference import LOST_BY_FRAMEWORKS
from report import require
from torch import nn
from torch.autograd import forward_ad
from torch_values import arguments, compiled_like, near, same

# Those for which C++ is made and compiled: this takes seconds each.
INDUCTOR = ("silu", "gelu_erf", "hardtanh", "prelu")


# Those of which AOTInductor makes libraries, without and with what is learned: half a minute each.
PACKAGED = ("gelu_erf", "prelu")

# Transforms that have all formulas in their graphs; the others are of how gradients are written.
OF_FORMULAS = ("grad of grad", "jvp")

# Those in whose models the optimizer of onnxscript 0.7 leaves inputs that nothing gives.
NOT_OPTIMIZED = ("squareplus", "xielu")


_first = {}


def _is_first(subject):
    """Whether none has come before it whose gradients are written alike."""
    return _first.setdefault(subject.kind, subject.id) == subject.id


def _layer(subject, case):
    return subject.layer(**subject.numbers(case.parameters))


def _compiled(function, backend="aot_eager", **options):
    torch._dynamo.reset()
    return torch.compile(function, fullgraph=True, backend=backend, **options)


def compiled(subject):
    """Forward and backward in one graph, with the same bits; with sizes and parameters that vary, too.

    Each of the types and each kind of sizes; the first of a kind has all pairs of them.
    """
    agree = compiled_like(subject)
    _same_as_eager(subject, torch.float32, agree, dynamic=True)
    _same_as_eager(subject, torch.bfloat16, agree, dynamic=False)
    if _is_first(subject):
        _same_as_eager(subject, torch.float32, agree, dynamic=False)
        _same_as_eager(subject, torch.bfloat16, agree, dynamic=True)
    function = _compiled(subject.function, dynamic=True)
    for case in subject.cases:
        given = arguments(subject, case)
        for count in (5, 8):
            x = torch.from_numpy(case.inputs[:count])
            require(
                agree(function(x, **given), subject.function(x, **given)),
                f"compiled f of {case.parameters} is another",
            )


def inductor(subject):
    """The same through the compiler that is the default, but for the last bits of its exp and the like."""
    if subject.id not in INDUCTOR:
        return "not one of the few"
    _same_as_eager(subject, torch.float32, near, "inductor", dynamic=False)


def _same_as_eager(subject, dtype, agree, backend="aot_eager", **options):
    case = subject.cases[-1]
    layer = _layer(subject, case)

    def function(x):
        return layer(x) * 2

    make = _compiled(function, backend, **options)
    with torch.no_grad():
        x = torch.from_numpy(case.inputs[:257]).to(dtype)
        require(agree(function(x), make(x)), f"f of {dtype} without gradients")
    # Of another size that is not left open there is another graph.
    for count in (257, 64) if options["dynamic"] else (257,):
        x = torch.from_numpy(case.inputs[:count]).to(dtype).requires_grad_()
        wanted = (x, *layer.parameters())
        results = [
            (y, *torch.autograd.grad(y.sum(), wanted))
            for y in (call(x) for call in (function, make))
        ]
        for name, eager, got in zip(("f", "f'", "by the parameter"), *results):
            require(
                agree(eager, got), f"compiled {name} of {dtype} {options} is another"
            )


def _places(case):
    """Some inputs, kinks and far ones among them."""
    x = torch.from_numpy(case.inputs).double()
    inner = x[x.abs() < 50]
    far = torch.tensor(
        [-1e9, -1000.0, -200.0, -89.0, 89.0, 200.0, 1000.0, 1e9]
    ).double()
    kinks = torch.tensor([kink for kink in case.kinks if np.isfinite(kink)]).double()
    return torch.cat([inner[:: max(1, len(inner) // 17)], far, kinks])


def transformed(subject):
    """torch.func inside torch.compile, and dual numbers inside and through it: all of it for the first of a kind."""
    func = torch.func
    case = subject.cases[0]
    given = arguments(subject, case, torch.float64)
    x = _places(case)
    one = torch.ones_like(x)
    value, slope, bend = (order(x, **given) for order in subject.orders)

    def function(x):
        return subject.function(x, **given)

    def total(x):
        return function(x).sum()

    def dual(x):
        with forward_ad.dual_level():
            return forward_ad.unpack_dual(
                function(forward_ad.make_dual(x, one))
            ).tangent

    def through(x):
        make = _compiled(function)
        with forward_ad.dual_level():
            return forward_ad.unpack_dual(make(forward_ad.make_dual(x, one))).tangent

    rows = {
        "grad": (func.grad(total), slope),
        "grad of grad": (func.grad(lambda x: func.grad(total)(x).sum()), bend),
        "jvp": (lambda x: func.jvp(function, (x,), (one,))[1], slope),
        "vjp": (lambda x: func.vjp(function, x)[1](one)[0], slope),
        "jacrev": (lambda x: func.jacrev(function)(x).diagonal(), slope),
        "jacfwd": (lambda x: func.jacfwd(function)(x).diagonal(), slope),
        "hessian": (lambda x: func.hessian(total)(x).diagonal(), bend),
        "vmap": (func.vmap(function), value),
        "vmap of grad": (func.vmap(func.grad(function)), slope),
        "a dual number": (dual, slope),
    }
    is_first = _is_first(subject)
    for name, (row, expected) in rows.items():
        if not is_first and name not in OF_FORMULAS:
            continue
        # What PyTorch differentiates by what is learned, too, has lost digits that a proved form keeps.
        absolute = 1e-15 if expected is bend and subject.id in LOST_BY_FRAMEWORKS else 1e-290
        _require_near(f"compiled {name}", _compiled(row)(x), expected, absolute)
    if not is_first:
        return
    # There PyTorch differentiates the operations themselves, which at a corner may choose another side.
    corners = torch.tensor([0.0, *case.kinks]).double()
    smooth = ~torch.isin(x, corners)
    _require_near(
        "a dual number through compiled code", through(x)[smooth], slope[smooth], 1e-15
    )


def _require_near(name, got, expected, absolute=1e-290):
    wrong = ~torch.isclose(got, expected, rtol=1e-12, atol=absolute, equal_nan=True)
    require(
        not wrong.any(), f"{name} gives {got[wrong][:5]}, not {expected[wrong][:5]}"
    )


def differentiated(subject):
    """value, derivative and second_derivative are formulas that can be differentiated: no NaN where they have a number."""
    for case in subject.cases:
        given = arguments(subject, case)
        for order, function in enumerate(subject.orders):
            x = torch.from_numpy(case.inputs)
            x = x[x.abs() <= 1e9].requires_grad_()
            y = function(x, **given)
            if not y.requires_grad:
                continue
            (slope,) = torch.autograd.grad(y.sum(), x, allow_unused=True)
            lost = torch.zeros(()) if slope is None else slope.isnan() & ~y.isnan()
            require(
                not lost.any(),
                f"{case.parameters}: the gradient of order {order} is NaN at {x[lost][:5].tolist()}"
                if lost.any()
                else "",
            )


class _Loader:
    """Another process, which loads programs without the modules that they were made of."""

    PROGRAM = """
import sys
import torch
for line in sys.stdin:
    path = line.strip()
    x = torch.load(path + ".x")
    torch.save(torch.export.load(path).module()(x), path + ".y")
    print("done", flush=True)
"""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.process = subprocess.Popen(
            [sys.executable, "-c", self.PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        atexit.register(self.close)

    def run(self, program, x):
        path = os.path.join(self.folder.name, "program.pt2")
        torch.export.save(program, path)
        torch.save(x, path + ".x")
        print(path, file=self.process.stdin, flush=True)
        require(self.process.stdout.readline().strip() == "done", "it cannot be loaded")
        return torch.load(path + ".y")

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.folder.cleanup()


_loaders = []


def exported(subject):
    """torch.export gives a program of PyTorch's own operations, which another process can load and run."""
    if not _loaders:
        _loaders.append(_Loader())
    case = subject.cases[-1]
    layer = _layer(subject, case)
    x = torch.from_numpy(case.inputs[:257])
    sizes = ({0: torch.export.Dim("n", min=2)},)
    for strict in (False, True) if _is_first(subject) else (False,):
        program = torch.export.export(layer, (x,), dynamic_shapes=sizes, strict=strict)
        for node in program.graph.nodes:
            require(
                node.op != "call_function" or str(node.target).startswith("aten."),
                f"{node.target} is in it",
            )
        agree = compiled_like(subject)
        require(agree(program.module()(x), layer(x)), "the program computes another")
        require(
            agree(_loaders[0].run(program, x), layer(x)), "what is loaded is another"
        )


def packaged(subject):
    """AOTInductor makes a library of the program, with its sizes left open, that runs without the module."""
    if subject.id not in PACKAGED:
        return "not one of the few"
    case = subject.cases[-1]
    layer = _layer(subject, case).eval()
    x = torch.from_numpy(case.inputs[:257])
    sizes = ({0: torch.export.Dim("n", min=2)},)
    program = torch.export.export(layer, (x,), dynamic_shapes=sizes)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "layer.pt2")
        torch._inductor.aoti_compile_and_package(program, package_path=path)
        run = torch._inductor.aoti_load_package(path)
        for inputs in (x, x[:64]):
            require(near(run(inputs), layer(inputs)), "the package computes another")


@functools.cache
def _keep_translations():
    """The table of PyTorch's operations in ONNX, which takes seconds, is made once: it is the same for all models."""
    from torch.onnx._internal.exporter import _registration

    registry = _registration.ONNXRegistry
    registry.from_torchlib = staticmethod(functools.cache(registry.from_torchlib))


def onnx(subject):
    """torch.onnx.export gives a model that ONNX's own reference computes as the module does."""
    try:
        import onnx.reference
        import onnxscript  # noqa: F401
    except ImportError:
        return "onnx and onnxscript are not installed"
    _keep_translations()
    case = subject.cases[-1]
    model = nn.Sequential(_layer(subject, case)).eval()
    x = torch.from_numpy(case.inputs[:257])
    with contextlib.redirect_stdout(io.StringIO()):
        optimize = subject.id not in NOT_OPTIMIZED
        program = torch.onnx.export(
            model, (x,), dynamo=True, verbose=False, optimize=optimize
        )
    made = program.model_proto
    evaluator = onnx.reference.ReferenceEvaluator(made)
    with np.errstate(all="ignore"):
        (got,) = evaluator.run(None, {made.graph.input[0].name: x.numpy()})
    require(near(torch.from_numpy(got), model(x)), "the model computes another")


def symbolic(subject):
    """torch.fx.symbolic_trace keeps the call."""
    case = subject.cases[-1]
    model = nn.Sequential(_layer(subject, case))
    x = torch.from_numpy(case.inputs[:257])
    require(same(torch.fx.symbolic_trace(model)(x), model(x)), "the trace is another")


def traced(subject):
    """torch.jit.trace gives the same values."""
    case = subject.cases[-1]
    layer = _layer(subject, case)
    x = torch.from_numpy(case.inputs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trace = torch.jit.trace(layer, x[:7])
    require(same(trace(x), layer(x)), "the trace computes another")


CHECKS = {
    "compiled": compiled,
    "transformed": transformed,
    "differentiated": differentiated,
    "inductor": inductor,
    "exported": exported,
    "packaged": packaged,
    "onnx": onnx,
    "symbolic": symbolic,
    "traced": traced,
}
