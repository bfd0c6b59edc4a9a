/** The forms of an expression that its expansions on the sides of the line are, each equal to it on its own side. */
import { and, select } from "../../ir/build.js";
import { variables, type Expr } from "../../ir/expr.js";
import { normalForm } from "../simplify.js";
import type { Point } from "../oracle.js";
import { Expansion } from "./expansion.js";
import { RULES } from "./rules.js";
import { Probe, SIDES, type Side } from "./side.js";
import { TermArithmetic, Unexpandable } from "./terms.js";
import { writings } from "./write.js";

export interface SideForm {
  readonly name: string;
  readonly expr: Expr;
  /** The sign of the inputs that it is for. */
  readonly sign: 1 | -1;
}

/** At most a few for each side; none where the expression has no expansion there. */
export function sideForms(expr: Expr, input: Expr, parameters: Point): SideForm[] {
  const hasParameters = variables(expr).some((variable) => variable !== input);
  const manners = hasParameters ? [false, true] : [false];
  return SIDES.flatMap((side) => {
    const forms = manners.flatMap((isCareful) => formsOn(side, expr, input, parameters, isCareful));
    return [...new Set(forms)].map((form) => ({ name: side.name, expr: form, sign: side.sign }));
  });
}

function formsOn(side: Side, expr: Expr, input: Expr, parameters: Point, isCareful: boolean): Expr[] {
  const arithmetic = new TermArithmetic(input, new Probe(side, input, parameters), isCareful);
  try {
    const forms = writings(new Expansion(arithmetic, RULES).of(expr), input, arithmetic.probe);
    const [first, ...others] = arithmetic.assumptions.all;
    const condition = first && others.reduce((all, other) => and(all, other), first);
    const guarded = (form: Expr): Expr => (condition === undefined ? form : select(condition, form, expr));
    return forms.flatMap((form) => [form, normalForm(form)]).map(guarded);
  } catch (error) {
    if (error instanceof Unexpandable) return [];
    throw error;
  }
}
