/** What Python's operators compute, as formulas mean them: over the reals, where 0.1 is 1/10. */
import * as b from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import { FUNCTIONS, OPERATORS } from "../functions.js";
import type { Reason } from "../place.js";
import { Unfit } from "./rows.js";

/** A row of formulas' operators, with what it refuses. */
const operator =
  (row: {
    readonly build: (...operands: Expr[]) => Expr;
    readonly refuse?: (...operands: readonly Expr[]) => Reason | undefined;
  }) =>
  (...operands: Expr[]): Expr => {
    const why = row.refuse?.(...operands);
    if (why !== undefined) throw new Unfit(why, undefined);
    return row.build(...operands);
  };

export const add = operator(OPERATORS.get("add")!);
export const subtract = operator(OPERATORS.get("subtract")!);
export const multiply = operator(OPERATORS.get("multiply")!);
export const divide = operator(OPERATORS.get("divide")!);
export const power = operator(FUNCTIONS.get("pow")!);
export const negative = operator(OPERATORS.get("unaryMinus")!);
export const unequal = (u: Expr, v: Expr): Expr => b.not(b.eq(u, v));
export const exclusive = (p: Expr, q: Expr): Expr => b.or(b.and(p, b.not(q)), b.and(b.not(p), q));

export const ARITHMETIC: ReadonlyMap<string, (u: Expr, v: Expr) => Expr> = new Map(
  Object.entries({
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "**": power,
    "<": b.lt,
    "<=": b.le,
    ">": b.gt,
    ">=": b.ge,
    "==": b.eq,
    "!=": unequal,
  }),
);

/** Operators between tensors of truths; a sum of those is true where either is. */
export const LOGIC: ReadonlyMap<string, (p: Expr, q: Expr) => Expr> = new Map(
  Object.entries({ "&": b.and, "|": b.or, "^": exclusive, "+": b.or, "*": b.and, "!=": exclusive }),
);
