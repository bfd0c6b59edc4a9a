"""Triton's language on arrays of 64 bits, as far as kernels of one element at a time use it: a kernel is run program by program."""

import inspect
import itertools
import math
import re
import types

import torch


def tensor(value):
    return value if isinstance(value, torch.Tensor) else torch.tensor(value, dtype=torch.float64)


def of_one(name):
    return lambda x, *_, **__: getattr(torch, name)(tensor(x))


def of_two(name):
    return lambda x, y, *_, **__: getattr(torch, name)(tensor(x), tensor(y))


MATH = {name: of_one(name) for name in "abs ceil cos erf exp exp2 expm1 floor log log1p log2 rsqrt sigmoid sin sqrt tanh".split()}
MATH |= {name: of_two(name) for name in ("maximum", "minimum", "pow")}
MATH |= {"fast_expf": MATH["exp"], "fast_tanh": MATH["tanh"], "fast_erf": MATH["erf"], "div_rn": lambda x, y: x / y}


class Pointer:
    def __init__(self, data, offset=0):
        self.data, self.offset = data, offset
        self.dtype = types.SimpleNamespace(element_ty=torch.float64)

    def __add__(self, offset):
        return Pointer(self.data, self.offset + offset)

    __radd__ = __add__

    def to(self, *_):
        return self


def places(pointer, mask):
    at = torch.as_tensor(pointer.offset)
    inside = (at >= 0) & (at < pointer.data.numel())
    return at, inside if mask is None else inside & torch.as_tensor(mask)


def load(pointer, mask=None, other=0.0, **_):
    at, inside = places(pointer, mask)
    return torch.where(inside, pointer.data[torch.where(inside, at, 0)], torch.as_tensor(other, dtype=pointer.data.dtype))


def store(pointer, value, mask=None, **_):
    at, inside = places(pointer, mask)
    pointer.data[at[inside]] = torch.broadcast_to(tensor(value).to(pointer.data.dtype), at.shape)[inside]


torch.Tensor.cast = torch.Tensor.to
PROGRAM = [0, 0, 0]


class Kernel:
    """A function of Triton's: called by another one, or by a grid of programs."""

    def __init__(self, function):
        self.function, self.__name__, self.__module__ = function, function.__name__, function.__module__
        self.__signature__ = inspect.signature(function)
        self.source = inspect.getsource(function)

    def __call__(self, *args, **named):
        return self.function(*args, **named)

    def __getitem__(self, grid):
        def run(*args, **named):
            known = {name for name in self.__signature__.parameters}
            given = {name: value for name, value in named.items() if name in known}
            for name in self.missing(args, given):
                given[name] = 512
            bound = self.__signature__.bind(*args, **given)
            bound.apply_defaults()
            sizes = grid(bound.arguments) if callable(grid) else grid
            flat = {n: Pointer(v.view(-1)) if isinstance(v, torch.Tensor) else v for n, v in bound.arguments.items()}
            for PROGRAM[:] in itertools.product(*(range(int(size)) for size in (*sizes, 1, 1, 1)[:3])):
                self.function(**flat)

        return run

    def missing(self, args, given):
        """The sizes of blocks that are tuned elsewhere."""
        names = list(self.__signature__.parameters.values())[len(args) :]
        return [p.name for p in names if p.default is p.empty and p.name not in given]

    def pointers(self, operation):
        """The parameters that are read, or written, in the order of the source."""
        found = re.findall(rf"tl\.{operation}\(\s*\(?(\w+)", self.source)
        names = list(dict.fromkeys(found))
        reached = lambda name: name if name in self.__signature__.parameters else next(
            (p for p in self.__signature__.parameters if re.search(rf"\b{name}\s*=\s*\(?{p}\b", self.source)), None
        )
        return list(dict.fromkeys(reached(name) for name in names if reached(name)))


def decorator(*args, **_):
    return args[0] if args and callable(args[0]) else decorator


def jit(*args, **_):
    return Kernel(args[0]) if args and inspect.isfunction(args[0]) else jit


def next_power_of_2(n):
    return 1 << (int(n) - 1).bit_length()


def cdiv(a, b):
    return -(-a // b)


LANGUAGE = {
    **MATH,
    "constexpr": lambda value: value,
    "load": load,
    "store": store,
    "arange": lambda a, b: torch.arange(a, b),
    "program_id": lambda axis=0: torch.tensor(PROGRAM[axis]),
    "num_programs": lambda axis=0: 1,
    "where": lambda c, a, b: torch.where(torch.as_tensor(c), tensor(a), tensor(b)),
    "clamp": lambda x, low, high: torch.clamp(x, low, high),
    "full": lambda shape, value, dtype=None: torch.full(tuple(shape), float(value), dtype=torch.float64),
    "zeros": lambda shape, dtype=None: torch.zeros(tuple(shape), dtype=torch.float64),
    "cast": lambda x, dtype: x.to(dtype),
    "fdiv": lambda x, y: x / y,
    "cdiv": cdiv,
    "static_assert": lambda *_: None,
    "multiple_of": lambda x, _: x,
    "max_contiguous": lambda x, _: x,
    "int1": torch.bool,
    "int32": torch.int64,
    "int64": torch.int64,
    "pi": math.pi,
    # As exact as can be: the algebra is at stake, not the rounding.
    **{name: torch.float64 for name in ("float16", "bfloat16", "float32", "float64", "tensor")},
}
RUNTIME = {
    "jit": jit,
    "autotune": lambda *_, **__: decorator,
    "heuristics": lambda *_, **__: decorator,
    "Config": lambda *_, **__: None,
    "next_power_of_2": next_power_of_2,
    "cdiv": cdiv,
    "__version__": "3.0.0",
}
MADE = {}


def part_of(part):
    if part.startswith("__"):
        raise AttributeError(part)
    return MADE["triton.language"]


def module(name):
    """Triton's module of a name: nothing for others' names."""
    if not re.match(r"triton(\.|$)", name):
        return None
    if name not in MADE:
        MADE[name] = types.ModuleType(name)
        MADE[name].__path__ = []
        vars(MADE[name]).update(LANGUAGE if name.startswith("triton.language") else RUNTIME)
        if name.startswith("triton.language"):
            # Of its parts, such as `math` and `extra`, each has all names.
            MADE[name].__getattr__ = part_of
    return MADE[name]
