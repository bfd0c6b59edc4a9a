/** How each operation expands: by its exponentials where an argument grows, as nearly its argument where that falls to 0. */
import {
  abs,
  add,
  asinh,
  atan,
  atanh,
  cos,
  cosh,
  div,
  erf,
  erfc,
  erfcx,
  exp,
  expm1,
  fraction,
  log,
  log1p,
  mul,
  neg,
  pi,
  sigmoid,
  sin,
  sinh,
  tanh,
} from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import type { Expansion, Rule, Rules } from "./expansion.js";
import { rationalToNumber, type Rational } from "../../ir/rational.js";
import { UNIT, powerOfSize, trend } from "./side.js";
import { ONE, ZERO, type Term, type Terms } from "./term.js";
import { Unexpandable } from "./terms.js";

const HALF = fraction(1, 2);
const TWO = fraction(2);
const MINUS = fraction(-1);

/** How an argument behaves: it grows without end, with this sign; it falls to 0; or it has another limit. */
type Behaviour =
  | { readonly kind: "grows"; readonly sign: number }
  | { readonly kind: "vanishes" }
  | { readonly kind: "settles"; readonly limit: Expr; readonly rest: Terms };

function behaviourOf({ arithmetic }: Expansion, terms: Terms): Behaviour {
  const opened = arithmetic.opening(terms);
  const [first] = opened;
  if (first === undefined) return { kind: "vanishes" };
  const direction = trend(first.size);
  const sign = arithmetic.signOf(first);
  if (direction > 0 && sign === 0) throw new Unexpandable();
  if (direction > 0) return { kind: "grows", sign };
  if (direction < 0) return { kind: "vanishes" };
  const isLimit = first.power === 0 && first.exponent === ZERO && first.factors.size === 0;
  if (!isLimit) throw new Unexpandable();
  return { kind: "settles", limit: first.coefficient, rest: opened.slice(1) };
}

/** exp: what grows is the exponent of a term, a limit its coefficient, and the rest a factor that is nearly 1. */
function exponential(all: Expansion, terms: Terms): Terms {
  const { arithmetic } = all;
  const opened = arithmetic.opening(terms);
  const rest = opened.filter(({ size }) => trend(size) < 0);
  const isLimit = ({ power, exponent, factors }: Term): boolean =>
    power === 0 && exponent === ZERO && factors.size === 0;
  const limits = opened.filter((term) => !rest.includes(term) && isLimit(term));
  const growing = opened.filter((term) => !rest.includes(term) && !limits.includes(term));
  let result: Terms = arithmetic.constant(exp(arithmetic.write(limits)));
  if (growing.length > 0) result = arithmetic.product(result, arithmetic.exponential(arithmetic.write(growing)));
  if (rest.length === 0) return result;
  return arithmetic.product(result, arithmetic.unit(exp(arithmetic.write(rest)), small(all, expm1, rest)));
}

/** log of lead·(1 + rest): the logarithms of the lead's parts, and log1p of the rest. */
function logarithm(all: Expansion, terms: Terms): Terms {
  const { arithmetic } = all;
  const { lead, rest } = arithmetic.split(terms);
  if (arithmetic.signOf(lead) !== 1) throw new Unexpandable();
  const parts: Terms[] = [];
  const isNearOne = [...lead.factors.keys()].every((base) => arithmetic.restOf(base) !== undefined);
  if (isNearOne) {
    const isPositive = arithmetic.probe.sign(lead.coefficient) > 0;
    const magnitude = isPositive ? lead.coefficient : neg(lead.coefficient);
    arithmetic.assumptions.positive(magnitude);
    if (magnitude !== ONE) parts.push(arithmetic.constant(log(magnitude)));
    for (const [base, exponent] of lead.factors)
      parts.push(arithmetic.scaled(small(all, log1p, arithmetic.restOf(base)!), fraction(exponent)));
    if (lead.power !== 0)
      parts.push(arithmetic.scaled(arithmetic.opaque(log(abs(arithmetic.input))), fraction(2 * lead.power, 2)));
  } else {
    const without = arithmetic.write([{ ...lead, exponent: ZERO }]);
    if (without !== ONE) parts.push(arithmetic.opaque(log(without)));
  }
  if (lead.exponent !== ZERO) parts.push(all.of(lead.exponent));
  if (rest.length > 0) parts.push(small(all, log1p, arithmetic.sum(rest)));
  return arithmetic.sum(...parts);
}

/** f(u) for a small u, where f(u) is about u and has its sign. */
function small({ arithmetic }: Expansion, f: (u: Expr) => Expr, terms: Terms): Terms {
  const [first] = terms;
  return first === undefined ? [] : arithmetic.opaque(f(arithmetic.write(terms)), first.size, arithmetic.signOf(first));
}

const minusTerms = ({ arithmetic }: Expansion, terms: Terms): Terms => arithmetic.scaled(terms, MINUS);

const plusConstant = ({ arithmetic }: Expansion, terms: Terms, value: Expr): Terms =>
  arithmetic.sum(arithmetic.constant(value), terms);

/** 1/(1 + u). */
const overOnePlus = (all: Expansion, terms: Terms): Terms => all.arithmetic.inverse(plusConstant(all, terms, ONE));

/** tanh(c + d) = tanh(c) + (1 - tanh(c)²)·t/(1 + tanh(c)·t) with t = tanh(d). */
function tanhBeside(all: Expansion, limit: Expr, rest: Terms): Terms {
  const { arithmetic } = all;
  const atLimit = tanh(limit);
  const t = small(all, tanh, rest);
  // 1 - tanh(c)², of which floats have digits however large c is.
  const [above, below] = [TWO, fraction(-2)].map((scale) => sigmoid(mul(scale, limit)));
  const slope = mul(fraction(4), mul(above!, below!));
  const quotient = arithmetic.product(t, overOnePlus(all, arithmetic.scaled(t, atLimit)));
  return arithmetic.sum(arithmetic.constant(atLimit), arithmetic.scaled(quotient, slope));
}

function tanhRule(all: Expansion, [u]: readonly Terms[]): Terms {
  const { arithmetic } = all;
  const behaviour = behaviourOf(all, u!);
  if (behaviour.kind === "vanishes") return small(all, tanh, u!);
  if (behaviour.kind === "settles") return tanhBeside(all, behaviour.limit, behaviour.rest);
  // ±(1 - 2E/(1 + E)) with E = exp(-2|u|)
  const e = exponential(all, arithmetic.scaled(u!, fraction(-2 * behaviour.sign)));
  const part = arithmetic.scaled(arithmetic.product(e, overOnePlus(all, e)), fraction(-2));
  const one = arithmetic.sum(arithmetic.constant(ONE), part);
  return behaviour.sign > 0 ? one : minusTerms(all, one);
}

function sigmoidRule(all: Expansion, [u]: readonly Terms[]): Terms {
  const { arithmetic } = all;
  const behaviour = behaviourOf(all, u!);
  if (behaviour.kind === "grows") {
    const e = exponential(all, arithmetic.scaled(u!, fraction(-behaviour.sign)));
    const over = overOnePlus(all, e);
    return behaviour.sign > 0 ? over : arithmetic.product(e, over);
  }
  if (behaviour.kind === "vanishes") {
    const unit = mul(TWO, sigmoid(arithmetic.write(u!)));
    return arithmetic.scaled(arithmetic.unit(unit, small(all, tanh, arithmetic.scaled(u!, HALF))), HALF);
  }
  // (1 + tanh(u/2))/2
  const half = tanhBeside(all, mul(HALF, behaviour.limit), arithmetic.scaled(behaviour.rest, HALF));
  return arithmetic.scaled(arithmetic.sum(arithmetic.constant(ONE), half), HALF);
}

const softplusRule: Rule = (all, [u]) => logarithm(all, plusConstant(all, exponential(all, u!), ONE));

/** erfc(u) = exp(-u²)·erfcx(u) for a u that grows upwards. */
function tail(all: Expansion, u: Terms): Terms {
  const { arithmetic } = all;
  const e = exponential(all, minusTerms(all, arithmetic.product(u, u)));
  return arithmetic.product(e, arithmetic.opaque(erfcx(arithmetic.write(u)), powerOfSize(u[0]!.size, -1)));
}

function erfRule(all: Expansion, [u]: readonly Terms[], expr: Expr): Terms {
  const { arithmetic } = all;
  const behaviour = behaviourOf(all, u!);
  if (behaviour.kind === "vanishes") return small(all, erf, u!);
  if (behaviour.kind === "settles") return arithmetic.opaque(expr);
  const upwards = behaviour.sign > 0 ? u! : minusTerms(all, u!);
  const one = arithmetic.sum(arithmetic.constant(ONE), minusTerms(all, tail(all, upwards)));
  return behaviour.sign > 0 ? one : minusTerms(all, one);
}

function erfcRule(all: Expansion, [u]: readonly Terms[], expr: Expr): Terms {
  const { arithmetic } = all;
  const behaviour = behaviourOf(all, u!);
  if (behaviour.kind === "vanishes") {
    const written = arithmetic.write(u!);
    return arithmetic.unit(erfc(written), minusTerms(all, small(all, erf, u!)));
  }
  if (behaviour.kind === "settles") return arithmetic.opaque(expr);
  if (behaviour.sign > 0) return tail(all, u!);
  return arithmetic.sum(arithmetic.constant(TWO), minusTerms(all, tail(all, minusTerms(all, u!))));
}

/** sinh and cosh by their exponentials where the argument grows. */
const hyperbolic =
  (sign: 1 | -1, near: (all: Expansion, u: Terms, expr: Expr) => Terms): Rule =>
  (all, [u], expr) => {
    const { arithmetic } = all;
    if (behaviourOf(all, u!).kind !== "grows") return near(all, u!, expr);
    const [up, down] = [exponential(all, u!), exponential(all, minusTerms(all, u!))];
    return arithmetic.scaled(arithmetic.sum(up, arithmetic.scaled(down, fraction(sign))), HALF);
  };

/** f(u) = 1 + sign·2·s(u/2)² for a small u: cos and cosh. */
const evenBeside =
  (f: (u: Expr) => Expr, s: (u: Expr) => Expr, sign: 1 | -1) =>
  (all: Expansion, u: Terms, expr: Expr): Terms => {
    const { arithmetic } = all;
    if (behaviourOf(all, u).kind !== "vanishes") return arithmetic.opaque(expr);
    const half = small(all, s, arithmetic.scaled(u, HALF));
    const rest = arithmetic.scaled(arithmetic.product(half, half), fraction(2 * sign));
    return arithmetic.unit(f(arithmetic.write(u)), rest);
  };

/** f(u) itself where u falls to 0, else the whole as it stands. */
const oddBeside =
  (f: (u: Expr) => Expr) =>
  (all: Expansion, u: Terms, expr: Expr): Terms =>
    behaviourOf(all, u).kind === "vanishes" ? small(all, f, u) : all.arithmetic.opaque(expr);

/** A wave of an argument that grows has no limit, no size and no sign either. */
const wave =
  (near: (all: Expansion, u: Terms, expr: Expr) => Terms): Rule =>
  (all, [u], expr) =>
    behaviourOf(all, u!).kind === "grows" ? all.arithmetic.opaque(expr, UNIT, 0) : near(all, u!, expr);

function erfcxRule(all: Expansion, [u]: readonly Terms[], expr: Expr): Terms {
  const behaviour = behaviourOf(all, u!);
  if (behaviour.kind === "grows" && behaviour.sign > 0)
    return all.arithmetic.opaque(erfcx(all.arithmetic.write(u!)), powerOfSize(u![0]!.size, -1));
  return all.arithmetic.opaque(expr);
}

/** atan(u) = ±(π/2 - atan(1/|u|)) for a u that grows, and atan(c + d) = atan(c) + atan(d/(1 + c² + c·d)). */
function atanRule(all: Expansion, [u]: readonly Terms[]): Terms {
  const { arithmetic } = all;
  const behaviour = behaviourOf(all, u!);
  if (behaviour.kind === "vanishes") return small(all, atan, u!);
  if (behaviour.kind === "settles") {
    const { limit, rest } = behaviour;
    const below = arithmetic.sum(arithmetic.constant(add(ONE, mul(limit, limit))), arithmetic.scaled(rest, limit));
    const beyond = small(all, atan, arithmetic.product(rest, arithmetic.inverse(below)));
    return arithmetic.sum(arithmetic.constant(atan(limit)), beyond);
  }
  const beyond = small(all, atan, arithmetic.inverse(u!));
  const quarter = arithmetic.constant(mul(fraction(behaviour.sign, 2), pi));
  return arithmetic.sum(quarter, minusTerms(all, beyond));
}

/** asinh(u) = ±log(|u| + √(u² + 1)), and acosh(u) = log(u + √(u² - 1)), for a u that grows. */
function areaOf(all: Expansion, u: Terms, square: Expr): Terms {
  const { arithmetic } = all;
  const root = arithmetic.root(plusConstant(all, arithmetic.product(u, u), square));
  return logarithm(all, arithmetic.sum(u, root));
}

function asinhRule(all: Expansion, [u]: readonly Terms[], expr: Expr): Terms {
  const behaviour = behaviourOf(all, u!);
  if (behaviour.kind === "vanishes") return small(all, asinh, u!);
  if (behaviour.kind === "settles") return all.arithmetic.opaque(expr);
  return behaviour.sign > 0 ? areaOf(all, u!, ONE) : minusTerms(all, areaOf(all, minusTerms(all, u!), ONE));
}

const acoshRule: Rule = (all, [u], expr) =>
  behaviourOf(all, u!).kind === "grows" ? areaOf(all, u!, MINUS) : all.arithmetic.opaque(expr);

/** (log(1 + u) - log(1 - u))/2. */
function atanhRule(all: Expansion, [u]: readonly Terms[]): Terms {
  const { arithmetic } = all;
  if (behaviourOf(all, u!).kind === "vanishes") return small(all, atanh, u!);
  const [above, below] = [u!, minusTerms(all, u!)].map((terms) => logarithm(all, plusConstant(all, terms, ONE)));
  return arithmetic.scaled(arithmetic.sum(above!, minusTerms(all, below!)), HALF);
}

/** A logarithm to a base. */
const logarithmTo =
  (base: number): Rule =>
  (all, [u]) =>
    all.arithmetic.scaled(logarithm(all, u!), div(ONE, log(fraction(base))));

/** b^u = exp(u·log b) for a number b, and u^q for a fraction q. */
function powerRule(all: Expansion, [base, exponent]: readonly Terms[], expr: Expr): Terms {
  const { arithmetic } = all;
  const [number, power] = expr.args as [Expr, Expr];
  if (!all.depends(number)) {
    arithmetic.assumptions.positive(number);
    return exponential(all, arithmetic.scaled(exponent!, log(number)));
  }
  return power.op === "rational"
    ? arithmetic.power(base!, rationalToNumber(power.payload as Rational))
    : arithmetic.opaque(expr);
}

export const RULES: Rules = {
  add: ({ arithmetic }, [a, b]) => arithmetic.sum(a!, b!),
  sub: (all, [a, b]) => all.arithmetic.sum(a!, minusTerms(all, b!)),
  mul: ({ arithmetic }, [a, b]) => arithmetic.product(a!, b!),
  div: ({ arithmetic }, [a, b]) => arithmetic.product(a!, arithmetic.inverse(b!)),
  neg: (all, [a]) => minusTerms(all, a!),
  exp: (all, [u]) => exponential(all, u!),
  expm1: (all, [u]) =>
    behaviourOf(all, u!).kind === "vanishes" ? small(all, expm1, u!) : plusConstant(all, exponential(all, u!), MINUS),
  log: (all, [u]) => logarithm(all, u!),
  log1p: (all, [u]) =>
    behaviourOf(all, u!).kind === "vanishes" ? small(all, log1p, u!) : logarithm(all, plusConstant(all, u!, ONE)),
  log2: logarithmTo(2),
  log10: logarithmTo(10),
  log1mexp: (all, [u]) => logarithm(all, plusConstant(all, minusTerms(all, exponential(all, u!)), ONE)),
  atan: atanRule,
  asinh: asinhRule,
  acosh: acoshRule,
  atanh: atanhRule,
  pow: powerRule,
  sqrt: ({ arithmetic }, [u]) => arithmetic.root(u!),
  tanh: tanhRule,
  sigmoid: sigmoidRule,
  softplus: softplusRule,
  erf: erfRule,
  erfc: erfcRule,
  erfcx: erfcxRule,
  sinh: hyperbolic(-1, oddBeside(sinh)),
  cosh: hyperbolic(1, evenBeside(cosh, sinh, 1)),
  sin: wave(oddBeside(sin)),
  cos: wave(evenBeside(cos, sin, -1)),
};
