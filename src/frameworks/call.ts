/** A built-in as it is called in Python with certain values of the parameters. */
import type { ParameterValues } from "../ir/definition.js";
import type { Argument, BuiltIn, Call, Form } from "./row.js";
import type { FrameworkVersion } from "./version.js";

const FORMS: Readonly<Record<Form, (number: string, path: string) => string>> = {
  tensor: (number) => `torch.tensor([${number}])`,
  initializer: (number, path) => `${path.split(".layers.")[0]!}.initializers.Constant(${number})`,
};

function numberText(value: number): string {
  if (!Number.isFinite(value)) return `float("${value > 0 ? "inf" : Number.isNaN(value) ? "nan" : "-inf"}")`;
  return Number.isInteger(value) && Math.abs(value) < 1e16 ? value.toFixed(1) : String(value);
}

/** The argument with its keyword; nothing where the framework takes the same without it. */
function argumentText(argument: Argument, path: string, parameters: ParameterValues): readonly string[] {
  const { name, value, default: standard, infinityIsNone, insteadOfInfinity } = argument;
  const written = (text: string): readonly string[] => [`${name}=${text}`];
  if ("literal" in value) return value.literal === standard ? [] : written(value.literal);
  if ("axis" in value) return value.axis === standard ? [] : written(String(value.axis));
  const given = parameters[value.parameter]!;
  if (given === standard) return [];
  if (given === Infinity && infinityIsNone === true) return written("None");
  const number = numberText(given === Infinity && insteadOfInfinity !== undefined ? insteadOfInfinity : given);
  return written(value.form === undefined ? number : FORMS[value.form](number, path));
}

/** `torch.nn.functional.elu(x, alpha=1.5)` or `torch.nn.ELU(alpha=1.5)`. */
export const pythonCall = ({ path, arguments: given }: Call, parameters: ParameterValues, isLayer: boolean): string =>
  `${path}(${[...(isLayer ? [] : ["x"]), ...given.flatMap((argument) => argumentText(argument, path, parameters))].join(", ")})`;

/** Can these values be passed? Those that cannot are what the framework has fixed. */
export const canBe = ({ fixed = {} }: BuiltIn, parameters: ParameterValues): boolean =>
  Object.entries(fixed).every(([name, value]) => parameters[name] === value);

/** The source of a row's call that makes it the function with these parameters; nothing where it cannot be. */
export function builtInText(row: BuiltIn, parameters: ParameterValues, prefersLayer = false): string | undefined {
  if (!canBe(row, parameters)) return undefined;
  const [first, second] = prefersLayer ? [row.layer, row.function] : [row.function, row.layer];
  const call = first ?? second;
  return call === undefined ? undefined : pythonCall(call, parameters, call === row.layer);
}

/** Code that makes a version of a framework compute a function of the catalogue with these parameters. */
export type Snippet = (
  id: string,
  parameters: ParameterValues,
  at: FrameworkVersion,
) => Promise<string | undefined> | string | undefined;
