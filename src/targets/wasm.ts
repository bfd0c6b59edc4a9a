/** WebAssembly: one ES module per definition, scalar functions in JavaScript and loops in 128-bit vectors. */
import { folderIndex } from "../codegen/javascript/activation.js";
import { loopPlatform } from "../codegen/loops/platform.js";
import type { Target } from "../codegen/target.js";
import { FOR_CALLERS, memoryModule } from "./wasm/memory.js";

// The writers are loaded when something is written.
export const wasm: Target = {
  name: "wasm",
  ...loopPlatform,
  // So that it is 2 at most: among all inputs there is one a little worse than those that are tried, and the product with the
  // incoming gradient is rounded, too.
  nearBounds: { forward: 1.96, backward: 1.46 },
  emit: async (plan, expand) => (await import("./wasm/activation.js")).emitActivation(plan, expand),
  graphs: {
    of: "kernels",
    machine: "roomy",
    emit: async (plan) => (await import("./wasm/graph.js")).emitGraph(plan),
  },
  index: async (ids) => {
    const [code, types, ...others] = await folderIndex("wasm", ids, [
      `export { ${FOR_CALLERS.join(", ")} } from "./memory.mjs";`,
    ]);
    return [code!, types!, ...others, ...(await memoryModule())];
  },
  shared: memoryModule,
};
