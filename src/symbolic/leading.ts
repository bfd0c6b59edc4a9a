/** The leading term c·E^p of an expression as a variable E falls to 0. A proposal, which others have to check. */
import { add, constant, div, mul, neg, sqrt, sub } from "../ir/build.js";
import { topological, withArgs, type Expr } from "../ir/expr.js";
import type { OperationName } from "../ir/ops.js";
import { normalForm } from "./simplify.js";

export interface Leading {
  readonly power: number;
  readonly coefficient: Expr;
}

/** Functions that are nearly their argument where that falls to 0. */
const NEARLY_LINEAR: ReadonlySet<OperationName> = new Set(["log1p", "expm1", "tanh", "sin", "sinh", "asinh", "atan"]);

const ZERO = constant(0);

function sum(a: Leading, b: Leading, join: (a: Expr, b: Expr) => Expr): Leading | undefined {
  if (a.power < b.power) return a;
  if (b.power < a.power) return { power: b.power, coefficient: join(ZERO, b.coefficient) };
  const coefficient = normalForm(join(a.coefficient, b.coefficient));
  // Behind leading terms that cancel stand others that are not known.
  return coefficient === ZERO ? undefined : { power: a.power, coefficient };
}

type Term = Leading | undefined;

const TERMS: { readonly [K in OperationName]?: (a: Leading, b: Leading) => Term } = {
  add: (a, b) => sum(a, b, add),
  sub: (a, b) => sum(a, b, sub),
  mul: (a, b) => ({ power: a.power + b.power, coefficient: mul(a.coefficient, b.coefficient) }),
  div: (a, b) => ({ power: a.power - b.power, coefficient: div(a.coefficient, b.coefficient) }),
  neg: (a) => ({ power: a.power, coefficient: neg(a.coefficient) }),
  sqrt: (a) => ({ power: a.power / 2, coefficient: sqrt(a.coefficient) }),
};

function termOf(node: Expr, args: readonly Leading[]): Term {
  const [a] = args;
  const known = TERMS[node.op];
  if (known !== undefined) return known(a!, args[1] ?? a!);
  if (args.every(({ power }) => power === 0))
    return {
      power: 0,
      coefficient: withArgs(
        node,
        args.map(({ coefficient }) => coefficient),
      ),
    };
  if (args.some(({ power }) => power < 0) || args.length !== 1) return undefined;
  if (NEARLY_LINEAR.has(node.op)) return a;
  const atZero = normalForm(withArgs(node, [ZERO]));
  return atZero === ZERO ? undefined : { power: 0, coefficient: atZero };
}

/** The leading term in E; undefined where it stays open. */
export function leadingTerm(expr: Expr, E: Expr): Leading | undefined {
  const terms = new Map<Expr, Term>([[E, { power: 1, coefficient: constant(1) }]]);
  for (const node of topological([expr])) {
    if (terms.has(node)) continue;
    const args = node.args.map((arg) => terms.get(arg));
    const isKnown = (term: Term): term is Leading => term !== undefined;
    if (args.length === 0) terms.set(node, node === ZERO ? undefined : { power: 0, coefficient: node });
    else terms.set(node, args.every(isKnown) ? termOf(node, args) : undefined);
  }
  const found = terms.get(expr);
  return found && { power: found.power, coefficient: normalForm(found.coefficient) };
}
