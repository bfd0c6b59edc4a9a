"""`python3 bench/sympy-verify.py SECONDS file.jsonl ...`: sympy.simplify(derivative - claim) == 0 on each line.

One JSON object per line of output: id, verdict ("equal", "not shown", "out of time" or "error") and milliseconds.
"""

import json
import signal
import sys
import time
from pathlib import Path

import sympy as sp

sys.dont_write_bytecode = True
sys.path.append(str(Path(__file__).parent.parent / "test" / "fixtures" / "equalities"))
from syntax import Parser  # noqa: E402

FUNCTIONS = {
    "neg": lambda u: -u,
    "+": lambda u, v: u + v,
    "-": lambda u, v: u - v,
    "*": lambda u, v: u * v,
    "/": lambda u, v: u / v,
    "pow": lambda u, v: u**v,
    "<": sp.Lt, "<=": sp.Le, ">": sp.Gt, ">=": sp.Ge, "==": sp.Eq, "!=": sp.Ne,
    "and": sp.And, "or": sp.Or, "not": sp.Not,
    "if": lambda c, u, v: sp.Piecewise((u, c), (v, True)),
    "exp": sp.exp, "log": sp.log, "sqrt": sp.sqrt, "sin": sp.sin, "cos": sp.cos, "tanh": sp.tanh, "sinh": sp.sinh,
    "cosh": sp.cosh, "erf": sp.erf, "erfc": sp.erfc, "abs": sp.Abs, "sign": sp.sign, "max": sp.Max, "min": sp.Min,
    "expm1": lambda u: sp.exp(u) - 1,
    "log1p": lambda u: sp.log(1 + u),
    "sigmoid": lambda u: 1 / (1 + sp.exp(-u)),
    "softplus": lambda u: sp.log(1 + sp.exp(u)),
}  # fmt: skip


class OutOfTime(Exception):
    pass


def stop(*_):
    raise OutOfTime


def build(tree, names):
    kind, *operands = tree
    if kind == "num":
        return sp.Rational(operands[0])
    if kind == "name":
        return names(operands[0])
    return FUNCTIONS[kind](*(build(operand, names) for operand in operands))


def verdict(line):
    known = {"pi": sp.pi, "e": sp.E}

    def names(name):
        positive = name in line.get("positive", [])
        return known.setdefault(name, sp.Symbol(name, real=True, **({"positive": True} if positive else {})))

    formula = build(Parser(line["formula"]).whole(), names)
    claim = build(Parser(line["derivative"]).whole(), names)
    order = line.get("order", 1)
    right = sp.diff(formula, names("x"), order) if order else formula
    if "dy" in known:
        right *= known["dy"]
    if "y" in known:
        claim = claim.subs(known["y"], formula)
    return "equal" if sp.simplify(right - claim) == 0 else "not shown"


def main(seconds, paths):
    signal.signal(signal.SIGALRM, stop)
    for path in paths:
        for text in Path(path).read_text().splitlines():
            line = json.loads(text)
            start = time.perf_counter()
            signal.setitimer(signal.ITIMER_REAL, seconds)
            try:
                found = verdict(line)
            except OutOfTime:
                found = "out of time"
            except Exception:
                found = "error"
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
            ms = (time.perf_counter() - start) * 1000
            print(json.dumps({"id": line["id"], "verdict": found, "ms": round(ms, 2)}), flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]), sys.argv[2:])
