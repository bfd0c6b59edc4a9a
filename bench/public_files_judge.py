"""The points, the differences and the judgement of public-files.py."""

import re

import numpy as np

POINTS, STEP = 400, 1e-3
SHAPES = ((POINTS,), (POINTS, 1), (1, POINTS))


class NotRun(Exception):
    """A kind of reason."""


def inputs(claim):
    x = np.random.default_rng(7).uniform(-3, 3, POINTS)
    x = np.where(np.abs(x) < 0.01, 0.5, x)
    witness = claim.get("witness", {}).get("x")
    if isinstance(witness, (int, float)):
        x[:2] = witness
    if re.search(r"log|sqrt|entropy", claim["function"].lower()):
        x = np.abs(x)
    return x


def parameters_of(claim):
    """The values of parameters at which a refuted claim is wrong."""
    return {re.sub(r"_\d*$", "", name): value for name, value in claim.get("witness", {}).get("params", {}).items()}


def filled(p, claim, otherwise=0.75, isKept=False):
    """What a parameter is given: nobody minds 1 and a bit less."""
    given = parameters_of(claim)
    if isKept and p.default is False:
        return True
    return given[p.name] if p.name in given else otherwise if p.default in (p.empty, None) else p.default


def incoming(claim):
    g = np.random.default_rng(8).uniform(0.5, 2, POINTS) * np.where(np.arange(POINTS) % 3 == 0, -1, 1)
    g[:2] = parameters_of(claim).get("dy", g[:2])
    return g


def slope(value, x, step=STEP):
    """By differences of the fourth order: of code in 32 bits to three digits, else to ten."""
    f = lambda a: np.asarray(value(a), dtype=float).reshape(np.shape(x))
    return (8 * (f(x + step) - f(x - step)) - (f(x + 2 * step) - f(x - 2 * step))) / (12 * step)


def judged(candidates, claim):
    """The verdict, tried on each thing that a gradient may be: pairs of what is right and of what is given."""
    shares, seen = [], []
    gap = claim.get("gap", {}).get("size", 1)
    isSmall = isinstance(gap, (int, float)) and gap < 1e-2
    isDouble = all(np.any(np.asarray(given) != np.asarray(given, dtype=np.float32)) for _, given in candidates)
    for right, given in candidates:
        right, given = np.asarray(right, dtype=float).ravel(), np.asarray(given, dtype=float).ravel()
        off = np.abs(right - given)
        # A difference over a kink is no slope.
        shares.append(np.mean(~(off <= 1e-3 * (1 + np.abs(right)))))
        isOff = ~(off[:2] <= 1e-3 * np.abs(right[:2])) & np.isfinite(right[:2])
        seen.append(np.any(isOff) or np.sum(off > 1e-3) > 4 or (isSmall and isDouble and np.mean(off > max(1e-11, gap / 8)) > 0.05))
    if not shares:
        raise NotRun("its arguments are of kinds that are not tried")
    if claim["verdict"] != "refuted":
        return "agrees" if min(shares) < 0.02 else f"contradicts: wrong at {min(shares):.0%}"
    if all(seen):
        return "agrees"
    if abs(claim["witness"]["x"]) > 50:
        raise NotRun("its derivative is wrong only where differences say nothing")
    if isSmall:
        raise NotRun("its gap is smaller than what differences show")
    return "contradicts: right at all points"


def first(claim, attempts):
    """The first of several ways in which the gradient is right, else the first that runs."""
    isRefuted = claim["verdict"] == "refuted"
    problem, said = None, None
    for attempt in attempts:
        try:
            found = attempt()
            if (found == "agrees") != isRefuted:
                return found
            said = said or found
        except TimeoutError:
            raise
        except Exception as error:
            problem = problem or error
    if said is None:
        raise problem
    return said
