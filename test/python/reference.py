"""Exact values of the activations at float32 inputs, and errors against them."""

import json
import os
from dataclasses import dataclass, replace

import numpy as np

ORDERS = ("value", "derivative", "secondDerivative")

# A bound of more ULP than this says that no digit is promised everywhere.
UNBOUNDED = 2.0**12

SMALLEST_NORMAL = 2.0**-126

# Results at the ends are measured apart: subnormal, or nearly so, and those that overflow in the last binades.
NEXT_TO_NOTHING = 2.0**-123
LAST_BINADES = 2.0**124

# Where frameworks make the second derivative of the first, by what is learned too, the absolute errors of it: they
# differentiate expm1(x) as expm1(x) + 1.
LOST_BY_FRAMEWORKS = {"xielu": 2.0**-22, "poly_relu": 0.0}


@dataclass(frozen=True)
class Format:
    """A binary floating-point format: its fraction bits, smallest exponent and largest number."""

    digits: int
    lowest: int
    largest: float


FLOAT32 = Format(23, -126, float(np.finfo(np.float32).max))
FLOAT16 = Format(10, -14, 65504.0)
BFLOAT16 = Format(7, -126, (2 - 2.0**-7) * 2.0**127)


@dataclass(frozen=True)
class Case:
    """An activation with one set of parameters: inputs and the exact f, f' and f''."""

    parameters: dict
    kinks: list
    inputs: np.ndarray
    exact: tuple
    near_zero: tuple

    def at(self, chosen):
        """The same at some of the inputs."""
        return replace(
            self,
            inputs=self.inputs[chosen],
            exact=tuple(order[chosen] for order in self.exact),
            near_zero=tuple(order[chosen] for order in self.near_zero),
        )


def read(folder):
    """The rows of the catalogue by id, each with its cases."""
    with open(os.path.join(folder, "reference.json")) as file:
        rows = json.load(file)
    data = np.fromfile(os.path.join(folder, "reference.bin"), dtype=np.uint8)
    for row in rows.values():
        row["cases"] = [_case(case, data) for case in row["cases"]]
        for parameter in row["parameters"]:
            parameter["default"] = float(parameter["default"])
            parameter["range"] = [float(end) for end in parameter["range"]]
    return rows


def _case(case, data):
    count, at = case["count"], case["offset"]

    def take(dtype, start):
        return data[start : start + count * np.dtype(dtype).itemsize].view(dtype)

    near = at + 3 * 8 * count
    return Case(
        parameters={name: float(held) for name, held in case["parameters"].items()},
        kinks=[float(kink) for kink in case["kinks"]],
        inputs=take(np.float32, near + 3 * count).copy(),
        exact=tuple(take(np.float64, at + 8 * count * order) for order in range(3)),
        near_zero=tuple(
            take(np.uint8, near + count * order) != 0 for order in range(3)
        ),
    )


def rounded(exact, form):
    """float64 rounded to a format: what is past the largest number is infinite."""
    with np.errstate(all="ignore"):
        size = _unit(exact, form)
        nearest = np.where(np.isfinite(exact), np.round(exact / size) * size, exact)
    return np.where(np.abs(nearest) > form.largest, np.copysign(np.inf, exact), nearest)


def _unit(exact, form):
    magnitude = np.minimum(np.abs(exact), form.largest)
    _, exponent = np.frexp(np.nan_to_num(magnitude))
    return np.ldexp(1.0, np.maximum(exponent - 1, form.lowest) - form.digits)


def ulps(got, exact, form):
    """Errors in units in the last place. Infinite where only one is NaN or overflows."""
    got = got.astype(np.float64)
    wanted = rounded(exact, form)
    with np.errstate(all="ignore"):
        error = np.abs(got - exact) / _unit(exact, form)
    error = np.where(np.isfinite(got) & np.isfinite(wanted), error, np.inf)
    # Where the exact value is beyond the largest number, that is one step from infinity.
    last = np.isinf(wanted) & (got == np.copysign(form.largest, exact))
    same = (got == wanted) & ~np.isfinite(wanted) | np.isnan(got) & np.isnan(wanted)
    return np.where(same, 0.0, np.where(last, 1.0, error))


@dataclass(frozen=True)
class Bound:
    """What errors may come to: in ULP, in ULP of results at the ends of the range, and absolutely near a zero, of subnormal
    results, and anywhere."""

    ulps: float
    at_ends: float
    near_zero: float
    subnormal: float = 0.0
    # A factor on the way may be subnormal, where the result is not.
    anywhere: float = 2.0**-140
    # Of an oscillation, by the size of its argument and with every derivative once more.
    argument: float = 1.0


def is_early(got, exact, bound):
    """Infinite in the last binades before the exact value is, where no digit is promised there."""
    is_infinite = (np.abs(exact) > LAST_BINADES) & (got == np.copysign(np.inf, exact))
    return is_infinite & (bound.at_ends > UNBOUNDED)


def misses(got, case, order, bound):
    """Texts of the worst float32 errors that are over the bound, how many there are, and the worst that is not near a zero."""
    exact, near = case.exact[order], case.near_zero[order]
    error = ulps(got, exact, FLOAT32)
    with np.errstate(all="ignore"):
        difference = np.abs(got.astype(np.float64) - exact)
    subnormal = np.abs(exact) < SMALLEST_NORMAL
    if bound.ulps > UNBOUNDED:
        # Oscillations: far out, rounding of the argument leaves no digit, and at last no number.
        size = np.abs(case.inputs.astype(np.float64))
        close, far = size <= 110, size > 1e37
        absolute = 2.0**-22 * np.maximum(size, 1) * bound.argument ** (order + 1)
        allowed = np.where(close, difference <= absolute, np.isfinite(got) | far)
        allowed |= error == 0
    else:
        is_tiny = (np.abs(exact) < NEXT_TO_NOTHING) & (np.abs(got) < NEXT_TO_NOTHING)
        allowed = error <= np.where(is_tiny, bound.at_ends, bound.ulps)
        allowed |= is_early(got, exact, bound)
        allowed |= near & (difference <= bound.near_zero)
        allowed |= subnormal & (difference <= bound.subnormal)
        allowed |= difference <= bound.anywhere
    wrong = np.flatnonzero(~allowed)
    worst = wrong[np.argsort(-error[wrong], kind="stable")][:3]
    texts = [
        f"{ORDERS[order]}({case.inputs[i]}) = {got[i]}, exact {exact[i]}: "
        f"{error[i]:.3g} ULP, allowed {bound.ulps:.3g}"
        for i in worst
    ]
    far_from_zero = error[~near & ~subnormal & np.isfinite(error)]
    return texts, len(wrong), float(far_from_zero.max(initial=0.0))
