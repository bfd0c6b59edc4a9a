/**
 * An expression as an exact sum of terms on one side of the line: exponentials that grow stand in front, what is left of
 * functions at their limits decays, and what cancels has cancelled. The sum is equal to the expression wherever the
 * conditions in it are decided as on that side; nothing is left out.
 */
import { not } from "../../ir/build.js";
import { variables, type Expr } from "../../ir/expr.js";
import { OPERATIONS, type OperationName } from "../../ir/ops.js";
import { isPiecewise } from "../pieces.js";
import type { Terms } from "./term.js";
import { Unexpandable, type TermArithmetic } from "./terms.js";

/** The expansion of an operation, given those of its arguments. */
export type Rule = (all: Expansion, args: readonly Terms[], expr: Expr) => Terms;

export type Rules = { readonly [K in OperationName]?: Rule };

/** The expansions of an expression and all of its parts. */
export class Expansion {
  private readonly known = new Map<Expr, Terms>();

  constructor(
    readonly arithmetic: TermArithmetic,
    private readonly rules: Rules,
  ) {}

  /** Throws `Unexpandable` where there is none. */
  of(expr: Expr): Terms {
    const found = this.known.get(expr);
    if (found !== undefined) return found;
    for (const node of this.needed(expr)) this.known.set(node, this.expand(node));
    return this.known.get(expr)!;
  }

  /** The parts that are not expanded yet, arguments first: of a case distinction only the branch that counts. */
  private needed(root: Expr): Expr[] {
    const order: Expr[] = [];
    const stack = [root];
    const seen = new Set<Expr>();
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const waiting = this.parts(top).filter((part) => !seen.has(part) && !this.known.has(part));
      if (waiting.length > 0) stack.push(...waiting);
      else {
        stack.pop();
        if (!seen.has(top) && !this.known.has(top)) order.push(top);
        seen.add(top);
      }
    }
    return order;
  }

  depends(expr: Expr): boolean {
    return !expr.closed && variables(expr).includes(this.arithmetic.input);
  }

  private parts(expr: Expr): readonly Expr[] {
    if (!this.depends(expr)) return [];
    if (isPiecewise(expr)) return [this.chosen(expr)];
    return expr.args;
  }

  /** The part of a case distinction that it is on this side. */
  private chosen(expr: Expr): Expr {
    if (expr.op !== "select") return OPERATIONS[expr.op].lowering!(...expr.args);
    const [condition, a, b] = expr.args as [Expr, Expr, Expr];
    const truth = this.arithmetic.probe.truth(condition);
    if (truth === undefined) throw new Unexpandable();
    // Where a parameter decides, it may decide otherwise.
    if (variables(condition).some((variable) => variable !== this.arithmetic.input))
      this.arithmetic.assumptions.that(truth ? condition : not(condition));
    return truth ? a : b;
  }

  private expand(expr: Expr): Terms {
    const { arithmetic } = this;
    if (!this.depends(expr)) return arithmetic.constant(expr);
    if (expr === arithmetic.input) return arithmetic.variable;
    if (isPiecewise(expr)) return this.known.get(this.chosen(expr))!;
    const rule = this.rules[expr.op];
    const args = expr.args.map((arg) => this.known.get(arg)!);
    return rule === undefined ? arithmetic.opaque(expr) : rule(this, args, expr);
  }
}
