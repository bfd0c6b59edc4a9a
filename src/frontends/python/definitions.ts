/** Functions and classes as they are where they are defined: defaults are computed there, and bodies of classes run. */
import { again, unlessRefused } from "../interpreter/refusals.js";
import type { ClassNode, Expression, FunctionNode, Parameter, Statement } from "./syntax.js";
import { createScope, type Cell, type ClassValue, type FunctionValue, type Scope, type Value } from "./values.js";

export interface Definitions {
  readonly define: (node: FunctionNode | ClassNode, scope: Scope) => FunctionValue | ClassValue;
  /** As it was defined last in the scope; as it would be there now, where it was not. */
  readonly find: (node: FunctionNode | ClassNode, scope: Scope) => FunctionValue | ClassValue;
}

interface Parts {
  readonly evaluate: (expression: Expression, scope: Scope) => Value;
  readonly run: (statement: Statement, scope: Scope) => void;
  /** The names that a statement gives values to, of which nothing is known then. */
  readonly fail: (statement: Statement) => readonly string[];
}

export function createDefinitions({ evaluate, run, fail }: Parts): Definitions {
  const known = new WeakMap<Scope, Map<FunctionNode | ClassNode, FunctionValue | ClassValue>>();

  const functionFrom = (node: FunctionNode, scope: Scope): FunctionValue => {
    const initial = new Map<Parameter, Value | (() => Value)>();
    for (const parameter of node.parameters) {
      const expression = parameter.initial;
      if (expression !== undefined)
        initial.set(
          parameter,
          unlessRefused(() => evaluate(expression, scope), again),
        );
    }
    return { kind: "function", node, scope: visibleInside(scope), initial };
  };

  const classFrom = (node: ClassNode, outer: Scope): ClassValue => {
    const scope: Scope = { ...createScope(visibleInside(outer)), isClass: true };
    const own: Map<string, Cell> = scope.cells;
    for (const statement of node.body.flatMap((body) => (body.kind === "block" ? body.body : [body]))) {
      unlessRefused(
        () => run(statement, scope),
        (error) => fail(statement).forEach((name) => own.set(name, { content: again(error) })),
      );
    }
    return { kind: "class", node, scope: outer, own };
  };

  const define: Definitions["define"] = (node, scope) => {
    const value = "bases" in node ? classFrom(node, scope) : functionFrom(node, scope);
    const ofScope = known.get(scope) ?? new Map<FunctionNode | ClassNode, FunctionValue | ClassValue>();
    known.set(scope, ofScope);
    ofScope.set(node, value);
    return value;
  };

  return { define, find: (node, scope) => known.get(scope)?.get(node) ?? define(node, scope) };
}

/** The scope that the inside of a function or a class sees: not the names of a class around it. */
function visibleInside(scope: Scope): Scope {
  let at = scope;
  while (at.isClass === true && at.parent !== undefined) at = at.parent;
  return at;
}
