/** accuracy.json and proofs.json: what was measured and what was proved of each definition and target. */
import type { TargetName } from "../registry.js";
import { mapOf, type Check } from "./schema.js";
import type { CompilationRecord } from "./task.js";
import { toJson } from "./text.js";

/** The files, and what each says of a compilation. */
export const RECORD_FILES: Readonly<Record<string, (record: CompilationRecord) => unknown>> = {
  "accuracy.json": ({ saves, accuracy, rules }) => ({ saves, ...accuracy, rules }),
  "proofs.json": ({ proofs }) => proofs,
};

/** By id, then by target. */
export type Records = ReadonlyMap<string, ReadonlyMap<string, unknown>>;

const record: Check<unknown> = (value, place) => mapOf((field) => field)(value, place);
const file = mapOf(mapOf(record));

/** The records in a file's text; none when it is no such file. */
export function parseRecords(text: string): Records {
  try {
    const entries = Object.entries(file(JSON.parse(text), "the records"));
    return new Map(entries.map(([id, byTarget]) => [id, new Map(Object.entries(byTarget))]));
  } catch {
    return new Map();
  }
}

/** Adds a record. */
export function withRecord(
  records: Map<string, Map<string, unknown>>,
  id: string,
  target: TargetName,
  record: unknown,
): void {
  const byTarget = records.get(id) ?? new Map<string, unknown>();
  records.set(id, byTarget.set(target, record));
}

/** The ids that have a record for the target, in the given order; ids outside of it come last. */
export const recordedIds = (records: Records, order: readonly string[], target: TargetName): string[] =>
  ordered(records, order).filter((id) => records.get(id)?.has(target));

/** The file's text: ids in the given order, targets by name. */
export function renderRecords(records: Records, order: readonly string[]): string {
  const sorted = (byTarget: ReadonlyMap<string, unknown>) =>
    Object.fromEntries([...byTarget].sort(([a], [b]) => (a < b ? -1 : 1)));
  return toJson(Object.fromEntries(ordered(records, order).map((id) => [id, sorted(records.get(id)!)])));
}

function ordered(records: Records, order: readonly string[]): string[] {
  const known = order.filter((id) => records.has(id));
  return [...known, ...[...records.keys()].filter((id) => !order.includes(id)).sort()];
}
