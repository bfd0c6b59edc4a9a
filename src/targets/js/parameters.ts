/** Parameters in signatures, their checks, and what documentation says of accuracy. */
import type { ParameterText } from "../../codegen/module.js";
import { createNames, type Names } from "../../codegen/names.js";
import type { Accuracy, Approximation, ChainProof } from "../../codegen/target.js";
import type { Parameter } from "../../ir/definition.js";
import type { OperationName } from "../../ir/ops.js";
import { numberText } from "./spelling.js";

/** Operations written as functions of the module. */
export const HELPERS: ReadonlySet<OperationName> = new Set(["erf", "erfc", "erfcx", "productError", "sumError"]);

/** What modules call their own. */
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
];

/** What a parameter is called inside a function: as it is, unless the module needs that name itself. */
const localName = (name: string): string =>
  RESERVED.includes(name) || HELPERS.has(name as OperationName) || name.startsWith("d_") ? `${name}_` : name;

/** Names for the lines of one function: none that the module or a parameter has. */
export function functionNames(parameters: readonly Parameter[]): Names {
  const locals = parameters.map(({ name }) => localName(name));
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

/** Refuses what the definition does not allow, before anything is computed. `local` says what parameters are called. */
export function checks(parameters: readonly Parameter[], local: (name: string) => string = localName): string[] {
  return parameters.map(({ name: given, range: [low, high] }) => {
    const name = local(given);
    const tests = [
      ...(low === -Infinity ? [] : [`${name} >= ${numberText(low)}`]),
      ...(high === Infinity ? [] : [`${name} <= ${numberText(high)}`]),
    ];
    const holds = tests.length === 0 ? `${name} === ${name}` : tests.join(" && ");
    const wanted = tests.length === 0 ? "a number" : `in [${numberText(low)}, ${numberText(high)}]`;
    return `if (!(${holds})) throw new RangeError(\`${given} must be ${wanted}, got \${${name}}\`);`;
  });
}

/** What is proved of a function or loop, as sentences of its documentation. */
export function proofText({ verdict, at, reason, approximations }: ChainProof, what: string): string {
  if (verdict !== "proved" && verdict !== "equal-except") return `Not proved to be ${what}: ${reason ?? verdict}.`;
  const exceptions =
    verdict === "proved" ? "" : `, except at x = ${(at ?? []).map((point) => point.at).join(", x = ")}`;
  const steps = approximations.map(approximationText).filter((text) => text !== "");
  const sentence = `Proved to be ${what} over the reals${exceptions}`;
  return steps.length === 0 ? `${sentence}.` : `${sentence}, but for\n${steps.join("\n")}`;
}

function approximationText({ step, where, certified, relative, absolute }: Approximation): string {
  if (relative === 0 && absolute === undefined) return "";
  const name = `- ${step.replaceAll("-", " ")}, where ${where.replaceAll("; ", " or ")}`;
  if (!certified) return `${name}: not certified.`;
  const bounds = [
    ...(relative === undefined ? [] : [`${powerText(relative)} of the value`]),
    ...(absolute === undefined ? [] : [powerText(absolute)]),
  ];
  return `${name}: certified to be within ${bounds.join(" or ")}.`;
}

/** A bound as a power of two that is not below it. */
const powerText = (bound: number): string => (bound === 0 ? "0" : `2^${Math.ceil(Math.log2(bound))}`);

export const accuracyText = (accuracy: Accuracy, type: string): string => {
  const shown = (value: number): string =>
    value === 0 ? "0" : value < 0.01 ? value.toExponential(1) : value.toFixed(2);
  const near = accuracy.nearZeros;
  if (accuracy.ulp > 2 ** 60) return `Accuracy: no digits at x = ${accuracy.at}; elsewhere not measured.`;
  return (
    `Accuracy: at most ${shown(accuracy.ulp)} ULP of ${type} over the measured inputs` +
    (near === undefined
      ? "."
      : `; near ${near.zeros.map((zero) => zero.toPrecision(4)).join(", ")} within ${near.absolute.toExponential(1)}.`)
  );
};
