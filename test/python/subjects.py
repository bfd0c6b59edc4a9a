"""The emitted modules, each loaded from its file."""

import importlib.util
import inspect
import os
import sys

import numpy as np
from reference import ORDERS, UNBOUNDED, Bound


class Subject:
    """One emitted module, and what the catalogue says of its activation."""

    def __init__(self, folder, identifier, row):
        self.id = identifier
        self.folder = folder
        self.folders = os.path.abspath(folder).split(os.sep)
        self.row = row
        self.cases = row["cases"]
        # Modules of other folders have names of their own: compilers and pickles look into sys.modules.
        self.module = load(
            f"emitted_{self.folders[-1]}_{identifier}",
            os.path.join(folder, f"{identifier}.py"),
        )
        self.function = getattr(self.module, identifier)
        (name,) = (name for name in self.module.__all__ if name[0].isupper())
        self.layer = getattr(self.module, name)
        self.is_explicit = hasattr(self.module, "second_derivative")
        # Gradients are the module's own, or those of the framework's function or of its operation for slopes.
        classes = [
            name
            for name, held in vars(self.module).items()
            if isinstance(held, type) and name.startswith("_")
        ]
        self.has_gradients = len(classes) > 0 and not any(
            name.endswith("Slope") for name in classes
        )
        self.learnable = [
            parameter["name"]
            for parameter in row["parameters"]
            if parameter["learnable"]
        ]
        signature = inspect.signature(self.function).parameters
        names = [name for name in signature if name not in ("x", "input")]
        known = {parameter["name"] for parameter in row["parameters"]}
        # A name that Python or the module needs itself has a _ after it.
        self.names = {
            name if name in known else name.rstrip("_"): name for name in names
        }
        # What is learned may have the framework's word for it.
        for name in set(self.names) - known:
            if len(self.learnable) == 1 and self.learnable[0] not in self.names:
                self.names[self.learnable[0]] = self.names.pop(name)
        if set(self.names) != known:
            raise TypeError(f"{identifier} takes {names}, not {sorted(known)}")

    @property
    def kind(self):
        """How its gradients are written, whatever the formulas: the methods of its classes, and how much each takes."""
        return tuple(
            (name, len(inspect.signature(method).parameters))
            for held in vars(self.module).values()
            if isinstance(held, type) and held.__name__.startswith("_")
            for name, method in vars(held).items()
            if isinstance(method, staticmethod)
        )

    @property
    def orders(self):
        module = self.module
        return (module.value, module.derivative, module.second_derivative)

    def arguments(self, parameters, tensor):
        """By Python's names; what is learned as tensors."""
        return {
            python: tensor(parameters[name])
            if name in self.learnable
            else parameters[name]
            for name, python in self.names.items()
        }

    def numbers(self, parameters):
        """What a layer is made with; the framework's own calls what is learned by its initial value."""
        taken = inspect.signature(self.layer).parameters
        return {
            "init"
            if "init" in taken and name in self.learnable
            else python: parameters[name]
            for name, python in self.names.items()
        }

    def accuracy(self, order):
        """The promised error in ULP, of results at the ends of the range too, and absolutely near zeros of the function."""
        reports = self.row["accuracy"]
        target = next(name for name in reversed(self.folders) if name in reports)
        promised = reports[target][ORDERS[order]]
        ulp = promised.get("counted", promised)["ulp"]
        return ulp, promised["ulp"], promised.get("nearZeros", {}).get("absolute")

    def bound(self, order, slack, **absolute):
        """What is promised, for a framework whose own functions take some ULP more.

        Twice what the compiler measured: it looks at fewer inputs, and where an argument of exp is
        rounded the error rises and falls with the argument.
        """
        ulp, at_ends, near_zero = self.accuracy(order)
        numbers = [
            abs(held) for case in self.cases for held in case.parameters.values()
        ]
        return Bound(
            2 * ulp + slack,
            2 * at_ends + slack,
            max(2.0**-22, 2 * (near_zero or 0.0)),
            argument=max([1.0, *(held for held in numbers if np.isfinite(held))]),
            **absolute,
        )

    def half_bound(self, order, anywhere):
        """What is lost in float32 before rounding to 16 bits: near zeros, and around float32's smallest numbers."""
        return anywhere if self.accuracy(order)[2] is None else 2.0**-22

    @property
    def is_unbounded(self):
        return self.accuracy(1)[0] > UNBOUNDED


def load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    # Pickles look classes up by the names of their modules.
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def subjects(folder, rows, only):
    wanted = rows if not only else only
    return [Subject(folder, identifier, rows[identifier]) for identifier in wanted]
