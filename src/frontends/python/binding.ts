/** The arguments of a call of a function of the file, as Python gives them to its parameters. */
import { quote, reason, type Span, type Refuse } from "../place.js";
import type { Passed } from "./calls.js";
import type { FunctionNode, Parameter } from "./syntax.js";
import type { Value } from "./values.js";

/** The value of each parameter; `initial` gives that of one that is not given. */
export function bindParameters(
  { name, parameters }: FunctionNode,
  args: readonly Passed[],
  place: Span,
  initial: (parameter: Parameter) => Value | undefined,
  refuse: Refuse,
): ReadonlyMap<string, Value> {
  const bound = new Map<string, Value>();
  const rest: Value[] = [];
  const plain = parameters.filter(({ kind }) => kind === "plain");
  const list = parameters.find(({ kind }) => kind === "list");
  const table = parameters.find(({ kind }) => kind === "table");
  const named = new Set(parameters.filter(({ kind }) => kind === "plain" || kind === "keyword").map((p) => p.name));
  let position = 0;
  for (const arg of args) {
    if (arg.name === undefined) {
      const parameter = plain[position++];
      if (parameter !== undefined) bound.set(parameter.name, arg.value);
      else if (list !== undefined) rest.push(arg.value);
      else
        refuse(arg.place, reason(`${quote(name)} takes ${plain.length} arguments, and more are given`, "remove them"));
    } else if (named.has(arg.name) && !bound.has(arg.name)) bound.set(arg.name, arg.value);
    else if (table === undefined || bound.has(arg.name))
      refuse(
        arg.place,
        reason(`${quote(name)} does not take ${quote(arg.name)} here`, "name one of its parameters once"),
      );
  }
  for (const parameter of parameters) {
    if (parameter === list) bound.set(parameter.name, { kind: "tuple", items: rest });
    else if (parameter === table) bound.set(parameter.name, { kind: "plumbing", isType: false });
    else if (!bound.has(parameter.name))
      bound.set(
        parameter.name,
        initial(parameter) ??
          refuse(place, reason(`${quote(name)} needs ${quote(parameter.name)} in this call`, "give it, or a default")),
      );
  }
  return bound;
}
