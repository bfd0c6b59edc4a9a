/** Parameters in signatures, their checks, and what documentation says of accuracy. */
import type { ParameterText } from "../module.js";
import { createNames, type Names } from "../names.js";
import type { Parameter } from "../../ir/definition.js";
import type { OperationName } from "../../ir/ops.js";
import { numberText } from "./spelling.js";

/** Operations written as functions of the module. */
export const HELPERS: ReadonlySet<OperationName> = new Set([
  "erf",
  "erfc",
  "erfcx",
  "ierfcx",
  "i2erfcx",
  "log1mexp",
  "sinc",
  "sphericalBessel1",
  "sphericalBessel2",
  "productError",
  "sumError",
  "expSingle",
  "expm1Single",
]);

/** Names that modules use themselves. */
const RESERVED = [
  "x",
  "y",
  "dy",
  "dx",
  "i",
  "j",
  "u",
  "h",
  "length",
  "saved",
  "gradients",
  "POWERS",
  "STEPS",
  "EITHER",
  "choose",
  "saves",
  "Math",
  "NaN",
  "Infinity",
  "value",
  "derivative",
  "secondDerivative",
  "forward",
  "backward",
  "v",
  "g",
  "condition",
  "yes",
  "no",
  "inMemory",
  "refuseOutgrown",
  "compiledLoops",
  "xAt",
  "yAt",
  "dyAt",
  "savedAt",
  "dxAt",
  "count",
];

/** The name of a parameter inside a function: its own, unless the module needs that name itself. */
const localName = (name: string): string =>
  RESERVED.includes(name) || HELPERS.has(name as OperationName) || name.startsWith("d_") ? `${name}_` : name;

/** The names of parameters inside a function. */
export const localNames = (parameters: readonly Parameter[]): string[] => parameters.map(({ name }) => localName(name));

/** Names for the lines of one function: none that the module or a parameter has. */
export function functionNames(parameters: readonly Parameter[]): Names {
  const locals = localNames(parameters);
  const names = createNames([...RESERVED, ...HELPERS, ...locals], []);
  for (const { name } of parameters) names.bind(name, localName(name));
  return names;
}

export const parameterObject = (parameters: readonly Parameter[]): ParameterText[] =>
  parameters.length === 0
    ? []
    : [
        {
          name: `{ ${parameters.map(parameterDefault).join(", ")} }`,
          type: "Parameters",
          initial: "{}",
        },
      ];

const parameterDefault = ({ name, default: value }: Parameter): string => {
  const local = localName(name);
  return `${name}${local === name ? "" : `: ${local}`} = ${numberText(value)}`;
};

/**
 * Refuses what the definition does not allow, before anything is computed. `local` says what parameters are called. Only a
 * number is what + makes of it: null would count as 0 in comparisons.
 */
export function checks(parameters: readonly Parameter[], local: (name: string) => string = localName): string[] {
  return parameters.map(({ name: given, range: [low, high] }) => {
    const name = local(given);
    const tests = [
      ...(low === -Infinity ? [] : [`${name} >= ${numberText(low)}`]),
      ...(high === Infinity ? [] : [`${name} <= ${numberText(high)}`]),
    ];
    const holds = [`${name} === +${name}`, ...tests].join(" && ");
    const wanted = tests.length === 0 ? "a number" : `in [${numberText(low)}, ${numberText(high)}]`;
    return `if (!(${holds})) throw new RangeError(\`${given} must be ${wanted}, got \${${name}}\`);`;
  });
}
