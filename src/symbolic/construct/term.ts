/** Terms c·|x|^k·exp(E)·Π b^n, and what can be done with one or two of them. */
import { add, constant, div, mul, neg } from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import { normalForm } from "../simplify.js";
import { coefficientForm, exponentOf } from "./coefficient.js";
import { UNIT, powerOfSize, timesSize, type Size } from "./side.js";

export interface Term {
  /** Without the input. */
  readonly coefficient: Expr;
  /** Of |x|. */
  readonly power: number;
  /** Of e. */
  readonly exponent: Expr;
  readonly factors: ReadonlyMap<Expr, number>;
  readonly size: Size;
}

/** No two with the same powers; the fastest first. */
export type Terms = readonly Term[];

export const ZERO = constant(0);
export const ONE = constant(1);
export const NO_FACTORS: ReadonlyMap<Expr, number> = new Map();

export const factorOf = (base: Expr, exponent: number): Term => ({
  coefficient: ONE,
  power: 0,
  exponent: ZERO,
  factors: new Map([[base, exponent]]),
  size: UNIT,
});

export function times(a: Term, b: Term): Term {
  const factors = new Map(a.factors);
  for (const [base, exponent] of b.factors) {
    const sum = exponentOf((factors.get(base) ?? 0) + exponent);
    if (sum === 0) factors.delete(base);
    else factors.set(base, sum);
  }
  return {
    coefficient: coefficientForm(mul(a.coefficient, b.coefficient)),
    power: exponentOf(a.power + b.power),
    exponent: normalForm(add(a.exponent, b.exponent)),
    factors,
    size: timesSize(a.size, b.size),
  };
}

export const product = (a: Terms, b: Terms): Terms => a.flatMap((left) => b.map((right) => times(left, right)));

export const inverse = ({ coefficient, power, exponent, factors, size }: Term): Term => ({
  coefficient: coefficientForm(div(ONE, coefficient)),
  power: -power,
  exponent: normalForm(neg(exponent)),
  factors: new Map([...factors].map(([base, own]) => [base, -own])),
  size: powerOfSize(size, -1),
});

/** A name for factors and their exponents. */
export const keyOf = (factors: readonly (readonly [Expr, number])[]): string =>
  [...factors]
    .sort(([a], [b]) => a.id - b.id)
    .map(([base, exponent]) => `${base.id}^${exponent}`)
    .join(",");
