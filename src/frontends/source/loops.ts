/** Loops of JavaScript over arrays as one element, and the arrays that they fill. */
import { known } from "../interpreter/scopes.js";
import type { Journal } from "../interpreter/journal.js";
import { createPasses } from "../interpreter/passes.js";
import type { Cell } from "../interpreter/scopes.js";
import type { Outcome } from "../interpreter/statements.js";
import type { Refuse, Span } from "../place.js";
import type { Expression, ExpressionOf, StatementOf } from "./syntax.js";
import { ARRAY, LOOP } from "./unreadable.js";
import { NOTHING, asNumber, createScope, type FunctionValue, type Scope, type Value } from "./values.js";

export type ArrayValue = Extract<Value, { readonly kind: "array" }>;

/** An array of the file's own; `each`: the elements that it has from the start. */
export const arrayOf = (each: Value, isEmpty: boolean): ArrayValue => ({
  kind: "array",
  isEmpty,
  cell: { content: each, constant: false, owner: {} },
});

/** The elements of an array, where all have been given a value. */
export function elementOf({ cell }: ArrayValue): Value | undefined {
  const each = known(cell);
  return each && asNumber(each) && each;
}

interface Parts {
  readonly refuse: Refuse;
  readonly journal: Journal<Value>;
  readonly evaluate: (expression: Expression, scope: Scope) => Value;
  readonly execute: (statement: StatementOf<"for">["body"], scope: Scope) => Outcome<Value>;
}

export interface Loops {
  readonly run: (statement: StatementOf<"for">, scope: Scope) => void;
  readonly forEach: (each: Value, callback: FunctionValue, place: Span) => void;
  /** `out[i] = value`, in a loop over i. */
  readonly write: (array: ArrayValue, index: Value, value: Value, place: Span) => void;
  /** `out.push(value)`: once in each pass. */
  readonly push: (array: ArrayValue, value: Value, place: Span) => void;
}

export function createLoops({ refuse, journal, evaluate, execute }: Parts): Loops {
  const written = new Set<Cell<Value>>();
  const passes = createPasses<Value>(journal, refuse, LOOP, (cell, place) => {
    if ("isGetter" in cell) refuse(place, LOOP);
    return written.has(cell) ? undefined : { kind: "refused", reason: LOOP };
  });

  const set = ({ cell }: ArrayValue, value: Value, place: Span): void => {
    if (!passes.isInside() || asNumber(value) === undefined) refuse(place, LOOP);
    written.add(cell);
    journal.assign(cell, value);
  };

  const run: Loops["run"] = ({ loop, body, ...place }, scope) => {
    if (loop === undefined || passes.isInside()) return refuse(place, LOOP);
    const inner = createScope(scope.owner, scope);
    const declare = (name: string, content: Value): void =>
      void inner.cells.set(name, { content, constant: true, owner: inner.owner });
    for (const { name, value } of loop.others) declare(name, evaluate(value, inner));
    const over = evaluate(loop.over, inner);
    if (loop.isOfItems) {
      const each = over.kind === "elements" ? over.each : over.kind === "array" ? elementOf(over) : undefined;
      declare(loop.name, each ?? refuse(loop.over, ARRAY));
    } else {
      if (over.kind !== "length") refuse(place, LOOP);
      declare(loop.name, { kind: "index" });
    }
    passes.run(place, () => execute(body, createScope(inner.owner, inner)));
  };

  /** `xs.forEach((x, i) => { out[i] = ... })`: a loop whose body is that of the function. */
  const forEach: Loops["forEach"] = (each, callback, place) => {
    const { node, scope } = callback;
    if (node.reason !== undefined || !node.isArrow || passes.isInside()) return refuse(place, LOOP);
    const inner = createScope(scope.owner, scope);
    node.args.forEach(({ target, initial }, i) => {
      if (target.kind !== "name" || initial !== undefined || i > 1) return refuse(place, LOOP);
      inner.cells.set(target.name, { content: i === 0 ? each : { kind: "index" }, constant: true, owner: inner.owner });
    });
    const { body } = node;
    const isCall = body.kind === "return" && body.value?.kind === "call";
    const statement = isCall
      ? ({ ...(body.value as ExpressionOf<"call">), kind: "effect", isPure: false } as const)
      : body;
    passes.run(place, () => execute(statement, createScope(inner.owner, inner)));
  };

  return {
    run,
    forEach,
    write: (array, index, value, place) => (index.kind === "index" ? set(array, value, place) : refuse(place, ARRAY)),
    push: (array, value, place) =>
      array.isEmpty && array.cell.content === NOTHING ? set(array, value, place) : refuse(place, ARRAY),
  };
}
