/** The germ of an expression beside a point: one row per operation, conditions decided by the germs of what they compare. */
import { topological, type Expr } from "../../../ir/expr.js";
import type { OperationName } from "../../../ir/ops.js";
import { rational, type Rational } from "../../../ir/rational.js";
import { ZERO, type Germ } from "./germ.js";
import { Germs } from "./germ-functions.js";
import type { Normalizer } from "./normalize.js";
import { Ended, attempt, valueOf } from "../outcome.js";

type Row = (g: Germs, ...args: Germ[]) => Germ;

const one = (g: Germs): Germ => g.number(rational(1n));
const half = (g: Germs, a: Germ): Germ => g.multiply(g.number(rational(1n, 2n)), a);
const opposite = (g: Germs, a: Germ): Germ => g.exp(g.negate(a));
const erfc = (g: Germs, a: Germ): Germ => g.subtract(one(g), g.erf(a));
const erfcx = (g: Germs, a: Germ): Germ => g.multiply(g.exp(g.multiply(a, a)), erfc(g, a));
const ierfcx = (g: Germs, a: Germ): Germ =>
  g.subtract(g.powerOf(g.pi, g.number(rational(-1n, 2n))), g.multiply(a, erfcx(g, a)));
const undecided: Row = (g) => g.undecided();

const ROWS: { readonly [K in OperationName]?: Row } = {
  pi: (g) => g.pi,
  add: (g, a, c) => g.add(a, c),
  sub: (g, a, c) => g.subtract(a, c),
  mul: (g, a, c) => g.multiply(a, c),
  div: (g, a, c) => g.multiply(a, g.inverse(c)),
  neg: (g, a) => g.negate(a),
  pow: (g, a, c) => g.powerOf(a, c),
  sqrt: (g, a) => g.powerOf(a, g.number(rational(1n, 2n))),
  exp: (g, a) => g.exp(a),
  expm1: (g, a) => g.subtract(g.exp(a), one(g)),
  log: (g, a) => g.log(a),
  log1p: (g, a) => g.log(g.add(one(g), a)),
  log2: (g, a) => g.multiply(g.log(a), g.inverse(g.log(g.number(rational(2n))))),
  log10: (g, a) => g.multiply(g.log(a), g.inverse(g.log(g.number(rational(10n))))),
  log1mexp: (g, a) => g.log(g.subtract(one(g), g.exp(a))),
  cbrt: (g, a) => g.cbrt(a),
  atan: (g, a) => g.atan(a),
  asinh: (g, a) => g.asinh(a),
  acosh: (g, a) => g.log(g.add(a, g.powerOf(g.subtract(g.multiply(a, a), one(g)), g.number(rational(1n, 2n))))),
  atanh: (g, a) => half(g, g.subtract(g.log(g.add(one(g), a)), g.log(g.subtract(one(g), a)))),
  sinc: (g, a) => g.sphericalBessel(a, 0),
  sphericalBessel1: (g, a) => g.sphericalBessel(a, 1),
  sphericalBessel2: (g, a) => g.sphericalBessel(a, 2),
  sin: (g, a) => g.wave(a).sine,
  cos: (g, a) => g.wave(a).cosine,
  sinh: (g, a) => half(g, g.subtract(g.exp(a), opposite(g, a))),
  cosh: (g, a) => half(g, g.add(g.exp(a), opposite(g, a))),
  tanh: (g, a) => g.tanh(a),
  sigmoid: (g, a) => g.sigmoid(a),
  softplus: (g, a) => g.log(g.add(one(g), g.exp(a))),
  erf: (g, a) => g.erf(a),
  erfc,
  erfcx,
  ierfcx,
  i2erfcx: (g, a) => half(g, g.subtract(half(g, erfcx(g, a)), g.multiply(a, ierfcx(g, a)))),
  abs: (g, a) => (g.sign(a) < 0 ? g.negate(a) : a),
  sign: (g, a) => g.number(rational(BigInt(g.sign(a)))),
  min: (g, a, c) => (g.sign(g.subtract(c, a)) < 0 ? c : a),
  max: (g, a, c) => (g.sign(g.subtract(a, c)) < 0 ? c : a),
  productError: () => ZERO,
  sumError: () => ZERO,
  constantError: () => ZERO,
  double: (_, a) => a,
  single: (_, a) => a,
  round: undecided,
  exp2Steps: undecided,
};

const COMPARISONS: { readonly [K in OperationName]?: (g: Germs, a: Germ, c: Germ) => boolean } = {
  lt: (g, a, c) => g.sign(g.subtract(a, c)) < 0,
  le: (g, a, c) => g.sign(g.subtract(a, c)) <= 0,
  eq: (g, a, c) => g.sign(g.subtract(a, c)) === 0,
};

/** Highest exponents that are tried in turn, in addition to the order that is asked for. */
const FURTHER = [3, 9, 20];

/** The result of `use` at the smallest reach at which nothing that matters vanishes. */
export function atReach<Result>(order: number, use: (reach: number) => Result): Result {
  let outcome = attempt(() => use(order));
  for (const further of FURTHER) {
    if (outcome.kind !== "undecided") break;
    outcome = attempt(() => use(order + further));
  }
  return valueOf(outcome);
}

/**
 * The germ of the expression where the variable moves by h in a direction and all else stays what it is in the region;
 * ends as undefined where it has no value for small h.
 */
export function germOf(root: Expr, variable: Expr, direction: 1 | -1, n: Normalizer, g: Germs): Germ {
  const germs = new Map<Expr, Germ | boolean>();
  const stack = [root];
  while (stack.length > 0) {
    const top = stack[stack.length - 1]!;
    if (germs.has(top)) {
      stack.pop();
      continue;
    }
    const step = stepOf(top, germs);
    if (step !== undefined) {
      stack.push(step);
      continue;
    }
    stack.pop();
    germs.set(top, germOfNode(top, germs, variable, direction, n, g));
  }
  return germs.get(root) as Germ;
}

/** The node whose germ is needed first; of a choice only what its condition selects. */
function stepOf({ op, args }: Expr, germs: ReadonlyMap<Expr, Germ | boolean>): Expr | undefined {
  if (op !== "select" && op !== "and" && op !== "or") return args.find((arg) => !germs.has(arg));
  const condition = germs.get(args[0]!);
  if (condition === undefined) return args[0];
  if (op === "and" ? condition === false : op === "or" && condition === true) return undefined;
  const rest = op === "select" ? args[condition === true ? 1 : 2]! : args[1]!;
  return germs.has(rest) ? undefined : rest;
}

function germOfNode(
  expr: Expr,
  germs: ReadonlyMap<Expr, Germ | boolean>,
  variable: Expr,
  direction: 1 | -1,
  n: Normalizer,
  g: Germs,
): Germ | boolean {
  const { op, args } = expr;
  const [first, second] = args;
  if (expr === variable) return g.moving(n.variable(expr), direction);
  switch (op) {
    case "variable":
      return g.constant(n.variable(expr));
    case "rational":
      return g.number(expr.payload as Rational);
    case "float":
      if (expr.payload !== 0) throw new Ended({ kind: "undefined" });
      return ZERO;
    case "not":
      return germs.get(first!) !== true;
    case "and":
      return germs.get(first!) === false ? false : germs.get(second!)!;
    case "or":
      return germs.get(first!) === true ? true : germs.get(second!)!;
    case "select":
      return germs.get(args[germs.get(first!) === true ? 1 : 2]!)!;
  }
  const operands = args.map((arg) => germs.get(arg) as Germ);
  // An expression compared with itself is equal, whatever is left out of its germ.
  const comparison = COMPARISONS[op];
  if (comparison !== undefined) return first === second ? op !== "lt" : comparison(g, operands[0]!, operands[1]!);
  return (ROWS[op] ?? undecided)(g, ...operands);
}

/** Does the variable occur in the expression? */
export const occursIn = (variable: Expr, ...exprs: readonly Expr[]): boolean => topological(exprs).includes(variable);
