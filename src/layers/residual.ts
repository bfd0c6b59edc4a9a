/** The sum of two tensors and its activation. */
import { add } from "../ir/build.js";
import type { Definition } from "../ir/definition.js";
import { axis, each, input } from "../ir/graph/build.js";
import { apply, graph, type GraphDefinition } from "../ir/graph/definition.js";

const all = axis("size");
const sum = each(
  add,
  input("x", [all], { documentation: "The output of the block." }),
  input("residual", [all], { documentation: "The input of the block, added to its output." }),
);

export const residual = (activation: Definition): GraphDefinition =>
  graph({
    id: "residual",
    title: "Residual addition",
    formula: "y = f(x + residual)",
    sizes: { size: { documentation: "how many elements each of them has" } },
    outputs: { y: { tensor: apply(activation, sum), axes: [all] } },
    activations: [activation],
    reference: "He et al. 2015, Deep residual learning for image recognition, arXiv:1512.03385",
  });
