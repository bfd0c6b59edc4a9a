/** Row-wise activations and layers: Keras' own, with the activation in them in either style. */
import { checkPythonName, pythonNames } from "../../codegen/python/parameters.js";
import { className, floatText } from "../../codegen/python/text.js";
import type { ActivationPlan } from "../../codegen/target.js";
import { isWithin } from "../../frameworks/version.js";
import type { GraphDefinition } from "../../ir/graph/definition.js";
import type { Flavour } from "./flavours.js";
import { LAYERS } from "./layers/layers.js";
import type { LayerActivation } from "./layers/row.js";
import { ROWWISE } from "./layers/rowwise.js";

const ROWS = { ...ROWWISE, ...LAYERS };

/** The module of a graph, to stand behind the text of its activation; `same` is the framework's own activation. */
export function graphModule(
  definition: GraphDefinition,
  activation: ActivationPlan | undefined,
  same: string | undefined,
  flavour: Flavour,
  version: string,
  reserved: readonly string[],
): { readonly text: string; readonly exported: readonly string[]; readonly uses: readonly string[] } {
  const row = ROWS[definition.kind];
  if (row === undefined) throw new Error(`Keras has no row for ${definition.kind}`);
  checkPythonName(definition.id, new Set(reserved));
  const name = className(definition.id);
  const inner = activation === undefined ? undefined : activationOf(activation, same, reserved);
  const hasRmsNormalization = isWithin({ framework: "keras", version }, { since: "3.9" });
  const template = row.text({ definition, className: name, activation: inner, hasRmsNormalization });
  const exported = [name, definition.id].filter((word) => new RegExp(`^(class |def )?${word}\\b`, "m").test(template));
  return { text: flavour.template(template), exported, uses: row.uses.map(flavour.template) };
}

/** A function where there are no parameters, else a layer with them. */
function activationOf(
  { definition }: ActivationPlan,
  same: string | undefined,
  reserved: readonly string[],
): LayerActivation {
  if (same !== undefined) return { callable: same, given: [] };
  const { parameters } = pythonNames(definition, reserved);
  if (parameters.length === 0) return { callable: definition.id, given: [] };
  return {
    callable: `${className(definition.id)}(${parameters.map(({ name }) => `${name}=${name}`).join(", ")})`,
    given: parameters.map(({ name, parameter }) => `${name}=${floatText(parameter.default)}`),
  };
}
