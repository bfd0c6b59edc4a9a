"""First and second gradients of emitted PyTorch modules, by autograd and by torch.func."""

import torch
from reference import LAST_BINADES, LOST_BY_FRAMEWORKS
from report import require
from torch_values import arguments, defined, same

# Modules for what came before 2.0 have backward only.
HAS_FORWARD_MODE = hasattr(torch, "func")


def _parameters(subject, case, dtype=torch.float32):
    given = arguments(subject, case, dtype)
    return given, [value for value in given.values() if torch.is_tensor(value)]


def _within_one_ulp(left, right):
    return torch.allclose(left, right, rtol=2.0**-23, atol=0.0, equal_nan=True)


def autograd(subject):
    """Backward gives the bits of derivative, and double backward those of second_derivative."""
    for case in subject.cases:
        given, _ = _parameters(subject, case)
        x = defined(subject, torch.from_numpy(case.inputs)).requires_grad_()
        y = subject.function(x, **given)
        (slope,) = torch.autograd.grad(y.sum(), x, create_graph=True)
        expected = subject.module.derivative(x, **given)
        require(same(slope, expected), _difference(x, slope, expected, "derivative"))
        weights = torch.linspace(-2, 3, x.numel())
        (weighted,) = torch.autograd.grad(
            subject.function(x, **given), x, weights, create_graph=True
        )
        # The signs of zeros apart: they are those of one of the factors.
        wanted = weights * expected + 0.0
        # PyTorch's own functions may divide where a slope is multiplied by.
        agree = same if subject.has_gradients else _within_one_ulp
        require(agree(weighted + 0.0, wanted), "a weighted gradient is another")
        if not slope.requires_grad:
            continue
        (bend,) = torch.autograd.grad(slope.sum(), x, allow_unused=True)
        if bend is None:
            bend = torch.where(x.isnan(), torch.nan, 0.0)
        expected = subject.module.second_derivative(x, **given)
        if subject.id in LOST_BY_FRAMEWORKS:
            # PyTorch differentiates derivative, by the parameters too: the same but for roundings, 0 at NaN, and a
            # few binades of inputs less, beyond which gradients by the parameters overflow.
            lost = LOST_BY_FRAMEWORKS[subject.id]
            close = torch.isclose(bend, expected, rtol=2.0**-20, atol=lost)
            wrong = ~(x.isnan() | (x.abs() > LAST_BINADES) | close)
            bend = torch.where(wrong, bend, expected)
        require(same(bend, expected), _difference(x, bend, expected, "second"))
        for name in subject.learnable:
            _by_parameter(subject, case, name)


def _difference(x, got, expected, name):
    if got.dtype != expected.dtype:
        return f"{name} is {expected.dtype}, the gradient {got.dtype}"
    wrong = ~((got == expected) | got.isnan() & expected.isnan())
    wrong |= got.signbit() != expected.signbit()
    i = int(wrong.int().argmax())
    return (
        f"{int(wrong.sum())} gradients are not {name}, as at {x[i].item()!r}: "
        f"{got[i].item()!r}, not {expected[i].item()!r}"
    )


def _by_parameter(subject, case, name):
    """The gradient of a learned parameter is the sum of what finite differences give."""
    x = torch.linspace(-3, 3, 41, dtype=torch.float64)
    given = arguments(subject, case, torch.float64)
    learned = given[subject.names[name]].detach().requires_grad_()
    given[subject.names[name]] = learned
    (got,) = torch.autograd.grad(subject.function(x, **given).sum(), learned)
    step = 2.0**-20
    ends = [
        subject.function(x, **{**given, subject.names[name]: learned.detach() + by})
        for by in (step, -step)
    ]
    expected = (ends[0] - ends[1]).sum() / (2 * step)
    require(
        torch.allclose(got, expected, atol=1e-8), f"d{name} = {got}, not {expected}"
    )


def _smooth(case, dtype=torch.float64):
    """Inputs that are not at a kink."""
    x = torch.linspace(-4.03, 4.19, 14, dtype=dtype)
    for kink in case.kinks:
        x = x[(x - kink).abs() > 1e-2]
    return x


def _of_tensors(function, names, given):
    return lambda x, *tensors: function(x, **dict(zip(names, tensors)), **given)


def gradcheck(subject):
    """Finite differences, batched and forward-mode gradients, of first and second order, in float64."""
    for case in subject.cases:
        given = arguments(subject, case, torch.float64)
        names = [name for name, held in given.items() if torch.is_tensor(held)]
        tensors = [given.pop(name).requires_grad_() for name in names]
        function = _of_tensors(subject.function, names, given)
        x = _smooth(case).requires_grad_()
        inputs = (x, *tensors)
        torch.autograd.gradcheck(
            function,
            inputs,
            check_forward_ad=HAS_FORWARD_MODE,
            check_batched_grad=HAS_FORWARD_MODE,
            check_batched_forward_grad=HAS_FORWARD_MODE,
        )
        torch.autograd.gradgradcheck(
            function,
            inputs,
            check_fwd_over_rev=HAS_FORWARD_MODE,
            check_batched_grad=HAS_FORWARD_MODE,
        )


def functional(subject):
    """vmap, grad, jvp, jacfwd, jacrev, hessian of torch.func, nested.

    Not forward mode inside forward mode: through any autograd.Function PyTorch gives zeros then
    (pytorch/pytorch#197867).
    """
    func = torch.func
    case = subject.cases[0]
    given, _ = _parameters(subject, case, torch.float64)
    x = torch.from_numpy(case.inputs).double()
    x = x[x.abs() < 50][:257]

    def function(x):
        return subject.function(x, **given)

    slope = subject.module.derivative(x, **given)
    bend = subject.module.second_derivative(x, **given)
    tangent = torch.linspace(0.5, 1.5, x.numel(), dtype=x.dtype)
    got = {
        "vmap": (func.vmap(function)(x), subject.module.value(x, **given)),
        "vmap(grad)": (func.vmap(func.grad(function))(x), slope),
        "vmap(grad(grad))": (func.vmap(func.grad(func.grad(function)))(x), bend),
        "vmap(vmap(grad))": (
            func.vmap(func.vmap(func.grad(function)))(x[:256].reshape(16, 16)),
            slope[:256].reshape(16, 16),
        ),
        "vmap over a last axis": (
            func.vmap(function, in_dims=1, out_dims=1)(x[:256].reshape(16, 16)),
            subject.module.value(x, **given)[:256].reshape(16, 16),
        ),
        "jvp": (func.jvp(function, (x,), (tangent,))[1], tangent * slope),
        "jvp of vjp": (
            func.jvp(
                lambda x: func.vjp(function, x)[1](torch.ones_like(x))[0],
                (x,),
                (tangent,),
            )[1],
            tangent * bend,
        ),
        "grad of jvp": (
            func.grad(lambda x: func.jvp(function, (x,), (tangent,))[1].sum())(x),
            tangent * bend,
        ),
        "vmap(jacfwd(jacrev))": (
            func.vmap(func.jacfwd(func.jacrev(function)))(x),
            bend,
        ),
        "vmap(jacrev(jacfwd))": (
            func.vmap(func.jacrev(func.jacfwd(function)))(x),
            bend,
        ),
        "vmap(jacrev)": (func.vmap(func.jacrev(function))(x), slope),
        "hessian": (
            func.hessian(lambda x: function(x).sum())(x[:9]),
            torch.diag(bend[:9]),
        ),
    }
    for name, (result, expected) in got.items():
        wrong = ~torch.isclose(result, expected, rtol=1e-14, atol=0, equal_nan=True)
        require(
            not wrong.any(),
            f"{name} gives {result[wrong][:5]}, not {expected[wrong][:5]}",
        )


CHECKS = {"autograd": autograd, "gradcheck": gradcheck, "functional": functional}
