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
  /** In which products multiply: what only they read is kept in that. */
  readonly multiplied: Buffer["type"];
  /** Whether tiles keep the order of inputs and outputs: products read any, and loops over several have neighbours in all. */
  readonly keepsOrder: boolean;
  /** Places of a sweep's axis that are worked through together. */
  readonly sweep: number;
}

export const MACHINES: { readonly [K in MachineName]: Machine } = {
  sequential: { name: "sequential", between: "float64", multiplied: "float64", keepsOrder: false, sweep: 256 },
  roomy: { name: "roomy", between: "float64", multiplied: "float32", keepsOrder: true, sweep: 256 },
  parallel: { name: "parallel", between: "float32", multiplied: "float32", keepsOrder: false, sweep: 32 },
};
