/** A row of the tables of layers, and its text as a class. */
import { documentation, indented } from "../../../codegen/python/text.js";
import type { GraphDefinition } from "../../../ir/graph/definition.js";
import type { Features } from "../features.js";

/** The module of the activation in a layer. */
export interface ActivationModule {
  /** Its parameters as arguments of a constructor: `beta: float = 1.0`. */
  readonly given: string;
  /** How it is made of them: `SiLU(beta)`. */
  readonly made: string;
}

export interface LayerContext {
  readonly definition: GraphDefinition;
  readonly className: string;
  readonly activation: ActivationModule | undefined;
  readonly features: Features;
}

export interface LayerRow {
  /** The functions and modules of PyTorch that it is made of. */
  readonly uses: readonly string[];
  readonly text: (context: LayerContext) => string;
}

export interface ClassText {
  readonly documentation?: readonly string[];
  /** The module of PyTorch that it extends, whose arguments it takes beside those of the activation. */
  readonly base?: string;
  /** Arguments of the constructor; without any, and without fields, there is no constructor. */
  readonly given?: readonly string[];
  /** Statements of the constructor. */
  readonly fields?: readonly string[];
  /** Arguments of `forward`. */
  readonly inputs: string;
  readonly returns?: string;
  readonly body: readonly string[];
  /** Methods beside those. */
  readonly methods?: readonly string[];
  /** The names of the fields that `repr` shows. */
  readonly shown?: readonly string[];
}

/** The layer's title, formula and reference, as the first lines of its documentation. */
export const about = ({ definition }: LayerContext): string[] => [
  `${definition.title}: ${definition.formula}`,
  ...(definition.reference === "" ? [] : [definition.reference]),
];

export function classText(context: LayerContext, of: ClassText): string {
  const { documentation: text = [], base, given = [], fields = [], inputs, returns = "Tensor", body } = of;
  const { methods = [], shown = [] } = of;
  const { className, activation } = context;
  const [star, passed] = base === undefined ? ["*", ""] : ["*args", "*args, **kwargs"];
  const named = activation === undefined || activation.given === "" ? [] : [activation.given];
  const own = base === undefined ? (named.length === 0 ? [] : [star, ...named]) : [star, ...named, "**kwargs"];
  const lines = [`class ${className}(${base ?? "nn.Module"}):`, documentation([...about(context), ...text], 4)];
  const made = [...fields, ...(activation === undefined ? [] : [`self.activation = ${activation.made}`])];
  if (made.length > 0)
    lines.push(
      "",
      `    def __init__(${["self", ...given, ...own].join(", ")}) -> None:`,
      `        super().__init__(${passed})`,
      ...made.map((line) => indented(line, 8)),
    );
  lines.push("", `    def forward(self, ${inputs}) -> ${returns}:`, ...body.map((line) => indented(line, 8)));
  if (methods.length > 0) lines.push("", ...methods.map((line) => indented(line)));
  if (shown.length > 0)
    lines.push(
      "",
      "    def extra_repr(self) -> str:",
      `        return f"${shown.map((name) => `${name}={self.${name}}`).join(", ")}"`,
    );
  return lines.join("\n");
}

/** PyTorch's own module under the name of ours. */
export const alias = (path: string): LayerRow => ({
  uses: [path],
  text: ({ className }) => `${className} = ${path.replace("torch.nn.", "nn.")}`,
});

/** A function of a tensor along an axis, and its module. */
export function alongAxis(row: {
  readonly uses: readonly string[];
  readonly axis: number;
  /** The function's text on `x` and `dim`. */
  readonly body: readonly string[];
  /** Further arguments behind `dim`, and their names. */
  readonly given?: readonly string[];
}): LayerRow {
  const { uses, axis, body, given = [] } = row;
  const names = given.map((text) => text.split(":")[0]!);
  return {
    uses,
    text: (context) => {
      const { definition } = context;
      const signature = ["x: Tensor", `dim: int = ${axis}`, ...given].join(", ");
      const function_ = [
        `def ${definition.id}(${signature}) -> Tensor:`,
        documentation([`${definition.title} along the axis \`dim\`: ${definition.formula}`], 4),
        ...body.map((line) => indented(line)),
      ].join("\n");
      const class_ = classText(
        { ...context, activation: undefined },
        {
          given: [`dim: int = ${axis}`, ...given],
          fields: ["self.dim = dim", ...names.map((name) => `self.${name} = ${name}`)],
          inputs: "x: Tensor",
          body: [`return ${definition.id}(${["x", "self.dim", ...names.map((name) => `self.${name}`)].join(", ")})`],
          shown: ["dim", ...names],
        },
      );
      return [function_, class_].join("\n\n\n");
    },
  };
}
