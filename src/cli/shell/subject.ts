/** The definition that `<id or formula>` and `--param` on a command line name. */
import type { Definition, Parameter, ParameterValues } from "../../ir/definition.js";
import { catalogue, findDefinition, graphs } from "../../catalogue.js";
import { Diagnostic, nearest } from "../../diagnostic.js";
import { unknownName } from "./arguments.js";
import { checkId } from "./ids.js";
import { quote, withoutControls } from "./text.js";

/** The id of a formula that was given none. */
export const UNNAMED = "activation";

/** The definition, its defaults replaced by the given values. */
export async function resolveSubject(text: string, given: ParameterValues, id?: string): Promise<Definition> {
  if (id !== undefined) checkId(id, "--name");
  const known = definitionCalled(text);
  if (known !== undefined) return { ...withoutMisfit(withDefaults(known, given), given), id: id ?? known.id };
  rejectBareWord(text);
  return fromFormula(text, given, id ?? UNNAMED);
}

/** The definition with this id, else the one that a framework calls so. */
export const definitionCalled = (name: string): Definition | undefined =>
  catalogue.find(({ id }) => id === name) ?? findDefinition(name);

/** Every name that means something of the catalogue. */
export const knownNames = (): string[] => [...catalogue, ...graphs].flatMap(({ id, names }) => [id, ...names]);

/** The values in options such as `--param alpha=0.5`. */
export function readAssignments(assignments: readonly string[]): ParameterValues {
  const values = new Map<string, number>();
  for (const assignment of assignments) {
    const parts = /^\s*([A-Za-z_]\w*)\s*=\s*(\S+)\s*$/.exec(assignment);
    const value = readNumber(parts?.[2] ?? "");
    if (parts === null || value === undefined)
      throw new Diagnostic(`--param needs name=number, not ${quote(assignment)}`, {
        hint: "for example --param alpha=0.5",
      });
    values.set(parts[1]!, value);
  }
  return Object.fromEntries(values);
}

function readNumber(text: string): number | undefined {
  const infinite = /^([+-]?)inf(inity)?$/i.exec(text);
  if (infinite !== null) return infinite[1] === "-" ? -Infinity : Infinity;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return undefined;
  return Number(text);
}

function checkNames(given: ParameterValues, known: readonly string[], owner: string): void {
  for (const name of Object.keys(given))
    if (!known.includes(name))
      throw unknownName("parameter", name, known, known.length === 0 ? `${owner} has no parameters` : undefined);
}

/** The definition with other defaults. */
export function withDefaults<Of extends { readonly id: string; readonly parameters: readonly Parameter[] }>(
  definition: Of,
  given: ParameterValues,
): Of {
  const names = definition.parameters.map(({ name }) => name);
  checkNames(given, names, definition.id);
  return { ...definition, parameters: definition.parameters.map((parameter) => withDefault(parameter, given)) };
}

/** Layers have a form of their own of some activations: with the same values, unless those are outside of its ranges. */
function withoutMisfit({ inLayers, ...definition }: Definition, given: ParameterValues): Definition {
  if (inLayers === undefined) return definition;
  const fits = inLayers.parameters.every(
    ({ name, range: [low, high] }) => !Object.hasOwn(given, name) || (given[name]! >= low && given[name]! <= high),
  );
  const parameters = inLayers.parameters.map((parameter) => withDefault(parameter, fits ? given : {}));
  return fits ? { ...definition, inLayers: { ...inLayers, parameters } } : definition;
}

function withDefault(parameter: Parameter, given: ParameterValues): Parameter {
  if (!Object.hasOwn(given, parameter.name)) return parameter;
  const value = given[parameter.name]!;
  const [low, high] = parameter.range;
  if (value < low || value > high)
    throw new Diagnostic(`${parameter.name} = ${value} is outside its range, ${low} to ${high}`);
  return { ...parameter, default: value };
}

/** A lone word other than x is a misspelt id, not a formula. */
export const isBareWord = (text: string): boolean => /^\s*[A-Za-z_][\w.]*\s*$/.test(text) && text.trim() !== "x";

export function rejectBareWord(text: string): void {
  if (!isBareWord(text)) return;
  const meant = nearest(text.trim(), knownNames());
  throw new Diagnostic(`unknown activation ${quote(text.trim())}`, {
    source: text,
    start: text.search(/\S/),
    end: text.trimEnd().length,
    hint:
      meant === undefined ? "nonlin list shows the catalogue; a formula has to mention x" : `did you mean ${meant}?`,
  });
}

/** Parameters that were given no value are 1, and samples are taken around the values given. */
async function fromFormula(formula: string, given: ParameterValues, id: string): Promise<Definition> {
  const [{ parseFormula }, { definitionFromFormula }] = await Promise.all([
    import("../../frontends/formula.js"),
    import("../../frontends/definition.js"),
  ]);
  const { parameters: used } = await parseFormula(formula);
  checkNames(given, used, "the formula");
  const parameters = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, { default: value }]));
  return definitionFromFormula({ id, formula, title: titleOf(formula), parameters });
}

/** A formula as the title of what it is the formula of. */
export const titleOf = (formula: string): string => withoutControls(formula.trim().replace(/\s+/g, " "));
