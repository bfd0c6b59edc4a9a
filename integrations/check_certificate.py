"""Checks what `nonlin verify --certificate FILE` wrote: python check_certificate.py FILE

It shares no code with nonlin, and believes of a certificate nothing but what is claimed: it differentiates the formula itself,
shows that cases and cells leave nothing out, decides each condition, and compares what is right with what is claimed. What it
cannot follow it rejects. It trusts SymPy 1.14: its derivatives, polynomials and signs. docs/certificates.md has the argument.
"""

import json
import sys
from fractions import Fraction
from math import gcd

import sympy as sp

# Sets of signs; the empty one is that of what does not exist.
NEGATIVE, ZERO, POSITIVE, NOT_ZERO, NOT_NEGATIVE, ANY = 1, 2, 4, 5, 6, 7
SINGLE = (NEGATIVE, ZERO, POSITIVE)


class Rejected(Exception):
    """The certificate is wrong, or cannot be followed."""


class NoValue(Exception):
    """The formula has no value in a region, or there is nothing in it."""


def reject(reason):
    raise Rejected(reason)


def opposite(signs):
    return (signs & ZERO) | (signs & NEGATIVE) << 2 | (signs & POSITIVE) >> 2


def product(a, b):
    return ((a | b) & ZERO) | (b & NOT_ZERO if a & POSITIVE else 0) | (opposite(b) & NOT_ZERO if a & NEGATIVE else 0)


def symbol(signs):
    known = {POSITIVE: {"positive": True}, NEGATIVE: {"negative": True}, NOT_NEGATIVE: {"nonnegative": True}}
    return sp.Dummy("t", **known.get(signs, {"real": True}))


def plain(e):
    """Over one denominator, with exponentials as powers of symbols: exp(u + v) = exp(u) exp(v)."""
    e = sp.expand(e.rewrite(sp.exp) if e.has(sp.sin, sp.cos) else e)
    units, parts = {}, {f: f.args[0].as_coeff_Mul() for f in e.atoms(sp.exp)}
    for c, u in parts.values():
        a, b = units.get(u, (0, 1))
        units[u] = gcd(a * int(c.q), int(c.p) * b), b * int(c.q)
    symbols = {u: symbol(POSITIVE) for u in units}
    powers = {f: symbols[u] ** (c * units[u][1] / units[u][0]) for f, (c, u) in parts.items()}
    return sp.together(e.xreplace(powers))


def is_zero(e):
    """Is it 0 by these laws, and by r^2 = u for a root r of u?"""
    e = sp.expand(sp.numer(plain(e)))
    roots = [p for p in e.atoms(sp.Pow) if p.exp.is_Rational and not p.exp.is_Integer and not p.base.is_number]
    if not roots:
        return e == 0
    base, root = max((p.base for p in roots), key=sp.count_ops), symbol(POSITIVE)
    e = e.replace(lambda p: p.is_Pow and p.base == base and p.exp.is_Rational, lambda p: root ** (2 * p.exp))
    parts = sp.Poly(sp.numer(sp.together(e)), root).rem(sp.Poly(root**2 - base, root))
    return all(is_zero(c) for c in parts.all_coeffs())


class Region:
    """The variables under conditions, each written in free symbols of known signs."""

    def __init__(self, ranges):
        self.values, self.assumed, self.known = {}, [], {}
        for variable, (low, high, signs) in ranges.items():
            shift = low if low is not None else high
            if signs != ANY or shift is None:
                self.values[variable] = symbol(signs)
            else:  # such as a >= -1: a = -1 + t with t >= 0
                self.values[variable] = sp.Rational(shift) + (1 if low is not None else -1) * symbol(NOT_NEGATIVE)

    def at(self, e):
        return e.xreplace(self.values)

    def signs(self, e):
        e = self.at(e)
        self.known[e] = self.known[e] if e in self.known else self.signs_of(e)
        return self.known[e]

    def signs_of(self, e, depth=0):
        if is_zero(e):
            return ZERO
        signs = ANY
        for form in (e, sp.expand(e), sp.factor(plain(e))):
            signs &= ANY if form.is_zero is not False else NOT_ZERO
            signs &= NOT_NEGATIVE if form.is_nonnegative else NEGATIVE | ZERO if form.is_nonpositive else ANY
            if signs in SINGLE:
                return signs
        for p, known in self.assumed if depth < 4 else ():
            rest = sp.cancel(form / p)
            if rest.is_number or sp.count_ops(rest) < sp.count_ops(form):
                signs &= product(known, self.signs_of(rest, depth + 1))
        return signs

    def impose(self, e, sign):
        """Writes a symbol so that an expression is 0, or has a sign; False where that is not done."""
        top, bottom = sp.fraction(sp.together(self.at(e)))
        side = self.signs(bottom) if sign else POSITIVE
        if side not in (NEGATIVE, POSITIVE):
            return False
        top = sp.expand(top * (sign if side == POSITIVE else -sign) if sign else top)
        linear = [t for t in sorted(top.free_symbols, key=str) if top.diff(t, 2) == 0 and sp.expand(top.diff(t)).has(t) is False]
        for bounded, strict in ((False, True), (True, True) if sign else (False, False)):
            for t in linear:
                slope, rest = top.diff(t), top.subs(t, 0)
                own, steep = self.signs(t), self.signs(slope)
                if steep not in (NEGATIVE, POSITIVE):
                    continue
                if bounded:  # 0 <= t < -rest/slope
                    if own & NEGATIVE or steep == POSITIVE or self.signs(rest) != POSITIVE:
                        continue
                    new = -rest / slope * (1 - 1 / (1 + symbol(own)))
                else:
                    new = ((symbol(POSITIVE) if sign else 0) - rest) / slope
                    if strict and self.signs(new) & ~own:
                        continue
                self.values = {v: sp.cancel(a.xreplace({t: new})) for v, a in self.values.items()}
                self.known = {}
                return True
        return False

    def assume(self, e, signs):
        """A sign that holds wherever the formula has a value."""
        e = sp.factor(sp.together(self.at(e)))
        if self.signs_of(e) & ~signs:
            factors = [p for p, _ in sp.factor_list(sp.numer(e))[1]] if signs == NOT_ZERO else []
            self.assumed, self.known = [*self.assumed, *((p, signs) for p in [e, *factors])], {}


class Reading:
    """A node as an expression, with its conditions decided in a region, or just beside it in the direction of a variable."""

    def __init__(self, proof, region, direction=0):
        self.proof, self.region, self.direction, self.known = proof, region, direction, {}
        # Parts: what has to have one of these signs, those that it may have, and whether even the formula needs a proof.
        self.ties, self.parts = [], []

    def __call__(self, root):
        stack = [root]
        while stack:
            missing = self.step(stack[-1])
            stack = stack[:-1] if missing is None else [*stack, missing]
        return self.known[root]

    def step(self, i):
        """Settles a node; or the operand that comes first. Of a choice only what is chosen is looked at."""
        op, *args = self.proof.nodes[i]
        if i in self.known:
            return None
        if op in LEAVES:
            return self.known.update({i: self.proof.leaf(op, *args)})
        first = self.known.get(args[0])
        if op == "select" and first is not None:
            args = [args[0], args[1 if first else 2]]
        elif op in ("and", "or") and first is not None and first != (op == "and"):
            args = args[:1]
        missing = next((a for a in (args if first is not None else args[:1]) if a not in self.known), None)
        if missing is None:
            self.known[i] = self.settled(op, args, *(self.known[a] for a in args))
        return missing

    def settled(self, op, args, u, v=None):
        if op in ("select", "and", "or", "not"):
            return not u if op == "not" else u if v is None else v
        if op in ("lt", "le", "eq"):
            return self.compare(u, v) in {"lt": (NEGATIVE,), "le": (NEGATIVE, ZERO), "eq": (ZERO,)}[op]
        if op in ("min", "max"):
            sign = self.compare(u, v)
            if sign == ZERO:  # what does not depend on the input wins
                return v if self.proof.input in self.proof.variables(args[0]) else u
            return u if (sign == NEGATIVE) == (op == "min") else v
        if op in ("abs", "sign"):
            sign = SINGLE.index(self.compare(u, sp.S(0))) - 1
            return sign * u if op == "abs" else sp.Integer(sign)
        if op == "div":
            self.part(v, NOT_ZERO)
        if op in ("log", "log1p", "log2", "log10"):
            self.part(u + 1 if op == "log1p" else u, POSITIVE)
        if op == "sqrt":
            self.part(u, NOT_NEGATIVE, True)
        if op == "pow" and not (v.is_Integer and v >= 0):
            half = v.is_Rational and v.q == 2 and v > 0
            self.part(u, NOT_ZERO if v.is_Integer else NOT_NEGATIVE if half else POSITIVE, not v.is_Integer)
        return FUNCTIONS[op](u, *(() if v is None else (v,)))

    def part(self, u, allowed, firm=False):
        self.parts.append((u, allowed, self.region.signs(u), firm))
        if self.region.signs(u) & allowed == 0:
            raise NoValue

    def compare(self, u, v):
        """The sign of u - v; of a tie that which it has beside the place."""
        sign = self.region.signs(u - v)
        if sign == ZERO and u != v:
            self.ties.append(u - v)
            if self.direction and (u - v).has(self.proof.by):
                sign = self.region.signs((u - v).diff(self.proof.by))
                sign = opposite(sign) if self.direction < 0 else sign
                sign = ANY if sign & ZERO else sign
        if sign == 0:
            raise NoValue
        return sign if sign in SINGLE else reject("a condition is not decided")

    def has_value(self):
        return all(signs & ~allowed == 0 for _, allowed, signs, _ in self.parts)

    def suppose(self):
        """Where the formula has a value its parts have theirs; but what is under a root is shown never to be negative."""
        for u, allowed, signs, firm in self.parts:
            if firm and signs & ~allowed:
                reject("what is under a root or a power may be negative")
            self.region.assume(u, allowed)

    def is_smooth(self, region):
        """Can the expression be differentiated at this place?"""
        return all(region.signs(u) & ~(POSITIVE if a == NOT_NEGATIVE else a) == 0 for u, a, _, _ in self.parts)


LEAVES = ("rational", "variable", "pi")
FUNCTIONS = {
    "add": lambda u, v: u + v, "sub": lambda u, v: u - v, "mul": lambda u, v: u * v, "div": lambda u, v: u / v,
    "neg": lambda u: -u, "pow": lambda u, v: u**v, "sqrt": sp.sqrt, "exp": sp.exp, "expm1": lambda u: sp.exp(u) - 1,
    "log": lambda u: sp.log(u), "log1p": lambda u: sp.log(1 + u), "softplus": lambda u: sp.log(1 + sp.exp(u)),
    "sigmoid": lambda u: 1 / (1 + sp.exp(-u)), "tanh": lambda u: 1 - 2 / (sp.exp(2 * u) + 1),
    "log2": lambda u: sp.log(u) / sp.log(2), "log10": lambda u: sp.log(u) / sp.log(10),
    "sinh": lambda u: (sp.exp(u) - sp.exp(-u)) / 2, "cosh": lambda u: (sp.exp(u) + sp.exp(-u)) / 2,
    "sin": sp.sin, "cos": sp.cos, "atan": sp.atan, "erf": sp.erf, "erfc": lambda u: 1 - sp.erf(u),
}


class Proof:
    """One claim: an expression is the derivative of another, of some order and by some variable."""

    def __init__(self, record):
        self.record, self.nodes, self.compared = record, record["nodes"], 0
        self.symbols, self.below = {}, []
        for i, (op, *args) in enumerate(self.nodes):
            if op == "variable":
                self.symbols[args[0]] = sp.Symbol(args[0], real=True)
            if op not in LEAVES and not all(type(a) is int and 0 <= a < i for a in args):
                reject("a node stands before its operands")
            self.below.append({i}.union(*(self.below[a] for a in args if op not in LEAVES)))
        self.input, self.by = (self.leaf(*self.nodes[record[name]]) for name in ("input", "by"))
        self.times = self.leaf(*self.nodes[record["times"]]) if "times" in record else sp.S(1)
        self.order, self.ranges = int(record["order"]), {}
        for each in record["variables"]:
            low, high = (Fraction(each[end]) if end in each else None for end in ("low", "high"))
            signs = POSITIVE if "positive" in each or (low or 0) > 0 else NEGATIVE if (high or 0) < 0 else ANY
            signs = NOT_NEGATIVE if signs == ANY and low == 0 else signs
            self.ranges[self.leaf(*self.nodes[each["node"]])] = low, high, signs
        if set(self.symbols.values()) != set(self.ranges) or not {self.input, self.by} <= set(self.ranges):
            reject("the variables are not described")

    def leaf(self, op, *args):
        return self.symbols[args[0]] if op == "variable" else sp.pi if op == "pi" else sp.Rational(args[0])

    def variables(self, node):
        return {self.leaf(*self.nodes[i]) for i in self.below[node] if self.nodes[i][0] == "variable"}

    def check(self):
        self.case(self.record["cases"], [])
        return self.compared or reject("nothing is compared")

    def read(self, region, node):
        """A node that has a value everywhere in the region."""
        reading = Reading(self, region)
        e = reading(node)
        return e if reading.has_value() else reject("an expression may have no value")

    def fixed(self, region, node):
        """A node that does not depend on the input, as bounds and cases do not."""
        e = reject("a bound is no expression") if isinstance(node, dict) else self.read(region, node)
        return reject("a bound or a case depends on the input") if e.has(self.input) else e

    def region(self, conditions):
        """Where expressions are 0 or have these signs."""
        region = Region(self.ranges)
        left = [(e, sign) for e, sign in conditions if not region.impose(e, sign)]
        for e, sign in left:
            if sign == 0:
                reject("an equation between variables is too difficult")
            region.assume(sign * e, POSITIVE)
        return region

    def case(self, record, conditions):
        if "cells" in record:
            return self.line(record["cells"], conditions)
        region = self.region(conditions)
        subject = self.fixed(region, record["subject"])
        left, rest = region.signs(subject), sp.numer(sp.together(region.at(subject)))
        for name, sign in (("negative", -1), ("positive", 1)):
            if name in record:
                self.case(record[name], [*conditions, (subject, sign)])
                left &= ~(NEGATIVE if sign < 0 else POSITIVE)
        for zero in record["zeros"]:
            parameter, value = self.leaf(*self.nodes[zero["parameter"]]), self.fixed(region, zero["value"])
            if parameter not in self.ranges or parameter == self.input:
                reject("only a parameter is replaced")
            self.case(zero["then"], [*conditions, (parameter - value, 0)])
            # Where the subject is 0, so is one of the differences or what is left of it.
            difference = sp.numer(sp.together(region.at(parameter - value)))
            quotient = sp.cancel(rest / difference)
            rest = quotient if difference != 0 and sp.denom(quotient).is_number else rest
        if left & NOT_ZERO or (left & ZERO and region.signs(rest) & ZERO):
            reject("a case of the parameters is left out")

    def line(self, cells, conditions):
        """The cells follow one upon the other from one end of the line to the other."""
        low, high, signs = self.ranges[self.input]
        region = self.region(conditions)
        ends = [[self.fixed(region, cell[end]) if end in cell else None for cell in cells] for end in ("low", "high")]
        first = sp.S(0) if low is None and signs == POSITIVE else None if low is None else sp.Rational(low)
        ends = [first, *ends[1]] if ends[0] == [first, *ends[1][:-1]] and cells else [None, None, None]
        if None in ends[1:-1] or ends[-1] != (None if high is None else sp.Rational(high)):
            reject("the cells leave a gap")
        for a, b in zip(ends, ends[1:]):
            if a is not None and b is not None and region.signs(b - a) != POSITIVE:
                reject("the cells are not in order")
        beyond = lambda a, b: [(s * (self.input - e), 1) for e, s in ((a, 1), (b, -1)) if e is not None]
        formulas = [self.compare([*conditions, *beyond(a, b)], cell, None) for cell, a, b in zip(cells, ends, ends[1:])]
        for i, bound in enumerate(ends):
            if bound is not None and not (i == 0 and low is None):
                beside = formulas[i - 1 : i + 1] if 0 < i < len(cells) and self.by == self.input else None
                self.compare([*conditions, (self.input - bound, 0)], {}, beside)

    def compare(self, conditions, cell, beside):
        """Is the claim what is right, in a cell or at one input? Returns the formula there, None where it has no value."""
        region, k = self.region(conditions), self.order
        reading = Reading(self, region)
        try:
            formula = reading(self.record["formula"])
        except NoValue:
            return None if k else reject("the formula has no value")
        reading.suppose()
        if k == 0 and not reading.has_value():  # two formulas have values at the same places
            reject("the formula may have no value")
        claim = self.read(region, self.record["claim"])
        is_claim = lambda e: is_zero(region.at(self.times * e - claim))
        self.compared += 1
        if k == 0 or not any(sign == 0 and e.has(self.by) for e, sign in conditions):
            if not is_claim(formula.diff(self.by, k)):
                reject("the claim is not the derivative" if k else "the two sides differ")
            if "value" in cell and not is_claim(self.read(region, cell["value"]) / self.times):
                reject("the fraction of a cell is not the claim")
            return reading, formula
        if beside is None:
            beside = [(one, one(self.record["formula"])) for one in (Reading(self, region, side) for side in (-1, 1))]
        if None in beside or not all(one.is_smooth(region) for one, _ in beside):
            reject("beside a place the formula is not smooth")
        left, right = ([e.diff(self.by, j) for j in range(k + 1)] for _, e in beside)
        gaps = [a - b for a, b in zip([*left, formula], [*right, left[0]])]
        is_selected = reading.is_smooth(region) and is_claim(formula.diff(self.by, k))
        is_right = (
            (is_selected and (is_claim(left[k]) or is_claim(right[k])))
            or (all(is_zero(region.at(gap)) for gap in gaps) and is_claim(right[k]))
            or (is_selected and any(region.signs(gap) & ZERO == 0 for gap in gaps))
            or (is_selected and self.kinks_meet(region, reading.ties, conditions))
        )
        if not is_right:
            reject("at a place between two cells the claim is neither the derivative nor what is selected")
        return reading, formula

    def kinks_meet(self, region, ties, conditions):
        """Special parameters at which two conditions are ties on curves that cross, or two equations that have to hold."""
        used = self.variables(self.record["formula"])
        special = [e for e, sign in conditions if sign == 0 and not e.has(self.input) and e.free_symbols & used]
        crosses = lambda f, g, a: region.signs(f.diff(self.input) * g.diff(a) - f.diff(a) * g.diff(self.input)) & ZERO == 0
        named = set().union(*(e.free_symbols for e in special))
        pairs = [(f, g) for n, f in enumerate(ties) for g in ties[:n]]
        return self.by == self.input and (len(special) > 1 or any(crosses(f, g, a) for a in named for f, g in pairs))


def main(path):
    with open(path, encoding="utf-8") as file:
        claims = json.load(file)["claims"]
    rejected, without = 0, sum(not claim["proofs"] for claim in claims)
    for claim in claims:
        try:
            for record in claim["proofs"]:
                Proof(record).check()
        except Exception as reason:  # whatever is in the file, what cannot be followed is not accepted
            rejected += 1
            print(f"{claim['says']}: rejected: {reason or type(reason).__name__}")
    print(f"{len(claims) - rejected - without} claims checked, {rejected} rejected, {without} without a proof")
    return 1 if rejected else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
