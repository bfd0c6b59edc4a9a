/** A definition from an entry of a configuration file: an id, a formula, and what is known of its parameters. */
import { nearest, Diagnostic } from "../diagnostic.js";
import type { Definition, Learning, Parameter, ParameterValues, Surrogate } from "../ir/definition.js";
import { parameter } from "../ir/build.js";
import { parseFormula } from "./formula.js";
import { findKinks } from "./kinks.js";
import { reasonAgainstId, reasonAgainstName } from "./names.js";
import { quote, type Reason } from "./place.js";

export interface FormulaParameter {
  readonly default: number;
  readonly range?: readonly [low: number, high: number];
  readonly learnable?: Learning;
}

export interface FormulaDefinition {
  readonly id: string;
  readonly formula: string;
  readonly title?: string;
  readonly parameters?: Readonly<Record<string, FormulaParameter>>;
  readonly samples?: readonly Readonly<Record<string, number>>[];
  readonly reference?: string;
  /** A surrogate gradient: backward has the derivative of this formula of x instead. */
  readonly gradient?: string | Surrogate;
}

const ANY: readonly [number, number] = [-Infinity, Infinity];
const UNDECLARED: FormulaParameter = { default: 1 };

export async function definitionFromFormula(entry: FormulaDefinition): Promise<Definition> {
  const refuse = (message: string, hint: string): never => {
    throw new Diagnostic(`${quote(String(entry.id))}: ${message}`, { hint });
  };
  const check = (reason: Reason | undefined): void => {
    if (reason !== undefined) throw new Diagnostic(reason.message, { hint: reason.hint });
  };
  check(reasonAgainstId(typeof entry.id === "string" ? entry.id : ""));
  if (typeof entry.formula !== "string") refuse("the formula is missing", 'add "formula": "x * sigmoid(x)"');

  const declared = Object.entries(entry.parameters ?? {});
  for (const [name, row] of declared) {
    check(reasonAgainstName(name));
    const problem = problemOfParameter(row);
    if (problem !== undefined) refuse(`the parameter ${quote(name)} ${problem.message}`, problem.hint);
  }

  const ranges = Object.fromEntries(declared.map(([name, row]) => [name, row.range ?? ANY]));
  const { expr, parameters: used } = await parseFormula(entry.formula, { ranges });
  for (const [name] of declared)
    if (!used.includes(name)) {
      const meant = nearest(
        name,
        used.filter((other) => !Object.hasOwn(ranges, other)),
      );
      refuse(
        `the parameter ${quote(name)} is declared, but the formula does not use it`,
        meant === undefined
          ? "remove it, or use it in the formula"
          : `the formula has ${quote(meant)}: spell both alike`,
      );
    }

  const gradient = entry.gradient === undefined ? undefined : await surrogate(entry.gradient);
  const undeclared = used.filter((name) => !Object.hasOwn(ranges, name));
  const rows = [...declared, ...undeclared.map((name) => [name, UNDECLARED] as const)];
  const parameters = rows.map(([name, row]): Parameter => {
    const range: readonly [number, number] = row.range === undefined ? ANY : [row.range[0], row.range[1]];
    return { name, symbol: parameter(name, range), default: row.default, range, learnable: row.learnable ?? false };
  });
  const given = (entry.samples ?? []).map((sample, index) => {
    const problem = problemOfSample(sample, parameters);
    if (problem !== undefined) refuse(`sample ${index + 1} ${problem.message}`, problem.hint);
    return { ...defaultsOf(parameters), ...sample };
  });
  const samples = completed(given, parameters);
  return {
    id: entry.id,
    title: entry.title ?? entry.id,
    formula: expr,
    parameters,
    samples,
    kinks: [expr, ...(gradient === undefined ? [] : [gradient.formula])].flatMap((formula) =>
      findKinks(formula, [defaultsOf(parameters), ...samples]),
    ),
    names: [],
    reference: entry.reference ?? "",
    ...(gradient !== undefined && { gradient }),
  };
}

/** A surrogate that is given as a formula: of x alone, since backward has no gradient by parameters of it. */
async function surrogate(given: string | Surrogate): Promise<Surrogate> {
  if (typeof given !== "string") return given;
  const { expr, parameters } = await parseFormula(given);
  const [name] = parameters;
  if (name === undefined) return { of: given.trim(), formula: expr };
  throw new Diagnostic(`the gradient has ${quote(name)}, but a surrogate is a formula of x alone`, {
    source: given,
    start: Math.max(0, given.indexOf(name)),
    hint: "write its number",
  });
}

const isNumber = (value: unknown): value is number => typeof value === "number" && !Number.isNaN(value);
const inside = (value: number, [low, high]: readonly [number, number]): boolean => value >= low && value <= high;
const spell = ([low, high]: readonly [number, number]): string => `${low} to ${high}`;

/** Entries come from JSON, so their types are checked too. */
function problemOfParameter(row: FormulaParameter): Reason | undefined {
  if (typeof row !== "object" || row === null || !isNumber(row.default))
    return { message: "has no default that is a number", hint: 'declare it as { "default": 1, "range": [0, 10] }' };
  const { range = ANY, default: value } = row;
  if (!Array.isArray(range) || range.length !== 2 || !range.every(isNumber) || range[0] > range[1])
    return {
      message: "has no range of a low and a high number",
      hint: "write the range as [low, high], or leave it out",
    };
  if (!inside(value, range as readonly [number, number]))
    return {
      message: `has the default ${value}, which is outside its range, ${spell(range as readonly [number, number])}`,
      hint: "change the default or the range",
    };
  return undefined;
}

function problemOfSample(sample: ParameterValues, parameters: readonly Parameter[]): Reason | undefined {
  if (typeof sample !== "object" || sample === null)
    return { message: "is not an object of parameter values", hint: 'write it as { "alpha": 0.5 }' };
  for (const [name, value] of Object.entries(sample)) {
    const declared = parameters.find((parameter) => parameter.name === name);
    if (declared === undefined) {
      const meant = nearest(
        name,
        parameters.map((parameter) => parameter.name),
      );
      return {
        message: `has ${quote(name)}, which is no parameter of the formula`,
        hint: meant === undefined ? "remove it" : `did you mean "${meant}"?`,
      };
    }
    if (!isNumber(value))
      return { message: `has no number for ${quote(name)}`, hint: `write a number, such as ${declared.default}` };
    if (!inside(value, declared.range))
      return {
        message: `has ${name} = ${value}, which is outside its range, ${spell(declared.range)}`,
        hint: "change the sample or the range",
      };
  }
  return undefined;
}

const defaultsOf = (parameters: readonly Parameter[]): ParameterValues =>
  Object.fromEntries(parameters.map((parameter) => [parameter.name, parameter.default]));

/** How a default is changed to get another value to measure at; 0 and infinite defaults have neighbours of their own. */
const VARIATIONS: readonly ((value: number) => number)[] = [
  (value) => (value === 0 ? 0.5 : Number.isFinite(value) ? value * 0.5 : Math.sign(value)),
  (value) => (value === 0 ? -0.5 : Number.isFinite(value) ? value * 2 : Math.sign(value) * 4),
  (value) => value + 1,
  (value) => value - 1,
];

const FEWEST_SAMPLES = 2;

/** The given samples, and derived ones up to two; parameters that can only be their defaults give none. */
function completed(given: readonly ParameterValues[], parameters: readonly Parameter[]): readonly ParameterValues[] {
  const samples = [...given];
  const key = (sample: ParameterValues): string => parameters.map(({ name }) => sample[name]).join(" ");
  const seen = new Set([defaultsOf(parameters), ...given].map(key));
  for (const vary of VARIATIONS) {
    if (samples.length >= FEWEST_SAMPLES) break;
    const sample = Object.fromEntries(
      parameters.map(({ name, default: value, range: [low, high] }) => [
        name,
        Math.min(Math.max(vary(value), low), high),
      ]),
    );
    if (seen.has(key(sample))) continue;
    seen.add(key(sample));
    samples.push(sample);
  }
  return samples;
}
