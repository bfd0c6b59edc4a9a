/** A row of the tables of layers. Texts are in the words of Keras 3. */
import { documentation, indented } from "../../../codegen/python/text.js";
import type { GraphDefinition } from "../../../ir/graph/definition.js";

/** The activation in a layer. */
export interface LayerActivation {
  /** As an argument: a function, or a layer where it has parameters, which computes as the policy says. */
  readonly callable: (policy: string) => string;
  /** Whether it has weights of its own, which are numbers. */
  readonly learns: boolean;
  /** Its parameters as arguments of whatever makes the layer: `beta=1.0`. */
  readonly given: readonly string[];
}

export interface LayerContext {
  readonly definition: GraphDefinition;
  readonly className: string;
  readonly activation: LayerActivation | undefined;
  /** `RMSNormalization` came with 3.9. */
  readonly hasRmsNormalization: boolean;
}

export interface LayerRow {
  /** The functions and layers of Keras that it is made of. */
  readonly uses: readonly string[];
  readonly text: (context: LayerContext) => string;
}

export const about = ({ definition }: LayerContext, more: readonly string[] = []): string[] => [
  `${definition.title}: ${definition.formula}`,
  ...(definition.reference === "" ? [] : [definition.reference]),
  ...more,
];

/** A function: its arguments, and its lines. */
export const functionText = (
  name: string,
  given: readonly string[],
  paragraphs: readonly string[],
  body: readonly string[],
): string =>
  [`def ${name}(${given.join(", ")}):`, documentation(paragraphs, 4), ...body.map((line) => indented(line))].join("\n");

export interface ClassText {
  readonly documentation?: readonly string[];
  /** The numbers that it is made with, each a field and a part of its configuration: `epsilon=1e-5`. */
  readonly given?: readonly string[];
  readonly fields?: readonly string[];
  /** Lines of `build`. */
  readonly build?: readonly string[];
  /** When masks go through: a condition, if not always. */
  readonly masks?: string;
  readonly inputs: string;
  readonly body: readonly string[];
  /** Lines of `compute_output_shape`; without any the shape stays. */
  readonly outputShape?: readonly string[];
  readonly methods?: readonly string[];
}

/** Layers in a layer compute as it does. */
export const POLICY = "self.dtype_policy";

/** A layer that can be saved. */
export function classText(context: LayerContext, text: ClassText): string {
  const { className, activation } = context;
  const { documentation: more = [], given = [], fields = [], inputs, body, methods = [], masks = "True" } = text;
  const build = [...(text.build ?? []), ...(activation?.learns ? ["self.activation.build(input_shape)"] : [])];
  const all = [...given, ...(activation?.given ?? [])];
  const names = all.map((argument) => argument.split("=")[0]!);
  const lines = [
    '@keras.saving.register_keras_serializable(package="nonlin")',
    `class ${className}(keras.layers.Layer):`,
    documentation(about(context, more), 4),
    "",
    `    def __init__(${["self", ...all, "**kwargs"].join(", ")}):`,
    "        super().__init__(**kwargs)",
    ...names.map((name) => `        self.${name} = ${name}`),
    ...fields.map((line) => indented(line, 8)),
    ...(activation === undefined ? [] : [`        self.activation = ${activation.callable(POLICY)}`]),
    ...(masks === "False" ? [] : [`        self.supports_masking = ${masks}`]),
    ...(build.length > 0 ? [] : ["        self.built = True"]),
  ];
  if (build.length > 0)
    lines.push(
      "",
      "    def build(self, input_shape):",
      ...build.map((line) => indented(line, 8)),
      "        super().build(input_shape)",
    );
  lines.push("", `    def call(self, ${inputs}):`, ...body.map((line) => indented(line, 8)));
  lines.push(
    "",
    "    def compute_output_shape(self, input_shape):",
    ...(text.outputShape ?? ["return input_shape"]).map((line) => indented(line, 8)),
  );
  lines.push(...methods.flatMap((method) => ["", indented(method)]));
  if (names.length > 0)
    lines.push(
      "",
      "    def get_config(self):",
      `        return {**super().get_config(), ${names.map((name) => `"${name}": self.${name}`).join(", ")}}`,
    );
  return lines.join("\n");
}

/** A function of a tensor along an axis, and its layer. */
export function alongAxis(uses: readonly string[], axis: number, body: readonly string[]): LayerRow {
  return {
    uses,
    text: (context) => {
      const { definition } = context;
      return [
        functionText(
          definition.id,
          ["x", `axis=${axis}`],
          [`${definition.title} along \`axis\`: ${definition.formula}`],
          body,
        ),
        classText(context, {
          given: [`axis=${axis}`],
          inputs: "inputs",
          body: [`return ${definition.id}(inputs, self.axis)`],
        }),
      ].join("\n\n\n");
    },
  };
}

/** Keras' own layer under the name of ours. */
export const alias = (path: string): LayerRow => ({
  uses: [path],
  text: ({ className }) => `${className} = ${path}`,
});

/** A function that makes Keras' own layer, with the activation in it. */
export const factory = (path: string, given: readonly string[], passed: string): LayerRow => ({
  uses: [path],
  text: (context) => {
    const { activation, definition } = context;
    const inner = activation?.callable('kwargs.get("dtype")');
    const parts = [passed, ...(inner === undefined ? [] : [`activation=${inner}`]), "**kwargs"];
    return functionText(
      definition.id,
      [...given, ...(activation?.given ?? []), "**kwargs"],
      about(context, [`A ${path.split(".").at(-1)!} layer; further arguments are its own.`]),
      [`return ${path}(${parts.join(", ")})`],
    );
  },
});

/** Keras' own layer and the activation behind it. */
export const followed = (path: string, given: readonly string[], passed: string): LayerRow => ({
  uses: [path],
  text: (context) => {
    const { activation, definition } = context;
    const layer = `${path}(${passed}, **kwargs)`;
    const policy = "layer.dtype_policy";
    const last =
      activation &&
      (activation.given.length > 0
        ? activation.callable(policy)
        : `keras.layers.Activation(${activation.callable(policy)}, dtype=${policy})`);
    return functionText(
      definition.id,
      [...given, ...(activation?.given ?? []), "**kwargs"],
      about(context, [
        `${path.split(".").at(-1)!}, which gets further arguments${last === undefined ? "" : ", and the activation"}.`,
      ]),
      last === undefined ? [`return ${layer}`] : [`layer = ${layer}`, `return keras.Sequential([layer, ${last}])`],
    );
  },
});
