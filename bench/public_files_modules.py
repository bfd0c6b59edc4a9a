"""Public Python files as modules, whatever they import: of a file every statement that runs is run, one by one."""

import __future__
import ast
import contextlib
import importlib.abc
import importlib.util
import inspect
import linecache
import os
import signal
import sys
import types
import warnings

import numpy as np
import torch

import public_files_triton

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from lib2to3 import pgen2, refactor


class Blank:
    """A base class that is not there."""

    def __init__(self, *args, **named):
        pass

    def save_for_backward(self, *tensors):
        self.saved_tensors = tensors


class Anything(types.ModuleType):
    """A module, a class, a decorator or an object that is not there: whatever a file does with what it imports.

    Only numbers cannot be had of it, but for functions that have one meaning.
    """

    __path__ = []

    def __init__(self, name="anything"):
        super().__init__(name)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return public_files_triton.MATH.get(name) or Anything(name)

    def __call__(self, *args, **named):
        return args[0] if args and (inspect.isfunction(args[0]) or inspect.isclass(args[0])) else Anything()

    def __getitem__(self, key):
        return Anything()

    def __mro_entries__(self, bases):
        return (Blank,)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return False


class StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        # Libraries that are installed ask for others, which are not.
        frame = sys._getframe()
        while frame is not None:
            if "site-packages" in frame.f_code.co_filename:
                return None
            frame = frame.f_back
        return importlib.util.spec_from_loader(name, self, is_package=True)

    def create_module(self, spec):
        # CuPy is NumPy on another device.
        if spec.name == "cupy":
            module = types.ModuleType("cupy")
            vars(module).update({k: v for k, v in vars(np).items() if not k.startswith("__")})
            module.get_array_module, module.asnumpy = lambda *_: np, np.asarray
            return module
        return public_files_triton.module(spec.name) or Anything(spec.name)

    def exec_module(self, module):
        pass


sys.meta_path.append(StandIns())


@contextlib.contextmanager
def within(seconds):
    def late(*_):
        raise TimeoutError("it takes long")

    signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def parsed(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        source = file.read()
    try:
        tree = ast.parse(source)
    except SyntaxError:
        # Python 2.
        fixers = refactor.get_fixers_from_package("lib2to3.fixes")
        source = source.expandtabs(8) + "\n"
        try:
            source = str(refactor.RefactoringTool(fixers).refactor_string(source, path))
        except pgen2.parse.ParseError:
            source = str(refactor.RefactoringTool(fixers, {"print_function": True}).refactor_string(source, path))
        tree = ast.parse(source)
    linecache.cache[path] = (len(source), None, source.splitlines(True), path)
    return tree


def run_statement(node, module, path, flags):
    if isinstance(node, ast.FunctionDef):
        # What makes launchers of kernels is not there: the kernel is.
        kernels = [i for i, each in enumerate(node.decorator_list) if "triton.jit" in ast.unparse(each)]
        node.decorator_list = node.decorator_list[kernels[-1] if kernels else 0 :]
    try:
        with within(20):
            exec(compile(ast.Module([node], []), path, "exec", flags, True), vars(module))
    except (Exception, SystemExit):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            other = neighbour(node, module) if isinstance(node, ast.ImportFrom) else None
            for alias in node.names:
                known = getattr(other, alias.name, None) or public_files_triton.MATH.get(alias.name)
                name = alias.asname or alias.name.split(".")[0]
                vars(module).setdefault(name, known or Anything(name))
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.decorator_list:
            node.decorator_list = []
            run_statement(node, module, path, flags)


def neighbour(node, module):
    """The file of the same repository that is imported from, where its package cannot be."""
    package = module.__package__.split(".")[: len(module.__package__.split(".")) - node.level + 1] if node.level else []
    names = [*package, *(node.module or "").split(".")]
    for folder in module.folders:
        path = os.path.join(folder, *names) + ".py"
        if os.path.exists(path):
            name = ".".join(names)
            if not getattr(sys.modules.get(name), "folders", None):
                made(name, path, ".".join(names[:-1]), module.folders)
            return sys.modules[name]
    return None


def made(name, path, package, folders):
    """The module of all statements that run."""
    module = sys.modules[name] = types.ModuleType(name)
    module.__file__, module.__package__, module.folders = path, package, folders
    body, flags = parsed(path).body, 0
    for node in body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            flags |= sum(getattr(__future__, alias.name).compiler_flag for alias in node.names)
        # A file may train at its top.
        if not isinstance(node, (ast.For, ast.While)):
            run_statement(node, module, path, flags)
    return module


def loaded(path, checkouts):
    """The module of a file, which finds the others of its repository; those do not stay for other files."""
    folder, package = os.path.dirname(path), []
    while os.path.exists(os.path.join(folder, "__init__.py")):
        folder, package = os.path.dirname(folder), [os.path.basename(folder), *package]
    isPackage = bool(package)
    if not package:
        folder, package = os.path.dirname(folder), [os.path.basename(folder)]
    above = [os.path.dirname(path)]
    while len(above[-1]) > len(checkouts) + 1:
        above.append(os.path.dirname(above[-1]))
    known, folders = set(sys.modules), list(sys.path)
    sys.path += [folder, *above[:-2]]
    name = ".".join([*package, os.path.basename(path)[:-3]])
    try:
        # A package whose own names are imported by its parts.
        if isPackage and not any("triton" in line for line in linecache.getlines(path)):
            with contextlib.suppress(Exception, SystemExit), within(20):
                importlib.import_module(".".join(package))
        return made(name, path, ".".join(package), [folder, *above[:-2]])
    finally:
        sys.path[:] = folders
        for each in set(sys.modules) - known - {name}:
            of = getattr(sys.modules[each], "__file__", None) or checkouts
            if of.startswith(checkouts) and not public_files_triton.module(each):
                del sys.modules[each]


def more(function, skip=0):
    """Arguments for what has no default: 1 and a bit less, which no parameter minds."""
    try:
        names = [p for p in inspect.signature(function).parameters.values() if p.kind in (0, 1)][skip:]
    except (TypeError, ValueError):
        return []
    return [0.75 for p in names if p.default is p.empty]


def signature(function):
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        names = [each.name for each in function.schema.arguments] if hasattr(function, "schema") else ["x"]
        return [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in names]


def instance(cls, given):
    """An object of a class, by the arguments that it takes, or not initialised."""
    rest = more(cls.__init__, 1)
    named = {name: value for name, value in given.items() if name in inspect.signature(cls.__init__).parameters}
    for args in ([], rest, [1 for _ in rest], [torch.nn.Identity() for _ in rest]):
        try:
            return cls(*args, **named)
        except Exception:
            pass
    return object.__new__(cls)


def inner(function, name):
    """A function, or a class, that another one defines when it runs."""
    found = {}

    def watch(frame, event, result):
        if event == "return" and frame.f_code is function.__code__ and name in frame.f_locals:
            found[name] = frame.f_locals[name]

    try:
        sys.setprofile(watch)
        cls = function.__globals__.get(function.__qualname__.split(".")[0])
        function(object.__new__(cls), *more(function, 1)) if inspect.isclass(cls) else function(*more(function))
    except Exception:
        pass
    finally:
        sys.setprofile(None)
    return found[name]


def member(holder, name):
    """What a name is of a module, of a class (of an object of it, unless it is static) or of a function."""
    if inspect.isfunction(holder):
        return inner(holder, name)
    cls = holder if inspect.isclass(holder) else type(holder)
    for each in (name, f"_{cls.__name__}{name}"):
        if hasattr(holder, each):
            return getattr(holder, each)
    raise AttributeError(f"there is no {name}")


def at(module, names):
    holder = module
    for name in names:
        holder = member(holder, name)
    return holder
