/** Signs of a polynomial from the intervals of its generators, and from polynomials that are known to be positive. */
import { addIntervals, multiplyIntervals, powerOfInterval, widened, type Interval } from "../../../ir/interval.js";
import type { Facts } from "../../facts.js";
import type { Algebra, Monomial, Polynomial } from "../algebra/polynomial.js";
import {
  ANY_SIGN,
  NEGATIVE,
  NONNEGATIVE,
  POSITIVE,
  ZERO_SIGN,
  isWithin,
  negated,
  sumOfSigns,
  type Signs,
} from "./signs.js";

/** The interval that a polynomial's values lie in. */
export function rangeOf(p: Polynomial, facts: Facts, algebra: Algebra): Interval {
  let sum: Interval | undefined;
  algebra.spend(p.size);
  for (const [{ generators, exponents }, coefficient] of p) {
    const size = Number(coefficient);
    let term = widened(size, size);
    generators.forEach((generator, i) => {
      term = multiplyIntervals(term, powerOfInterval(facts(generator.meaning()), exponents[i]!));
    });
    sum = sum === undefined ? term : addIntervals(sum, term);
  }
  return sum!;
}

/** Is p, or -p, a sum of what is assumed positive and what is not negative anyway? */
export function signsFromAssumptions(
  p: Polynomial,
  assumed: readonly Polynomial[],
  algebra: Algebra,
  signsOfMonomial: (monomial: Monomial) => Signs,
): Signs {
  const minus = (a: Polynomial, c: Polynomial): Polynomial => algebra.add(a, algebra.scale(c, -1n));
  const signsOfTerm = (monomial: Monomial, coefficient: bigint): Signs => {
    const signs = signsOfMonomial(monomial);
    return coefficient < 0n ? negated(signs) : signs;
  };
  const nonnegative = (a: Polynomial): boolean => {
    let sum = ZERO_SIGN;
    for (const [monomial, coefficient] of a) sum = sumOfSigns(sum, signsOfTerm(monomial, coefficient));
    return isWithin(sum, NONNEGATIVE);
  };
  /** The monomials with a term that may be negative: what is taken from a sum to make it none has to have all of them. */
  const inTheWay = (a: Polynomial): Monomial[] =>
    [...a].flatMap(([monomial, coefficient]) =>
      isWithin(signsOfTerm(monomial, coefficient), NONNEGATIVE) ? [] : [monomial],
    );
  for (const [direction, signs] of [
    [1n, POSITIVE],
    [-1n, NEGATIVE],
  ] as const)
    for (const first of assumed) {
      const rest = minus(algebra.scale(p, direction), first);
      const open = inTheWay(rest);
      const helps = (second: Polynomial): boolean =>
        open.every((monomial) => second.has(monomial)) && nonnegative(minus(rest, second));
      if (open.length === 0 || assumed.some(helps)) return signs;
    }
  return ANY_SIGN;
}
