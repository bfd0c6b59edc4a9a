/** WGSL: for each definition a module with functions and kernels, and beside it a TypeScript module that runs them. */
import type { ActivationPlan, Artifact, Target } from "../codegen/target.js";
import { activationModule } from "./wgsl/activation.js";
import type { ShaderModule } from "./wgsl/shader.js";
import { operations } from "./wgsl/spelling.js";

const files = (module: ShaderModule): Artifact[] => [{ path: `wgsl/${module.id}.wgsl`, text: module.code }];

const emit = (plan: ActivationPlan): Promise<readonly Artifact[]> => Promise.resolve(files(activationModule(plan)));

export const wgsl: Target = {
  name: "wgsl",
  computed: "shader",
  findsNaN: "by bits",
  keeps: "either",
  operations,
  loopLowerings: {},
  emit,
  graphs: { of: "kernels", emit: () => Promise.reject(new Error("not yet")) },
  index: () => Promise.resolve([]),
};
