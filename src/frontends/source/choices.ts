/** The values that an argument is compared with: a function of several kinds is one for each of them. */
import { piecesOf } from "../interpreter/syntax.js";
import { quote } from "../place.js";
import type { Reader } from "./reader.js";
import type { Expression, ExpressionOf, FunctionNode } from "./syntax.js";
import type { Value } from "./values.js";

export const MOST_CHOICES = 50;

/** A value that an argument may be, its name, and how it is written. */
export interface Choice {
  readonly name: string;
  readonly value: Value;
  readonly written: Expression;
}

/** The texts, and members of an object of texts or numbers, that an argument is compared with anywhere in its function. */
export function choicesOf({ args, body }: FunctionNode, index: number, reader: Reader): readonly Choice[] {
  const target = args[index]?.target;
  if (target?.kind !== "name") return [];
  return [...piecesOf(body)].flatMap((piece) => {
    if (piece.kind !== "binary" || !/^[!=]==?$/.test(String(piece.operator))) return [];
    const { left, right } = piece as unknown as ExpressionOf<"binary">;
    const isIts = [left, right].some((side) => side.kind === "name" && side.name === target.name);
    return isIts ? [left, right].flatMap((side) => choice(side, reader) ?? []) : [];
  });
}

function choice(written: Expression, reader: Reader): Choice | undefined {
  if (written.kind === "text") return { name: quote(written.text), value: written, written };
  if (written.kind !== "member" || written.object.kind !== "name") return undefined;
  const value = reader.peek(written);
  const isOne = value?.kind === "text" || (value?.kind === "number" && value.expr.closed);
  return isOne ? { name: `${written.object.name}.${written.name}`, value, written } : undefined;
}

/** The results of a function of nothing but a kind for each of them: functions, or objects of functions. */
export function givenBy(
  node: FunctionNode,
  path: string,
  reader: Reader,
): readonly { readonly name: string; readonly value: Value }[] {
  if (node.args.length !== 1 || !/^[\w$]+(?:\.[\w$]+)*$/.test(path)) return [];
  const choices = new Map(choicesOf(node, 0, reader).map((each) => [each.name, each]));
  if (choices.size > MOST_CHOICES) return [];
  const { start, end } = node;
  const [first = "", ...members] = path.split(".");
  const callee = members.reduce<Expression>((object, name) => ({ kind: "member", object, name, start, end }), {
    kind: "name",
    name: first,
    start,
    end,
  });
  return [...choices.values()].flatMap(({ name, written }) => {
    const value = reader.peek({ kind: "call", callee, args: [written], start, end });
    return value?.kind === "function" || value?.kind === "record" ? [{ name, value }] : [];
  });
}
