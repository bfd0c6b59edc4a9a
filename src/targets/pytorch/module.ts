/** The `nn.Module` of an activation, whatever function it calls. */
import { isInput, rangeChecks, renamings, type PythonParameter } from "../../codegen/python/parameters.js";
import { documentation, floatText, indented } from "../../codegen/python/text.js";
import type { Definition } from "../../ir/definition.js";

export interface ModuleClass {
  readonly className: string;
  readonly names: { readonly parameters: readonly PythonParameter[] };
  /** An argument that takes one value only. */
  readonly chosenBy?: { readonly name: string; readonly literal: string } | undefined;
  /** Whether parameters have to be. */
  readonly isFinite?: boolean;
  readonly plan: { readonly definition: Definition; readonly texts: { readonly value: string } };
}

/** Of activations that learn: how many numbers, and where and in what they are held, as `nn.PReLU` has it. */
const COUNT = "num_parameters: int = 1";
const PLACE = "device: torch.device | None = None, dtype: torch.dtype | None = None";

export function moduleClass({ className, names, plan, chosenBy, isFinite }: ModuleClass): string {
  const { definition, texts } = plan;
  const inputs = names.parameters.filter(isInput).map(({ name }) => name);
  const parameters = names.parameters.filter((parameter) => !isInput(parameter));
  const learnable = parameters.filter(({ parameter }) => parameter.learnable);
  const numbers = parameters.filter(({ parameter }) => !parameter.learnable);
  const chosen = chosenBy === undefined ? [] : [chosenBy];
  const given = parameters.map(({ initial, parameter }) => `${initial}: float = ${floatText(parameter.default)}`);
  const arguments_ = [
    ...(learnable.length > 0 ? [COUNT] : []),
    ...given,
    ...chosen.map(({ name, literal }) => `${name}: str = "${literal}"`),
    ...(learnable.length > 0 ? [quoted(PLACE)] : []),
  ];
  const sets = parameters.map(({ name, initial, parameter }) =>
    parameter.learnable
      ? `self.${name} = nn.Parameter(torch.full((num_parameters,), float(${initial}), device=device, dtype=dtype))`
      : `self.${name} = ${name}`,
  );
  const shown = [
    ...(learnable.length > 0 ? ["num_parameters"] : []),
    ...[...numbers, ...chosen].map(({ name }) => name),
  ];
  const lines = [
    `class ${className}(nn.Module):`,
    documentation(
      [
        `${definition.title} as a module: f(x) = ${texts.value}`,
        ...(learnable.length === 0
          ? []
          : [
              `${learnable.map(({ name }) => name).join(", ")}: learned with the weights, one number for all elements ` +
                "or num_parameters of them, one for each place along axis 1.",
            ]),
        ...renamings(parameters),
      ],
      4,
    ),
  ];
  if (arguments_.length > 0)
    lines.push(
      "",
      `    def __init__(self, ${arguments_.join(", ")}) -> None:`,
      "        super().__init__()",
      ...[...notLearned(numbers), ...rangeChecks(parameters, isFinite)].map((check) => indented(check, 8)),
      ...(learnable.length > 0 ? ["        self.num_parameters = num_parameters"] : []),
      ...sets.map((line) => indented(line, 8)),
      ...chosen.flatMap(({ name, literal }) => [
        `        if ${name} != "${literal}":`,
        `            raise ValueError(f"${definition.id} has ${name}='${literal}', not {${name}!r}")`,
        `        self.${name} = ${name}`,
      ]),
    );
  lines.push(
    "",
    `    def forward(self, ${["x", ...inputs].map((name) => `${name}: Tensor`).join(", ")}) -> Tensor:`,
    `        return ${definition.id}(${["x", ...names.parameters.map((each) => (isInput(each) ? each.name : `self.${each.name}`))].join(", ")})`,
  );
  if (shown.length > 0)
    lines.push(
      "",
      "    def extra_repr(self) -> str:",
      `        return f"${shown.map((name) => `${name}={self.${name}${name === chosenBy?.name ? "!r" : ""}}`).join(", ")}"`,
    );
  return lines.join("\n");
}

/** Numbers are refused as tensors: a gradient by them would be lost without a word. */
export function notLearned(numbers: readonly PythonParameter[]): string[] {
  const [first, ...rest] = numbers.map(({ name }) => name);
  if (first === undefined) return [];
  const which =
    rest.length === 0
      ? `isinstance(${first}, Tensor)`
      : `any(isinstance(each, Tensor) for each in (${[first, ...rest].join(", ")}))`;
  return [
    `if ${which}:\n    raise TypeError("${[first, ...rest].join(", ")}: only numbers, which are not learned, not tensors")`,
  ];
}

/** Types as text: unions are newer than the Python of old versions. */
const quoted = (given: string): string => given.replaceAll(/: ([^=,]*) =/g, ': "$1" =');
