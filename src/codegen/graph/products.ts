/** Matrix products in a graph: sums of products of two tensors that each have axes of their own. */
import { node, type Expr } from "../../ir/expr.js";
import { integerParts, type Integer } from "../../ir/graph/integer.js";
import { has, without, type Reduce, type Tensor } from "../../ir/graph/tensor.js";

/** sum over an axis of left · right. */
export interface Product {
  readonly left: Tensor;
  readonly right: Tensor;
}

/** Which tensors are computed from a tensor. */
export type Users = ReadonlyMap<Tensor, readonly Tensor[]>;

export function usersAmong(order: readonly Tensor[]): Users {
  const users = new Map<Tensor, Tensor[]>();
  for (const tensor of order)
    for (const operand of new Set(tensor.operands)) {
      const known = users.get(operand);
      if (known === undefined) users.set(operand, [tensor]);
      else known.push(tensor);
    }
  return users;
}

/** Whether a tensor is computed by a step of its own. */
export const stands = (tensor: Tensor): boolean => tensor.kind === "reduce" || tensor.kind === "scatter";

/** The two sides of a product of matrices; undefined for any other tensor. */
export function productOf(tensor: Tensor): Product | undefined {
  if (tensor.kind !== "reduce" || tensor.how !== "sum") return undefined;
  const [times] = tensor.operands;
  if (times!.kind !== "map" || times!.operands.length !== 2) return undefined;
  const [a, b] = times!.places as [Expr, Expr];
  if (times!.value !== node("mul", a, b) && times!.value !== node("mul", b, a)) return undefined;
  const [left, right] = times!.operands as [Tensor, Tensor];
  const inBoth = tensor.over.every(({ name }) => has(left.axes, name) && has(right.axes, name));
  const areMatrices = without(left.axes, right.axes).length > 0 && without(right.axes, left.axes).length > 0;
  return inBoth && areMatrices ? { left, right } : undefined;
}

export const isMatrixProduct = (tensor: Tensor): tensor is Reduce => productOf(tensor) !== undefined;

/** The products whose factors nothing else needs multiplied. */
export function productsAmong(order: readonly Tensor[], users: Users): Map<Tensor, Product> {
  const products = new Map<Tensor, Product>();
  for (const tensor of order) {
    const product = productOf(tensor);
    if (product !== undefined && users.get(tensor.operands[0]!)!.length === 1) products.set(tensor, product);
  }
  return products;
}

/** In memory, or going to be, with places that are linear in positions: a product can read it as it is. */
export function isMatrix(tensor: Tensor): boolean {
  // With a layout of its own, neighbours are not where a product expects them.
  if (tensor.kind === "input")
    return tensor.type === "float32" && tensor.absent === undefined && tensor.strides === undefined;
  if (stands(tensor)) return true;
  if (tensor.kind !== "read" || !tensor.inside) return false;
  const [source] = tensor.operands;
  const standing = source!.kind === "input" ? isMatrix(source!) : stands(source!);
  return standing && tensor.at.every((place) => integerParts(place).every(isLinear));
}

/** Numbers of an input at places that may be outside: a product that copies blocks of its operands can read them one by one. */
export const isWindow = (tensor: Tensor): boolean =>
  tensor.kind === "read" &&
  !tensor.inside &&
  tensor.operands[0]!.kind === "input" &&
  tensor.operands[0]!.type === "float32" &&
  tensor.operands[0]!.absent === undefined;

const isLinear = (part: Integer): boolean => part.kind !== "floorDiv" && part.kind !== "mod" && part.kind !== "element";
