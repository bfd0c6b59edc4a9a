/** The first lines of modules of graphs, and the tensors that they save. */
import { generated } from "../../header.js";
import type { ConstantText } from "../../module.js";
import type { GraphPlan } from "../../target.js";
import { oneLine } from "../helpers.js";

export function savesConstant({ saves }: GraphPlan, single: boolean): ConstantText {
  const value = JSON.stringify(single && saves.length > 0 ? (saves[0] === "x" ? "input" : "output") : saves);
  return {
    name: "saves",
    type: value.startsWith("[") ? `readonly ${value}` : value,
    value,
    documentation: "Tensors of the forward pass that `backward` needs, beside the gradients of its outputs.",
    exported: true,
  };
}

/** The first lines, each behind the mark of a comment. */
export const graphHeader = ({ definition, functions }: GraphPlan, mark = "//"): string => {
  const counts = functions.map(({ name, kernels }) => `${name} ${kernels.length}`).join(", ");
  const kept = functions[0]!.outputs.filter(({ optional }) => optional).map(({ name }) => name);
  return [
    `${mark} ${generated()}`,
    `${mark} ${oneLine(definition.title)}: ${oneLine(definition.formula)}`,
    ...(definition.reference === "" ? [] : [`${mark} ${oneLine(definition.reference)}`]),
    `${mark} Kernels: ${counts}. Kept for backward alone: ${kept.length === 0 ? "nothing" : kept.join(", ")}.`,
  ].join("\n");
};
