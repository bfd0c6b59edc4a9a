/** Row-wise activations and layers: Keras' own, with the activation in them in either style. */
import { besideOthers, classNameFor, isInput, pythonNames } from "../../codegen/python/parameters.js";
import { className, floatText } from "../../codegen/python/text.js";
import type { ActivationPlan } from "../../codegen/target.js";
import { isWithin } from "../../frameworks/version.js";
import type { GraphDefinition } from "../../ir/graph/definition.js";
import type { Flavour } from "./flavours.js";
import { LAYERS } from "./layers/layers.js";
import type { LayerActivation } from "./layers/row.js";
import { ROWWISE } from "./layers/rowwise.js";
import { LAYER_NAMES, RESERVED } from "./reserved.js";

const ROWS = { ...ROWWISE, ...LAYERS };

/** The module of a graph, to stand behind the text of its activation; `same` is the framework's own activation. */
export function graphModule(
  definition: GraphDefinition,
  activation: ActivationPlan | undefined,
  same: string | undefined,
  flavour: Flavour,
  version: string,
): { readonly text: string; readonly uses: readonly string[] } {
  const row = ROWS[definition.kind];
  if (row === undefined) throw new Error(`Keras has no row for ${definition.kind}`);
  const name = className(definition.id);
  const inner = activation === undefined ? undefined : activationOf(activation, same);
  const hasRmsNormalization = isWithin({ framework: "keras", version }, { since: "3.9" });
  const template = row.text({ definition, className: name, activation: inner, hasRmsNormalization });
  return { text: flavour.template(template), uses: row.uses.map(flavour.template) };
}

/** A function where there are no parameters, else a layer with them. */
function activationOf({ definition }: ActivationPlan, same: string | undefined): LayerActivation {
  if (same !== undefined) return { callable: () => same, given: [], learns: false };
  const { parameters: all } = pythonNames(definition, RESERVED);
  const parameters = besideOthers(
    all.filter((each) => !isInput(each)),
    LAYER_NAMES,
  );
  if (parameters.length === 0) return { callable: () => definition.id, given: [], learns: false };
  const layer = classNameFor(definition.id, className(definition.id), RESERVED);
  const passed = parameters.map(({ name, local }) => `${name}=${local}, `).join("");
  return {
    callable: (policy) => `${layer}(${passed}dtype=${policy})`,
    learns: parameters.some(({ parameter }) => parameter.learnable),
    given: parameters.map(({ local, parameter }) => `${local}=${floatText(parameter.default)}`),
  };
}
