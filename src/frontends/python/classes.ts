/** Members of classes: their own, else those of the classes of the file that they derive from. */
import type { Expression, ClassNode, FunctionNode } from "./syntax.js";
import type { Scope, Value } from "./values.js";

export type ClassValue = Extract<Value, { kind: "class" }>;

/** A name's value where it stands for something; undefined for everything that would be refused. */
export type Peek = (expression: Expression, scope: Scope) => Value | undefined;

const MOST_BASES = 20;

/** The class and those that it derives from, as far as they are in this file, and the names of the others. */
export function lineage(
  start: ClassValue,
  peek: Peek,
): { readonly classes: readonly ClassValue[]; readonly libraries: readonly string[] } {
  const classes: ClassValue[] = [];
  const libraries: string[] = [];
  const waiting: ClassValue[] = [start];
  while (waiting.length > 0 && classes.length < MOST_BASES) {
    const current = waiting.shift()!;
    if (classes.some(({ node }) => node === current.node)) continue;
    classes.push(current);
    for (const base of current.node.bases) {
      const value = peek(base, current.scope);
      if (value?.kind === "class") waiting.push(value);
      if (value?.kind === "path") libraries.push(value.path);
    }
  }
  return { classes, libraries };
}

export interface Method {
  readonly node: FunctionNode;
  readonly scope: Scope;
}

const methodIn = ({ node, scope }: ClassValue, name: string): Method | undefined => {
  const statements = flatten(node).filter((statement) => statement.kind === "function");
  const found = statements.filter((statement) => statement.node.name === name).at(-1);
  return found === undefined ? undefined : { node: found.node, scope };
};

const flatten = ({ body }: ClassNode): ClassNode["body"] =>
  body.flatMap((statement) => (statement.kind === "block" ? statement.body : [statement]));

export function methodOf(classes: readonly ClassValue[], name: string): Method | undefined {
  for (const each of classes) {
    const found = methodIn(each, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `alpha = 1` in the body of a class. */
export function attributeOf(
  classes: readonly ClassValue[],
  name: string,
): { readonly value: Expression; readonly scope: Scope } | undefined {
  for (const { node, scope } of classes)
    for (const statement of flatten(node))
      if (
        statement.kind === "assign" &&
        statement.targets.some((target) => target.kind === "name" && target.name === name)
      )
        return { value: statement.value, scope };
  return undefined;
}

export const isFunctionClass = (libraries: readonly string[]): boolean =>
  libraries.some((path) => /^torch\.autograd\.(?:Function|InplaceFunction)$/.test(path));
