/** Members of classes: their own, else those of the classes of the file that they derive from. */
import { known } from "../interpreter/scopes.js";
import type { Expression } from "./syntax.js";
import type { ClassValue, FunctionValue, Scope, Value } from "./values.js";

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

/** The value of a name of a class; one that is not known throws as soon as it is asked for. */
export function memberOf(classes: readonly ClassValue[], name: string): Value | undefined {
  for (const { own } of classes) {
    const content = own.get(name)?.content;
    if (content !== undefined) return typeof content === "function" ? content() : content;
  }
  return undefined;
}

export function methodOf(classes: readonly ClassValue[], name: string): FunctionValue | undefined {
  const found = memberOf(classes, name);
  return found?.kind === "function" ? found : undefined;
}

/** The first of these methods, of the nearest class that has one of them. */
export function methodAmong(classes: readonly ClassValue[], names: readonly string[]): FunctionValue | undefined {
  for (const each of classes)
    for (const name of names) {
      const found = methodOf([each], name);
      if (found !== undefined) return found;
    }
  return undefined;
}

export const isFunctionClass = (libraries: readonly string[]): boolean =>
  libraries.some((path) => /^torch\.autograd\.(?:Function|InplaceFunction)$/.test(path));

/** A function, without its class, takes what autograd calls ctx. */
const takesContext = ({ node: { parameters } }: FunctionValue): boolean =>
  parameters.slice(0, 2).some(({ name }, i) => name === "ctx" && (i === 0 || parameters[0]!.name === "cls"));

/** Its forward and backward take what autograd calls ctx, so that it is one like those of torch.autograd.Function. */
export const hasContext = (of: ClassValue): boolean =>
  [
    ["forward", "_forward"],
    ["backward", "_backward"],
  ].every((names) => {
    const found = names.map((name) => known(of.own.get(name))).find((value) => value?.kind === "function");
    return found?.kind === "function" && takesContext(found);
  });

/** A function that is decorated, by whatever name it is asked for: a property, or its setter. */
export const isProperty = (classes: readonly ClassValue[], name: string): boolean =>
  classes.some(({ own }) => {
    const content = own.get(name)?.content;
    // One that is not known may be a property.
    if (typeof content === "function") return true;
    return content?.kind === "function" && content.node.decorators.length > 0;
  });
