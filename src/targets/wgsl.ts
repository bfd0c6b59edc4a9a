/** WGSL: for each definition a module with functions and kernels, and beside it a TypeScript module that runs them. */
import type { Artifact, Target } from "../codegen/target.js";
import { computations } from "./wgsl/scalars.js";
import type { ShaderModule } from "./wgsl/shader.js";
import { operations } from "./wgsl/spelling.js";

const host = () => import("./wgsl/host.js");

const files = async (module: ShaderModule): Promise<readonly Artifact[]> => [
  { path: `wgsl/${module.id}.wgsl`, text: module.code },
  ...(await (await host()).hostFiles(module)),
];

// The writers are loaded when something is written.
export const wgsl: Target = {
  name: "wgsl",
  computed: "shader",
  findsNaN: "by bits",
  keeps: "either",
  operations,
  loopLowerings: {},
  emit: async (plan) => files((await import("./wgsl/activation.js")).activationModule(plan)),
  computations,
  graphs: {
    of: "kernels",
    machine: "parallel",
    emit: async (plan) => files((await import("./wgsl/graph/module.js")).emitShaders(plan)),
  },
  givenBeside: ["size"],
  shared: async () => (await host()).hostShared(),
  index: async (ids) => (await host()).hostIndex(ids),
};
