/** Parameters of an activation in Python: their names, and how values that the definition does not allow are refused. */
import { Diagnostic } from "../../diagnostic.js";
import type { Definition, Parameter } from "../../ir/definition.js";
import { createNames, type Names } from "../names.js";
import { floatText, isKeyword } from "./text.js";

export interface PythonParameter {
  /** In Python: the definition's, with a _ after it where Python or the module needs the name itself. */
  readonly name: string;
  readonly parameter: Parameter;
}

export interface PythonNames {
  readonly parameters: readonly PythonParameter[];
  /** Names for the lines of one function. */
  readonly lines: () => Names;
}

/** What functions of every module call their own. */
const OWN = ["x", "y", "gradient", "math", "self", "value", "derivative", "second_derivative"];

/** Refuses an id that Python or the module cannot bear as a name, and makes parameters fit. */
export function pythonNames(definition: Definition, reserved: readonly string[]): PythonNames {
  const taken = new Set([...OWN, ...reserved]);
  checkPythonName(definition.id, taken);
  taken.add(definition.id);
  // Tensors have no default value, so they come first.
  const ordered = [...definition.parameters].sort((a, b) => Number(b.learnable) - Number(a.learnable));
  const parameters = ordered.map((parameter): PythonParameter => {
    let name = parameter.name;
    while (isKeyword(name) || taken.has(name) || name.startsWith("_")) name = `${name}_`;
    taken.add(name);
    return { name, parameter };
  });
  return {
    parameters,
    lines: () => {
      const names = createNames([...taken], []);
      for (const { name, parameter } of parameters) names.bind(parameter.name, name);
      return names;
    },
  };
}

export function checkPythonName(id: string, taken: ReadonlySet<string>): void {
  if (!isKeyword(id) && !taken.has(id)) return;
  throw new Diagnostic(`"${id}" cannot be the name of a Python module and its function`, {
    hint: isKeyword(id)
      ? `${id} is a keyword of Python; another name would do, such as ${id}_activation`
      : `the module itself uses ${id}; another name would do, such as ${id}_activation`,
  });
}

/** Statements that refuse what is out of range; none where every number will do. */
export const rangeChecks = (parameters: readonly PythonParameter[]): string[] =>
  parameters
    .filter(({ parameter }) => !parameter.learnable)
    .map(({ name, parameter: { range } }) => {
      const [low, high] = range.map(floatText) as [string, string];
      const bounds = [
        ...(range[0] === -Infinity ? [] : [`${low} <= `]),
        name,
        ...(range[1] === Infinity ? [] : [` <= ${high}`]),
      ].join("");
      const holds = bounds === name ? `${name} == ${name}` : bounds;
      const wanted = bounds === name ? "a number" : `in [${shown(range[0])}, ${shown(range[1])}]`;
      return `if not ${holds}:\n    raise ValueError(f"${name} must be ${wanted}, got {${name}}")`;
    });

const shown = (value: number): string => (Number.isFinite(value) ? String(value) : value > 0 ? "inf" : "-inf");

/** `x: Tensor, beta: float = 1.0`; learnable parameters are tensors. Without a type for tensors, only names and values. */
export function signature(
  input: string,
  parameters: readonly PythonParameter[],
  tensorType: string | undefined,
): string {
  const given = ({ name, parameter }: PythonParameter): string => {
    if (parameter.learnable) return tensorType === undefined ? name : `${name}: ${tensorType}`;
    const type = tensorType === undefined ? "" : ": float ";
    return `${name}${type}=${tensorType === undefined ? "" : " "}${floatText(parameter.default)}`;
  };
  return [tensorType === undefined ? input : `${input}: ${tensorType}`, ...parameters.map(given)].join(", ");
}

/** The names of parameters in the order of a signature: tensors, then numbers. */
export const argumentNames = (
  parameters: readonly PythonParameter[],
): { readonly learnable: readonly string[]; readonly numbers: readonly string[] } => ({
  learnable: parameters.filter(({ parameter }) => parameter.learnable).map(({ name }) => name),
  numbers: parameters.filter(({ parameter }) => !parameter.learnable).map(({ name }) => name),
});
