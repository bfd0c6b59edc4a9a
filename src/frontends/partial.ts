/**
 * Where an expression is a real number, and how comparisons answer where it is none. Formulas have no value there;
 * programs have NaN, for which every comparison but "unequal" is false. Where they may have an infinity nothing is said.
 */
import * as b from "../ir/build.js";
import { topological, variableOf, type Expr } from "../ir/expr.js";
import {
  interval,
  isNegative as surelyNegative,
  squareInterval,
  widened,
  UNKNOWN,
  type Interval,
} from "../ir/interval.js";
import { OPERATIONS, type OperationName } from "../ir/ops.js";
import { rationalToNumber, type Rational } from "../ir/rational.js";

/** `where`: the condition of being real, nothing for always. `infinite`: elsewhere it may be an infinity, not NaN. */
interface Realness {
  readonly where: Expr | undefined;
  readonly infinite: boolean;
}
const ALWAYS: Realness = { where: undefined, infinite: false };

export type Comparison = "<" | "<=" | ">" | ">=" | "==";

export interface Partial {
  /** The condition under which the expression is a real number; nothing for always. */
  readonly isReal: (expr: Expr) => Expr | undefined;
  /** The condition under which it is NaN: false for never; nothing where it may be infinite. */
  readonly isNaN: (expr: Expr) => Expr | false | undefined;
  /** The comparison as floats answer it; nothing where an infinity may be compared. */
  readonly compare: (comparison: Comparison, left: Expr, right: Expr) => Expr | undefined;
  /** The second is only looked at where the first holds. */
  readonly both: (first: Expr, second: Expr) => Expr;
  readonly either: (first: Expr, second: Expr) => Expr;
  /** Never negative, and never 0 where it matters: a base that any exponent goes with. */
  readonly isPositive: (expr: Expr) => boolean;
  readonly range: (expr: Expr) => Interval;
}

export const COMPARE: Readonly<Record<Comparison, (u: Expr, v: Expr) => Expr>> = {
  "<": b.lt,
  "<=": b.le,
  ">": b.gt,
  ">=": b.ge,
  "==": b.eq,
};

export function createPartial(): Partial {
  const ranges = new Map<Expr, Interval>();
  const range = (expr: Expr): Interval => {
    for (const node of ranges.has(expr) ? [] : topological([expr]))
      if (!ranges.has(node))
        ranges.set(
          node,
          rangeOf(node, (arg) => ranges.get(arg)!),
        );
    return ranges.get(expr)!;
  };
  const isNonzero = (expr: Expr): boolean => range(expr).nonzero;
  const isPositive = (expr: Expr): boolean => range(expr).low >= 0 && isNonzero(expr);

  const known = new Map<Expr, Realness>();
  const realness = (expr: Expr): Realness => {
    for (const node of known.has(expr) ? [] : topological([expr])) if (!known.has(node)) known.set(node, judge(node));
    return known.get(expr)!;
  };
  const of = (expr: Expr): Realness => known.get(expr)!;

  const both: Partial["both"] = (p, q) =>
    realness(q).where === undefined ? b.and(p, q) : truth(b.select(p, asNumber(q), 0));
  const either: Partial["either"] = (p, q) =>
    realness(q).where === undefined ? b.or(p, q) : truth(b.select(p, 1, asNumber(q)));
  const conjunction = (p: Expr | undefined, q: Expr | undefined): Expr | undefined =>
    p === undefined || p === q ? q : q === undefined ? p : both(p, q);

  const joined = (args: readonly Expr[]): Realness =>
    args
      .map(of)
      .reduce((a, c) => ({ where: conjunction(a.where, c.where), infinite: a.infinite || c.infinite }), ALWAYS);
  const onlyWhere = (args: readonly Expr[], condition: Expr, infinite: boolean): Realness => {
    const inner = joined(args);
    return { where: conjunction(inner.where, condition), infinite: infinite || inner.infinite };
  };

  const judge = (node: Expr): Realness => {
    const [u, v, w] = node.args as [Expr, Expr, Expr];
    switch (node.op) {
      case "float":
        return { where: b.not(b.eq(0, 0)), infinite: true };
      case "div":
        return isNonzero(v) ? joined(node.args) : onlyWhere(node.args, b.not(b.eq(v, 0)), true);
      case "log":
      case "log2":
      case "log10":
        return isPositive(u) ? joined(node.args) : onlyWhere(node.args, b.gt(u, 0), true);
      case "log1p":
        return range(u).low > -1 ? joined(node.args) : onlyWhere(node.args, b.gt(u, -1), true);
      case "log1mexp":
        return surelyNegative(range(u)) ? joined(node.args) : onlyWhere(node.args, b.lt(u, 0), true);
      case "acosh":
        return range(u).low >= 1 ? joined(node.args) : onlyWhere(node.args, b.ge(u, 1), false);
      case "atanh": {
        const { low, high } = range(u);
        if (low > -1 && high < 1) return joined(node.args);
        return onlyWhere(node.args, both(b.gt(u, -1), b.lt(u, 1)), true);
      }
      case "sqrt":
        return range(u).low >= 0 ? joined(node.args) : onlyWhere(node.args, b.ge(u, 0), false);
      case "pow":
        return powerOf(node.args, u, v);
      case "select": {
        const [yes, no] = [of(v), of(w)];
        if (yes.where === no.where)
          return { where: conjunction(of(u).where, yes.where), infinite: yes.infinite || no.infinite };
        const where = truth(b.select(u, asNumber(yes.where), asNumber(no.where)));
        return { where: conjunction(of(u).where, where), infinite: yes.infinite || no.infinite };
      }
      default:
        return joined(node.args);
    }
  };

  const powerOf = (args: readonly Expr[], u: Expr, v: Expr): Realness => {
    if (isPositive(u)) return joined(args);
    const exponent = v.op === "rational" ? (v.payload as Rational) : undefined;
    if (exponent === undefined) return onlyWhere(args, b.gt(u, 0), true);
    const isNegative = exponent.numerator < 0n;
    if (exponent.denominator === 1n) return isNegative ? onlyWhere(args, b.not(b.eq(u, 0)), true) : joined(args);
    if (isNegative) return onlyWhere(args, b.gt(u, 0), true);
    return range(u).low >= 0 ? joined(args) : onlyWhere(args, b.ge(u, 0), false);
  };

  /** Where a logarithm is minus infinity, the only infinity that it has. */
  const poleOf = ({ op, args: [inner] }: Expr): Expr | undefined => {
    const pole = POLES[op];
    return pole === undefined || realness(inner!).where !== undefined ? undefined : b.eq(inner!, pole);
  };

  const compare: Partial["compare"] = (comparison, left, right) => {
    const [p, q] = [realness(left), realness(right)];
    const plain = COMPARE[comparison](left, right);
    const where = conjunction(p.where, q.where);
    if (where === undefined) return plain;
    const guarded = both(where, plain);
    if (!p.infinite && !q.infinite) return guarded;
    const isLeft = q.where === undefined;
    const pole = isLeft ? poleOf(left) : p.where === undefined ? poleOf(right) : undefined;
    if (pole === undefined) return undefined;
    const holdsThere = comparison.startsWith(isLeft ? "<" : ">");
    return holdsThere ? either(pole, guarded) : guarded;
  };

  return {
    isReal: (expr) => realness(expr).where,
    isNaN: (expr) => {
      const { where, infinite } = realness(expr);
      if (where === undefined) return false;
      if (!infinite) return b.not(where);
      const pole = poleOf(expr);
      return pole === undefined ? undefined : b.and(b.not(where), b.not(pole));
    },
    compare,
    both,
    either,
    isPositive,
    range,
  };
}

const POLES: { readonly [K in OperationName]?: number } = { log: 0, log2: 0, log10: 0, log1mexp: 0, log1p: -1 };

const asNumber = (condition: Expr | undefined): Expr =>
  condition === undefined ? b.constant(1) : b.select(condition, 1, 0);
const truth = (number: Expr): Expr => b.not(b.eq(number, 0));

function rangeOf(node: Expr, of: (arg: Expr) => Interval): Interval {
  if (node.op === "rational") {
    const value = rationalToNumber(node.payload as Rational);
    const isZero = (node.payload as Rational).numerator === 0n;
    return isZero
      ? interval(0, 0)
      : Number.isInteger(value) && Math.abs(value) < 2 ** 50
        ? interval(value, value)
        : widened(value, value, true, true);
  }
  if (node.op === "float") return UNKNOWN;
  if (node.op === "variable") return interval(...variableOf(node).range);
  if (node.op === "mul" && node.args[0] === node.args[1]) return squareInterval(of(node.args[0]!));
  return OPERATIONS[node.op].interval(...node.args.map(of));
}

/** Branches inside branches that one condition is written as. */
const DEEPEST = 6;

/**
 * `condition ? yes : no`. A condition of which one part is only looked at where another holds becomes branches inside
 * branches, so that nothing is asked of the part that is not looked at.
 */
export function choose(condition: Expr, yes: Expr, no: Expr, depth = DEEPEST): Expr {
  const isNegated = condition.op === "not";
  const test = isNegated ? condition.args[0]! : condition;
  const [inner, zero] = test.args;
  if (depth === 0 || test.op !== "eq" || zero !== b.constant(0) || inner?.op !== "select")
    return b.select(condition, yes, no);
  const [first, p, q] = inner.args as [Expr, Expr, Expr];
  const [one, none] = [b.constant(1), b.constant(0)];
  const isTruth = (side: Expr): boolean =>
    side === one || side === none || (side.op === "select" && side.args[1] === one && side.args[2] === none);
  if (!isTruth(p) || !isTruth(q)) return b.select(condition, yes, no);
  const [whereTrue, whereFalse] = isNegated ? [yes, no] : [no, yes];
  const branch = (side: Expr): Expr =>
    side === one ? whereTrue : side === none ? whereFalse : choose(side.args[0]!, whereTrue, whereFalse, depth - 1);
  return b.select(first, branch(p), branch(q));
}
