/** Variables: where a name is declared, from the inside out. */
import { nearest } from "../../diagnostic.js";

/** The place of a value that can be given another one. */
export interface Cell<Value> {
  /** The value; a function where it is made, or refused, as soon as somebody asks. */
  content: Value | (() => Value);
}

/** The value, where it is known by now. */
export const known = <Value extends object>(cell: Cell<Value> | undefined): Value | undefined =>
  typeof cell?.content === "function" ? undefined : cell?.content;

interface Names<Cell> {
  readonly cells: ReadonlyMap<string, Cell>;
  readonly parent: Names<Cell> | undefined;
}

export function lookUp<Cell>(scope: Names<Cell>, name: string): Cell | undefined {
  for (let at: Names<Cell> | undefined = scope; at !== undefined; at = at.parent) {
    const cell = at.cells.get(name);
    if (cell !== undefined) return cell;
  }
  return undefined;
}

/** A file may be nothing but mistakes: a name is not compared with more names than this. */
const MOST_CANDIDATES = 500;
const LONGEST_NAME = 100;

/** The names that can be looked up, from the inside out; of very many none. */
export function namesIn(scope: Names<unknown>): readonly string[] {
  const names: string[] = [];
  for (let at: Names<unknown> | undefined = scope; at !== undefined && at.cells.size <= MOST_CANDIDATES; at = at.parent)
    names.push(...at.cells.keys());
  return names;
}

/** The candidate that may have been meant by a name. */
export const suggestion = (name: string, candidates: readonly string[]): string | undefined =>
  candidates.length > MOST_CANDIDATES || name.length > LONGEST_NAME ? undefined : nearest(name, candidates);
