/** Claims with one thing changed: every node of an expression, by a table of what people get wrong. */
import * as b from "../../src/ir/build.js";
import { rebuild, substitute, topological, variableOf, type Expr } from "../../src/ir/expr.js";
import type { OperationName } from "../../src/ir/ops.js";
import { addRational, invertRational, multiplyRational, rational, type Rational } from "../../src/ir/rational.js";

export interface Mutant {
  readonly claim: Expr;
  /** What was done, such as "exp -> expm1". */
  readonly change: string;
}

type Change = readonly [name: string, result: Expr];

/** A function taken for a relative of it. */
const RELATIVES: Partial<Record<OperationName, readonly ((u: Expr) => Expr)[]>> = {
  exp: [b.expm1, (u) => b.exp(b.neg(u))],
  expm1: [b.exp],
  log: [b.log1p],
  log1p: [b.log],
  tanh: [b.sigmoid, b.sinh],
  sigmoid: [b.tanh, (u) => b.sigmoid(b.neg(u))],
  softplus: [(u) => b.log1p(b.exp(b.neg(u))), (u) => b.max(u, 0)],
  sin: [b.cos],
  cos: [b.sin],
  sinh: [b.cosh],
  cosh: [b.sinh],
  erf: [b.erfc, b.tanh],
  erfc: [b.erf],
  abs: [],
  sign: [],
  sqrt: [],
};

const FACTORS = [
  ["+1", (value: Rational) => addRational(value, rational(1n, 1n))],
  ["negated", (value: Rational) => multiplyRational(value, rational(-1n, 1n))],
  ["doubled", (value: Rational) => multiplyRational(value, rational(2n, 1n))],
  ["halved", (value: Rational) => multiplyRational(value, rational(1n, 2n))],
  ["+1 %", (value: Rational) => multiplyRational(value, rational(101n, 100n))],
  ["+1 millionth", (value: Rational) => multiplyRational(value, rational(1_000_001n, 1_000_000n))],
  ["inverted", (value: Rational) => (value.numerator === 0n ? value : invertRational(value))],
] as const;

const SHIFT = b.fraction(1, 100);

/** What may become of a node; `others` are the variables that it may be mixed up with. */
function changes(expr: Expr, others: readonly Expr[]): Change[] {
  const { op } = expr;
  const [u, v, w] = expr.args as [Expr, Expr, Expr];
  switch (op) {
    case "rational":
      return FACTORS.map(([name, change]) => [name, b.fromRational(change(expr.payload as Rational))]);
    case "variable": {
      const renamed = others.filter((other) => other !== expr);
      const name = variableOf(expr).name;
      return [
        ...renamed.map((other): Change => [`${name} -> ${variableOf(other).name}`, other]),
        [`${name} negated`, b.neg(expr)],
        [`${name} doubled`, b.mul(2, expr)],
        [`${name} dropped`, b.constant(1)],
        [`|${name}|`, b.abs(expr)],
        [`${name} shifted`, b.add(expr, SHIFT)],
      ];
    }
    case "add":
      return [
        ["- for +", b.sub(u, v)],
        ["* for +", b.mul(u, v)],
        ["left term", u],
        ["right term", v],
      ];
    case "sub":
      return [
        ["+ for -", b.add(u, v)],
        ["exchanged", b.sub(v, u)],
        ["left term", u],
        ["right term", b.neg(v)],
      ];
    case "mul":
      return [
        ["+ for *", b.add(u, v)],
        ["/ for *", b.div(u, v)],
        ["left factor", u],
        ["right factor", v],
        ["negated", b.neg(expr)],
      ];
    case "div":
      return [
        ["* for /", b.mul(u, v)],
        ["inverted", b.div(v, u)],
        ["numerator", u],
        ["1 / denominator", b.div(1, v)],
      ];
    case "neg":
      return [["sign dropped", u]];
    case "pow":
      return [
        ["exponent + 1", b.pow(u, b.add(v, 1))],
        ["exponent - 1", b.pow(u, b.sub(v, 1))],
        ["base", u],
      ];
    case "min":
      return [
        ["max for min", b.max(u, v)],
        ["exchanged", b.min(v, u)],
        ["first", u],
        ["second", v],
      ];
    case "max":
      return [
        ["min for max", b.min(u, v)],
        ["exchanged", b.max(v, u)],
        ["first", u],
        ["second", v],
      ];
    case "lt":
      return [
        ["<= for <", b.le(u, v)],
        ["reversed", b.lt(v, u)],
        ["shifted", b.lt(u, b.add(v, SHIFT))],
      ];
    case "le":
      return [
        ["< for <=", b.lt(u, v)],
        ["reversed", b.le(v, u)],
        ["shifted", b.le(b.add(u, SHIFT), v)],
      ];
    case "eq":
      return [
        ["<= for =", b.le(u, v)],
        ["not", b.not(expr)],
      ];
    case "and":
      return [
        ["or for and", b.or(u, v)],
        ["first", u],
        ["second", v],
      ];
    case "or":
      return [
        ["and for or", b.and(u, v)],
        ["first", u],
        ["second", v],
      ];
    case "not":
      return [["not dropped", u]];
    case "select":
      return [
        ["branches exchanged", b.select(u, w, v)],
        ["first branch", v],
        ["second branch", w],
        ["second branch negated", b.select(u, v, b.neg(w))],
      ];
    default:
      if (expr.args.length !== 1) return [];
      return [
        ...(RELATIVES[op] ?? []).map((relative, i): Change => [`${op} -> relative ${i + 1}`, relative(u)]),
        ["function dropped", u],
        ["argument negated", substituteArgument(expr, b.neg(u))],
        ["argument doubled", substituteArgument(expr, b.mul(2, u))],
        ["negated", b.neg(expr)],
      ];
  }
}

const substituteArgument = (expr: Expr, argument: Expr): Expr => substitute(expr, new Map([[expr.args[0]!, argument]]));

/** Each change of each node, once; a node that occurs more than once is changed everywhere. */
export function mutants(claim: Expr, others: readonly Expr[]): Mutant[] {
  const found = new Map<Expr, Mutant>();
  for (const target of topological([claim]))
    for (const [name, replacement] of changes(target, others)) {
      if (replacement === target) continue;
      const changed = rebuild([claim], (rebuilt, original) => (original === target ? replacement : rebuilt)).get(
        claim,
      )!;
      if (changed !== claim && !found.has(changed))
        found.set(changed, { claim: changed, change: `${target.op}: ${name}` });
    }
  return [...found.values()];
}
