/** accuracy.json: what was measured of each definition and target. */
import type { TargetName } from "../registry.js";
import { mapOf, type Check } from "./schema.js";
import type { CompilationRecord } from "./task.js";
import { toJson } from "./text.js";

/** By id, then by target. */
export type Records = ReadonlyMap<string, ReadonlyMap<string, unknown>>;

const record: Check<unknown> = (value, place) => mapOf((field) => field)(value, place);
const file = mapOf(mapOf(record));

/** The records in a file's text; none when it is no such file. */
export function parseRecords(text: string): Records {
  try {
    const entries = Object.entries(file(JSON.parse(text), "accuracy.json"));
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
  record: CompilationRecord,
): void {
  const { saves, accuracy, rules } = record;
  const byTarget = records.get(id) ?? new Map<string, unknown>();
  records.set(id, byTarget.set(target, { saves, ...accuracy, rules }));
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
