/** The plan of a graph as plain data: the tensors that backward saves, the kernels, and their costs. */
import { reportOf } from "../../codegen/graph/report.js";
import type { GraphCompilation } from "../../pipeline/layer.js";
import type { GraphPlan } from "../../codegen/target.js";

export type PlanFields = ReturnType<typeof planFields>;

/** The record of a graph: its plan, or the functions and layers of a framework that it is made of. */
export type GraphFields = PlanFields | { readonly uses: readonly string[] };

export const graphFields = ({ plan, uses = [] }: GraphCompilation): GraphFields =>
  plan === undefined ? { uses } : planFields(plan);

/** Numbers that depend on sizes are texts. */
export function planFields(plan: GraphPlan) {
  const { functions, saved } = reportOf(plan);
  return {
    /** The tensors that backward needs beside the gradients of the outputs. */
    saves: plan.saves,
    /** Those among them that forward writes only for backward. */
    kept: saved.map(({ name, bytes }) => ({ name, bytes: bytes.text })),
    functions: functions.map(({ name, kernels, workspace }) => ({
      name,
      workspace: workspace.text,
      kernels: kernels.map((kernel) => ({ ...kernel, operations: kernel.operations.text })),
    })),
  };
}
