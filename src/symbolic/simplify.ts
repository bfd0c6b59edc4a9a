/** Bottom-up rewriting to a normal form with the rules that always apply. Linear in the DAG, never a recursion over it. */
import { neg } from "../ir/build.js";
import { node, rebuild, topological, withArgs, type Expr } from "../ir/expr.js";
import { OPERATIONS, hasLaw } from "../ir/ops.js";
import { collectProduct, collectSum, type PairRule } from "./collect.js";
import { createFacts, type Facts } from "./facts.js";
import { applyRule, indexRules, type Rule } from "./rule.js";
import { SIMPLIFICATIONS } from "./rules.js";

/** Rewrites of one node before we stop; normal forms need a handful. */
const FUEL = 40;

const standard = indexRules(SIMPLIFICATIONS);

export interface SimplifyOptions {
  /** Receives the name of every rule that was applied. */
  readonly onRule?: (name: string) => void;
  readonly facts?: Facts;
  readonly rules?: ReturnType<typeof indexRules>;
}

/** Variables first, constants last, the rest ordered by structure alone, never by age. */
const rank = (expr: Expr): number => (expr.closed ? 2 : expr.op === "variable" ? 0 : 1);
const inOrder = (first: Expr, second: Expr): boolean =>
  rank(first) < rank(second) || (rank(first) === rank(second) && first.hash <= second.hash);

function byLaws(expr: Expr, facts: Facts, combine: PairRule): Expr {
  const [first, second, third] = expr.args;
  if (expr.op === "mul" || expr.op === "div" || expr.op === "neg") return collectProduct(expr, facts, combine);
  if (expr.op === "add" || expr.op === "sub") return collectSum(expr, facts);
  if (second !== undefined && hasLaw(expr.op, "commutative") && !inOrder(first!, second))
    return node(expr.op, second, first!);
  if (second === undefined && first?.op === "neg") {
    if (hasLaw(expr.op, "odd")) return neg(node(expr.op, first.args[0]!));
    if (hasLaw(expr.op, "even")) return node(expr.op, first.args[0]!);
  }
  if (expr.op === "select") {
    const condition = facts(first!);
    if (condition.defined && condition.low === 1) return second!;
    if (condition.defined && condition.high === 0) return third!;
  }
  return expr;
}

/** A constructor that leaves every node it is given in normal form, its arguments being so already. */
export function normalizer(options: SimplifyOptions = {}): (expr: Expr) => Expr {
  const facts = options.facts ?? createFacts();
  const rules = options.rules ?? standard;
  const done = new Map<Expr, Expr>();
  const normal = new Set<Expr>();

  /** Normalises the few new nodes on top of an expression whose lower parts are in normal form. */
  const settle = (expr: Expr, fuel: number): Expr => {
    if (expr.args.length === 0 || normal.has(expr)) return expr;
    return reduce(
      withArgs(
        expr,
        expr.args.map((arg) => settle(arg, fuel)),
      ),
      fuel,
    );
  };

  const reduce = (expr: Expr, fuel: number): Expr => {
    if (expr.args.length === 0) return expr;
    const known = done.get(expr);
    if (known !== undefined) return known;
    let current = expr;
    while (fuel-- > 0) {
      const next = step(current, fuel);
      if (next === current) break;
      current = next;
      if (done.has(current)) current = done.get(current)!;
    }
    done.set(expr, current);
    normal.add(current);
    return current;
  };

  const combine: PairRule = (product) => {
    for (const row of rules.get("mul") ?? NO_RULES) {
      const rewritten = applyRule(row, product, facts, (inner) => inner);
      if (rewritten !== undefined) {
        options.onRule?.(row.name);
        return rewritten;
      }
    }
    return undefined;
  };

  const step = (expr: Expr, fuel: number): Expr => {
    const lawful = byLaws(expr, facts, combine);
    if (lawful !== expr)
      return withArgs(
        lawful,
        lawful.args.map((arg) => settle(arg, fuel)),
      );
    for (const row of rules.get(expr.op) ?? NO_RULES) {
      const rewritten = applyRule(row, expr, facts, (inner) => reduce(inner, fuel));
      if (rewritten !== undefined) {
        options.onRule?.(row.name);
        return rewritten;
      }
    }
    return expr;
  };

  return (expr) => reduce(expr, FUEL);
}

const NO_RULES: readonly Rule[] = [];

/** Normal forms under the same options: what expressions share is done once. */
export function normalForms(options: SimplifyOptions = {}): (expr: Expr) => Expr {
  const make = normalizer(options);
  const known = new Map<Expr, Expr>();
  return (expr) => rebuild([expr], make, known).get(expr)!;
}

/** Those without options, which expressions keep beside themselves in the interner. */
const usual = normalForms();

/** The expression in the form that later steps recognise; it may cost a little more. */
export const normalForm = (expr: Expr, options?: SimplifyOptions): Expr =>
  (options === undefined ? usual : normalForms(options))(expr);

/** The normal form where it costs no more, else the expression as it is. */
export function simplify(expr: Expr, options?: SimplifyOptions): Expr {
  const normal = normalForm(expr, options);
  return cost(normal) <= cost(expr) ? normal : expr;
}

/** Roughly nanoseconds, each shared part counted once. */
export const cost = (expr: Expr): number =>
  topological([expr]).reduce((sum, node) => sum + (node.closed ? 0 : OPERATIONS[node.op].cost), 0);
