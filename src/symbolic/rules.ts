/**
 * The rules that always apply: they bring an expression into a normal form that is never more expensive.
 * Wildcards: t, u, v, w match anything; c, d rationals; k constant expressions.
 */
import * as b from "../ir/build.js";
import { add, and, div, exp, le, lt, mul, neg, not, or, select, sub } from "../ir/build.js";
import type { Expr } from "../ir/expr.js";
import { isNegative, isNonnegative, isPositive } from "../ir/interval.js";
import {
  addRational,
  compareRational,
  invertRational,
  multiplyRational,
  negateRational,
  type Rational,
} from "../ir/rational.js";
import { wildcard } from "./match.js";
import { rule, type Guard, type Rule } from "./rule.js";

const [u, v, w, t] = [wildcard("u"), wildcard("v"), wildcard("w"), wildcard("t")];
const [c, d] = [wildcard("c"), wildcard("d")];
const [ZERO, ONE] = [b.constant(0), b.constant(1)];

type Bound = (wildcard: Expr) => Expr;
const value = (expr: Expr): Rational => expr.payload as Rational;
const sum = (a: Rational, e: Rational): Expr => b.fromRational(addRational(a, e));
const product = (a: Rational, e: Rational): Expr => b.fromRational(multiplyRational(a, e));
const difference = (a: Rational, e: Rational): Expr => sum(a, negateRational(e));

const defined: Guard = (m, facts) => facts(m(u)).defined;
const nonzero: Guard = (m, facts) => facts(m(u)).defined && facts(m(u)).nonzero;
const positive: Guard = (m, facts) => facts(m(u)).defined && isPositive(facts(m(u)));
const nonnegative: Guard = (m, facts) => facts(m(u)).defined && isNonnegative(facts(m(u)));
const negative: Guard = (m, facts) => facts(m(u)).defined && isNegative(facts(m(u)));

const constants: readonly Rule[] = [
  rule("zero-over", "real", div(0, u), ZERO, nonzero),
  rule("over-itself", "real", div(u, u), ONE, nonzero),
];

const inverses: readonly Rule[] = [
  rule("exp-of-log", "real", exp(b.log(u)), u, positive),
  rule("log-of-exp", "real", b.log(exp(u)), u, defined),
  rule("expm1-of-log1p", "real", b.expm1(b.log1p(u)), u, (m, facts) => facts(m(u)).defined && facts(m(u)).low > -1),
  rule("log1p-of-expm1", "real", b.log1p(b.expm1(u)), u, defined),
  rule("root-of-square", "real", b.sqrt(mul(u, u)), b.abs(u)),
  ...[b.tanh, b.sinh, b.sin, b.erf, b.expm1, b.log1p].map((f) => rule(`${f(0).op}-of-zero`, "exact", f(0), ZERO)),
  ...[exp, b.cos, b.cosh, b.erfc, b.erfcx].map((f) => rule(`${f(0).op}-of-zero`, "exact", f(0), ONE)),
  rule("sigmoid-of-zero", "exact", b.sigmoid(0), b.fraction(1, 2)),
  rule("log-of-one", "exact", b.log(1), ZERO),
  rule("root-of-one", "exact", b.sqrt(1), ONE),
  rule("root-of-zero", "exact", b.sqrt(0), ZERO),
  rule("power-zero", "exact", b.pow(u, 0), ONE, defined),
  rule("power-one", "exact", b.pow(u, 1), u),
  rule("square", "real", b.pow(u, 2), mul(u, u)),
  rule("half-power", "real", b.pow(u, b.fraction(1, 2)), b.sqrt(u)),
];

const pieces: readonly Rule[] = [
  rule("absolute-of-positive", "real", b.abs(u), u, nonnegative),
  rule("absolute-of-negative", "real", b.abs(u), neg(u), negative),
  rule("absolute-twice", "exact", b.abs(b.abs(u)), b.abs(u)),
  rule("sign-of-positive", "real", b.sign(u), ONE, positive),
  rule("sign-of-negative", "real", b.sign(u), b.constant(-1), negative),
  rule("sign-times-itself", "real", mul(b.sign(u), u), b.abs(u)),
  rule("sign-times-quotient", "real", mul(b.sign(u), div(u, v)), div(b.abs(u), v)),
  rule("max-known", "real", b.max(u, v), u, (m, facts) => facts(m(v)).defined && facts(m(u)).low >= facts(m(v)).high),
  rule("min-known", "real", b.min(u, v), u, (m, facts) => facts(m(v)).defined && facts(m(u)).high <= facts(m(v)).low),
  rule("max-itself", "exact", b.max(u, u), u),
  rule("min-itself", "exact", b.min(u, u), u),
  rule("not-not", "exact", not(not(u)), u),
  rule("not-less", "exact", not(lt(u, v)), le(v, u)),
  rule("not-at-most", "exact", not(le(u, v)), lt(v, u)),
  rule("and-itself", "exact", and(u, u), u),
  rule("or-itself", "exact", or(u, u), u),
  rule("same-branches", "real", select(u, v, v), v, defined),
  rule("negated-condition", "exact", select(not(u), v, w), select(u, w, v)),
  rule("same-condition-first", "exact", select(u, select(u, v, t), w), select(u, v, w)),
  rule("same-condition-second", "exact", select(u, w, select(u, t, v)), select(u, w, v)),
  rule("factor-of-first-branch", "real", mul(v, select(u, w, 0)), select(u, mul(v, w), 0), definedFactor),
  rule("factor-of-second-branch", "real", mul(v, select(u, 0, w)), select(u, 0, mul(v, w)), definedFactor),
  rule("negated-branches", "exact", neg(select(u, c, d)), select(u, neg(c), neg(d))),
  rule(
    "constant-times-branches",
    "real",
    mul(c, select(u, d, wildcard("d2"))),
    select(u, mul(c, d), mul(c, wildcard("d2"))),
  ),
];

function definedFactor(m: Bound, facts: Parameters<Guard>[1]): boolean {
  return facts(m(v)).defined;
}

const negates = (m: Bound): boolean => value(m(c)).numerator < 0n;
const scales = (m: Bound): boolean => value(m(c)).numerator > 0n;
const quotient = (m: Bound): Expr => product(value(m(d)), invertRational(value(m(c))));

/** Conditions get the input alone on one side: x + 3 > 0 becomes x > -3. */
const conditions: readonly Rule[] = [lt, le].flatMap((compare) => {
  const name = compare === lt ? "less" : "at-most";
  return [
    rule(`${name}: move constant right`, "real", compare(add(u, c), d), (m) =>
      compare(u, difference(value(m(d)), value(m(c)))),
    ),
    rule(`${name}: move constant left`, "real", compare(d, add(u, c)), (m) =>
      compare(difference(value(m(d)), value(m(c))), u),
    ),
    rule(`${name}: subtract on the left`, "real", compare(sub(c, u), d), (m) =>
      compare(difference(value(m(c)), value(m(d))), u),
    ),
    rule(`${name}: subtract on the right`, "real", compare(d, sub(c, u)), (m) =>
      compare(u, difference(value(m(c)), value(m(d)))),
    ),
    rule(`${name}: divide right`, "real", compare(mul(c, u), d), (m) =>
      scales(m) ? compare(u, quotient(m)) : undefined,
    ),
    rule(`${name}: divide left`, "real", compare(d, mul(c, u)), (m) =>
      scales(m) ? compare(quotient(m), u) : undefined,
    ),
    rule(`${name}: divide and turn right`, "real", compare(mul(c, u), d), (m) =>
      negates(m) ? compare(quotient(m), u) : undefined,
    ),
    rule(`${name}: divide and turn left`, "real", compare(d, mul(c, u)), (m) =>
      negates(m) ? compare(u, quotient(m)) : undefined,
    ),
    rule(`${name}: negated left`, "exact", compare(neg(u), d), (m) =>
      compare(b.fromRational(negateRational(value(m(d)))), u),
    ),
    rule(`${name}: negated right`, "exact", compare(d, neg(u)), (m) =>
      compare(u, b.fromRational(negateRational(value(m(d))))),
    ),
    rule(`${name}: max below`, "real", compare(b.max(u, c), d), (m) => (below(compare, m) ? compare(u, d) : undefined)),
    rule(`${name}: min above`, "real", compare(d, b.min(u, c)), (m) => (above(compare, m) ? compare(d, u) : undefined)),
    rule(`${name}: max above`, "real", compare(d, b.max(u, c)), (m) => (above(compare, m) ? undefined : compare(d, u))),
    rule(`${name}: min below`, "real", compare(b.min(u, c), d), (m) => (below(compare, m) ? undefined : compare(u, d))),
  ];
});

function below(compare: typeof lt, m: Bound): boolean {
  const order = compareRational(value(m(c)), value(m(d)));
  return compare === lt ? order < 0 : order <= 0;
}

function above(compare: typeof lt, m: Bound): boolean {
  const order = compareRational(value(m(d)), value(m(c)));
  return compare === lt ? order < 0 : order <= 0;
}

/** The field's own functions, recognised however they are written: from here on their good forms are known. */
const recognitions: readonly Rule[] = [
  rule("exp-minus-one", "real", add(exp(u), -1), b.expm1(u)),
  rule("one-minus-exp", "real", sub(1, exp(u)), neg(b.expm1(u))),
  rule("expm1-plus-one", "real", add(b.expm1(u), 1), exp(u)),
  rule("log-of-one-plus", "real", b.log(add(u, 1)), b.log1p(u)),
  rule("log1p-of-exp", "real", b.log1p(exp(u)), b.softplus(u)),
  rule("softplus-from-pieces", "real", add(b.max(u, 0), b.log1p(exp(neg(b.abs(u))))), b.softplus(u)),
  rule("softplus-from-max", "real", add(b.max(u, 0), b.softplus(neg(b.abs(u)))), b.softplus(u)),
  rule("softplus-from-min", "real", sub(b.min(u, 0), b.softplus(neg(b.abs(u)))), neg(b.softplus(neg(u)))),
  rule("sigmoid-of-log", "real", b.sigmoid(b.log(u)), div(u, add(u, 1))),
  rule("expm1-over-exp", "real", div(b.expm1(u), exp(u)), neg(b.expm1(neg(u)))),
  rule("log-of-sigmoid", "real", b.log(b.sigmoid(u)), neg(b.softplus(neg(u)))),
  rule("sigmoid-denominator", "real", div(v, add(exp(neg(u)), 1)), mul(v, b.sigmoid(u))),
  rule("sigmoid-from-growth", "real", div(v, add(exp(u), 1)), mul(v, b.sigmoid(neg(u)))),
  rule("growth-times-sigmoid", "real", mul(exp(u), b.sigmoid(neg(u))), b.sigmoid(u)),
  rule("one-minus-sigmoid", "real", sub(1, b.sigmoid(u)), b.sigmoid(neg(u))),
  rule("one-plus-tanh", "real", add(b.tanh(u), 1), mul(2, b.sigmoid(mul(2, u)))),
  rule("one-minus-tanh", "real", sub(1, b.tanh(u)), mul(2, b.sigmoid(mul(-2, u)))),
  rule("one-plus-erf", "real", add(b.erf(u), 1), b.erfc(neg(u))),
  rule("one-minus-erf", "real", sub(1, b.erf(u)), b.erfc(u)),
  rule("one-minus-erfc", "real", sub(1, b.erfc(u)), b.erf(u)),
  rule("two-minus-erfc", "real", sub(2, b.erfc(u)), b.erfc(neg(u))),
  rule("sine-cosine", "real", mul(b.sin(u), b.cos(u)), mul(b.fraction(1, 2), b.sin(mul(2, u)))),
  rule(
    "cosine-squared-minus-sine-squared",
    "real",
    sub(mul(b.cos(u), b.cos(u)), mul(b.sin(u), b.sin(u))),
    b.cos(mul(2, u)),
  ),
  rule("one-minus-part", "real", sub(1, div(u, add(u, v))), div(v, add(u, v))),
];

export const SIMPLIFICATIONS: readonly Rule[] = [...constants, ...inverses, ...pieces, ...conditions, ...recognitions];
