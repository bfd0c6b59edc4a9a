/** The parts that every module has: its head, the uniform, the bindings, functions with the helpers that they call. */
import type { Parameter } from "../../ir/definition.js";
import type { GraphDefinition } from "../../ir/graph/definition.js";
import { calledIn, withHelpers } from "./functions.js";
import { memberName } from "./names.js";
import type { Binding, Override } from "./shader.js";
import { comment, indented } from "./text.js";

export interface ModuleParts {
  /** The comment above everything: what the module is and how to use it. */
  readonly header: readonly string[];
  readonly sizes: GraphDefinition["sizes"];
  readonly parameters: readonly Parameter[];
  readonly draws: boolean;
  readonly overrides: readonly Override[];
  readonly bindings: readonly string[];
  /** Functions, entry points, workgroup variables: each with its comment. */
  readonly items: readonly (readonly string[])[];
}

/** The members of the uniform, each of four bytes: sizes, then parameters, then the key of random draws. */
export const uniformMembers = ({
  sizes,
  parameters,
  draws,
}: Pick<ModuleParts, "sizes" | "parameters" | "draws">): { readonly name: string; readonly type: "u32" | "f32" }[] => [
  ...sizes.map(({ name }) => ({ name, type: "u32" as const })),
  ...parameters.map(({ name }) => ({ name, type: "f32" as const })),
  ...(draws ? ["seed", "counter"].map((name) => ({ name, type: "u32" as const })) : []),
];

export function moduleText(parts: ModuleParts): string {
  const items = parts.items.map((lines) => indented(lines));
  const helpers = withHelpers(calledIn(items.join("\n")));
  return [
    parts.header.join("\n"),
    indented([
      "struct Sizes {",
      ...uniformMembers(parts).map(({ name, type }) => `${memberName(name)}: ${type},`),
      "}",
    ]),
    ["@group(0) @binding(0) var<uniform> sizes: Sizes;", ...parts.bindings].join("\n"),
    ...(parts.overrides.length === 0 ? [] : [parts.overrides.flatMap(overrideLines).join("\n")]),
    ...items,
    ...helpers.map((text) => text.trim()),
    "",
  ].join("\n\n");
}

const overrideLines = ({ name, type, default: value, documentation }: Override): string[] => {
  const initial = value === undefined ? "" : ` = ${type === "bool" ? String(value !== 0) : `${value}u`}`;
  return [...(documentation === "" ? [] : comment(documentation)), `override ${name}: ${type}${initial};`];
};

/** The declaration of a binding, as an array of some element. */
export const bindingLine = ({ number, access }: Binding, name: string, element: string): string =>
  `@group(0) @binding(${number}) var<storage, ${access}> ${name}: array<${element}>;`;
