/** A row of the operation table. */
import type { Expr } from "../expr.js";
import { EVERYTHING, type Interval } from "../interval.js";

export interface Operation {
  readonly arity: number;
  /** The float64 meaning; conditions are 1, 0, or NaN when a NaN was compared. */
  readonly evaluate: (...args: number[]) => number;
  /**
   * `evaluate` in a format other than float64, for operations on rounding errors: error-free transformations depend on
   * the format.
   */
  readonly inFloats?: (round: (value: number) => number) => (...args: number[]) => number;
  readonly interval: (...args: Interval[]) => Interval;
  /** The partial derivative by each argument. */
  readonly derivative?: (self: Expr, ...args: Expr[]) => readonly (Expr | null)[];
  /** The same function of simpler operations, as good in float64 as the operation itself. */
  readonly lowering?: (...args: Expr[]) => Expr;
  readonly laws?: readonly Law[];
  /** Roughly nanoseconds in a JavaScript loop. */
  readonly cost: number;
}

/**
 * commutative: f(a,b) = f(b,a). odd: f(-a) = -f(a). even: f(-a) = f(a). increasing: strictly, in its only argument.
 * vanishing: 0 over the reals, though not in floats.
 */
export type Law = "commutative" | "odd" | "even" | "increasing" | "vanishing";

export type Leaf = Operation & { readonly arity: 0 };
export type Lowered = Operation & Required<Pick<Operation, "lowering">>;
/** Rows by what they offer: nothing below them, nothing but themselves, or a lowering. */
export const leaf = (row: Partial<Operation>): Leaf => ({
  evaluate: () => NaN,
  interval: () => EVERYTHING,
  cost: 0,
  ...row,
  arity: 0,
});
export const primitive = (row: Operation): Operation => row;
export const lowered = (row: Lowered): Lowered => row;
