/** Enumerations of TypeScript as objects. */
import type { ts as typescript } from "ts-morph";
import { span } from "./kinds.js";
import type { Expression, Member, Statement } from "./syntax.js";
import { UNKNOWN } from "./unreadable.js";

type TypeScript = typeof typescript;
type Node = typescript.Node;

/**
 * An object whose members are texts, or numbers with their names, as running the enumeration makes it; undefined where
 * another declaration adds to it.
 */
export function enumeration(ts: TypeScript, node: typescript.EnumDeclaration): Statement | undefined {
  const literalOf = (of: Node): number | undefined =>
    ts.isNumericLiteral(of) && /^\d+$/.test(of.text) ? Number(of.text) : undefined;
  let isElsewhere = false;
  ts.forEachChild(node.parent, (other) => {
    const isNamed = ts.isEnumDeclaration(other) || ts.isModuleDeclaration(other);
    isElsewhere ||= isNamed && other !== node && other.name.text === node.name.text;
  });
  if (isElsewhere) return undefined;
  let next: number | undefined = 0;
  const members = node.members.flatMap((each): readonly Member[] => {
    const place = span(each.name);
    const { initializer } = each;
    const number: number | undefined = initializer === undefined ? next : literalOf(initializer);
    next = number === undefined ? undefined : number + 1;
    if (!ts.isIdentifier(each.name) && !ts.isStringLiteral(each.name)) return [{ kind: "unknown", place }];
    const name = each.name.text;
    const text = (of: string): Expression => ({ kind: "text", text: of, ...place });
    const member = (called: string, value: Expression): Member => ({ kind: "value", name: called, place, value });
    if (initializer !== undefined && ts.isStringLiteral(initializer)) return [member(name, text(initializer.text))];
    // Other initial values may name members of the enumeration itself.
    if (number === undefined)
      return [member(name, { kind: "unreadable", reason: UNKNOWN, ...place }), { kind: "unknown", place }];
    return [member(name, { kind: "number", text: String(number), ...place }), member(String(number), text(name))];
  });
  return {
    kind: "declare",
    target: { kind: "name", name: node.name.text, ...span(node.name) },
    value: { kind: "object", members, ...span(node) },
    how: "const",
    ...span(node),
  };
}
