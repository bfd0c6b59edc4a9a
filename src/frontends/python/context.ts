/** The state that forward leaves for backward: saved tensors and attributes of ctx. */
import { known } from "../interpreter/scopes.js";
import { PARTLY } from "../interpreter/refusals.js";
import type { Journal } from "../interpreter/journal.js";
import type { Refuse, Span } from "../place.js";
import type { Passed } from "./calls.js";
import { UNKNOWN } from "./unreadable.js";
import { NONE, TRUE, type Cell, type ClassValue, type Context, type Memory, type Value } from "./values.js";

export const createContext = (
  inputs: number,
  { of, isOfOthers = false }: { readonly of?: ClassValue; readonly isOfOthers?: boolean } = {},
): Context => ({
  ...(of !== undefined && { of }),
  ...(isOfOthers && { isOfOthers }),
  attributes: new Map(),
  saved: { content: { kind: "tuple", items: [] } },
  needs: Array.from({ length: inputs }, () => TRUE),
  dirty: new Set(),
  nonDifferentiable: new Set(),
});

export function setAttribute(context: Context, name: string, value: Value, journal: Journal<Value>): void {
  const cell = context.attributes.get(name) ?? { content: { kind: "refused", reason: PARTLY } };
  context.attributes.set(name, cell);
  journal.assign(cell, value);
}

/** The value of `ctx.saved_tensors`, by whatever name the framework has for it. */
export function savedBy(context: Context, name: string, read: (cell: Cell) => Value): Value | undefined {
  const isOthers = context.isOfOthers === true;
  if (name !== "saved_tensors" && name !== "saved_variables" && !(isOthers && name === "saved_values"))
    return undefined;
  const saved = read(context.saved);
  return isOthers && saved.kind === "tuple" && saved.items.length === 1 ? { ...saved, isAlone: true } : saved;
}

export function callOfContext(
  context: Context,
  name: string,
  args: readonly Passed[],
  place: Span,
  journal: Journal<Value>,
  refuse: Refuse,
): Value {
  const mark = (marked: Set<Memory>): void => {
    for (const { value } of args) if (value.kind === "tensor") marked.add(value.memory);
  };
  const CALLS: Readonly<Record<string, () => void>> = {
    save_for_backward: () => journal.assign(context.saved, { kind: "tuple", items: args.map(({ value }) => value) }),
    save_for_forward: () => undefined,
    set_materialize_grads: () => undefined,
    mark_dirty: () => mark(context.dirty),
    mark_non_differentiable: () => mark(context.nonDifferentiable),
  };
  const run = CALLS[name] ?? (() => refuse(place, UNKNOWN));
  run();
  return NONE;
}

/** The memories that backward can get hold of. */
export const reachable = ({ attributes, saved }: Context): ReadonlySet<Memory> =>
  memoriesIn(saved, ...attributes.values());

export function memoriesIn(...cells: readonly Cell[]): ReadonlySet<Memory> {
  const found = new Set<Memory>();
  const waiting = cells.map((cell) => known(cell)).filter((value) => value !== undefined);
  while (waiting.length > 0) {
    const value = waiting.pop()!;
    if (value.kind === "tensor") found.add(value.memory);
    if (value.kind === "tuple" || value.kind === "parts") waiting.push(...value.items);
  }
  return found;
}
