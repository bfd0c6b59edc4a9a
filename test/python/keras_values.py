"""Values and gradients of emitted Keras modules against the exact ones."""

import contextlib
from dataclasses import replace

import numpy as np
from keras_backends import KERAS, float64_numbers
from reference import (
    BFLOAT16,
    FLOAT16,
    LAST_BINADES,
    LOST_BY_FRAMEWORKS,
    SMALLEST_NORMAL,
    is_early,
    misses,
    ulps,
)
from report import require

# The backends' own exp, tanh, sigmoid and erfc are several ULP off where the bound is of correctly rounded ones.
SLACK = 10

# Where two terms cancel, more is left of what the backends' functions are off.
SLACK_OF = {"sqrtsoftplus": 16, "xielu": 24}

# What is subnormal on the way is taken for 0 by TensorFlow and JAX, and has few digits elsewhere; a factor after it makes
# up to 8 of it, or as many as are said here.
FACTOR = 8
FACTORS = {"softcap": 32, "laplace": 32, "bsilu": 128, "telu": 2**15}
SMALLEST = 2.0**-149

# One size for all, since JAX compiles every operation for every shape.
SIZE = 6144

# XLA simplifies over the reals: where x² is split to be exact, some of its bits are lost in the tails.
COMPILED_SLACK = {"gelu_erf": 64}

# XLA takes the sum of two halves for half of the sum, which overflows.
OVERFLOWS_COMPILED = {"squareplus"}

# A gradient by what is learned overflows before the second derivative, which is made with it.
OVERFLOWS_TWICE = {"poly_relu"}

HALVES = {"float16": FLOAT16, "bfloat16": BFLOAT16}


def arguments(at, subject, case, dtype="float32"):
    return subject.arguments(
        case.parameters, lambda held: at.tensor(np.float64(held), dtype)
    )


def usable(at, case):
    """The case without the subnormal inputs, where those are taken for 0; inputs are repeated to one size."""
    zero = at.flushes & (np.abs(case.inputs) < SMALLEST_NORMAL) & (case.inputs != 0)
    return case.at(np.resize(np.flatnonzero(~zero), SIZE))


def flushed(at, subject):
    """What may be missing of any result, since it is subnormal on the way."""
    factor = FACTORS.get(subject.id, FACTOR)
    return factor * SMALLEST_NORMAL if at.flushes else max(2.0**-140, factor * SMALLEST)


def _compare(at, subject, orders, cases, is_compiled=False):
    """f, f' and f'' of whatever computes them, within the stated bounds."""
    measured = []
    for case in (usable(at, case) for case in cases):
        if is_compiled and subject.id in OVERFLOWS_COMPILED:
            case = case.at(np.abs(case.inputs) < 1e38)
        results = orders(arguments(at, subject, case))(
            at.tensor(case.inputs, "float32")
        )
        for order, got in enumerate(results):
            require(at.dtype(got) == "float32", f"order {order} gives {at.dtype(got)}")
            got = at.numpy(got).astype(np.float32)
            if order == 2 and subject.learnable:
                # The gradient of what does not depend on x is 0 for a NaN, too.
                got[np.isnan(case.inputs)] = np.nan
            if order == 2 and subject.id in OVERFLOWS_TWICE:
                got[np.abs(case.inputs) > LAST_BINADES] = case.exact[2][np.abs(case.inputs) > LAST_BINADES]
            slack = SLACK_OF.get(subject.id, SLACK)
            slack = COMPILED_SLACK.get(subject.id, slack) if is_compiled else slack
            anywhere = flushed(at, subject)
            if order == 2 and subject.learnable:
                anywhere = max(anywhere, LOST_BY_FRAMEWORKS.get(subject.id, 0.0))
            bound = subject.bound(order, slack, subnormal=SMALLEST_NORMAL, anywhere=anywhere)
            texts, count, worst = misses(got, case, order, bound)
            require(not texts, f"{case.parameters}: {count} misses: {'; '.join(texts)}")
            measured.append(worst)
    return f"{max(measured):.3g} ULP"


def float32(at, subject):
    """The three functions within the stated bounds."""

    def orders(given):
        return lambda x: [function(x, **given) for function in subject.orders]

    return _compare(at, subject, orders, subject.cases)


def float64(at, subject):
    """The same forms in float64, to 1e-11, where that is what Keras computes in."""
    if not at.has_float64:
        return "Keras takes float64 for float32 with this backend"
    with float64_numbers():
        for case in (usable(at, case) for case in subject.cases):
            given = arguments(at, subject, case, "float64")
            x = at.tensor(case.inputs.astype(np.float64), "float64")
            for order, function in enumerate(subject.orders):
                got = function(x, **given)
                require(
                    at.dtype(got) == "float64", f"order {order} gives {at.dtype(got)}"
                )
                _compare_float64(at.numpy(got), case, order, subject.is_unbounded)
        # Graphs take numbers for float32 where the tensors beside them come later.
        for order, function in enumerate(subject.orders):
            got = at.traced(function)(x, **given)
            _compare_float64(at.numpy(got), case, order, subject.is_unbounded)


def _compare_float64(got, case, order, is_unbounded):
    exact = case.exact[order]
    with np.errstate(all="ignore"):
        size = np.where(case.near_zero[order], 1.0, np.abs(exact))
        right = np.abs(got - exact) <= 1e-11 * size + 1e-300
        if order > 0 and is_unbounded:
            right |= np.abs(case.inputs) > 1e3
            right |= np.abs(got - exact) <= 1e-10
    right |= (got == exact) | np.isnan(got) & np.isnan(exact)
    wrong = np.flatnonzero(~right)
    require(
        wrong.size == 0,
        f"{case.parameters} order {order}: {wrong.size} misses, "
        + "; ".join(
            f"f({case.inputs[i]}) = {got[i]}, exact {exact[i]}" for i in wrong[:3]
        ),
    )


def called(subject, given):
    return lambda x: subject.function(x, **given)


def _gradients(at, subject, given):
    """The function, its gradient and that one's gradient, at once."""
    function = called(subject, given)
    slope = at.gradient(function)
    bend = at.gradient(slope)
    return lambda x: (function(x), slope(x), bend(x))


def gradients(at, subject):
    """The function, its gradient and that one's gradient within the stated bounds."""

    def orders(given):
        return _gradients(at, subject, given)

    return _compare(at, subject, orders, subject.cases)


def compiled(at, subject):
    """The same, compiled by XLA; in a graph where the modules are for a version that hardly had XLA."""
    if at.compiled is None:
        return "this backend has no compiler"
    compiler = at.compiled if KERAS == "keras" else at.traced

    def orders(given):
        return compiler(_gradients(at, subject, given))

    return _compare(at, subject, orders, subject.cases[-1:], is_compiled=True)


def _half_reference(at, subject, case, numbers):
    """f and f' in float64, or else float32."""
    dtype = "float64" if at.has_float64 else "float32"
    with float64_numbers() if at.has_float64 else contextlib.nullcontext():
        given = arguments(at, subject, case, dtype)
        x = at.tensor(numbers, dtype)
        return [at.numpy(of(x, **given)) for of in subject.orders[:2]]


def _held(at, subject, case, dtype):
    """The case with what is learned as a type holds it."""
    rounded = {
        name: float(at.numpy(at.tensor(np.float64(case.parameters[name]), dtype)))
        for name in subject.learnable
    }
    return replace(case, parameters={**case.parameters, **rounded})


def half(at, subject):
    """Every float16 and bfloat16: f, and its gradient, within one unit of the exact."""
    words = np.arange(-(2**15), 2**15).astype(np.int16)
    case = subject.cases[0]
    for dtype, form in HALVES.items():
        x = at.pattern(words, dtype)
        numbers = at.numpy(x)
        with np.errstate(all="ignore"):
            kept = (numbers == 0) | ~(np.abs(numbers) < SMALLEST_NORMAL)
            if subject.is_unbounded:
                kept &= np.abs(numbers) < 110
        x = at.pattern(words[kept], dtype)
        held = _held(at, subject, case, dtype)
        function = called(subject, arguments(at, subject, held, dtype))
        exact = _half_reference(at, subject, held, numbers[kept])
        for order, of in enumerate((function, at.gradient(function))):
            got = of(x)
            name = f"order {order} of {dtype}"
            require(at.dtype(got) == dtype, f"{name} is {at.dtype(got)}")
            got = at.numpy(got)
            error = ulps(got, exact[order], form)
            with np.errstate(all="ignore"):
                allowed = subject.half_bound(
                    order, FACTORS.get(subject.id, FACTOR) * SMALLEST_NORMAL
                )
                error[np.abs(got - exact[order]) <= allowed] = 0
                error[is_early(got, exact[order], subject.bound(order, SLACK))] = 0
            i = int(error.argmax())
            require(
                error[i] <= 1,
                f"{name} at {numbers[kept][i]} is {got[i]}, exact {exact[order][i]}: {error[i]:.3g} ULP",
            )


CHECKS = {
    "float32": float32,
    "float64": float64,
    "gradients": gradients,
    "compiled": compiled,
    "half": half,
}
