/** Checks of a graph before it is compiled: its names, and whether the activations in it can be there. */
import type { Target } from "../codegen/target.js";
import { Diagnostic } from "../diagnostic.js";
import { checkName } from "./forms.js";
import { graphInputs, type GraphDefinition } from "../ir/graph/definition.js";

/** Numbers for each channel or element need a tensor of them, and surrogate gradients a module that has them. */
export function checkActivations(definition: GraphDefinition, { name: target, graphs }: Target): void {
  const hint = "put the activation behind the layer as a module of its own";
  const inputs = graphInputs(definition);
  for (const { id, parameters, gradient } of definition.activations) {
    if (gradient !== undefined && graphs?.of === "kernels")
      throw new Diagnostic(`${definition.id} in ${target} would have the derivative of ${id}, and not its surrogate`, {
        hint,
      });
    for (const { name, learnable } of parameters)
      if (typeof learnable === "string" && inputs.find((tensor) => tensor.name === name)?.axes.length === 0)
        throw new Diagnostic(
          `${definition.id} has no place for ${name} of ${id}: it is one number for each ${learnable}`,
          { hint },
        );
  }
}

/** Names reach emitted code, and those of sizes, scalars and tensors stand beside each other in it. */
export function checkNames(definition: GraphDefinition): void {
  checkName(definition.id);
  const owners = new Map<string, string>();
  const claim = (names: Iterable<string>, owner: string): void => {
    for (const name of names) {
      checkName(name);
      const before = owners.get(name);
      if (before !== undefined)
        throw new Diagnostic(`"${name}" is both ${before} and ${owner} of ${definition.id}`, {
          hint: "give the activation's parameter another name",
        });
      owners.set(name, owner);
    }
  };
  const tensors = [...graphInputs(definition), ...definition.outputs];
  claim(
    definition.sizes.map(({ name }) => name),
    "a size",
  );
  claim(new Set(tensors.map(({ name }) => name)), "a tensor");
  claim(
    definition.parameters.map(({ name }) => name),
    "a parameter",
  );
}
