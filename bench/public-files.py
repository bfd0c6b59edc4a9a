"""Executes what `nonlin verify` has decided of Python files: reads claims as lines of JSON, answers each with a line.

"agrees": the gradient is right, or wrong, as the verdict says, at a few hundred points by differences of the function;
"contradicts ..."; or "not run: ...", with what kind of reason. The numbers are those of the file's own code.
"""

import contextlib
import functools
import inspect
import json
import os
import re
import sys
import warnings

import jax
import jax.numpy
import numpy as np
import scipy.special
import torch
import torch.autograd.gradcheck

from public_files_judge import POINTS, SHAPES, NotRun, filled, first, incoming, inputs, judged, parameters_of, slope
from public_files_modules import Blank, at, instance, loaded, signature, within
from public_files_numbers import isNumberOf, of_number
from public_files_torch import areKernels, of_autograd, of_kernel

jax.config.update("jax_enable_x64", True)
torch.set_default_dtype(torch.float64)
warnings.filterwarnings("ignore")
np.seterr(all="ignore")

WAYS = ("y", "x", "g", "gx", "xg", "yg", "gy", "xy", "xyg", "gxy", "xgy")


class Kept(Blank):
    """A ctx: some give a single value back by itself."""

    def __init__(self, isTuple):
        self.isTuple = isTuple

    def save_for_backward(self, *values):
        self.saved_values = self.saved_tensors = values if self.isTuple or len(values) != 1 else values[0]


def resolved(module, claim):
    """The function, its derivative and the object that has both."""
    *owner, f_name = claim["function"].split(".")
    df_names = claim["derivative"].split(" with ")[0].split(".")
    holder = at(module, owner)
    if not inspect.isclass(holder):
        return at(holder, [f_name]), (at(holder, df_names[-1:]) if df_names[:-1] == owner else at(module, df_names)), holder
    takes = list(inspect.signature(getattr(holder, f_name)).parameters) if hasattr(holder, f_name) else []
    if takes[:1] == ["ctx"]:
        context = Kept(re.search(r"\(?\w+,\)?\s*=\s*ctx\.saved", inspect.getsource(getattr(holder, df_names[-1]))))
        return *(functools.partial(getattr(holder, each), context) for each in (f_name, df_names[-1])), holder
    isStatic = all(isinstance(inspect.getattr_static(holder, n, None), staticmethod) for n in (f_name, df_names[-1]))
    takes = list(inspect.signature(getattr(holder, f_name, len)).parameters) if hasattr(holder, f_name) else ["self"]
    if not isStatic and takes[:1] in (["self"], ["this"], ["ctx"]) or not hasattr(holder, f_name):
        holder = instance(holder, parameters_of(claim))
    return at(holder, [f_name]), at(holder, [df_names[-1]]), holder


def of_pair(module, claim):
    f, df, holder = resolved(module, claim)
    if areKernels(f, df):
        return of_kernel(f, df, claim)
    tensors = (np.array, torch.tensor) if not re.search(r"\btorch\b|triton", inspect.getsource(module)) else (torch.tensor, np.array)
    back = lambda a: np.asarray(a.detach() if isinstance(a, torch.Tensor) else a, dtype=float)
    flag = claim["derivative"].split(" with ")[1].split(" = ")[0] if " with " in claim["derivative"] else None
    f_names = [p.name for p in signature(f) if p.kind in (0, 1)]
    place = f_names.index(claim["by"]) if claim.get("by") in f_names else 0
    kept = lambda: dict(vars(holder)) if hasattr(holder, "__dict__") and not inspect.ismodule(holder) else {}

    def result(function, *args, **named):
        """What a function gives or, where it gives nothing, what it leaves in its object."""
        before = kept()
        found = function(*args, **named)
        if found is None:
            found = [v for k, v in kept().items() if v is not before.get(k) and k not in ("inputs", "input", "x")]
        return tuple(found) if isinstance(found, (tuple, list)) else (found,)

    def ran(tensor, shape, fill, isKept=False):
        x, g = inputs(claim), incoming(claim)
        as_given = lambda a: tensor(np.reshape(a, shape)) if shape else float(a)
        off = {flag: False} if flag else {}

        def value(a):
            rest = [filled(p, claim, fill(shape), isKept) for p in signature(f) if p.kind in (0, 1) and p.name != flag]
            args = rest or [0]
            args[place] = as_given(a)
            return back(result(f, *args, **off)[-1 if len(kept()) and f(*args, **off) is None else 0])

        each = value if shape else lambda a: np.array([value(u) for u in a]).reshape(-1)
        slopes, y = slope(lambda a: np.broadcast_to(each(a).ravel(), x.shape), x), each(x).ravel()
        values = {"x": x, "y": np.broadcast_to(y, x.shape), "g": g}
        needed = [p for p in signature(df) if p.kind in (0, 1) and p.default is p.empty]
        optional = [p for p in signature(df) if p.kind in (0, 1) and p.default is not p.empty]
        required = [p for p in signature(f) if p.kind in (0, 1) and p.default is p.empty]
        refuted, of = claim["verdict"] == "refuted", claim.get("of")
        candidates, problem = [], None
        for way in [w for w in WAYS if len(w) <= max(1, len(needed)) or flag]:
            if flag and (len(way) > 1 or way == "g"):
                continue
            # What is right of a part of its arguments only may be another function of them.
            if refuted and not flag and (way == "xy" or len(needed) - len(way) > len(required) - 1):
                continue
            if refuted and "g" not in way and needed and re.match(r"(?:d_|grad)", needed[0].name):
                continue
            if way in ("x", "y") and (of == "output") != (way == "y") and (refuted or of == "output"):
                continue
            for back_to_front in ((False, True) if len(needed) > len(way) else (False,)):
                def gradient(at_point):
                    count = 0 if flag else max(0, len(needed) - len(way))
                    own = [as_given(at_point[each]) for each in way]
                    beside = needed[:count] if back_to_front else needed[len(way) :]
                    extra = [filled(p, claim, fill(shape)) for p in beside][:count]
                    named = {p.name: filled(p, claim) for p in optional if p.name in parameters_of(claim)}
                    # Layers keep what they were called with last.
                    value(at_point["x"])
                    return result(df, *(extra + own if back_to_front else own + extra), **({flag: True} if flag else {}), **named)

                try:
                    if shape:
                        found = gradient(values)
                    else:
                        found = zip(*(map(back, gradient({k: v[i] for k, v in values.items()})) for i in range(POINTS)))
                    for r in found:
                        r = back(np.array(list(r)) if isinstance(r, tuple) else r)
                        if r.size in (1, POINTS):
                            candidates.append((slopes * g if "g" in way else slopes, np.broadcast_to(r.ravel(), x.shape)))
                except Exception as error:
                    problem = error
        if not candidates and problem is not None:
            raise problem
        return judged(candidates, claim)

    numbers = lambda shape: 0.75
    each = [(t, s, fill, k) for k in (False, True) for t in tensors for s in SHAPES for fill in fills(t)]
    return first(claim, [*(lambda way=way: ran(*way) for way in each), lambda: ran(None, (), numbers)])


def fills(tensor):
    return (lambda shape: 0.75, lambda shape: tensor(np.full(shape, 0.75)))


def of_jax(module, claim):
    names = claim["function"].split(".")
    f = at(module, names)
    if "jax.custom_gradient" in inspect.getsource(module) and len(names) == 1:
        # A function that makes others.
        f = f(**{k: v for k, v in parameters_of(claim).items() if k != "dy"}) if claim["derivative"].endswith(".lambda") else f
    x = inputs(claim)
    given = np.asarray(jax.vmap(jax.grad(lambda a: f(a).sum()))(x))
    return judged([(slope(lambda a: np.asarray(f(a), dtype=float), x), given)], claim)


def answer(claim, checkouts, modules={}):
    path = claim["file"]
    try:
        if path not in modules:
            modules.clear()
            modules[path] = loaded(path, checkouts)
        module = modules[path]
        names = claim["function"].removesuffix(".forward").split(".")
        holder = None
        with contextlib.suppress(Exception):
            holder = at(module, names)
        with within(30):
            if inspect.isclass(holder) and issubclass(holder, torch.autograd.Function):
                return of_autograd(holder, claim)
            if isNumberOf(module, claim):
                return of_number(module, claim)
            isJax = "jax.custom_gradient" in inspect.getsource(module)
            if isJax or any(hasattr(getattr(module, names[0], None), each) for each in ("defjvp", "defvjp")):
                return of_jax(module, claim)
            return first(claim, [lambda: of_pair(module, claim), lambda: of_number(module, claim)])
    except NotRun as error:
        return f"not run: {error}"
    except Exception as error:
        return f"not run: {type(error).__name__}: {str(error)[:80]}"


out, sys.stdout = sys.stdout, sys.stderr
for line in sys.stdin:
    print(answer(json.loads(line), os.path.abspath(sys.argv[1])).replace("\n", " "), flush=True, file=out)
