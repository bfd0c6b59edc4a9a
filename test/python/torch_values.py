"""Values and derivatives of emitted PyTorch modules against the exact ones."""

from unittest import mock

import numpy as np
import torch
from reference import (
    BFLOAT16,
    FLOAT16,
    FLOAT32,
    NEXT_TO_NOTHING,
    SMALLEST_NORMAL,
    misses,
    ulps,
)
from report import require

# PyTorch's exp, tanh, sigmoid and erfc are up to 2 ULP off where the bound is of correctly rounded ones.
SLACK = 4

# PyTorch's sigmoid gives 0 below -88.7, where the exact value is still subnormal; so does a reciprocal of a square.
WITHOUT_SUBNORMALS = {"sigmoid", "softplus", "logsigmoid", "squareplus"}

# A slope that is made of several parameters.
SLOPES = {"rrelu": lambda lower, upper: (lower + upper) / 2}

HALVES = {torch.float16: FLOAT16, torch.bfloat16: BFLOAT16}


def same(left, right):
    """The same bits but for the signs and payloads of NaN."""
    left, right = left.detach(), right.detach()
    if left.dtype != right.dtype or left.shape != right.shape:
        return False
    bits = {4: torch.int32, 8: torch.int64, 2: torch.int16}[left.element_size()]
    equal = left.contiguous().view(bits) == right.contiguous().view(bits)
    return bool((equal | torch.isnan(left) & torch.isnan(right)).all())


def near(left, right):
    """The same but for the last bits."""
    return torch.allclose(left, right, rtol=2.0**-18, atol=2.0**-22, equal_nan=True)


def has_form_for_compilers(subject):
    """Whether what is compiled computes functions by others, where tensors have PyTorch's own."""
    return any(hasattr(subject.module, name) for name in ("_erfc", "_expm1", "_normal"))


def compiled_like(subject):
    """How well compiled code agrees with what is not compiled."""
    return near if has_form_for_compilers(subject) else same


def _in_every_form(check):
    """A check of values, of the form for compilers too."""

    def each(subject):
        text = check(subject)
        if has_form_for_compilers(subject):
            with mock.patch("torch.compiler.is_compiling", lambda: True):
                return f"{text}; compiled {check(subject)}"
        return text

    return each


def arguments(subject, case, dtype=torch.float32):
    return subject.arguments(
        case.parameters, lambda value: torch.tensor(value, dtype=dtype)
    )


def bound(subject, order):
    tiny = SMALLEST_NORMAL if subject.id in WITHOUT_SUBNORMALS else 0.0
    return subject.bound(order, SLACK, subnormal=tiny)


def defined(subject, x):
    """PyTorch's own functions have numbers for gradients at NaN."""
    return x if subject.has_gradients else x[~x.isnan()]


def _known(subject, case):
    """With a slope of 0, PyTorch's own functions have NaN where 0 is multiplied by infinity."""
    slope = SLOPES.get(subject.id, lambda **numbers: None)(**case.parameters)
    has_zero = 0.0 in (slope, *case.parameters.values()) and not subject.has_gradients
    return case.at(np.isfinite(case.inputs)) if has_zero else case


def float32(subject):
    """f, f' and f'' within the stated bounds, and f by its public name the same."""
    measured = []
    for case in subject.cases:
        case = _known(subject, case)
        x = torch.from_numpy(case.inputs)
        given = arguments(subject, case)
        for order, function in enumerate(subject.orders):
            got = function(x, **given)
            require(got.dtype == torch.float32, f"order {order} gives {got.dtype}")
            texts, count, worst = misses(
                got.numpy(), case, order, bound(subject, order)
            )
            require(not texts, f"{case.parameters}: {count} misses: {'; '.join(texts)}")
            measured.append(worst)
        called = subject.function(x, **given)
        require(
            same(called, subject.module.value(x, **given)), "the function is not value"
        )
    _signed_zeros(subject)
    if not subject.learnable:
        x = torch.from_numpy(subject.cases[0].inputs)
        numbers = {
            subject.names[row["name"]]: row["default"]
            for row in subject.row["parameters"]
        }
        require(
            same(subject.function(x), subject.function(x, **numbers)),
            "other defaults than the catalogue's",
        )
    return f"{max(measured):.3g} ULP"


# Of f and f' at the defaults, away from roots and near them: there an error of few ULP cannot be had.
MOST_ULP = 6
MOST_NEAR_ROOT = 2e-7
REACHES = (0.05, 0.25, 0.75)
SMALL = 0.25
EVEN = 16


def close(subject):
    """f and f' within 6 ULP, or 2e-7 near roots other than 0, at the default parameters."""
    case = subject.cases[0]
    size = np.abs(case.inputs)
    x = torch.from_numpy(case.inputs)
    given = arguments(subject, case)
    wide = arguments(subject, case, torch.float64)
    for order, function in enumerate(subject.orders[:2]):
        if subject.is_unbounded and order > 0:
            continue
        exact = case.exact[order]
        got = function(x, **given).numpy()
        error = ulps(got, exact, FLOAT32)
        with np.errstate(all="ignore"):
            absolute = np.abs(got.astype(np.float64) - exact)
            is_near = np.zeros(len(exact), bool)
            for reach in REACHES:
                left, right = (
                    function(x.double() + side, **wide).numpy()
                    for side in (-reach, reach)
                )
                for there in (left, right):
                    is_near |= np.sign(there) * np.sign(exact) < 0
                # At a root of even order there is no other sign.
                least = np.minimum(np.abs(left), np.abs(right))
                is_near |= least > EVEN * np.abs(exact)
        is_near &= (np.abs(exact) < SMALL) & (size > min(REACHES))
        tiny = np.abs(exact) < NEXT_TO_NOTHING
        allowed = tiny | np.isnan(exact) | (error <= MOST_ULP)
        allowed |= is_near & (absolute <= MOST_NEAR_ROOT)
        wrong = np.flatnonzero(~allowed)
        require(
            wrong.size == 0,
            f"order {order}: "
            + "; ".join(f"{error[i]:.3g} ULP at {x[i].item()!r}" for i in wrong[:3]),
        )


def _signed_zeros(subject):
    """-0 is kept where the function keeps it."""
    case = subject.cases[0]
    exact = case.exact[0][case.inputs == 0]
    signs = np.signbit(case.inputs[case.inputs == 0])
    # Snake adds a square, which is +0.
    if subject.id == "snake" or not (
        np.array_equal(np.signbit(exact), signs) and (exact == 0).all()
    ):
        return
    got = subject.function(torch.tensor([-0.0, 0.0]), **arguments(subject, case))
    require(got.signbit().tolist() == [True, False], f"f(-0) and f(0) are {got}")


def float64(subject):
    """The same forms in float64, to 1e-12."""
    for case in subject.cases:
        case = _known(subject, case)
        x = torch.from_numpy(case.inputs.astype(np.float64))
        given = arguments(subject, case, torch.float64)
        for order, function in enumerate(subject.orders):
            got = function(x, **given)
            require(got.dtype == torch.float64, f"order {order} gives {got.dtype}")
            exact = case.exact[order]
            with np.errstate(all="ignore"):
                difference = np.abs(got.numpy() - exact)
                # What cancels near a zero, and the argument of an oscillation, leave an absolute error.
                allowed = 1e-12 * np.abs(exact) + np.where(
                    case.near_zero[order], 1e-12, 1e-300
                )
                if order > 0 and subject.is_unbounded:
                    allowed = np.where(np.abs(x.numpy()) <= 1e3, 1e-11, np.inf)
                right = (
                    (difference <= allowed)
                    | (got.numpy() == exact)
                    | np.isnan(got.numpy()) & np.isnan(exact)
                )
            wrong = np.flatnonzero(~right)
            require(
                wrong.size == 0,
                f"{case.parameters} order {order}: {wrong.size} misses, "
                + "; ".join(
                    f"f({x[i].item()!r}) = {got[i].item()!r}, exact {exact[i]!r}"
                    for i in wrong[:3]
                ),
            )


def half(subject):
    """Every float16 and bfloat16: f, and its gradient, within one unit of what float64 gives."""
    patterns = torch.arange(-(2**15), 2**15, dtype=torch.int32).to(torch.int16)
    parameters = subject.cases[0].parameters
    for dtype, form in HALVES.items():
        x = patterns.view(dtype)
        if subject.is_unbounded:
            x = x[x.abs() < 110]
        given = subject.arguments(parameters, lambda value: torch.tensor(value))
        wide = subject.arguments(
            parameters, lambda value: torch.tensor(value, dtype=torch.float64)
        )
        x = defined(subject, x).clone().requires_grad_()
        y = subject.function(x, **given)
        (slope,) = torch.autograd.grad(y.sum(), x)
        for order, got in enumerate((y, slope)):
            name = ("f", "f'")[order]
            require(got.dtype == dtype, f"{name} of {dtype} is {got.dtype}")
            exact = subject.orders[order](x.detach().double(), **wide).numpy()
            numbers = got.detach().double().numpy()
            error = ulps(numbers, exact, form)
            with np.errstate(all="ignore"):
                allowed = subject.half_bound(order, SMALLEST_NORMAL)
                error[np.abs(numbers - exact) <= allowed] = 0
            i = int(error.argmax())
            require(
                error[i] <= 1,
                f"{name}({x[i].item()!r}) = {got[i].item()!r} in {dtype}, exact {exact[i]!r}: {error[i]:.3g} ULP",
            )


CHECKS = {
    "float32": _in_every_form(float32),
    "close": _in_every_form(close),
    "float64": float64,
    "half": half,
}
