/** Conditions on parameters under which an expansion is equal to what was expanded. */
import { eq, lt, not } from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import { isPositive } from "../../ir/interval.js";
import { createFacts } from "../facts.js";
import { ZERO } from "./term.js";

export class Assumptions {
  private readonly conditions = new Set<Expr>();

  get all(): readonly Expr[] {
    return [...this.conditions];
  }

  that(condition: Expr): void {
    this.conditions.add(condition);
  }

  positive(subject: Expr): void {
    this.assume("positive", subject);
  }

  nonzero(subject: Expr): void {
    this.assume("nonzero", subject);
  }

  /** Notes a condition on what has no input in it, unless it is known to hold: as conditions on its parts. */
  private assume(what: "positive" | "nonzero", subject: Expr): void {
    const fact = createFacts()(subject);
    if (subject.closed || (what === "positive" ? isPositive(fact) : fact.nonzero)) return;
    const [first, second] = subject.args;
    if (subject.op === "sqrt") this.assume("positive", first!);
    else if (subject.op === "neg" && what === "nonzero") this.assume(what, first!);
    else if ((subject.op === "mul" || subject.op === "div") && (what === "nonzero" || first!.closed)) {
      this.assume(what, first!);
      this.assume(what, second!);
    } else this.that(what === "positive" ? lt(ZERO, subject) : not(eq(subject, ZERO)));
  }
}
