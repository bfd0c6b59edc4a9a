/** The square root of a polynomial that is a square, term by term from the leading one. */
import { integerRoot } from "../integers.js";
import type { Algebra, Generator, Monomial, Polynomial } from "./polynomial.js";

/** r with r² = p, when there is one; of a positive generator half of every power is a power. */
export function squareRootOf(
  p: Polynomial,
  algebra: Algebra,
  isPositive: (generator: Generator) => boolean = () => false,
): Polynomial | undefined {
  const rootOf = (monomial: Monomial, coefficient: bigint): Polynomial | undefined => {
    const root = integerRoot(coefficient);
    if (
      root === undefined ||
      monomial.exponents.some((exponent, i) => exponent % 2 !== 0 && !isPositive(monomial.generators[i]!))
    )
      return undefined;
    const halves = monomial.exponents.map((exponent) => exponent / 2);
    return new Map([[algebra.monomial(monomial.generators, halves), root]]);
  };
  const lead = algebra.leading(p);
  const first = rootOf(lead, p.get(lead)!);
  if (first === undefined) return undefined;
  // The square of a lower power would be left over.
  const lowest = new Map<Generator, number>();
  for (const { generators, exponents } of p.keys())
    generators.forEach((generator, i) => {
      if (isPositive(generator)) lowest.set(generator, Math.min(lowest.get(generator) ?? 0, exponents[i]!));
    });
  let root = first;
  const [top] = [...first.keys()];
  const twice = 2n * first.get(top!)!;
  for (let terms = 0; terms < 40; terms++) {
    const rest = algebra.add(p, algebra.scale(algebra.multiply(root, root), -1n));
    if (rest.size === 0) return root;
    const next = algebra.leading(rest);
    const coefficient = rest.get(next)!;
    const monomial = algebra.times(next, algebra.inverse(top!));
    const isOff = (e: number, i: number): boolean => 2 * e < (lowest.get(monomial.generators[i]!) ?? 0);
    if (coefficient % twice !== 0n || monomial.exponents.some(isOff) || monomial.reducible) return undefined;
    if (root.has(monomial)) return undefined;
    root = algebra.add(root, algebra.of(monomial, coefficient / twice));
  }
  return undefined;
}
