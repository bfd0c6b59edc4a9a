/**
 * The tensors of forward that are saved for backward. Inputs and outputs are in memory anyway; elementwise functions
 * and row sums of them are recomputed (rematerialised), which is cheaper than memory. Only tensors that
 * come out of matrix products are saved, and only if they are no larger than an input or an output, or if the
 * definition names them: a score matrix is recomputed, tile by tile.
 */
import type { Output } from "../../ir/graph/definition.js";
import { input } from "../../ir/graph/build.js";
import { rebuildTensors } from "../../ir/graph/rebuild.js";
import { inStorageOrder } from "./blocks.js";
import { isMatrixProduct, usersAmong } from "./products.js";
import { tensorsBelow, type Axis, type Tensor } from "../../ir/graph/tensor.js";

export interface Saved {
  /** The gradients, from inputs, outputs and kept tensors only. */
  readonly gradients: readonly Tensor[];
  /** The tensors that forward has to write besides its outputs. */
  readonly kept: readonly { readonly name: string; readonly tensor: Tensor }[];
}

/** Whether a tensor comes out of a product of matrices, elementwise or reduced. */
export const comesFromProduct = (root: Tensor): boolean =>
  sharesOf(tensorsBelow([root]), new Map()).get(root) !== "free";

/** How much of a product is in a tensor: nothing, its rows reduced, or its elements. */
type Share = "free" | "reduced" | "elements";

export function decideSaved(
  outputs: readonly Output[],
  gradients: readonly Tensor[],
  internals: Readonly<Record<string, Tensor>>,
  storage: readonly string[],
): Saved {
  const forward = new Set(tensorsBelow(outputs.map(({ tensor }) => tensor)));
  const written = new Map(outputs.filter(({ type }) => type === "float32").map((output) => [output.tensor, output]));
  const shares = sharesOf([...forward], written);
  const sizes = [...forward]
    .filter((tensor) => tensor.kind === "input" || written.has(tensor))
    .map(({ axes }) => undivided(axes));

  const order = tensorsBelow(gradients);
  const open = [
    ...new Set(order.filter((tensor) => !forward.has(tensor)).flatMap(({ operands }) => operands)),
    ...gradients,
  ].filter((tensor) => forward.has(tensor));
  const frontier = new Set(open);
  const users = usersAmong([...forward]);
  const fits = (tensor: Tensor): boolean => sizes.some((known) => isWithin(tensor.axes, known));
  /**
   * The tensor that backward asks for and that is made of a product alone, such as a product with its bias; else the
   * product.
   */
  const madeOf = (product: Tensor): Tensor => {
    let made = product;
    while (!frontier.has(made)) {
      const [user, ...others] = users.get(made) ?? [];
      if (user?.kind !== "map" || others.length > 0 || user.axes.length !== made.axes.length) return product;
      made = user;
    }
    return made;
  };
  const worthKeeping = new Set(Object.values(internals));
  const settled = new Set<Tensor>();
  const replaced = new Map<Tensor, Tensor>();
  const kept: { name: string; tensor: Tensor }[] = [];
  const keep = (tensor: Tensor): void => {
    if (replaced.has(tensor)) return;
    const named = Object.entries(internals).find(([, internal]) => internal === tensor);
    const name = named?.[0] ?? (kept.length === 0 ? "preactivation" : `kept${kept.length}`);
    kept.push({ name, tensor });
    replaced.set(tensor, input(name, inStorageOrder(tensor.axes, storage)));
  };
  while (open.length > 0) {
    const tensor = open.pop()!;
    if (settled.has(tensor) || tensor.kind === "input") continue;
    settled.add(tensor);
    const output = written.get(tensor);
    // exp(x - logsumexp x) from a result that was rounded to float32 would have few digits, and the largest would be none
    // of the elements that are made again.
    const isRowSum = tensor.kind === "reduce" && !isMatrixProduct(tensor);
    if (output !== undefined && shares.get(tensor) !== "reduced" && !isRowSum)
      replaced.set(tensor, input(output.name, output.axes, { ...(output.strides && { strides: output.strides }) }));
    else if (worthKeeping.has(tensor) && !isRowSum) keep(tensor);
    else if (shares.get(tensor) === "elements" && fits(tensor) && !nearestProducts(tensor, shares).every(fits))
      keep(tensor);
    else if (isMatrixProduct(tensor) && fits(tensor)) keep(madeOf(tensor));
    else if (shares.get(tensor) !== "free") open.push(...tensor.operands);
  }
  const rebuilt = rebuildTensors(gradients, (tensor) => tensor, replaced);
  return { gradients: gradients.map((gradient) => rebuilt.get(gradient)!), kept };
}

/** The products below a tensor that no other product is between. */
function nearestProducts(root: Tensor, shares: ReadonlyMap<Tensor, Share>): Tensor[] {
  const found = new Set<Tensor>();
  const seen = new Set<Tensor>();
  const open = [root];
  while (open.length > 0) {
    const tensor = open.pop()!;
    if (seen.has(tensor) || shares.get(tensor) === "free") continue;
    seen.add(tensor);
    if (isMatrixProduct(tensor)) found.add(tensor);
    else open.push(...tensor.operands);
  }
  return [...found];
}

/** Whether a tensor has no more elements than one with these sizes: each size is one of them. */
function isWithin(axes: readonly Axis[], sizes: readonly string[]): boolean {
  const left = [...sizes];
  return undivided(axes).every((size) => {
    const at = left.indexOf(size);
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}

/** The sizes, where n and floor(m / n) together are m. */
function undivided(axes: readonly Axis[]): string[] {
  const sizes = axes.map(({ size }) => size);
  for (const part of [...sizes]) {
    const divisor = part.kind === "floorDiv" ? sizes.indexOf(part.args[1]!) : -1;
    if (divisor < 0) continue;
    sizes.splice(divisor, 1);
    sizes[sizes.indexOf(part)] = part.args[0]!;
  }
  return sizes.map(({ text }) => text);
}

function sharesOf(order: readonly Tensor[], written: ReadonlyMap<Tensor, unknown>): Map<Tensor, Share> {
  const shares = new Map<Tensor, Share>();
  for (const tensor of order) {
    const below = tensor.operands.map((operand) => (written.has(operand) ? "free" : shares.get(operand)!));
    const share = below.includes("elements") ? "elements" : below.includes("reduced") ? "reduced" : "free";
    const isReduced = tensor.kind === "reduce" && share !== "free";
    shares.set(tensor, isMatrixProduct(tensor) ? "elements" : isReduced ? "reduced" : share);
  }
  return shares;
}
