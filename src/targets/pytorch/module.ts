/** The `nn.Module` of an activation, whatever function it calls. */
import { rangeChecks, renamings, type PythonParameter } from "../../codegen/python/parameters.js";
import { documentation, floatText, indented } from "../../codegen/python/text.js";
import type { Definition } from "../../ir/definition.js";

export interface ModuleClass {
  readonly className: string;
  readonly names: { readonly parameters: readonly PythonParameter[] };
  readonly plan: { readonly definition: Definition; readonly texts: { readonly value: string } };
}

export function moduleClass({ className, names: { parameters }, plan }: ModuleClass): string {
  const { definition, texts } = plan;
  const given = parameters.map(({ name, parameter }) => `${name}: float = ${floatText(parameter.default)}`);
  const learnable = parameters.filter(({ parameter }) => parameter.learnable);
  const sets = parameters.map(({ name, parameter }) =>
    parameter.learnable
      ? `        self.${name} = nn.Parameter(torch.tensor(float(${name})))`
      : `        self.${name} = ${name}`,
  );
  const checks = rangeChecks(parameters).map((check) => indented(check, 8));
  const shown = parameters
    .filter(({ parameter }) => !parameter.learnable)
    .map(({ name }) => `${name}={self.${name}}`)
    .join(", ");
  const lines = [
    `class ${className}(nn.Module):`,
    documentation(
      [
        `${definition.title} as a module: f(x) = ${texts.value}`,
        ...(learnable.length === 0
          ? []
          : [`${learnable.map(({ name }) => name).join(", ")}: learned with the weights.`]),
        ...renamings(parameters),
      ],
      4,
    ),
  ];
  if (parameters.length > 0)
    lines.push(
      "",
      `    def __init__(self, ${given.join(", ")}) -> None:`,
      "        super().__init__()",
      ...checks,
      ...sets,
    );
  lines.push(
    "",
    "    def forward(self, x: Tensor) -> Tensor:",
    `        return ${definition.id}(${["x", ...parameters.map(({ name }) => `self.${name}`)].join(", ")})`,
  );
  if (shown !== "") lines.push("", "    def extra_repr(self) -> str:", `        return f"${shown}"`);
  return lines.join("\n");
}
