/** The platform of loops over float32 arrays that are compiled: exponentials are made of bits, the rest calls a library. */
import { OPERATIONS, type OperationName } from "../../ir/ops.js";
import { WHOLE, float32Lowerings, type Lowerings } from "../../math/float32.js";
import { HELPERS } from "../javascript/parameters.js";
import { operations } from "../javascript/spelling.js";
import type { Platform } from "../target.js";

/** Operations that JavaScript has as helpers are made of simpler ones in loops. */
const asLowered: Lowerings = Object.fromEntries(
  [...HELPERS, "sign" as const].map((op: OperationName) => [op, OPERATIONS[op].lowering!]),
);

export const loopPlatform = {
  computed: "float64",
  hasSingles: true,
  findsNaN: "by comparison",
  keeps: "either",
  operations,
  loopHelpers: asLowered,
  loopLowerings: { ...asLowered, ...float32Lowerings(WHOLE) },
} as const satisfies Omit<Platform, "name">;
