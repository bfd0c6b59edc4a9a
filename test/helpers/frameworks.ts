/** Calls of the frameworks' own functions, run in Python. */
import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { catalogue } from "../../src/catalogue.js";
import { builtInsOf } from "../../src/frameworks/find.js";
import type { Argument, BuiltIn, Call } from "../../src/frameworks/row.js";
import {
  backendsOf,
  versionsOf,
  type FrameworkName,
  versionText,
  type FrameworkVersion,
} from "../../src/frameworks/version.js";
import { defaults, type Definition, type ParameterValues } from "../../src/ir/definition.js";
import { evaluate } from "../../src/ir/evaluate.js";

const PROGRAM = join(resolve(import.meta.dirname, ".."), "fixtures", "frameworks.py");

/** What Python is handed: numbers, and what JSON has no word for. */
type PythonValue = number | boolean | string | null | Readonly<Record<string, number | string>>;

export interface Case {
  readonly id: string;
  readonly parameters: ParameterValues;
  readonly path: string;
  readonly arguments: Readonly<Record<string, PythonValue>>;
  readonly layer: boolean;
  readonly inputs: readonly (number | string)[];
}

/** For each input [value, gradient] of a tensor of one element, and of one of 64. */
export type Pairs = readonly (readonly (readonly [value: number | string, gradient: number | string])[])[];
export type Result = Pairs | { readonly error: string };

export interface Answer {
  readonly versions: Readonly<Record<string, string>>;
  readonly results: readonly Result[];
}

const WORDS: Readonly<Record<string, boolean | null>> = { True: true, False: false, None: null };

const literalValue = (text: string): PythonValue =>
  Object.hasOwn(WORDS, text) ? WORDS[text]! : (JSON.parse(text) as number | string);

function pythonValue({ value, infinityIsNone, insteadOfInfinity }: Argument, parameters: ParameterValues): PythonValue {
  if ("axis" in value) return value.axis;
  if ("literal" in value) return literalValue(value.literal);
  const number = parameters[value.parameter]!;
  if (number === Infinity && infinityIsNone === true) return null;
  if (number === Infinity && insteadOfInfinity !== undefined) return insteadOfInfinity;
  if (value.form !== undefined) return { [value.form]: number };
  return Number.isFinite(number) ? number : { number: pythonInfinity(number) };
}

const pythonInfinity = (value: number): string => (value > 0 ? "inf" : "-inf");

export const argumentsFor = (call: Call, parameters: ParameterValues): Record<string, PythonValue> =>
  Object.fromEntries(call.arguments.map((argument) => [argument.name, pythonValue(argument, parameters)]));

/** The parameter values at which a row is run: the defaults and samples that it can be called with. */
export function parameterSets(row: BuiltIn, definition: Definition): ParameterValues[] {
  const all = [defaults(definition), ...definition.samples];
  return all.filter((values) => Object.entries(row.fixed ?? {}).every(([name, value]) => values[name] === value));
}

export const definitionOf = (row: BuiltIn): Definition | undefined => catalogue.find(({ id }) => id === row.id);

/** The finite kinks in their order. */
export const kinksAt = (definition: Definition, parameters: ParameterValues): number[] =>
  definition.kinks.map((kink) => evaluate(kink, parameters));

/** Every elementwise function and layer of a version at these inputs, with the definition's defaults and samples. */
export function casesOf(
  at: FrameworkVersion,
  inputs: (definition: Definition, parameters: ParameterValues) => readonly (number | string)[],
): Case[] {
  return builtInsOf(at).flatMap((row) => {
    const definition = definitionOf(row);
    if (definition === undefined) return [];
    return parameterSets(row, definition).flatMap((parameters) => {
      const calls = [row.function, row.layer].filter((call) => call !== undefined);
      return calls.map((call) => ({
        id: row.id,
        parameters,
        path: call.path,
        arguments: argumentsFor(call, parameters),
        layer: call === row.layer,
        inputs: inputs(definition, parameters),
      }));
    });
  });
}

/** What a case was called with, and what it gave, on one line each. */
export const caseKey = ({ path, layer, arguments: given }: Case): string =>
  `${path}(${Object.entries(given)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(", ")})${layer ? "(x)" : ""}`;

const digits = (value: number | string): string =>
  typeof value === "number" ? String(Number(value.toPrecision(7))) : value;

/** `-3: 0 0.5` for each input, with what 64 elements give behind a comma where it differs. */
export function resultLine({ inputs }: Case, pairs: Pairs): string {
  const texts = pairs.map(([one, many], index) => {
    const [a, b] = [one!.map(digits).join(" "), many!.map(digits).join(" ")];
    return `${inputs[index]}: ${a}${a === b ? "" : `, ${b}`}`;
  });
  return texts.join(" | ");
}

/** The parts of a line: for each input what one element gives, and what many may give, which can depend on the processor. */
const partsOf = (line: string): { readonly input: string; readonly one: string; readonly many: readonly string[] }[] =>
  line.split(" | ").map((text) => {
    const [input, rest] = text.split(": ") as [string, string];
    const [one, many = one] = rest.split(", ") as [string, string?];
    return { input, one, many: many.split(" or ") };
  });

/** A recorded line with what a run gave beside what was known: `inf: inf nan, inf nan or nan nan`. */
export function mergedLine(known: string | undefined, line: string): string {
  const before = known === undefined ? [] : partsOf(known);
  const parts = partsOf(line).map(({ input, one, many }) => {
    const earlier = before.find((part) => part.input === input && part.one === one)?.many ?? [];
    const all = [...new Set([...earlier, ...many])].sort();
    return `${input}: ${one}${all.length === 1 && all[0] === one ? "" : `, ${all.join(" or ")}`}`;
  });
  return parts.join(" | ");
}

/** Whether a run gave nothing that is not recorded. */
export const isRecorded = (known: string, line: string): boolean => mergedLine(known, line) === known;

/** Reads such a line again; of what many elements may give, the first. */
export function readLine(line: string): ReadonlyMap<string, readonly [scalar: Measurement, vector: Measurement]> {
  const measurement = (pair: string): Measurement => {
    const [value, gradient] = pair.split(" ").map(readNumber);
    return { value: value!, gradient: gradient! };
  };
  return new Map(partsOf(line).map(({ input, one, many }) => [input, [measurement(one), measurement(many[0]!)]]));
}

export interface Measurement {
  readonly value: number;
  readonly gradient: number;
}

const NAMED: Readonly<Record<string, number>> = { nan: NaN, inf: Infinity, "-inf": -Infinity };

export const readNumber = (text: string | number): number =>
  typeof text === "string" && Object.hasOwn(NAMED, text) ? NAMED[text]! : Number(text);

/** Runs cases of one framework with this Python, on the processor as it is or with less of what it has. */
export function runPython(
  python: string,
  at: FrameworkVersion,
  cases: readonly object[],
  capability?: "default" | "avx2",
): Answer {
  const { status, stdout, stderr, error } = spawnSync(python, [PROGRAM], {
    input: JSON.stringify({ cases }),
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    env: {
      ...process.env,
      TF_CPP_MIN_LOG_LEVEL: "3",
      CUDA_VISIBLE_DEVICES: "-1",
      ...(at.backend !== undefined && { KERAS_BACKEND: at.backend }),
      ...(capability !== undefined && { ATEN_CPU_CAPABILITY: capability }),
    },
  });
  if (status !== 0) throw new Error(`${python} for ${versionText(at)}: ${error?.message ?? stderr.slice(-2000)}`);
  return JSON.parse(stdout) as Answer;
}

const FRAMEWORKS: readonly FrameworkName[] = ["torch", "keras"];
export const plainVersions: readonly FrameworkVersion[] = FRAMEWORKS.flatMap((framework) =>
  versionsOf(framework).map((version) => ({ framework, version })),
);
const withBackends = (at: FrameworkVersion): readonly FrameworkVersion[] => {
  const backends = backendsOf(at);
  return backends.length === 0 ? [at] : backends.map((backend) => ({ ...at, backend }));
};
/** Every version of every framework, with each backend. */
export const allVersions = plainVersions.flatMap(withBackends);

/** Float32 results of other orders of operations. */
export const isNear = (actual: number, expected: number): boolean =>
  Object.is(actual, expected) ||
  actual === expected ||
  (Number.isNaN(actual) && Number.isNaN(expected)) ||
  Math.abs(actual - expected) <= 2e-6 * Math.max(1, Math.abs(expected));

/** What is recorded of a version: each built-in at kinks, NaN and the infinities. */
export const recordedCases = (at: FrameworkVersion): Case[] =>
  casesOf(at, (definition, parameters) => [
    ...new Set(kinksAt(definition, parameters).filter(Number.isFinite)),
    "nan",
    "inf",
    "-inf",
  ]);
