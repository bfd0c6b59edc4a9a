"""Checks of emitted modules in old releases of the frameworks, in what those releases have.

run_versions.py FRAMEWORK REFERENCE MODULES STYLE RECORDS: FRAMEWORK is torch or tf; RECORDS says in JSON which gradients
the native style has at kinks, by id, by case and by kink: of few elements, and of many. The style may be `package`: then
all modules are imported, and that is all.
"""

import importlib
import json
import os
import sys
from dataclasses import replace

import numpy as np
import reference
import report
from report import require
from subjects import subjects

# What is subnormal may be 0.
SUBNORMAL = 2.0**-126


def case_arguments(at, subject, case, dtype):
    return subject.arguments(case.parameters, lambda number: at.tensor([number], dtype))


def value_and_slope(at, subject, case, numbers, dtype):
    given = case_arguments(at, subject, case, dtype)
    return at.value_and_slope(lambda x: subject.function(x, **given), numbers, dtype)


def float32(at, subject):
    """Values and gradients within what is promised, at all inputs, kinks and extremes among them."""
    measured = []
    for case in subject.cases:
        chosen = np.ones(case.inputs.shape, bool)
        if at.flushes:
            chosen = (np.abs(case.inputs) >= SUBNORMAL) | (case.inputs == 0)
        part = case.at(chosen)
        for order, got in enumerate(value_and_slope(at, subject, part, part.inputs, "float32")):
            require(got.dtype == np.float32, f"order {order} gives {got.dtype}")
            bound = subject.bound(order, at.slack, subnormal=SUBNORMAL, anywhere=at.anywhere)
            texts, count, worst = reference.misses(got, part, order, bound)
            require(not texts, f"{case.parameters}: {count} misses: {'; '.join(texts)}")
            measured.append(worst)
    return f"{max(measured):.3g} ULP"


def float64(at, subject):
    """The same in float64, to 1e-12."""
    for case in subject.cases:
        numbers = case.inputs.astype(np.float64)
        for order, got in enumerate(value_and_slope(at, subject, case, numbers, "float64")):
            require(got.dtype == np.float64, f"order {order} gives {got.dtype}")
            _near(subject, case, order, got, 1e-12)


def _near(subject, case, order, got, relative):
    exact = case.exact[order]
    with np.errstate(all="ignore"):
        difference = np.abs(got - exact)
        near = np.where(case.near_zero[order], relative, 1e-300)
        allowed = relative * np.abs(exact) + near
        if order > 0 and subject.is_unbounded:
            allowed = np.where(np.abs(case.inputs) <= 1e3, 10 * relative, np.inf)
        right = difference <= allowed
    right |= (got == exact) | np.isnan(got) & np.isnan(exact)
    wrong = np.flatnonzero(~right)
    require(
        wrong.size == 0,
        f"{case.parameters} order {order}: {wrong.size} misses, "
        + "; ".join(
            f"at {case.inputs[i]!r} {got[i]!r}, exact {exact[i]!r}" for i in wrong[:3]
        ),
    )


def kinks(at, subject):
    """At kinks the gradient is the definition's, of one element and of many, in both precisions."""
    for case in subject.cases:
        for kink in case.kinks:
            (i, *_) = np.flatnonzero(case.inputs == np.float32(kink))
            for dtype in ("float32", "float64"):
                for count in (1, 64):
                    numbers = np.full(count, kink, dtype)
                    _, slope = value_and_slope(at, subject, case, numbers, dtype)
                    exact = case.exact[1][i]
                    require(
                        np.allclose(slope, exact, rtol=1e-6, atol=0),
                        f"{case.parameters} at {kink}: {slope[0]} of {count} in {dtype}, not {exact}",
                    )


def half(at, subject):
    """float16 is computed in float32 and rounded once."""
    numbers = np.linspace(-20, 20, 801).astype(np.float16)
    for case in subject.cases:
        # What is learned is of float16 as well.
        rounded = {name: float(np.float16(case.parameters[name])) for name in subject.learnable}
        case = replace(case, parameters={**case.parameters, **rounded})
        of16, slope16 = value_and_slope(at, subject, case, numbers, "float16")
        of32, slope32 = value_and_slope(at, subject, case, numbers.astype(np.float32), "float32")
        with np.errstate(all="ignore"):
            for got, wide in ((of16, of32), (slope16, slope32)):
                require(got.dtype == np.float16, f"gives {got.dtype}")
                wanted = wide.astype(np.float16)
                require(np.array_equal(got, wanted, equal_nan=True), f"{case.parameters}: others")


def checked(at, subject):
    """First and second gradients against finite differences."""
    for case in subject.cases:
        x = np.linspace(-4.03, 4.19, 14)
        for kink in case.kinks:
            x = x[np.abs(x - kink) > 1e-2]
        given = case_arguments(at, subject, case, "float64")
        at.check_gradients(subject, lambda x, given=given: subject.function(x, **given), x)


def saved(at, subject):
    """The layer learns what is learnable, and what is saved of it makes it again."""
    for case in subject.cases:
        at.check_saving(subject, case, subject.numbers(case.parameters))


def native(at, subject):
    """Away from kinks values and gradients in float64, to 1e-6 of the size of input and output."""
    for case in subject.cases:
        # PyTorch 1.7 tells the branch of elu from the output.
        if subject.id == "elu" and at.told_from_output and case.parameters["alpha"] < 0:
            continue
        chosen = (np.abs(case.inputs) <= 500) & (np.abs(case.inputs) >= at.smallest)
        chosen &= ~np.isin(case.inputs, np.float32(case.kinks))
        numbers = case.inputs[chosen].astype(np.float64)
        for order, got in enumerate(value_and_slope(at, subject, case, numbers, "float64")):
            exact = case.exact[order][chosen]
            size = np.maximum(np.maximum(np.abs(exact), np.abs(numbers)), 1)
            wrong = np.flatnonzero(~(np.abs(got - exact) <= 1e-6 * size))
            require(
                wrong.size == 0,
                f"{case.parameters} order {order}: {wrong.size} misses, "
                + "; ".join(f"f({numbers[i]}) = {got[i]}, exact {exact[i]}" for i in wrong[:3]),
            )


def native_kinks(at, subject):
    """At kinks the gradients are those that are on record; without a record, and in compositions, the definition's."""
    records = at.records.get(subject.id)
    for index, case in enumerate(subject.cases):
        for place, kink in enumerate(case.kinks):
            (i, *_) = np.flatnonzero(case.inputs == np.float32(kink))
            recorded = (records or {}).get(str(index))
            wanted = recorded[place] if recorded else [case.exact[1][i]] * 2
            for count, expected in zip((1, 64), wanted):
                numbers = np.full(count, kink, "float32")
                _, slope = value_and_slope(at, subject, case, numbers, "float32")
                require(
                    np.allclose(slope, expected, rtol=1e-5, atol=0),
                    f"{case.parameters} at {kink}: {slope[0]} of {count}, recorded {expected}",
                )


CHECKS = {
    "explicit": (float32, float64, kinks, half, checked, saved),
    "native": (native, native_kinks, saved),
}


def package(modules):
    """Everything that was emitted can be imported."""
    sys.path.insert(0, os.path.dirname(modules))
    name = os.path.basename(modules)
    loaded = [importlib.import_module(name), importlib.import_module(f"{name}.native")]
    count = sum(len(each.__all__) for each in loaded)
    importlib.import_module(f"{name}.weights")
    return f"{count} modules"


def main():
    framework, folder, modules, style, records = sys.argv[1:]
    if style == "package":
        report.run("all", "package", package, modules)
        return
    at = importlib.import_module(f"{framework}_versions").At()
    at.records = json.loads(records)
    for subject in subjects(modules, reference.read(folder), []):
        for check in CHECKS[style]:
            report.run(subject.id, check.__name__, check, at, subject)


if __name__ == "__main__":
    main()
