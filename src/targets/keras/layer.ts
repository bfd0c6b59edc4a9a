/** The layer of an activation, whatever function it calls. */
import { argumentNames, isInput, rangeChecks, renamings, type PythonNames } from "../../codegen/python/parameters.js";
import { documentation, floatText, indented } from "../../codegen/python/text.js";
import type { Definition } from "../../ir/definition.js";
import type { Flavour } from "./flavours.js";

export interface LayerClass {
  readonly className: string;
  readonly names: PythonNames;
  readonly flavour: Flavour;
  readonly plan: { readonly definition: Definition; readonly texts: { readonly value: string } };
}

export function layerClass({ className, names, flavour, plan }: LayerClass): string {
  const { definition, texts } = plan;
  const others = names.parameters.filter(isInput).map(({ name }) => name);
  const parameters = names.parameters.filter((each) => !isInput(each));
  const { learnable } = argumentNames(parameters);
  const given = parameters.map(({ name, parameter }) => `${name}=${floatText(parameter.default)}, `).join("");
  const isPerChannel = (name: string): boolean =>
    parameters.some((each) => each.name === name && each.parameter.learnable === "channel");
  const initial = (name: string): string => (learnable.includes(name) ? `initial_${name}` : name);
  const lines = [
    `@${flavour.serializable}(package="nonlin")`,
    `class ${className}(${flavour.package}.layers.Layer):`,
    documentation(
      [
        `${definition.title} as a layer: f(x) = ${texts.value}`,
        ...(learnable.length === 0
          ? []
          : [`${learnable.join(", ")}: learned with the weights; the arguments are what they begin as.`]),
        ...renamings(parameters),
      ],
      4,
    ),
    "",
    `    def __init__(self, ${given}**kwargs):`,
    "        super().__init__(**kwargs)",
    ...rangeChecks(parameters).map((check) => indented(check, 8)),
    "        self.supports_masking = True",
    ...parameters.map(({ name }) => `        self.${initial(name)} = ${name}`),
    ...(learnable.length > 0 ? [] : ["        self.built = True"]),
  ];
  if (learnable.length > 0)
    lines.push(
      "",
      "    def build(self, input_shape):",
      ...learnable.flatMap((name) => [
        `        self.${name} = self.add_weight(`,
        `            name="${name}",`,
        `            shape=${isPerChannel(name) ? "(input_shape[-1],)" : "()"},`,
        `            initializer=${flavour.package}.initializers.Constant(self.initial_${name}),`,
        "        )",
      ]),
      "        super().build(input_shape)",
    );
  lines.push(
    "",
    `    def call(self, ${["inputs", ...others].join(", ")}):`,
    `        return ${definition.id}(${["inputs", ...names.parameters.map((each) => (isInput(each) ? each.name : `self.${each.name}`))].join(", ")})`,
    "",
    "    def compute_output_shape(self, input_shape):",
    "        return input_shape",
  );
  if (parameters.length > 0)
    lines.push(
      "",
      "    def get_config(self):",
      `        return {**super().get_config(), ${parameters.map(({ name }) => `"${name}": self.${initial(name)}`).join(", ")}}`,
    );
  return lines.join("\n");
}
