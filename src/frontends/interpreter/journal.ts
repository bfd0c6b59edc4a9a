/** Changes since a point to which the reading may return: of variables, and of what several values share. */
import type { Expr } from "../../ir/expr.js";
import type { Cell } from "./scopes.js";

/** Elements that several names may stand for, as one expression. */
export interface Memory {
  content: Expr;
}

export interface Changes<Value> {
  readonly cells: ReadonlyMap<Cell<Value>, Value>;
  readonly memories: ReadonlyMap<Memory, Expr>;
}

/** A way that was tried; what it changes is taken back. */
export interface Way<Value, Result> {
  readonly result: Result;
  readonly changes: Changes<Value>;
}

export interface Journal<Value> {
  readonly assign: (cell: Cell<Value>, value: Value) => void;
  readonly write: (memory: Memory, content: Expr) => void;
  /** Changes from here on: closing takes them back, and says what they were. */
  readonly open: () => () => Changes<Value>;
  /** Makes the changes of a way that was tried. */
  readonly keep: (changes: Changes<Value>) => void;
  /** Asks, later and inside of further ways, whether everything is again as it is now. */
  readonly mark: () => () => boolean;
}

interface Layer<Value> {
  readonly cells: Map<Cell<Value>, Cell<Value>["content"]>;
  readonly memories: Map<Memory, Expr>;
  readonly outer: Layer<Value> | undefined;
}

export function createJournal<Value>(): Journal<Value> {
  let before: Layer<Value> | undefined;
  const assign: Journal<Value>["assign"] = (cell, value) => {
    if (before?.cells.has(cell) === false) before.cells.set(cell, cell.content);
    cell.content = value;
  };
  const write: Journal<Value>["write"] = (memory, content) => {
    if (before?.memories.has(memory) === false) before.memories.set(memory, memory.content);
    memory.content = content;
  };
  return {
    assign,
    write,
    open: () => {
      const touched: Layer<Value> = { cells: new Map(), memories: new Map(), outer: before };
      before = touched;
      return () => {
        const cells = new Map([...touched.cells.keys()].map((cell) => [cell, cell.content as Value]));
        const memories = new Map([...touched.memories.keys()].map((memory) => [memory, memory.content]));
        for (const [cell, content] of touched.cells) cell.content = content;
        for (const [memory, content] of touched.memories) memory.content = content;
        before = touched.outer;
        return { cells, memories };
      };
    },
    keep: ({ cells, memories }) => {
      memories.forEach((content, memory) => write(memory, content));
      cells.forEach((value, cell) => assign(cell, value));
    },
    mark: () => {
      const marked = before;
      return () => {
        // The outer layers come last, so that what was first counts.
        const first: Layer<Value> = { cells: new Map(), memories: new Map(), outer: undefined };
        for (let layer = before; layer !== undefined && layer !== marked; layer = layer.outer) {
          layer.cells.forEach((content, cell) => first.cells.set(cell, content));
          layer.memories.forEach((content, memory) => first.memories.set(memory, content));
        }
        return (
          [...first.cells].every(([cell, content]) => cell.content === content) &&
          [...first.memories].every(([memory, content]) => memory.content === content)
        );
      };
    },
  };
}

/** Does something, takes back its changes, and says what they were. */
export function attempt<Value, Result>(
  { open }: Pick<Journal<Value>, "open">,
  action: () => Result,
): Way<Value, Result> {
  const close = open();
  let changes: Changes<Value> | undefined;
  try {
    const result = action();
    changes = close();
    return { result, changes };
  } finally {
    if (changes === undefined) close();
  }
}
