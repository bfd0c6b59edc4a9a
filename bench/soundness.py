"""`python3 soundness.py` reads verdicts as lines of JSON, and answers each with a line: what is wrong with it, if anything.

Shares no code with nonlin: formulas are parsed and differentiated by the modules beside the corpora of equalities, in mpmath.
"""

import json
import random
import resource
import sys
from pathlib import Path

from mpmath import mp, mpf

sys.dont_write_bytecode = True
sys.path.append(str(Path(__file__).parent.parent / "test" / "fixtures" / "equalities"))
import series  # noqa: E402
from series import Evaluation, Undefined  # noqa: E402
from syntax import Parser  # noqa: E402

# Half of the digits are for what cancels; what agrees in the other half is looked at again with more.
DIGITS = (60, 300, 1500)
mp.dps = DIGITS[0]
# Nothing is 0 but 0, and what rounds to it.
series.TIE = mpf(10) ** -(10**9)


def inputs(claim):
    """Numbers at which nothing happens: kinks are where the numbers of a formula are."""
    draw = random.Random(claim)
    return [mpf(draw.randint(-4096, 4096)) / size + mpf(1) / 7919 for size in [1023] * 6 + [97] * 2 + [99991]]


def sides(formula, claim, x, generic=False):
    """The derivative, None where there is none or `generic` inputs meet a tie by rounding, and what is claimed of it."""
    evaluation = Evaluation(1, {"x": x})
    try:
        right = evaluation.derivative(formula)
    except (Undefined, OverflowError, ZeroDivisionError):
        right = None
    claimed = Evaluation(0, {"x": x})
    try:
        value = claimed.run(claim)[0]
        return (None if generic and (evaluation.touched or claimed.touched) else right), value
    except (Undefined, OverflowError, ZeroDivisionError):
        return right, None


def differ(right, claimed, least=1):
    return claimed is None or abs(right - claimed) > mpf(10) ** -(mp.dps // 2) * max(least, abs(right), abs(claimed))


def is_witness(formula, claim, text):
    """Whether the two differ there, however small they are."""
    for digits in DIGITS:
        with mp.workdps(digits):
            right, claimed = sides(formula, claim, mpf(text))
            if right is not None and differ(right, claimed, 0):
                return True
    return False


def fault(line):
    formula, claim = Parser(line["formula"]).whole(), Parser(line["claim"]).whole()
    if line["verdict"] == "refuted":
        return "" if is_witness(formula, claim, line["witness"]) else f"they agree at the witness {line['witness']}"
    for x in inputs(line["claim"]):
        right, claimed = sides(formula, claim, x, generic=True)
        if right is not None and differ(right, claimed):
            return f"at {mp.nstr(x)} it is {mp.nstr(right)}, claimed {claimed if claimed is None else mp.nstr(claimed)}"
    return ""


# Exponentials of exponentials have more digits than there is memory: "?" says that a verdict was not checked.
resource.setrlimit(resource.RLIMIT_AS, (2**32, 2**32))
for text in sys.stdin:
    try:
        print(fault(json.loads(text)), flush=True)
    except MemoryError:
        print("?", flush=True)
