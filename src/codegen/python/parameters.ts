/** Parameters of an activation in Python: their names, and how values that the definition does not allow are refused. */
import { Diagnostic } from "../../diagnostic.js";
import type { Definition, Parameter } from "../../ir/definition.js";
import { createNames, type Names } from "../names.js";
import { floatText, isKeyword } from "./text.js";

export interface PythonParameter {
  /** In Python: the definition's, with a _ after it where Python or the module needs the name itself. */
  readonly name: string;
  /** The argument of a layer from which it begins: another word where the framework has one for what is learned. */
  readonly initial: string;
  readonly parameter: Parameter;
}

/** A framework's words for a parameter that is learned: of its functions, and of its layers. */
export interface Words {
  readonly name: string;
  readonly initial: string;
}

export interface PythonNames {
  readonly parameters: readonly PythonParameter[];
  /** Names for the lines of one function. */
  readonly lines: () => Names;
}

/** Names that modules for a framework need for themselves. */
export interface Reserved {
  /** Of imports and of variables: nothing else may be called so. */
  readonly names: readonly string[];
  /** Of the classes that modules extend: parameters become fields of those. */
  readonly attributes: readonly string[];
}

/** Names that the functions of every module use: their own, and those of Python. */
const OWN = (
  "x y u gradient self value derivative second_derivative math " +
  "abs all enumerate float int isinstance len list max min range round setattr staticmethod sum super tuple zip " +
  "TypeError ValueError"
).split(" ");

/** Other files of a package, and packages that a module of their name would hide where the folder is on Python's path. */
const FILES = new Set("__init__ native weights torch tensorflow tf_keras keras numpy math".split(" "));

/** Refuses an id that Python or the module cannot bear as a name, and makes parameters fit. */
export function pythonNames(
  definition: Definition,
  reserved: Reserved,
  wordsFor: (parameter: Parameter) => Words | undefined = () => undefined,
): PythonNames {
  checkPythonName(definition.id, reserved);
  const taken = new Set([...OWN, ...reserved.names, ...reserved.attributes, definition.id]);
  // Tensors have no default value, so they come first.
  const ordered = [...definition.parameters].sort((a, b) => Number(b.learnable) - Number(a.learnable));
  const parameters = ordered.map((parameter): PythonParameter => {
    const words = wordsFor(parameter);
    let name = words?.name ?? parameter.name;
    // A framework's own word may be that of a function here: functions are called where none of their arguments hides another.
    while (isKeyword(name) || (words === undefined && taken.has(name))) name = `${name}_`;
    taken.add(name);
    return { name, initial: words?.initial ?? name, parameter };
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

/** Documentation of the parameters that have another name in Python. */
export const renamings = (parameters: readonly PythonParameter[]): readonly string[] => {
  const others = parameters.filter(({ name, parameter }) => name !== parameter.name);
  return others.length === 0
    ? []
    : [others.map(({ name, parameter }) => `${name}: the parameter ${parameter.name}.`).join("\n")];
};

/** The parameters of an activation as arguments of a layer that has others. */
export function besideOthers(
  parameters: readonly PythonParameter[],
  others: ReadonlySet<string>,
): readonly (PythonParameter & { readonly local: string })[] {
  const taken = new Set([...others, ...parameters.map(({ initial }) => initial)]);
  return parameters.map((parameter) => {
    let local = parameter.initial;
    if (others.has(local)) while (taken.has(local)) local = `activation_${local}`;
    taken.add(local);
    return { ...parameter, local };
  });
}

export function checkPythonName(id: string, reserved: Reserved): void {
  const used = OWN.includes(id) || reserved.names.includes(id);
  if (!isKeyword(id) && !used && !FILES.has(id.toLowerCase())) return;
  const reason = isKeyword(id)
    ? `${id} is a keyword of Python`
    : used
      ? `the module itself uses ${id}`
      : `${id.toLowerCase()} is another file of the package, or a package that it would hide`;
  throw new Diagnostic(`"${id}" cannot be the name of a Python module and its function: ${reason}`, {
    hint: `another name would do, such as ${id}_activation`,
  });
}

/** The class of an activation: not its function, nor what the module needs for itself. */
export function classNameFor(id: string, wanted: string, { names }: Reserved): string {
  return wanted === id || OWN.includes(wanted) || names.includes(wanted) ? `${wanted}Activation` : wanted;
}

/** Statements that refuse what is out of range; `isFinite`: infinities that nobody means, too, by which 0 is not multiplied. */
export const rangeChecks = (parameters: readonly PythonParameter[], isFinite = false): string[] => [
  ...parameters
    .filter(({ parameter }) => !parameter.learnable)
    .map(({ name, parameter: { range, default: usual } }) => {
      const [low, high] = range.map(floatText) as [string, string];
      const isOpen = !isFinite || !Number.isFinite(usual);
      const bounds = [
        range[0] === -Infinity ? (isOpen ? "" : "-math.inf < ") : `${low} <= `,
        name,
        range[1] === Infinity ? (isOpen ? "" : " < math.inf") : ` <= ${high}`,
      ].join("");
      // Not math.isnan: tracers give numbers that only compare.
      const isOut = bounds === name ? `${name} != ${name}` : `not ${bounds}`;
      const isBounded = range.some(Number.isFinite);
      const within = isBounded || isOpen ? [`in [${shown(range[0])}, ${shown(range[1])}]`] : [];
      const held = isOpen || range.every(Number.isFinite) ? [] : ["finite"];
      const wanted = bounds === name ? "a number" : [...held, ...within].join(" and ");
      return `if ${isOut}:\n    raise ValueError(f"${name} must be ${wanted}, got {${name}}")`;
    }),
  ...parameters.flatMap(({ name, parameter }) => {
    const other = parameters.find((each) => each.parameter.name === parameter.atMost)?.name;
    if (other === undefined) return [];
    const text = `${name} must be at most ${other}, got {${name}} and {${other}}`;
    return [`if ${name} > ${other}:\n    raise ValueError(f"${text}")`];
  }),
];

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

/** Whether it is a second input: a tensor that callers give, and nothing that a module holds. */
export const isInput = ({ parameter }: PythonParameter): boolean => parameter.learnable === "element";
