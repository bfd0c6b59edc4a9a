/** A polynomial taken apart at a root: p = a + c·√v, and (a + c√v)(a - c√v) = a² - c²v. */
import type { Kernels } from "./kernels.js";
import type { Generator, Monomial, Polynomial } from "./polynomial.js";

export interface Conjugate {
  readonly a: Polynomial;
  readonly c: Polynomial;
  /** a² - c²·v, without the root. */
  readonly difference: Polynomial;
}

/** Undefined when there is no root in it. */
export function splitAtRoot(p: Polynomial, kernels: Kernels): Conjugate | undefined {
  const { algebra } = kernels;
  let root: Generator | undefined;
  for (const { generators } of p.keys())
    root ??= generators.find((generator) => kernels.kind(generator).kind === "root");
  if (root === undefined) return undefined;
  const [a, c] = [new Map<Monomial, bigint>(), new Map<Monomial, bigint>()];
  const inverse = algebra.inverse(algebra.power(root, 1));
  for (const [monomial, coefficient] of p)
    if (monomial.generators.includes(root)) c.set(algebra.times(monomial, inverse), coefficient);
    else a.set(monomial, coefficient);
  const square = (q: Polynomial): Polynomial => algebra.multiply(q, q);
  const difference = algebra.add(square(a), algebra.scale(algebra.multiply(square(c), root.square!), -1n));
  return { a, c, difference };
}
