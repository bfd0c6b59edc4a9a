/** Functions that are chosen by a name: `kind` of `activation(x, kind)`, and what `__init__` keeps as `self.kind`. */
import { Diagnostic } from "../../diagnostic.js";
import { piecesOf } from "../interpreter/syntax.js";
import { textsComparedWith } from "../interpreter/texts.js";
import { reason } from "../place.js";
import { lineage, methodOf } from "./classes.js";
import type { Reading } from "./gradients.js";
import type { NamedFunction, NamedPair } from "./named.js";
import type { Expression, FunctionNode, Parameter, StatementOf } from "./syntax.js";
import type { Value } from "./values.js";

/** A parameter, of a function or of its class's `__init__`, and a text that it is compared with. */
export interface Choice {
  readonly parameter: Parameter;
  readonly text: string;
}

/** The value of the parameter, and how that is said. */
export const chosenValue = ({
  parameter: { name },
  text,
}: Choice): { readonly value: Value; readonly note: string } => ({
  value: { kind: "text", text },
  note: `${name} = '${text}'`,
});

/** The result for each text that a parameter is compared with; for none, where there is no such parameter. */
export function forEachChoice<Result>(
  { base, derivative }: NamedPair,
  { reader, report }: Reading,
  read: (choice?: Choice) => readonly Result[],
): readonly Result[] {
  const choices = choicesOf([base, derivative], reader);
  if (choices.length > MOST_CHOICES) return reader.refuse(derivative.node.place, MANY_CHOICES);
  if (choices.length === 0) return read();
  const errors: Diagnostic[] = [];
  const results = choices.flatMap((choice) => {
    try {
      return read(choice);
    } catch (error) {
      if (!(error instanceof Diagnostic)) throw error;
      errors.push(error);
      return [];
    }
  });
  const [first] = errors;
  if (first !== undefined && results.length === 0) throw first;
  for (const { message, hint = "", start = 0, end = start } of errors) report({ start, end }, { message, hint });
  return results;
}

const MOST_CHOICES = 50;
const MANY_CHOICES = reason("this is asked for by too many names", "give each a function of its own");

/** `isAsked`: whether an expression of a function stands for a parameter. */
type IsAsked = (parameter: Parameter, expression: Expression, of: FunctionNode) => boolean;

function choicesOf(functions: readonly NamedFunction[], reader: Reading["reader"]): readonly Choice[] {
  const { node, of } = functions[0]!;
  const among = (parameters: readonly Parameter[], isAsked: IsAsked): readonly Choice[] => {
    for (const parameter of parameters) {
      const asked = functions.flatMap((each) =>
        textsComparedWith((side) => isAsked(parameter, side as unknown as Expression, each.node), each.node.body),
      );
      const initial = parameter.initial?.kind === "text" && asked.length > 0 ? [parameter.initial.text] : [];
      const texts = [...new Set([...initial, ...asked])];
      if (texts.length > 0) return texts.map((text): Choice => ({ parameter, text }));
    }
    return [];
  };
  // By its name, else by its place.
  const nameIn = ({ parameters }: FunctionNode, { name }: Parameter, place: number): string | undefined =>
    parameters.some((each) => each.name === name) ? name : parameters[place]?.name;
  const own = among(node.parameters, (parameter, expression, other) =>
    isName(expression, nameIn(other, parameter, node.parameters.indexOf(parameter))),
  );
  const init = of && methodOf(lineage(of, reader.peek).classes, "__init__")?.node;
  if (own.length > 0 || init === undefined) return own;
  return among(
    init.parameters.slice(1),
    ({ name }, expression) => expression.kind === "member" && keptAs(init, name).has(expression.name),
  );
}

const isName = (expression: Expression, name: string | undefined): boolean =>
  expression.kind === "name" && expression.name === name;

/** The attributes in which `__init__` keeps a parameter: `self.kind = kind`, `self.kind = kind.lower()`. */
const keptAs = ({ body }: FunctionNode, name: string): ReadonlySet<string> =>
  new Set(
    [...piecesOf(body)].flatMap((piece) => {
      if (piece["kind"] !== "assign") return [];
      const { targets, value } = piece as unknown as StatementOf<"assign">;
      const isKept = [...piecesOf(value)].some((part) => isName(part as unknown as Expression, name));
      return isKept ? targets.flatMap((target) => (target.kind === "member" ? [target.name] : [])) : [];
    }),
  );
