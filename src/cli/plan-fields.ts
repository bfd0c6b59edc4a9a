/** What is decided for a graph, as plain data: what backward keeps, the kernels, and what they cost. */
import { reportOf } from "../codegen/graph/report.js";
import type { GraphPlan } from "../codegen/target.js";

export type PlanFields = ReturnType<typeof planFields>;

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
