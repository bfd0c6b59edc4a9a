/**
 * Where an exponential E = exp(u) is tiny, f is its linear part: f = f'(E=0)·E up to E² that no float sees. Written as
 * (c·√E)·√E with √E = exp(u/2), the result keeps its digits although E itself is subnormal; what vanishes as √E is c·√E.
 */
import {
  add,
  constant,
  div,
  exp,
  fraction,
  log1p,
  lt,
  mul,
  neg,
  select,
  sigmoid,
  softplus,
  sub,
  variable,
} from "../ir/build.js";
import { substitute, topological, type Expr } from "../ir/expr.js";
import { derivative } from "./derivative.js";
import { leadingTerm } from "./leading.js";
import { normalForm } from "./simplify.js";

/** exp(-60) < 2^-86: its square is beneath every last place, even multiplied by what usually stands before it. */
const CUT = -60;

const E = variable("wildcard", "E");

/** The exponents in an expression: u of exp(u), sigmoid(u), softplus(u), and -u of the latter two. */
function exponents(expr: Expr): Expr[] {
  const found = new Set<Expr>();
  for (const node of topological([expr])) {
    const [u] = node.args;
    if (node.op === "exp") found.add(u!);
    if (node.op === "sigmoid" || node.op === "softplus") found.add(u!.op === "neg" ? u!.args[0]! : u!);
    if (node.op === "sigmoid" || node.op === "softplus") found.add(u!.op === "neg" ? u! : neg(u!));
  }
  // An exponent that has been split is not certified any more, so the split comes after the tail.
  return [...found].filter((u) => !u.closed && !topological([u]).some(({ op }) => op === "round"));
}

/** The expression as a function of E = exp(u). */
function inTermsOf(expr: Expr, u: Expr): Expr {
  const opposite = u.op === "neg" ? u.args[0]! : neg(u);
  const replacements = new Map<Expr, Expr>([
    [exp(u), E],
    [sigmoid(u), div(E, add(E, 1))],
    [sigmoid(opposite), div(1, add(E, 1))],
    [softplus(u), log1p(E)],
    [softplus(opposite), sub(log1p(E), u)],
  ]);
  return substitute(expr, replacements);
}

/** E = 0 put in, without the detour over E being a variable that might be anything. */
const atZero = (expr: Expr): Expr => normalForm(substitute(expr, new Map([[E, constant(0)]])));

const mentions = (expr: Expr, node: Expr): boolean => topological([expr]).includes(node);

const hasRoot = (expr: Expr): boolean => topological([expr]).some(({ op }) => op === "sqrt");

function linearTail(inE: Expr, root: Expr): Expr | undefined {
  if (atZero(inE) !== constant(0)) return undefined;
  const linear = atZero(derivative(inE, E));
  return linear === constant(0) || linear.op === "float" ? undefined : mul(mul(linear, root), root);
}

/** Where f vanishes as √E does, it is c·√E. */
function rootTail(inE: Expr, root: Expr): Expr | undefined {
  const found = leadingTerm(inE, E);
  if (found?.power !== 1 / 2) return undefined;
  return found.coefficient === constant(1) ? root : mul(found.coefficient, root);
}

/** One candidate per exponential in which the expression vanishes to first order. */
export function tailForms(expr: Expr): Expr[] {
  if (topological([expr]).length > 300) return [];
  return exponents(expr).flatMap((u) => {
    const inE = inTermsOf(expr, u);
    if (!mentions(inE, E)) return [];
    const root = exp(normalForm(mul(fraction(1, 2), u)));
    const tail = (hasRoot(inE) ? rootTail(inE, root) : undefined) ?? linearTail(inE, root);
    return tail === undefined ? [] : [select(lt(u, CUT), tail, expr)];
  });
}

/** The same inside each branch of the case distinctions at the top. */
export function tailFormsInBranches(expr: Expr): Expr[] {
  if (expr.op !== "select") return tailForms(expr);
  const [condition, a, b] = expr.args as [Expr, Expr, Expr];
  const [left, right] = [tailFormsInBranches(a), tailFormsInBranches(b)];
  return [
    ...tailForms(expr),
    ...left.map((form) => select(condition, form, b)),
    ...right.map((form) => select(condition, a, form)),
  ];
}
