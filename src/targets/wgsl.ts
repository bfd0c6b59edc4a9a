/** WGSL: for each definition a module with functions and kernels, and beside it a TypeScript module that runs them. */
import type { ActivationPlan, Artifact, GraphPlan, Target } from "../codegen/target.js";
import { activationModule } from "./wgsl/activation.js";
import { emitShaders } from "./wgsl/graph/module.js";
import { hostFiles, hostIndex, hostShared } from "./wgsl/host.js";
import { computations } from "./wgsl/scalars.js";
import type { ShaderModule } from "./wgsl/shader.js";
import { operations } from "./wgsl/spelling.js";

const files = async (module: ShaderModule): Promise<readonly Artifact[]> => [
  { path: `wgsl/${module.id}.wgsl`, text: module.code },
  ...(await hostFiles(module)),
];

export const wgsl: Target = {
  name: "wgsl",
  computed: "shader",
  findsNaN: "by bits",
  keeps: "either",
  operations,
  loopLowerings: {},
  emit: (plan: ActivationPlan) => files(activationModule(plan)),
  computations,
  graphs: { of: "kernels", machine: "parallel", emit: (plan: GraphPlan) => files(emitShaders(plan)) },
  givenBeside: ["size"],
  shared: hostShared,
  index: hostIndex,
};
