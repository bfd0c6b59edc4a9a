/** Row-wise activations and layers: PyTorch's own, with the activation in them in either style. */
import { besideOthers, pythonNames } from "../../codegen/python/parameters.js";
import { className, floatText } from "../../codegen/python/text.js";
import type { ActivationPlan } from "../../codegen/target.js";
import type { GraphDefinition } from "../../ir/graph/definition.js";
import type { Features } from "./features.js";
import { LAYERS } from "./layers/layers.js";
import type { ActivationModule } from "./layers/row.js";
import { ROWWISE } from "./layers/rowwise.js";
import { LAYER_NAMES, RESERVED } from "./reserved.js";

const ROWS = { ...ROWWISE, ...LAYERS };

/** The activation in a layer, and the class that is its module. */
export interface LayerActivation {
  readonly plan: ActivationPlan;
  readonly className: string;
  /** How it is made, where that is not by the class's own arguments. */
  readonly made: string | undefined;
}

/** The module of a graph around the text of its activation's module. */
export function graphModule(
  definition: GraphDefinition,
  activation: LayerActivation | undefined,
  features: Features,
): { readonly text: string; readonly uses: readonly string[] } {
  const row = ROWS[definition.kind];
  if (row === undefined) throw new Error(`PyTorch has no row for ${definition.kind}`);
  const name = className(definition.id);
  const module = activation === undefined ? undefined : moduleOf(activation);
  const text = row.text({ definition, className: name, activation: module, features });
  return { text, uses: row.uses };
}

/** The activation as a layer makes it, with its parameters as arguments of the layer. */
function moduleOf({ plan, className: name, made }: LayerActivation): ActivationModule {
  const parameters = besideOthers(pythonNames(plan.definition, RESERVED).parameters, LAYER_NAMES);
  return {
    given: parameters.map(({ local, parameter }) => `${local}: float = ${floatText(parameter.default)}`).join(", "),
    made: made ?? `${name}(${parameters.map(({ name: own, local }) => `${own}=${local}`).join(", ")})`,
  };
}
