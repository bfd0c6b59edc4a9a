/** The things that loops of WebAssembly do not have. */
import { productOf } from "../../codegen/graph/products.js";
import { graphInputs, type GraphDefinition } from "../../ir/graph/definition.js";
import { integerParts } from "../../ir/graph/integer.js";
import { tensorsBelow, type Tensor } from "../../ir/graph/tensor.js";

/** Whether a product takes windows that overlap: their elements are gathered one by one, slower than JavaScript does. */
const takesWindows = (tensor: Tensor): boolean => {
  const product = productOf(tensor);
  const isWindow = (side: Tensor): boolean =>
    side.kind === "read" &&
    side.at.some((place) => integerParts(place).filter(({ kind }) => kind === "position").length > 1);
  return product !== undefined && (isWindow(product.left) || isWindow(product.right));
};

/** Needs of graphs that loops do not meet. */
const LACKS: readonly (readonly [what: string, needs: (tensor: Tensor) => boolean])[] = [
  ["products of windows", takesWindows],
  ["random numbers", ({ kind }) => kind === "random"],
  ["places of largest elements", (tensor) => tensor.kind === "reduce" && tensor.how === "argmax"],
];

export function lacks(definition: GraphDefinition): string | undefined {
  const outputs = [...definition.outputs, ...definition.extras.flatMap((extra) => extra.outputs)];
  const tensors = tensorsBelow(outputs.map(({ tensor }) => tensor));
  const found = LACKS.find(([, needs]) => tensors.some(needs));
  return found?.[0] ?? (graphInputs(definition).some(({ type }) => type === "uint8") ? "arrays of bytes" : undefined);
}
