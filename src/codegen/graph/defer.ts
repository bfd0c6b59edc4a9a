/**
 * Softmax before a product, divided by its sum after it: sum over k of exp(b - logsumexp b) · v is
 * (sum of exp(b - m) · v) / (sum of exp(b - m)) with m the largest b, for whatever is linear in the exponential.
 * Then one sweep over k is enough, in which m may still grow.
 */
import { div, eq, exp, le, select, sub, variable } from "../../ir/build.js";
import { topological, type Expr } from "../../ir/expr.js";
import { each, map, reduce, whole } from "../../ir/graph/build.js";
import { rebuildTensors } from "../../ir/graph/rebuild.js";
import { shareOf, type Share } from "../../ir/graph/shift.js";
import { tensorsBelow, type Reduce, type Tensor } from "../../ir/graph/tensor.js";
import { isMatrixProduct } from "./products.js";

const ELEMENT = variable("wildcard", "the element");
const TOP = variable("wildcard", "the largest");

/** exp(b - m), where a row of nothing but -Infinity is shifted by 0, so that it is zeros as long as it is nothing else. */
const shifted = (element: Tensor, top: Tensor): Tensor =>
  map(
    exp(sub(ELEMENT, select(eq(TOP, -Infinity), 0, TOP))),
    new Map([
      [ELEMENT, element],
      [TOP, top],
    ]),
  );

/** The shifted exponential as an expression, and the places of the element and of the largest in it. */
export interface Shift {
  readonly value: Expr;
  readonly element: Expr;
  readonly top: Expr;
}

export function shiftOf(element: Tensor, top: Tensor): Shift {
  const found = shifted(element, top);
  if (found.kind !== "map") throw new Error("an exponential is a map");
  const placeOf = (operand: Tensor): Expr => found.places[found.operands.indexOf(operand)]!;
  return { value: found.value, element: placeOf(element), top: placeOf(top) };
}

export function deferNormalisation(roots: readonly Tensor[]): Tensor[] {
  const rebuilt = rebuildTensors(roots, (tensor) => (isMatrixProduct(tensor) ? deferred(tensor) : tensor));
  return roots.map((root) => rebuilt.get(root)!);
}

function deferred(product: Reduce): Tensor {
  const [times] = product.operands as [Tensor];
  if (times.kind !== "map" || product.over.length !== 1) return product;
  for (const share of softmaxesBelow(times, product)) {
    const { exponential, element, total } = share;
    if (!isLinearIn(times, exponential)) continue;
    const top = reduce("max", element, total.over);
    const power = shifted(element, top);
    const replaced = rebuildTensors([times], (tensor) => tensor, new Map([[exponential, power]])).get(times)!;
    // Over an axis without places both sums are 0, and so is the product.
    return each(
      (sum, all, count) => select(le(count, 0), sum, div(sum, all)),
      reduce("sum", replaced, product.over),
      reduce("sum", power, total.over),
      whole(total.over[0]!.size),
    );
  }
  return product;
}

interface Softmax extends Share {
  readonly exponential: Tensor;
}

/** Every exp(b - logsumexp b) over the axis of the product. */
function softmaxesBelow(root: Tensor, { over }: Reduce): Softmax[] {
  return tensorsBelow([root]).flatMap((exponential): Softmax[] => {
    const found = shareOf(exponential);
    if (found === undefined || found.total.how !== "logsumexp" || found.total.operands[0] !== found.element) return [];
    const isOver = found.total.over.length === 1 && found.total.over[0]!.name === over[0]!.name;
    return isOver ? [{ exponential, ...found }] : [];
  });
}

/** Whether every way from the root to a tensor is through maps that are linear in it. */
function isLinearIn(root: Tensor, of: Tensor): boolean {
  const depends = new Set<Tensor>([of]);
  for (const tensor of tensorsBelow([root]))
    if (tensor.operands.some((operand) => depends.has(operand))) depends.add(tensor);
  return tensorsBelow([root]).every((tensor) => {
    if (tensor === of || !depends.has(tensor)) return true;
    if (tensor.kind !== "map") return false;
    return isHomogeneous(tensor.value, new Set(tensor.places.filter((_, i) => depends.has(tensor.operands[i]!))));
  });
}

/** Whether an expression is multiplied by c when all of these variables are. */
function isHomogeneous(root: Expr, variables: ReadonlySet<Expr>): boolean {
  const degrees = new Map<Expr, "free" | "linear" | "zero" | "other">();
  for (const expr of topological([root])) {
    const all = expr.args.map((arg) => degrees.get(arg)!);
    const [a, b, c] = all;
    const isLinear = (degree: typeof a): boolean => degree === "linear" || degree === "zero";
    if (expr.args.length === 0)
      degrees.set(expr, variables.has(expr) ? "linear" : expr.op === "rational" && isZero(expr) ? "zero" : "free");
    else if (expr.op === "mul" && ((a === "linear" && b === "free") || (a === "free" && b === "linear")))
      degrees.set(expr, "linear");
    else if ((expr.op === "div" && a === "linear" && b === "free") || (expr.op === "neg" && a === "linear"))
      degrees.set(expr, "linear");
    else if ((expr.op === "add" || expr.op === "sub") && isLinear(a) && isLinear(b)) degrees.set(expr, "linear");
    else if (expr.op === "select" && a === "free" && isLinear(b) && isLinear(c)) degrees.set(expr, "linear");
    else degrees.set(expr, all.every((degree) => degree === "free" || degree === "zero") ? "free" : "other");
  }
  return degrees.get(root) === "linear";
}

const isZero = ({ payload }: Expr): boolean =>
  typeof payload === "object" && "numerator" in payload && payload.numerator === 0n;
