/** The prover's goals and its answers. */
import type { Expr } from "../../ir/expr.js";

/**
 * Is `claim` the derivative of `formula`? Over the reals, at every input and every value of the parameters within their
 * ranges where the derivative exists; at a kink, the value that the formula's own comparison selects.
 */
export interface Goal {
  readonly formula: Expr;
  /** In the input, the parameters, the output y = formula, and dy: with dy in it, it claims dy times the derivative. */
  readonly claim: Expr;
  /** How often the formula is differentiated; 0 asks whether the two are equal. */
  readonly order: number;
  /** By what the formula is differentiated: the input (the default) or a parameter. */
  readonly variable?: Expr;
}

/** An input at which the two sides differ, certified by outward-rounded intervals and confirmed with MPFR. */
export interface Witness {
  readonly x: number;
  readonly parameters: Readonly<Record<string, number>>;
  /** The right value, and the one that the claim gives; NaN where there is no value. */
  readonly expected: number;
  readonly actual: number;
}

/** A single input at which the two sides differ although they are equal around it. */
export interface Exception {
  /** The input, an expression of the parameters, as formula text. */
  readonly at: string;
  /** The values on both sides, as formula text; "undefined" where there is none. */
  readonly expected: string;
  readonly actual: string;
}

/** Where an exception is. */
export interface Place {
  /** The input, an expression of the parameters; absent where it is none that can be written down, or a whole cell. */
  readonly input?: Expr;
  /** The right value there, if there is one. */
  readonly right?: Expr;
  /** It is one for certain values of the parameters alone. */
  readonly forSpecialParameters: boolean;
}

/** One step of the argument: where, what the two sides are there, and what came of it. */
export interface CellReport {
  /** Such as `x < 0`, `x = lambd` or `0 < x < 3, when a > 0`. */
  readonly where: string;
  readonly expected: string;
  readonly actual: string;
  /** The normal form of both when they are equal, of their difference when they are not. */
  readonly normalForm: string;
  /** The laws that led to the normal form, such as `erfc(u) = 1 - erf(u)`. */
  readonly laws: readonly string[];
  readonly outcome: "equal" | "different" | "undefined" | "open";
}

export type Verdict =
  | { readonly verdict: "proved" }
  | { readonly verdict: "equal-except"; readonly at: readonly Exception[]; readonly places: readonly Place[] }
  | { readonly verdict: "refuted"; readonly witness: Witness }
  | {
      readonly verdict: "unknown";
      readonly reason: string;
      /** The sub-goal that stayed open, as text. */
      readonly goal?: string;
      /** Equal modulo a 61-bit prime at random points: no proof, but no sampling would tell them apart. */
      readonly probable?: boolean;
    };

export type Proof = Verdict & { readonly cells: readonly CellReport[] };
