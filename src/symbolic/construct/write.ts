/** Sums of terms as expressions that overflow no sooner than their value does. */
import { abs, add, div, exp, fraction, mul, naturalPower, neg, pow, sqrt, sub } from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import type { Rational } from "../../ir/rational.js";
import { normalForm } from "../simplify.js";
import { coefficientForm, exponentForm } from "./coefficient.js";
import { trend, type Probe } from "./side.js";
import { NO_FACTORS, ONE, ZERO, inverse, times, type Term, type Terms } from "./term.js";

/** The ways to write a sum. */
export function writings(terms: Terms, input: Expr, probe: Probe): readonly Expr[] {
  const whole = factored(terms, input, probe);
  const forms = [false, true].map((halving) => written(terms, input, probe, halving));
  return whole === undefined ? forms : [...forms, whole];
}

/** The sum as an expression: what decays as a square of half of it where it is multiplied by what grows. */
export function written(terms: Terms, input: Expr, probe: Probe, halving = false): Expr {
  let result: Expr | undefined;
  for (const each of terms) {
    const term = inInput(each, probe);
    const isNegative = probe.sign(term.coefficient) < 0 && isSigned(term.coefficient);
    const written = writtenTerm(
      isNegative ? { ...term, coefficient: coefficientForm(neg(term.coefficient)) } : term,
      input,
      probe,
      halving,
    );
    if (result === undefined) result = isNegative ? neg(written) : written;
    else result = isNegative ? sub(result, written) : add(result, written);
  }
  return result ?? ZERO;
}

/**
 * (Σ terms over |x|^k·e^E of the first)·|x|^k·e^E for a sum that grows, the exponential by halves: so it is infinite where
 * terms of both signs would be, and no sooner than its value is. Nothing where one term says that already.
 */
function factored(terms: Terms, input: Expr, probe: Probe): Expr | undefined {
  const [first] = terms;
  if (terms.length < 2 || trend(first!.size) <= 0) return undefined;
  const { power, exponent } = first!;
  const shared: Term = { coefficient: ONE, power, exponent, factors: NO_FACTORS, size: first!.size };
  const over = inverse(shared);
  const bracket = written(
    terms.map((term) => times(term, over)),
    input,
    probe,
  );
  const powers = power === 0 ? bracket : mul(written([{ ...shared, exponent: ZERO }], input, probe), bracket);
  if (exponent === ZERO) return powers;
  const root = exp(withoutFactor(mul(fraction(1, 2), exponent)));
  return mul(mul(root, powers), root);
}

/** |x|^k for an odd k, or one and a half, with the sign in the coefficient: it is written as x^k, or x·√|x|. */
function inInput(term: Term, probe: Probe): Term {
  const isOdd = Number.isInteger(2 * term.power) && Math.floor(Math.abs(term.power)) % 2 === 1;
  return isOdd && probe.side.sign < 0 ? { ...term, coefficient: coefficientForm(neg(term.coefficient)) } : term;
}

function writtenTerm(
  { coefficient, power, exponent, factors }: Term,
  input: Expr,
  probe: Probe,
  halving: boolean,
): Expr {
  const [tops, bottoms]: [Expr[], Expr[]] = [[], []];
  const put = (base: Expr, count: number): void => {
    const whole = Math.floor(Math.abs(count));
    const side = count > 0 ? tops : bottoms;
    if (!Number.isInteger(2 * count)) {
      side.push(pow(abs(base), exponentForm(Math.abs(count))));
      return;
    }
    if (whole > 0) side.push(naturalPower(base, whole));
    if (whole !== Math.abs(count)) side.push(sqrt(abs(base)));
  };
  put(input, power);
  for (const [base, count] of factors) put(base, count);
  const scale = coefficient === ONE ? [] : [coefficient];
  if (exponent === ZERO) return quotient([...scale, ...tops], bottoms);
  const isScaled = power > 0 && trend(probe.exponent(exponent)) < 0;
  if (halving && isScaled) {
    const root = exp(withoutFactor(mul(fraction(1, 2), exponent)));
    return mul(quotient([...scale, ...tops, root], bottoms), root);
  }
  // Exponentials that decay come first, so that no power overflows before them.
  return quotient([exp(withoutFactor(exponent)), ...scale, ...powersOf(tops)], bottoms);
}

/** 2x - 6E as 2(x - 3E): so the largest input does not overflow before something else does. */
function withoutFactor(exponent: Expr): Expr {
  const normal = normalForm(exponent);
  const terms: Expr[] = [normal];
  while (terms[0]!.op === "add" || terms[0]!.op === "sub") terms.unshift(terms[0]!.args[0]!);
  const [first] = terms;
  if (first === normal || first!.op !== "mul" || first!.args[0]!.op !== "rational") return normal;
  const factor = first!.args[0]!;
  return mul(factor, normalForm(div(normal, factor)));
}

/** x·x as two factors: each is multiplied on its own. */
const powersOf = (factors: readonly Expr[]): Expr[] =>
  factors.flatMap((factor) => (factor.op === "mul" && factor.args[0] === factor.args[1] ? [...factor.args] : [factor]));

const isSigned = (coefficient: Expr): boolean =>
  coefficient.op === "neg" ||
  (coefficient.op === "rational" && (coefficient.payload as Rational).numerator < 0n) ||
  (coefficient.op === "mul" && isSigned(coefficient.args[0]!));

function quotient(tops: readonly Expr[], bottoms: readonly Expr[]): Expr {
  const top = tops.length === 0 ? ONE : tops.reduce((all, factor) => mul(all, factor));
  return bottoms.length === 0
    ? top
    : div(
        top,
        bottoms.reduce((all, factor) => mul(all, factor)),
      );
}
