"""Numbers that keep their gradients, as of micrograd, in public-files.py."""

import contextlib
import inspect
import re

import numpy as np

from public_files_judge import NotRun, first, incoming, inputs, judged, parameters_of, slope
from public_files_modules import at, instance, more

NUMBER, GRADIENT = ("data", "value", "val", "_value", "_data"), ("grad", "_grad", "gradient")


def attribute(holder, names, given=None):
    """The attribute of one of these names, which is given a value where there is one."""
    name = next(name for name in names if hasattr(holder, name))
    if given is not None:
        setattr(holder, name, given)
    return getattr(holder, name)


def source_of(function):
    try:
        return inspect.getsource(function)
    except (TypeError, OSError):
        return ""


def of_number(module, claim):
    """A number that keeps its gradient: of a class of the file, or one that it imports, by an operation that gives another one."""
    *owner, name = claim["function"].split(".")
    back = claim["derivative"].split(" with ")[0].split(".")[-1]
    holder = at(module, owner)
    op = getattr(holder, name)
    classes = [c for c in vars(module).values() if inspect.isclass(c)]
    sources = lambda c: "".join(source_of(vars(each).get("__init__")) for each in c.__mro__)
    isNumber = lambda c: any(re.search(rf"self\.{each}\b.*=", sources(c)) for each in NUMBER)
    bases = [c for c in classes if isNumber(c) and c is not op]
    if not bases:
        raise NotRun("the class of its numbers is not there")
    number = lambda each: np.asarray(next((getattr(each, n) for n in NUMBER if type(each) is not np.ndarray and hasattr(each, n)), each), dtype=float)

    def own(engine, v, out, above):
        attribute(out, GRADIENT, above)
        function = getattr(out, back, None) or next(
            getattr(out, each) for each in ("_backward", "backward_fn", "grad_fn") if callable(getattr(out, each, None))
        )
        needed = [p for p in inspect.signature(function).parameters.values() if p.default is p.empty]
        function(*([], [above], [v, above])[len(needed)])

    def whole(engine, v, out, above):
        attribute(out, GRADIENT, engine(above))
        out.backward()

    def from_above(engine, v, out, above):
        out.backward(above)

    def from_number(engine, v, out, above):
        out.backward(engine(above))

    def ran(engine, way, u, above):
        v = engine(u)
        for wanted in ("requires_grad", "_requires_grad"):
            if hasattr(v, wanted):
                with contextlib.suppress(AttributeError):
                    setattr(v, wanted, True)
        out = (instance(holder, parameters_of(claim)) if name in ("forward", "__call__") else op)(v, *beside)
        if way is own:
            attribute(v, GRADIENT, np.zeros_like(u) if isinstance(u, np.ndarray) else 0.0)
        way(engine, v, out, above)
        return number(out), number(attribute(v, GRADIENT))

    beside = more(op.__init__, 2) if inspect.isclass(op) else []
    x, above = inputs(claim), incoming(claim)

    def at_once(engine, way):
        given = ran(engine, way, x, above)[1]
        return judged([(above * slope(lambda a: ran(engine, way, a, np.ones_like(a))[0], x), given)], claim)

    def one_by_one(engine, way):
        given = np.array([ran(engine, way, float(u), float(g))[1] for u, g in zip(x, above)])
        return judged([(above * slope(lambda a: np.array([ran(engine, way, float(u), 1.0)[0] for u in a]), x), given)], claim)

    engines = [holder] if inspect.isclass(holder) and holder in bases else bases
    return first(
        claim,
        [lambda m=m, e=e, w=w: m(e, w) for w in (own, from_above, from_number, whole) for e in engines for m in (at_once, one_by_one)],
    )


def isNumberOf(module, claim):
    derivative = claim["derivative"].split(" with ")[0]
    if not re.search(r"\.(?:_?backward\w*|_?grad_?fn|propagate\w*)$", derivative) or hasattr(module, derivative):
        return False
    return derivative.startswith(claim["function"]) or claim["function"].rpartition(".")[0] != derivative.rpartition(".")[0]
