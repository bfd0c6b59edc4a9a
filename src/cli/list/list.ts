/** `nonlin list`: the catalogue. Loads nothing but it. */
import { catalogue, customaryLayer, findDefinition, layers, rowActivations, type Layer } from "../../catalogue.js";
import type { Definition, Parameter } from "../../ir/definition.js";
import type { GraphDefinition, SizeParameter } from "../../ir/graph/definition.js";
import { IDENTITY } from "../../layers/layers.js";
import type { Run } from "../commands.js";
import { table, toJson } from "../shell/text.js";

export const run: Run = async (given, terminal) => {
  terminal.out(given.has("json") ? toJson(entries()) : page());
  return 0;
};

const entries = () => [
  ...catalogue.map((definition) => ({ kind: "activation", ...fields(definition) })),
  ...rowActivations.map((definition) => ({ kind: "row", ...graphFields(definition) })),
  ...layers.map((layer) => ({ kind: "layer", ...layerFields(layer) })),
];

const fields = ({ id, title, parameters, names, reference }: Definition | GraphDefinition) => ({
  id,
  title,
  parameters: parameters.map(({ name, default: value, range, learnable }) => ({
    name,
    default: value,
    range,
    learnable,
  })),
  names,
  reference,
});

const graphFields = (definition: GraphDefinition) => ({
  ...fields(definition),
  formula: definition.formula,
  sizes: definition.sizes.map(({ name, default: value }) => ({
    name,
    ...(value === undefined ? {} : { default: value.text }),
  })),
});

/** The layer alone: the activation in its formula is f. */
const alone = (layer: Layer): GraphDefinition => layer.define(findDefinition(IDENTITY)!);

/** `module` is what `build` makes of it, with the activation that it usually has. */
const layerFields = (layer: Layer) => ({
  ...graphFields(alone(layer)),
  ...(layer.takesActivation ? { activation: layer.customary } : {}),
  module: customaryLayer(layer).id,
});

function page(): string {
  const sections: readonly (readonly [string, readonly (readonly string[])[]])[] = [
    ["activations of each element", catalogue.map(row)],
    ["activations along an axis, and with more than one input", rowActivations.map(graphRow)],
    ["layers with any elementwise activation in them: --with dense", layers.filter(takes).map(alone).map(graphRow)],
    [
      "layers without an activation in them",
      layers
        .filter((layer) => !takes(layer))
        .map(alone)
        .map(graphRow),
    ],
  ];
  return sections.map(([title, rows]) => `${title}\n${table(rows, "  ")}`).join("\n");
}

const takes = ({ takesActivation }: Layer): boolean => takesActivation;

const row = ({ id, title, parameters, names }: Definition): readonly string[] => [
  id,
  title,
  parameters.map(parameterText).join(" "),
  names.join(" "),
];

const graphRow = ({ id, title, sizes, parameters, names }: GraphDefinition): readonly string[] => [
  id,
  title,
  [...sizes.map(sizeText), ...parameters.map(parameterText)].join(" "),
  names.join(" "),
];

const parameterText = (parameter: Parameter): string => `${parameter.name}=${parameter.default}`;

/** A size with its default; a default that is computed from other sizes is "...", and `show` spells it out. */
const sizeText = ({ name, default: value }: SizeParameter): string =>
  value === undefined ? name : `${name}=${value.args.length === 0 ? value.text : "..."}`;
