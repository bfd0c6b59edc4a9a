/** From the stable form to what a target can write: missing operations expanded, constants folded, NaN kept. */
import { constant, div, eq, fromRational, le as leq, lt, mul, neg, not, select, variable } from "../ir/build.js";
import { node, rebuild, topological, withArgs, type Expr } from "../ir/expr.js";
import { OPERATIONS, hasLaw, isCondition, type OperationName } from "../ir/ops.js";
import { invertRational, isRepresentable, negateRational, rationalFromNumber, type Rational } from "../ir/rational.js";
import type { Lowering, Lowerings } from "../math/float32.js";
import { createFacts } from "../symbolic/facts.js";

export interface LowerOptions {
  /** The operations that the target writes itself. */
  readonly native: (op: OperationName) => boolean;
  /** Lowerings that take the place of the operation table's. */
  readonly overrides?: Lowerings;
}

const PLACES = [0, 1, 2].map((i) => variable("wildcard", `argument${i}`));

/**
 * The expression in native operations, equal to it over the reals. Constants such as sqrt(2/pi) stay what they are:
 * `folded` makes literals of them, last.
 */
export function lower(expr: Expr, options: LowerOptions): Expr {
  // Lowerings hold their operands, and what holds an operand may stand around it already: bounds are written last.
  const keepBounds = expander({ ...options, native: (op) => isBound(op) || options.native(op) });
  const writeBounds = expander({ native: options.native });
  return polish(writeBounds(withoutIdleBounds(keepBounds(expr))));
}

/** The expression as it is written: each constant in it the float that it is rounded to. */
export const folded = (expr: Expr, nearest: (closed: Expr) => number): Expr =>
  rebuildOpen(
    expr,
    (open) => open,
    (closed) => (closed.op === "float" ? closed : literal(nearest(closed))),
  );

/** A float as a leaf. */
export const literal = (value: number): Expr =>
  Number.isFinite(value) && !Object.is(value, -0) ? fromRational(rationalFromNumber(value)) : constant(value);

/** Rebuilds what depends on variables; constants are leaves, whatever they are made of. */
function rebuildOpen(
  root: Expr,
  visit: (rebuilt: Expr) => Expr,
  visitClosed: (closed: Expr) => Expr = (closed) => closed,
): Expr {
  const result = new Map<Expr, Expr>();
  const at = (expr: Expr): Expr => (expr.closed ? visitClosed(expr) : result.get(expr)!);
  for (const expr of topological([root])) if (!expr.closed) result.set(expr, visit(withArgs(expr, expr.args.map(at))));
  return at(root);
}

const isBound = (op: OperationName): boolean => op === "min" || op === "max";

/** Expands what is not native, down to native operations. */
function expander(options: Pick<LowerOptions, "native" | "overrides">): (expr: Expr) => Expr {
  const templates = new Map<OperationName, Expr>();

  /** How an operation is written: expanded once, on placeholders, down to native operations. */
  const template = (op: OperationName, expand: Lowering): Expr => {
    let done = templates.get(op);
    if (done === undefined) {
      done = expandAll(expand(...PLACES.slice(0, OPERATIONS[op].arity)));
      templates.set(op, done);
    }
    return done;
  };

  const expandAll = (expr: Expr): Expr =>
    rebuildOpen(expr, (rebuilt) => {
      const override = options.overrides?.[rebuilt.op];
      const expand = override ?? (options.native(rebuilt.op) ? undefined : OPERATIONS[rebuilt.op].lowering);
      if (expand === undefined || rebuilt.args.length === 0) return tidy(rebuilt);
      const pattern = template(rebuilt.op, expand);
      const bindings = new Map(rebuilt.args.map((arg, i) => [PLACES[i]!, arg] as const));
      return rebuild([pattern], (part, original) => bindings.get(original) ?? tidy(part)).get(pattern)!;
    });

  return expandAll;
}

/** The same thing written the same way, bit for bit: |-u| as |u|, u·v in one order, so that it is computed once. */
function tidy(expr: Expr): Expr {
  if (expr.closed) return expr;
  const [a, b] = expr.args;
  if (b === undefined) {
    if (a?.op !== "neg") return expr;
    if (expr.op === "neg") return a.args[0]!;
    return hasLaw(expr.op, "even") ? node(expr.op, a.args[0]!) : expr;
  }
  if (!hasLaw(expr.op, "commutative") || isCondition(expr)) return expr;
  const rank = (operand: Expr): number =>
    operand.closed ? (expr.op === "mul" ? -1 : 2) : operand.op === "variable" ? 0 : 1;
  const ordered = rank(a!) < rank(b) || (rank(a!) === rank(b) && a!.hash <= b.hash);
  return ordered ? expr : node(expr.op, b, a!);
}

/** A bound that the operand keeps anyway is left out. */
function withoutIdleBounds(expr: Expr): Expr {
  const facts = createFacts();
  return rebuildOpen(expr, (rebuilt) => {
    const [a, b] = rebuilt.args;
    if (rebuilt.op === "max" && b!.closed && facts(a!).low >= facts(b!).high) return a!;
    if (rebuilt.op === "min" && b!.closed && facts(a!).high <= facts(b!).low) return a!;
    return rebuilt;
  });
}

/** The last exact touches: one operation where two were written. */
const polish = (expr: Expr): Expr =>
  rebuildOpen(expr, (rebuilt) => {
    const [a, b] = rebuilt.args;
    const [first, second] = [operationOf(a), operationOf(b)];
    switch (rebuilt.op) {
      case "mul":
        if (first === "constant") return scaled(a!, b!) ?? rebuilt;
        if (second === "div" && b!.args[0] === constant(1)) return div(a!, b!.args[1]!);
        if (first === "div" && a!.args[0] === constant(1)) return div(b!, a!.args[1]!);
        return first === "neg" ? neg(mul(a!.args[0]!, b!)) : rebuilt;
      case "neg": {
        const [c, d] = a!.args;
        if (first === "neg") return c!;
        if (first === "mul" && c!.closed) return mul(negative(c!), d!);
        if (first === "div" && c!.closed) return div(negative(c!), d!);
        return first === "sub" ? node("sub", d!, c!) : rebuilt;
      }
      case "add":
        if (first === "neg") return node("sub", b!, a!.args[0]!);
        return second === "neg" ? node("sub", a!, b!.args[0]!) : rebuilt;
      case "sub":
        return second === "neg" ? node("add", a!, b!.args[0]!) : rebuilt;
    }
    return rebuilt;
  });

const operationOf = (expr: Expr | undefined): OperationName | "constant" | undefined =>
  expr?.closed === true ? "constant" : expr?.op;

const negative = (closed: Expr): Expr =>
  closed.op === "rational" ? fromRational(negateRational(closed.payload as Rational)) : neg(closed);

/** c·(1/u) is c/u; c·u is u/d where d = 1/c is a float and c is not. */
function scaled(c: Expr, u: Expr): Expr | undefined {
  if (u.op === "div" && u.args[0] === constant(1)) return div(c, u.args[1]!);
  if (c.op !== "rational") return undefined;
  const exact = c.payload as Rational;
  if (exact.numerator === 0n || isRepresentable(exact)) return undefined;
  const inverse = invertRational(exact);
  return isRepresentable(inverse) ? div(u, fromRational(inverse)) : undefined;
}

/**
 * Rewrites case distinctions so that NaN in gives NaN out in a language whose comparisons with NaN are just false:
 * the branch that is taken then must be one that NaN passes through.
 */
export function keepNaN(root: Expr, inputs: readonly Expr[]): Expr {
  /** NaN in gives NaN out for these. */
  const passes = new Set<Expr>(inputs);
  /** The value of each condition when the input is NaN. */
  const truth = new Map<Expr, boolean>();
  const result = rebuild([root], (expr) => {
    const [a, b, c] = expr.args;
    const settle = (settled: Expr, nan: boolean): Expr => {
      if (nan) passes.add(settled);
      return settled;
    };
    switch (expr.op) {
      case "lt":
      case "le":
      case "eq":
        truth.set(expr, false);
        return settle(expr, passes.has(a!) || passes.has(b!));
      case "not":
        truth.set(expr, !truth.get(a!));
        return settle(expr, passes.has(a!));
      case "and":
        truth.set(expr, truth.get(a!)! && truth.get(b!)!);
        return settle(expr, passes.has(a!) || passes.has(b!));
      case "or":
        truth.set(expr, truth.get(a!)! || truth.get(b!)!);
        return settle(expr, passes.has(a!) || passes.has(b!));
      case "select": {
        const seesInput = passes.has(a!);
        if (!seesInput) return settle(expr, passes.has(b!) && passes.has(c!));
        const taken = truth.get(a!) ? b! : c!;
        if (passes.has(taken)) return settle(expr, true);
        const other = taken === b ? c! : b!;
        const opposite = negated(a!);
        if (passes.has(other) && opposite !== undefined) return settle(select(opposite, c!, b!), true);
        return expr;
      }
    }
    return settle(
      expr,
      expr.args.some((arg) => passes.has(arg)),
    );
  }).get(root)!;
  if (passes.has(result)) return result;
  const [input] = inputs;
  return guardLastBranch(result, passes) ?? select(eq(input!, input!), result, constant(NaN));
}

/** For languages whose comparisons with NaN may be anything: a NaN among the inputs is the result, whatever else there is. */
export function guardNaN(root: Expr, inputs: readonly Expr[]): Expr {
  const parts = new Set(topological([root]));
  const decides = [...parts].some(isCondition);
  return inputs
    .filter((input) => decides || !parts.has(input))
    .reduceRight((rest, input) => select(not(eq(input, input)), input, rest), root);
}

/** How NaN in gives NaN out, by how a language finds it. */
export const KEEPS_NAN = { "by comparison": keepNaN, "by bits": guardNaN } as const;

/** The condition that is true where this one is false, for numbers; undefined where there is no simple one. */
function negated(condition: Expr): Expr | undefined {
  const [a, b] = condition.args as [Expr, Expr];
  if (condition.op === "lt") return leq(b, a);
  if (condition.op === "le") return lt(b, a);
  if (condition.op === "and" || condition.op === "or") {
    const [left, right] = [negated(a), negated(b)];
    if (left === undefined || right === undefined) return undefined;
    return node(condition.op === "and" ? "or" : "and", left, right);
  }
  return undefined;
}

/** c ? a : b with constants a, b becomes c ? a : (not c) ? b : NaN, down the branch that a NaN takes. */
function guardLastBranch(expr: Expr, passes: ReadonlySet<Expr>): Expr | undefined {
  const path: Expr[] = [];
  let current = expr;
  while (current.op === "select" && passes.has(current.args[0]!) && path.length < 8) {
    path.push(current);
    current = current.args[2]!;
  }
  const last = path.pop();
  if (last === undefined) return undefined;
  const opposite = negated(last.args[0]!);
  if (opposite === undefined) return undefined;
  let guarded = select(last.args[0]!, last.args[1]!, select(opposite, last.args[2]!, constant(NaN)));
  for (const outer of path.reverse()) guarded = select(outer.args[0]!, outer.args[1]!, guarded);
  return guarded;
}

/** How many operations an expression has. */
export const size = (expr: Expr): number => topological([expr]).filter((part) => part.args.length > 0).length;
