/** The forms of an expression that its expansions on the sides of the line are, each equal to it on its own side. */
import type { Expr } from "../../ir/expr.js";
import { normalForm } from "../simplify.js";
import type { Point } from "../oracle.js";
import { Expansion } from "./expand.js";
import { Probe, SIDES } from "./side.js";
import { TermArithmetic, Unexpandable } from "./terms.js";

export interface SideForm {
  readonly name: string;
  readonly expr: Expr;
}

/** At most a few for each side; none where the expression has no expansion there. */
export function sideForms(expr: Expr, input: Expr, parameters: Point): SideForm[] {
  return SIDES.flatMap((side) => {
    const arithmetic = new TermArithmetic(input, new Probe(side, input, parameters));
    try {
      const terms = new Expansion(arithmetic).of(expr);
      const forms = [arithmetic.write(terms), arithmetic.write(terms, true)];
      const all = forms.flatMap((form) => [form, normalForm(form)]);
      return [...new Set(all)].map((form) => ({ name: side.name, expr: form }));
    } catch (error) {
      if (error instanceof Unexpandable) return [];
      throw error;
    }
  });
}
