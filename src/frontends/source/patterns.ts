/** Names that are given the members of objects, `{ a, b: c = 1 }`, and of lists, `[a, b]`. */
import type { ts as typescript } from "ts-morph";
import type { Expressions } from "./convert-expressions.js";
import { span } from "./kinds.js";
import type { Field, Pattern } from "./syntax.js";
import { PATTERN } from "./unreadable.js";

interface Parts extends Pick<Expressions, "expression" | "unreadable"> {
  readonly keyOf: (name: typescript.PropertyName) => string | undefined;
}

export function createPatterns(
  ts: typeof typescript,
  { expression, keyOf, unreadable }: Parts,
): (node: typescript.BindingName) => Pattern {
  const field = (node: typescript.BindingElement, key: string | undefined): Field | undefined => {
    if (!ts.isIdentifier(node.name) || key === undefined || node.dotDotDotToken !== undefined) return undefined;
    return {
      key,
      local: node.name.text,
      ...(node.initializer !== undefined && { initial: expression(node.initializer) }),
      ...span(node.name),
    };
  };
  return (node) => {
    if (ts.isIdentifier(node)) return { kind: "name", name: node.text, ...span(node) };
    const isList = ts.isArrayBindingPattern(node);
    const fields: Field[] = [];
    for (const [index, element] of node.elements.entries()) {
      if (ts.isOmittedExpression(element)) continue;
      const key = isList ? String(index) : keyOf((element.propertyName ?? element.name) as typescript.PropertyName);
      const read = field(element, key);
      if (read === undefined) return unreadable(element, PATTERN);
      fields.push(read);
    }
    return { kind: "fields", fields, isList, ...span(node) };
  };
}
