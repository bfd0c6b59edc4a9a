/** The kinds that Python asks arguments for: texts, members of enumerations, and keys of dictionaries. */
import type { Expr } from "../../ir/expr.js";
import type { Choice, Choices } from "../interpreter/choices.js";
import type { Parameter } from "./syntax.js";
import { FALSE, TRUE, asNumber, type Truth, type Value } from "./values.js";

/** The choice that a parameter is read for; one whose default is a number, say, is of no kind. */
export function choiceFor(
  symbol: Expr,
  { initial, kind }: Parameter,
  choices: Choices<Value>,
): Choice<Value> | undefined {
  if (kind === "list" || kind === "table") return undefined;
  if (initial === undefined) return choices.chosenFor(symbol);
  return initial.kind === "text"
    ? choices.chosenFor(symbol, choiceOf({ kind: "text", text: initial.text }))
    : undefined;
}

function choiceOf(value: Value): Choice<Value> | undefined {
  if (value.kind === "text") return { name: `'${value.text}'`, value };
  return value.kind === "member" ? { name: value.path, value } : undefined;
}

/** The symbol of an argument that may turn out to be of some kind. */
export function openIn(choices: Choices<Value>, value: Value): Expr | undefined {
  const expr = value.kind === "number" || value.kind === "tensor" ? asNumber(value) : undefined;
  return expr !== undefined && choices.isOpen(expr) ? expr : undefined;
}

/** `kind == "relu"`, `kind in ("relu", "elu")`: false for an argument of which no kind is chosen. */
export function askedToBe(choices: Choices<Value>, operator: string, left: Value, right: Value): Truth | undefined {
  const isAmong = /^(?:not )?in$/.test(operator);
  if (!isAmong && !/^(?:[!=]=|is|is not)$/.test(operator)) return undefined;
  for (const [argument, other] of isAmong
    ? [[left, right] as const]
    : ([
        [left, right],
        [right, left],
      ] as const)) {
    const symbol = openIn(choices, argument);
    const items = isAmong && other.kind === "tuple" ? other.items : [other];
    const asked = items.flatMap((item) => choiceOf(item) ?? []);
    if (symbol === undefined || asked.length < items.length) continue;
    choices.ask(symbol, asked);
    return operator.startsWith("!") || operator.includes("not") ? TRUE : FALSE;
  }
  return undefined;
}

/** `table[kind]`. */
export function askForKey(choices: Choices<Value>, keys: Iterable<string>, key: Value): void {
  const symbol = openIn(choices, key);
  if (symbol !== undefined)
    choices.ask(
      symbol,
      [...keys].flatMap((text) => choiceOf({ kind: "text", text }) ?? []),
    );
}

/** Methods of text that give another one. */
const OF_TEXT: Readonly<Record<string, ((text: string) => string) | undefined>> = {
  lower: (text) => text.toLowerCase(),
  upper: (text) => text.toUpperCase(),
  strip: (text) => text.trim(),
};

/** `kind.lower`, of a text, or of an argument that may turn out to be one. */
export const isMethodOfText = (choices: Choices<Value>, object: Value, name: string): boolean =>
  OF_TEXT[name] !== undefined && (object.kind === "text" || openIn(choices, object) !== undefined);

/** `kind.lower()`: of an argument of which no kind is chosen, itself. */
export const textBy = (object: Value, name: string): Value =>
  object.kind === "text" ? { kind: "text", text: OF_TEXT[name]!(object.text) } : object;
