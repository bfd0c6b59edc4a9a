/**
 * The derivative written in the output y = f(x), so that backward need not keep the input. Candidates come from the
 * derivative's own reuse of f and from inverting the pieces of f; whether one is right and accurate is measured.
 */
import { add, div, exp, expm1, log, log1p, mul, neg, sub, y } from "../ir/build.js";
import { rebuild, substitute, topological, variables, type Expr } from "../ir/expr.js";
import { isCondition } from "../ir/ops.js";
import { derivative } from "./derivative.js";
import { liftPieces } from "./pieces.js";
import { normalForm } from "./simplify.js";

/** x with f(x) = value, for an f in which x occurs once under invertible operations. */
function inverse(f: Expr, x: Expr, value: Expr): Expr | undefined {
  const depends = (expr: Expr): boolean => variables(expr).includes(x);
  let [current, target] = [f, value];
  for (let steps = 0; steps < 20; steps++) {
    if (current === x) return normalForm(target);
    const [a, b] = current.args;
    if (a === undefined || (b !== undefined && depends(a) && depends(b))) return undefined;
    const inFirst = depends(a);
    switch (current.op) {
      case "add":
        [current, target] = inFirst ? [a, sub(target, b!)] : [b!, sub(target, a)];
        break;
      case "sub":
        [current, target] = inFirst ? [a, add(target, b!)] : [b!, sub(a, target)];
        break;
      case "mul":
        [current, target] = inFirst ? [a, div(target, b!)] : [b!, div(target, a)];
        break;
      case "div":
        [current, target] = inFirst ? [a, mul(target, b!)] : [b!, div(a, target)];
        break;
      case "neg":
        [current, target] = [a, neg(target)];
        break;
      case "exp":
        [current, target] = [a, log(target)];
        break;
      case "expm1":
        [current, target] = [a, log1p(target)];
        break;
      case "log":
        [current, target] = [a, exp(target)];
        break;
      case "log1p":
        [current, target] = [a, expm1(target)];
        break;
      case "softplus":
        [current, target] = [a, log(expm1(target))];
        break;
      default:
        return undefined;
    }
  }
  return undefined;
}

/** The branches of the case distinctions at the top. */
function leaves(expr: Expr): Expr[] {
  const found: Expr[] = [];
  const stack = [expr];
  while (stack.length > 0) {
    const top = stack.pop()!;
    if (top.op === "select") stack.push(top.args[2]!, top.args[1]!);
    else found.push(top);
  }
  return found;
}

/** The derivative with the input replaced: in its conditions by one expression, elsewhere by another. */
function replaceInput(expr: Expr, x: Expr, inConditions: Expr, elsewhere: Expr): Expr {
  const conditions = new Map<Expr, Expr>();
  for (const node of topological([expr]))
    if (isCondition(node)) conditions.set(node, substitute(node, new Map([[x, inConditions]])));
  return rebuild([expr], (rebuilt, original) => conditions.get(original) ?? (original === x ? elsewhere : rebuilt)).get(
    expr,
  )!;
}

/** Expressions in y (and the parameters) that may equal f'(x) wherever y = f(x). */
export function outputForms(f: Expr, slope: Expr, x: Expr): Expr[] {
  if (topological([f, slope]).length > 200) return [];
  const forms = [normalForm(substitute(derivative(f, x), new Map([[f, y]])))];
  const inverses = [...new Set(leaves(liftPieces(f) ?? f).map((piece) => inverse(piece, x, y)))].filter(
    (g) => g !== undefined,
  );
  for (const inConditions of inverses)
    for (const elsewhere of inverses) forms.push(normalForm(replaceInput(slope, x, inConditions, elsewhere)));
  return [...new Set(forms)].filter((form) => !variables(form).includes(x));
}
