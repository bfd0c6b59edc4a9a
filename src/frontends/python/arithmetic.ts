/** The meaning of Python's operators, as formulas have it: over the reals, where 0.1 is 1/10. */
import * as b from "../../ir/build.js";
import { topological, variableOf, variables, type Expr } from "../../ir/expr.js";
import { isCondition } from "../../ir/ops.js";
import { MAYBE_INFINITE } from "../interpreter/refusals.js";
import { negation } from "../interpreter/truth.js";
import { OPERATORS, powerOf } from "../functions.js";
import { COMPARE, createPartial, type Comparison } from "../partial.js";
import type { Reason } from "../place.js";
import { Unfit } from "./unfit.js";
import { MAYBE_NAN } from "./unreadable.js";

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
export const power = (u: Expr, v: Expr): Expr => operator(powerOf(createPartial()))(u, v);
export const negative = operator(OPERATORS.get("unaryMinus")!);

/** A comparison as floats answer it: false where either side is NaN. */
const compared =
  (comparison: Comparison) =>
  (u: Expr, v: Expr): Expr => {
    const partial = createPartial();
    const found = partial.compare(comparison, u, v);
    if (found !== undefined) return found;
    // `1 / alpha`: the one parameter for which it is infinite is left out of what is claimed.
    const where = [u, v].map(partial.isReal).filter((each) => each !== undefined);
    if (!where.every(isOfParameters)) throw new Unfit(MAYBE_INFINITE, undefined);
    return where.reduceRight((rest, each) => b.and(each, rest), COMPARE[comparison](u, v));
  };

/** Whether one of two conditions holds, and never both. */
export function areOpposite(p: Expr, q: Expr): boolean {
  if (negation(p) === q || negation(q) === p) return true;
  const [u, v] = p.args;
  const isOther = `${p.op} ${q.op}` === "lt le" || `${p.op} ${q.op}` === "le lt";
  const { isReal } = createPartial();
  return isOther && u === q.args[1] && v === q.args[0] && [u, v].every((each) => isReal(each!) === undefined);
}

/** Whether nothing that differs from element to element is in it. */
export const isOfParameters = (expr: Expr): boolean =>
  variables(expr).every((leaf) => variableOf(leaf).role === "parameter");

/** Where the sides of comparisons are numbers, as far as parameters decide that. */
export function finiteParameters(...exprs: readonly Expr[]): readonly Expr[] {
  const partial = createPartial();
  const sides = topological(exprs).flatMap(({ op, args }) => (COMPARED.has(op) ? args : []));
  const where = sides.map(partial.isReal).filter((each) => each !== undefined);
  return [...new Set(where.filter(isOfParameters))];
}
const COMPARED: ReadonlySet<Expr["op"]> = new Set(["lt", "le", "eq"] as const);
export const [lt, le, gt, ge, eq] = [
  compared("<"),
  compared("<="),
  compared(">"),
  compared(">="),
  compared("=="),
] as const;
export const unequal = (u: Expr, v: Expr): Expr => negation(eq(u, v));
/** The condition of counting as true: everything but 0 does, NaN as well. */
export const truthOf = (u: Expr): Expr => (isCondition(u) ? u : unequal(u, b.constant(0)));

/** Functions that give a number even for NaN, where formulas have no value: only of what is surely a number. */
export const ofNumbers =
  (build: (...operands: Expr[]) => Expr) =>
  (...operands: Expr[]): Expr => {
    if (operands.some((u) => createPartial().isReal(u) !== undefined)) throw new Unfit(MAYBE_NAN, undefined);
    return build(...operands);
  };
/** Where it is NaN. */
export function isNotANumber(u: Expr): Expr {
  const found = createPartial().isNaN(u);
  if (found === undefined) throw new Unfit(MAYBE_INFINITE, undefined);
  return found === false ? b.not(b.eq(0, 0)) : found;
}
export const exclusive = (p: Expr, q: Expr): Expr => b.or(b.and(p, b.not(q)), b.and(b.not(p), q));

/** Operations on two numbers by the names that NumPy has for them; so have TensorFlow and Keras. */
export const OF_TWO = {
  add,
  subtract,
  multiply,
  divide,
  maximum: b.max,
  minimum: b.min,
  less: lt,
  less_equal: le,
  greater: gt,
  greater_equal: ge,
  equal: eq,
  not_equal: unequal,
};

export const exp2 = (u: Expr): Expr => power(b.constant(2), u);

export const ARITHMETIC: ReadonlyMap<string, (u: Expr, v: Expr) => Expr> = new Map(
  Object.entries({
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "**": power,
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
    "==": eq,
    "!=": unequal,
  }),
);

/** Operators between tensors of truths; a sum of those is true where either is. */
export const LOGIC: ReadonlyMap<string, (p: Expr, q: Expr) => Expr> = new Map(
  Object.entries({ "&": b.and, "|": b.or, "^": exclusive, "+": b.or, "*": b.and, "!=": exclusive }),
);
