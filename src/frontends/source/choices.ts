/** The kinds that JavaScript asks arguments for: texts, and members of objects and of enumerations. */
import type { Expr } from "../../ir/expr.js";
import type { Choice, Choices } from "../interpreter/choices.js";
import { quote } from "../place.js";
import type { Expression, ExpressionOf } from "./syntax.js";
import { FALSE, TRUE, type Builtin, type Truth, type Value } from "./values.js";

interface Parts {
  readonly peek: (expression: Expression) => Value | undefined;
  readonly choices: Choices<Value>;
}

/** The choice that an argument is read for; one whose default is a number, say, is of no kind. */
export function choiceFor(
  argument: Expr,
  initial: Expression | undefined,
  { peek, choices }: Parts,
): Choice<Value> | undefined {
  if (initial === undefined) return choices.chosenFor(argument);
  const value = peek(initial);
  const choice = value && choiceOf(value, initial);
  return choice && choices.chosenFor(argument, choice);
}

/** A value as a choice: a text, or a number that has a name. */
function choiceOf(value: Value, written: Expression): Choice<Value> | undefined {
  const isNamed = written.kind === "member" && written.object.kind === "name";
  if (isNamed && (value.kind === "text" || (value.kind === "number" && value.expr.closed)))
    return { name: `${(written.object as { readonly name: string }).name}.${written.name}`, value };
  return value.kind === "text" ? choiceOfText(value.text) : undefined;
}
export const choiceOfText = (text: string): Choice<Value> => ({ name: quote(text), value: { kind: "text", text } });

export interface Sided {
  readonly value: Value;
  readonly written: Expression;
}

/** `kind === "relu"`: false for an argument of which no kind is chosen; nothing where it is none that could have one. */
export function askedToBe(choices: Choices<Value>, left: Sided, right: Sided): Truth | undefined {
  for (const [argument, other] of [
    [left, right],
    [right, left],
  ] as const) {
    const symbol = openIn(choices, argument.value);
    const choice = symbol && choiceOf(other.value, other.written);
    if (choice === undefined) continue;
    choices.ask(symbol!, [choice]);
    return FALSE;
  }
  return undefined;
}

/** The symbol of an argument that may turn out to be of some kind. */
export const openIn = (choices: Choices<Value>, value: Value): Expr | undefined =>
  value.kind === "number" && choices.isOpen(value.expr) ? value.expr : undefined;

/** Methods of text that give another one. */
const OF_TEXT: Readonly<Record<string, ((text: string) => string) | undefined>> = {
  toLowerCase: (text) => text.toLowerCase(),
  toUpperCase: (text) => text.toUpperCase(),
  trim: (text) => text.trim(),
};

/** `kind.toLowerCase()`, which does nothing but give another text. */
export const isMethodOfText = ({ callee, args }: ExpressionOf<"call">): boolean =>
  callee.kind === "member" && args.length === 0 && OF_TEXT[callee.name] !== undefined;

/** `kind.toLowerCase`: of an argument of which no kind is chosen, itself. */
export function methodOfText(choices: Choices<Value>, object: Value, name: string): Builtin | undefined {
  const change = OF_TEXT[name];
  const isOpen = openIn(choices, object) !== undefined;
  if (change === undefined || (object.kind !== "text" && !isOpen)) return undefined;
  const result: Value = object.kind === "text" ? { kind: "text", text: change(object.text) } : object;
  return { kind: "builtin", count: 0, takesAll: true, apply: () => result };
}

/** `["relu", "elu"].includes(kind)`, of texts. */
export function isAmong(choices: Choices<Value>, items: readonly Value[], value: Value): Truth | undefined {
  const texts = items.flatMap((item) => (item.kind === "text" ? [item.text] : []));
  if (texts.length < items.length) return undefined;
  if (value.kind === "text") return texts.includes(value.text) ? TRUE : FALSE;
  const symbol = openIn(choices, value);
  if (symbol === undefined) return undefined;
  choices.ask(symbol, texts.map(choiceOfText));
  return FALSE;
}
