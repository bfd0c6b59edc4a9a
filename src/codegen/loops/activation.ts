/** The loops of an activation, forward and backward, as elementwise kernels. */
import { dy, mul, x, y } from "../../ir/build.js";
import type { ActivationPlan } from "../target.js";
import type { ElementwiseKernel } from "./elementwise.js";
import type { Computed } from "./expressions.js";

const COMPUTED: Readonly<Record<ActivationPlan["computed"]["forward"], Computed>> = { float64: "f64", float32: "f32" };

/** The loops of an activation, one element after the other. */
export function kernelsOf(plan: ActivationPlan): readonly ElementwiseKernel[] {
  const { definition, loops, parameterDerivatives, computed } = plan;
  const parameters = definition.parameters.map(({ name }) => name);
  const isSummed = Object.keys(parameterDerivatives).length > 0;
  const saved = plan.saves === "input" ? x : y;
  return [
    {
      name: "forward",
      computed: COMPUTED[computed.forward],
      parameters,
      reads: new Map([[x, "x"]]),
      writes: { array: "y", value: loops.forward },
      sums: new Map(),
    },
    {
      name: "backward",
      // Sums of many numbers are kept in float64.
      computed: isSummed ? "f64" : COMPUTED[computed.backward],
      parameters,
      reads: new Map([
        [dy, "dy"],
        [saved, saved === x ? "x" : "y"],
      ]),
      writes: { array: "dx", value: mul(dy, loops.backward) },
      sums: new Map(Object.entries(parameterDerivatives).map(([name, expr]) => [name, mul(dy, expr)])),
    },
  ];
}
