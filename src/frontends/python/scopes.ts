/** Variables: where a name has its value, and what was changed since a point to which the reading may return. */
import type { Expr } from "../../ir/expr.js";
import type { Cell, Memory, Scope, Value } from "./values.js";

const NO_LOCALS: ReadonlySet<string> = new Set();

export const createScope = (parent?: Scope, locals: ReadonlySet<string> = NO_LOCALS): Scope => ({
  cells: new Map(),
  parent,
  locals,
});

/** The cell of a name; "unset" for a local variable that has no value yet. */
export function lookUp(scope: Scope, name: string): Cell | "unset" | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
    const cell = at.cells.get(name);
    if (cell !== undefined) return cell;
    if (at.locals.has(name)) return "unset";
  }
  return undefined;
}

/** The names that can be looked up, from the inside out. */
export function namesIn(scope: Scope): readonly string[] {
  const names: string[] = [];
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) names.push(...at.cells.keys());
  return names;
}

export interface Changes {
  readonly cells: ReadonlyMap<Cell, Value>;
  readonly memories: ReadonlyMap<Memory, Expr>;
}

export interface Journal {
  readonly assign: (cell: Cell, value: Value) => void;
  readonly write: (memory: Memory, content: Expr) => void;
  /** Does something, takes back its changes, and says what they were. */
  readonly attempt: <Result>(action: () => Result) => { readonly result: Result; readonly changes: Changes };
}

interface Before {
  readonly cells: Map<Cell, Cell["content"]>;
  readonly memories: Map<Memory, Expr>;
}

export function createJournal(): Journal {
  let before: Before | undefined;
  return {
    assign: (cell, value) => {
      if (before?.cells.has(cell) === false) before.cells.set(cell, cell.content);
      cell.content = value;
    },
    write: (memory, content) => {
      if (before?.memories.has(memory) === false) before.memories.set(memory, memory.content);
      memory.content = content;
    },
    attempt: (action) => {
      const outer = before;
      const touched: Before = (before = { cells: new Map(), memories: new Map() });
      try {
        const result = action();
        return {
          result,
          changes: {
            cells: new Map([...touched.cells.keys()].map((cell) => [cell, cell.content as Value])),
            memories: new Map([...touched.memories.keys()].map((memory) => [memory, memory.content])),
          },
        };
      } finally {
        for (const [cell, content] of touched.cells) cell.content = content;
        for (const [memory, content] of touched.memories) memory.content = content;
        before = outer;
      }
    },
  };
}
