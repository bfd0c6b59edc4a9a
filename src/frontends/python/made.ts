/** Results of functions of a file for whatever numbers they are given: other functions, say. */
import { variableOf } from "../../ir/expr.js";
import { createSymbols } from "../symbols.js";
import { ifRead } from "../interpreter/refusals.js";
import type { CustomGradient } from "./custom-gradient.js";
import type { Reading } from "./gradients.js";
import type { NamedFunction } from "./named.js";
import type { Reader } from "./reading.js";
import type { Parameter } from "./syntax.js";
import type { FunctionValue, Value } from "./values.js";

interface Made {
  readonly value: Value;
  readonly names: ReadonlyMap<string, string>;
  readonly notes: readonly string[];
}

/** A number, where its default does not say that it is something else. */
const isNumber = ({ kind, initial }: Parameter): boolean =>
  (kind === "plain" || kind === "keyword") && (initial === undefined || ["number", "unary"].includes(initial.kind));

export function madeBy({ node, ...callee }: FunctionValue, { reader, symbols, text }: Omit<Reading, "report">): Made {
  const numbers = node.parameters
    .filter(isNumber)
    .map(({ name, initial }) => [name, symbols(name, "made", initial)] as const);
  const notes = node.parameters.flatMap(({ name, initial }) =>
    initial === undefined || initial.kind === "function" || numbers.some(([number]) => number === name)
      ? []
      : [`${name} = ${text.slice(initial.start, initial.end)}`],
  );
  const given = new Map(numbers.map(([name, expr]) => [name, { kind: "number", expr } as const]));
  const value = reader.call({ node, ...callee }, [], given);
  return { value, names: new Map(numbers.map(([name, expr]) => [variableOf(expr).name, name])), notes };
}

/** The gradients of functions that functions of the file make, instead of those whose parts are not known inside of these. */
export function madeGradients(
  found: readonly CustomGradient[],
  functions: readonly NamedFunction[],
  reader: Reader,
  text: string,
): readonly CustomGradient[] {
  const nodes = new Set(found.map(({ value }) => value.node));
  if (nodes.size === 0) return found;
  const made = functions.flatMap(({ node, value: maker, of, group, path }): readonly CustomGradient[] => {
    if (of !== undefined || group !== "" || nodes.has(node)) return [];
    const value = ifRead(() => {
      reader.begin("numpy");
      return madeBy(maker, { reader, symbols: createSymbols(), text }).value;
    });
    if (value?.kind !== "function" || !nodes.has(value.node)) return [];
    const isInside = value.node.start >= node.start && value.node.end <= node.end;
    return [{ kind: "function", path: isInside ? `${path}.${value.node.name}` : path, value, maker }];
  });
  const known = new Set(made.map(({ path }) => path));
  return [...found.filter(({ path }) => !known.has(path)), ...made];
}
