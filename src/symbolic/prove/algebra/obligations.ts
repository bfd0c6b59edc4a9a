/** What has to hold for an expression to have a value where the region alone does not tell, and what of it follows from what. */
import type { Expr } from "../../../ir/expr.js";
import type { Field, Fraction } from "./fraction.js";
import type { Kernels } from "./kernels.js";
import type { Generator, Polynomial } from "./polynomial.js";
import { squareRootOf } from "./square-root.js";
import {
  NEGATIVE,
  NONNEGATIVE,
  NONPOSITIVE,
  NONZERO,
  POSITIVE,
  ZERO_SIGN,
  negated,
  type Signs,
} from "../signs/signs.js";

export interface Obligation {
  /** The same for subjects that are positive multiples of each other. */
  readonly about: string;
  readonly subject: Expr;
  /** The signs that the subject may have. */
  readonly allowed: Signs;
}

export type Obligations = ReadonlyMap<string, Obligation>;

/** The obligation that a fraction has one of the allowed signs. */
export function obligation(value: Fraction, allowed: Signs, { algebra, field }: Kernels): Obligation {
  const { coefficient } = algebra.content(value.numerator);
  const isNegative = coefficient < 0n;
  const size = isNegative ? -coefficient : coefficient;
  // The same up to a constant is about the same thing; with a negative one the signs are exchanged.
  const numerator = algebra.scale(
    new Map([...value.numerator].map(([monomial, c]) => [monomial, c / size])),
    isNegative ? -1n : 1n,
  );
  const normal: Fraction = { ...value, numerator, denominator: 1n };
  return {
    about: field.key(normal),
    subject: field.expression(normal),
    allowed: isNegative ? negated(allowed) : allowed,
  };
}

/**
 * The obligations that together are one: what must not be 0 has no factor that is 0, and a root is 0 where its radicand is,
 * a sine where its square is.
 */
export function obligationsOf(
  value: Fraction,
  allowed: Signs,
  kernels: Kernels,
  mayVanish: (generator: Generator) => boolean,
): Obligation[] {
  if (allowed !== NONZERO) return [obligation(value, allowed, kernels)];
  const { algebra, field } = kernels;
  const parts = new Set<Polynomial>();
  const include = (p: Polynomial): void => {
    const { monomial, primitive } = algebra.content(p);
    for (const generator of monomial.generators) {
      if (!mayVanish(generator)) continue;
      const kernel = kernels.kind(generator);
      if (kernel.kind === "root") include(kernel.radicand);
      else parts.add(algebra.of(algebra.power(generator, 1)));
    }
    if (primitive.size === 1) return;
    const root = squareRootOf(primitive, algebra);
    if (root !== undefined) include(root);
    else parts.add(kernels.squaredSine(primitive) ?? primitive);
  };
  include(value.numerator);
  for (const [{ polynomial }, exponent] of value.factors) if (exponent > 0) include(polynomial);
  return [...parts].map((part) => obligation(field.polynomial(part), NONZERO, kernels));
}

export const keyOf = ({ about, allowed }: Obligation): string => `${allowed}:${about}`;

/** The signs that are left to the subject where the given obligations hold. */
export function allowedBy(given: Iterable<Obligation>, about: string, all: Signs): Signs {
  let signs = all;
  for (const other of given) if (other.about === about) signs &= other.allowed;
  return signs;
}

/** Those of the obligations that do not follow from what is given. */
export function missing(obligations: Obligations, given: Iterable<Obligation>): Obligation[] {
  const known = [...given];
  return [...obligations.values()].filter(({ about, allowed }) => {
    const left = allowedBy(known, about, NEGATIVE | ZERO_SIGN | POSITIVE);
    return (left & ~allowed) !== 0;
  });
}

const TEXTS: Readonly<Record<Signs, string>> = {
  [NEGATIVE]: "< 0",
  [ZERO_SIGN]: "= 0",
  [NONPOSITIVE]: "<= 0",
  [POSITIVE]: "> 0",
  [NONZERO]: "is not 0",
  [NONNEGATIVE]: ">= 0",
};

/** `> 0`, as it reads after the subject. */
export const signsText = (allowed: Signs): string => TEXTS[allowed] ?? "has a value";

/** The square of a subject and of its slope together: positive where no zero of the subject is a double one. */
export const simplicity = (subject: Fraction, slope: Fraction, field: Field): Fraction =>
  field.add(field.multiply(subject, subject), field.multiply(slope, slope));
