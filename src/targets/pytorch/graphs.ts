/** Row-wise activations and layers: PyTorch's own, with the activation in them in either style. */
import { besideOthers, isInput, type PythonNames } from "../../codegen/python/parameters.js";
import { className, floatText } from "../../codegen/python/text.js";
import type { GraphDefinition } from "../../ir/graph/definition.js";
import type { Features } from "./features.js";
import { LAYERS } from "./layers/layers.js";
import type { ActivationModule } from "./layers/row.js";
import { ROWWISE } from "./layers/rowwise.js";
import { LAYER_NAMES } from "./reserved.js";

const ROWS = { ...ROWWISE, ...LAYERS };

/** The activation in a layer, and the class that is its module. */
export interface LayerActivation {
  readonly names: PythonNames;
  readonly className: string;
  /** How it is made, where that is not by the class's own arguments. */
  readonly made: string | undefined;
}

/** The id as a class name, in the letters of PyTorch's own where it has one of that name: `RMSNorm`. */
export function layerClass({ id, names }: GraphDefinition): string {
  const name = className(id);
  const own = names.find((each) => each.toLowerCase() === `nn.${name}`.toLowerCase());
  return own?.slice("nn.".length) ?? name;
}

/** The module of a graph around the text of its activation's module. */
export function graphModule(
  definition: GraphDefinition,
  activation: LayerActivation | undefined,
  features: Features,
): { readonly text: string; readonly uses: readonly string[] } {
  const row = ROWS[definition.kind];
  if (row === undefined) throw new Error(`PyTorch has no row for ${definition.kind}`);
  const name = layerClass(definition);
  const module = activation === undefined ? undefined : moduleOf(activation);
  const text = row.text({ definition, className: name, activation: module, features });
  return { text, uses: row.uses };
}

/** The activation as a layer makes it, with its parameters as arguments of the layer. */
function moduleOf({ names, className: name, made }: LayerActivation): ActivationModule {
  const parameters = besideOthers(
    names.parameters.filter((each) => !isInput(each)),
    LAYER_NAMES,
  );
  return {
    given: parameters.map(({ local, parameter }) => `${local}: float = ${floatText(parameter.default)}`).join(", "),
    made: made ?? `${name}(${parameters.map(({ initial, local }) => `${initial}=${local}`).join(", ")})`,
  };
}
