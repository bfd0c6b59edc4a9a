/**
 * What backward keeps of forward. Inputs and outputs are there anyway; what elementwise functions and row sums make of them
 * is made again, for that is cheaper than memory. Only what comes out of a product of matrices is kept, and only if it is no
 * larger than an input or an output: a score matrix is made again, tile by tile.
 */
import type { Output } from "../../ir/graph/definition.js";
import { input } from "../../ir/graph/build.js";
import { rebuildTensors } from "../../ir/graph/rebuild.js";
import { tensorsBelow, without, type Axis, type Tensor } from "../../ir/graph/tensor.js";

export interface Saved {
  /** The gradients, from inputs, outputs and kept tensors only. */
  readonly gradients: readonly Tensor[];
  /** What forward has to write besides its outputs. */
  readonly kept: readonly { readonly name: string; readonly tensor: Tensor }[];
}

/** How much of a product is in a tensor: nothing, its rows reduced, or its elements. */
type Share = "free" | "reduced" | "elements";

export function decideSaved(
  outputs: readonly Output[],
  gradients: readonly Tensor[],
  nameOf: (tensor: Tensor, number: number) => string,
): Saved {
  const forward = new Set(tensorsBelow(outputs.map(({ tensor }) => tensor)));
  const written = new Map(outputs.filter(({ type }) => type === "float32").map((output) => [output.tensor, output]));
  const shares = sharesOf([...forward], written);
  const sizes = [...forward]
    .filter((tensor) => tensor.kind === "input" || written.has(tensor))
    .map(({ axes }) => axes.map(({ size }) => size.text));

  const order = tensorsBelow(gradients);
  const open = [
    ...new Set(order.filter((tensor) => !forward.has(tensor)).flatMap(({ operands }) => operands)),
    ...gradients,
  ].filter((tensor) => forward.has(tensor));
  const settled = new Set<Tensor>();
  const replaced = new Map<Tensor, Tensor>();
  const kept: { name: string; tensor: Tensor }[] = [];
  while (open.length > 0) {
    const tensor = open.pop()!;
    if (settled.has(tensor)) continue;
    settled.add(tensor);
    const output = written.get(tensor);
    if (tensor.kind === "input") continue;
    if (output !== undefined && shares.get(tensor) !== "reduced") {
      replaced.set(tensor, input(output.name, output.axes, { ...(output.strides && { strides: output.strides }) }));
    } else if (shares.get(tensor) === "free") continue;
    else if (shares.get(tensor) === "elements" && sizes.some((known) => isWithin(tensor.axes, known))) {
      const name = nameOf(tensor, kept.length);
      kept.push({ name, tensor });
      replaced.set(tensor, input(name, tensor.axes));
    } else open.push(...tensor.operands);
  }
  const rebuilt = rebuildTensors(gradients, (tensor) => tensor, replaced);
  return { gradients: gradients.map((gradient) => rebuilt.get(gradient)!), kept };
}

function isWithin(axes: readonly Axis[], sizes: readonly string[]): boolean {
  const left = [...sizes];
  return axes.every(({ size }) => {
    const at = left.indexOf(size.text);
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
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

/** The sum of a product of two tensors that each have axes of their own. */
export function isMatrixProduct(tensor: Tensor): boolean {
  if (tensor.kind !== "reduce" || tensor.how !== "sum") return false;
  const [product] = tensor.operands;
  if (product!.kind !== "map" || product!.value.op !== "mul" || product!.operands.length !== 2) return false;
  const [left, right] = product!.operands as [Tensor, Tensor];
  return without(left.axes, right.axes).length > 0 && without(right.axes, left.axes).length > 0;
}
