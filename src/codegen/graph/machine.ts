/** The properties of a machine that plans depend on: whether blocks run in order, or all at once in any order. */
import type { Buffer } from "../../ir/kernel.js";

export type MachineName = "sequential" | "parallel";

export interface Machine {
  readonly name: MachineName;
  /** In which numbers are kept between steps and between kernels. */
  readonly between: Buffer["type"];
  /** Places of a sweep's axis that are worked through together. */
  readonly sweep: number;
}

export const MACHINES: { readonly [K in MachineName]: Machine } = {
  sequential: { name: "sequential", between: "float64", sweep: 256 },
  parallel: { name: "parallel", between: "float32", sweep: 32 },
};
