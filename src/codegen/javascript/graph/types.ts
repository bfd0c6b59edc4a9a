/** Declarations and documentation of emitted functions of graphs. */
import type { ModuleText, ParameterText } from "../../module.js";
import type { GraphPlan } from "../../target.js";
import type { Buffer, GraphFunction } from "../../../ir/kernel.js";
import { oneLine } from "../helpers.js";
import { arrayType, canBeLeftOut } from "./signatures.js";
import { numberText } from "../spelling.js";

type InterfaceText = ModuleText["interfaces"][number];

const typeName = ({ name }: GraphFunction): string => name.charAt(0).toUpperCase() + name.slice(1);

export const resultType = (of: GraphFunction, single: boolean): string =>
  single ? arrayType(of.outputs[0]!) : `${typeName(of)}Results`;

/** The shape of a tensor, outermost axis first. */
const shapeText = ({ axes }: Buffer): string =>
  axes.length === 0
    ? "one number"
    : axes.map(({ name, size }) => (size.text === name ? name : `${name} (${size.text})`)).join(" × ");

const tensorText = (buffer: Buffer): string => {
  const documentation = oneLine(buffer.documentation);
  const absent = buffer.absent === undefined ? "" : ` ${buffer.absent} where it is not given.`;
  return `${shapeText(buffer)}.${documentation === "" ? "" : ` ${documentation}`}${absent}`;
};

export const functionDocumentation = (of: GraphFunction, hasWorkspace: boolean): string =>
  [
    oneLine(of.documentation),
    [
      ...of.inputs.map((buffer) => `${buffer.name}: ${tensorText(buffer)}`),
      ...of.outputs.map((buffer) => `Writes ${buffer.name}: ${tensorText(buffer)}`),
    ].join("\n"),
    [
      "Outputs must not overlap inputs.",
      ...(hasWorkspace
        ? [`\`workspace\` has workspaceLength("${of.name}", ...) numbers, and is made when not given.`]
        : []),
    ].join(" "),
  ]
    .filter((text) => text !== "")
    .join("\n\n");

export function interfacesOf(plan: GraphPlan, single: boolean): InterfaceText[] {
  const tensors = plan.functions.flatMap((of): InterfaceText[] => {
    const type = typeName(of);
    const property = (buffer: Buffer, extra: string, optional: boolean): ParameterText => ({
      name: buffer.name,
      type: `${arrayType(buffer)}${extra}`,
      documentation: tensorText(buffer),
      optional,
    });
    return [
      {
        name: `${type}Inputs`,
        documentation: `The tensors that \`${of.name}\` reads.`,
        properties: of.inputs.map((buffer) =>
          property(buffer, buffer.absent === undefined ? "" : " | null", buffer.absent !== undefined),
        ),
      },
      {
        name: `${type}Outputs`,
        documentation: `The tensors that \`${of.name}\` writes; null for one that is not to be computed.`,
        properties: of.outputs.map((buffer) => property(buffer, canBeLeftOut(of, buffer) ? " | null" : "", true)),
      },
      {
        name: `${type}Results`,
        documentation: `The tensors that \`${of.name}\` returns; null where that was given.`,
        properties: of.outputs.map((buffer) => property(buffer, buffer.optional ? " | null" : "", buffer.optional)),
      },
    ];
  });
  return [parametersOf(plan), ...(single ? [] : tensors)];
}

function parametersOf({ definition, draws }: GraphPlan): InterfaceText {
  const { sizes, parameters, shaped, title } = definition;
  const whole = "A whole number from 0 to 2^32 - 1.";
  return {
    name: "Parameters",
    documentation: `The sizes and parameters of ${oneLine(title)}.`,
    properties: [
      ...(shaped === undefined
        ? []
        : [
            { name: "shape", type: "readonly number[]", documentation: "Instead of the sizes." },
            { name: "axis", type: "number", documentation: `The axis of the shape, by default ${shaped.axis}.` },
          ]),
      ...sizes.map((size) => ({
        name: size.name,
        type: "number",
        documentation:
          `${oneLine(size.documentation)}${size.default === undefined ? "" : ` (default ${size.default.text})`}`.trim(),
        optional: shaped !== undefined || size.default !== undefined,
      })),
      ...parameters.map(({ name, default: initial, range }) => ({
        name,
        type: "number",
        documentation: `Default ${numberText(initial)}, range [${range.map(numberText).join(", ")}].`,
      })),
      ...(draws
        ? [
            { name: "seed", type: "number", documentation: `The numbers drawn depend on it. ${whole}` },
            { name: "counter", type: "number", documentation: `Another one draws other numbers. ${whole}` },
          ]
        : []),
    ],
  };
}
