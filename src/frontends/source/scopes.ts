/** Variables: where a name is declared, and what was assigned since a point to which the reading may return. */
import { MOST_CANDIDATES } from "./unreadable.js";
import type { Cell, Scope, Value } from "./values.js";

export const createScope = (owner: object, parent?: Scope): Scope => ({ cells: new Map(), parent, owner });

export function lookUp(scope: Scope, name: string): Cell | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
    const cell = at.cells.get(name);
    if (cell !== undefined) return cell;
  }
  return undefined;
}

/** The names that can be looked up, from the inside out; of very many none. */
export function namesIn(scope: Scope): readonly string[] {
  const names: string[] = [];
  for (let at: Scope | undefined = scope; at !== undefined && at.cells.size <= MOST_CANDIDATES; at = at.parent)
    names.push(...at.cells.keys());
  return names;
}

/** The outermost scope of the function that a scope is in: where `var` declares. */
export function functionScope(scope: Scope): Scope {
  let at = scope;
  while (at.parent?.owner === scope.owner) at = at.parent;
  return at;
}

export type Changes = ReadonlyMap<Cell, Value>;

export interface Journal {
  readonly assign: (cell: Cell, value: Value) => void;
  /** Does something, takes back its assignments, and says what they were. */
  /** Makes the changes of a way that was taken, or a choice between those of two. */
  readonly keep: (changes: Changes) => void;
  readonly merge: (yes: Changes, no: Changes, choose: (yes: Value, no: Value) => Value) => void;
  readonly attempt: <Result>(action: () => Result) => { readonly result: Result; readonly changes: Changes };
}

export function createJournal(): Journal {
  let before: Map<Cell, Cell["content"]> | undefined;
  const assign: Journal["assign"] = (cell, value) => {
    if (before?.has(cell) === false) before.set(cell, cell.content);
    cell.content = value;
  };
  return {
    assign,
    keep: (changes) => changes.forEach((value, cell) => assign(cell, value)),
    merge: (yes, no, choose) => {
      for (const cell of new Set([...yes.keys(), ...no.keys()])) {
        const old = cell.content as Value;
        assign(cell, choose(yes.get(cell) ?? old, no.get(cell) ?? old));
      }
    },
    attempt: (action) => {
      const outer = before;
      const touched = (before = new Map<Cell, Cell["content"]>());
      try {
        const result = action();
        const changes = new Map([...touched.keys()].map((cell) => [cell, cell.content as Value]));
        return { result, changes };
      } finally {
        for (const [cell, content] of touched) cell.content = content;
        before = outer;
      }
    },
  };
}
