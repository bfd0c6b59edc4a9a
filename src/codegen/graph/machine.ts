/**
 * The properties of a machine that plans depend on: whether blocks run in order, or all at once in any order; and in order,
 * whether there is room for rows beside the tensors that callers give.
 */
import type { Buffer } from "../../ir/kernel.js";

export type MachineName = "sequential" | "roomy" | "parallel";

export interface Machine {
  readonly name: MachineName;
  /** In which numbers are kept between steps and between kernels. */
  readonly between: Buffer["type"];
  /** Places of a sweep's axis that are worked through together. */
  readonly sweep: number;
}

export const MACHINES: { readonly [K in MachineName]: Machine } = {
  sequential: { name: "sequential", between: "float64", sweep: 256 },
  roomy: { name: "roomy", between: "float64", sweep: 256 },
  parallel: { name: "parallel", between: "float32", sweep: 32 },
};
