/** accuracy.json, proofs.json and plans.json: what was measured, proved and planned for each definition and target. */
import type { TargetName } from "../../registry.js";
import { mapOf, type Check } from "../shell/schema.js";
import type { CompilationRecord } from "./task.js";
import { toJson } from "../shell/text.js";

/** The files, and what each says of a compilation; nothing where that is undefined. */
export const RECORD_FILES: Readonly<Record<string, (record: CompilationRecord) => unknown>> = {
  "accuracy.json": (record) =>
    "plan" in record ? undefined : { saves: record.saves, ...record.accuracy, rules: record.rules },
  "proofs.json": (record) => record.proofs,
  "plans.json": (record) => ("plan" in record ? record.plan : undefined),
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

/** Adds a record that is not undefined. */
export function withRecord(
  records: Map<string, Map<string, unknown>>,
  id: string,
  target: TargetName,
  record: unknown,
): void {
  if (record === undefined) return;
  const byTarget = records.get(id) ?? new Map<string, unknown>();
  records.set(id, byTarget.set(target, record));
}

/** The ids that have a record in some file for the target, in the given order; ids outside of it come last. */
export const recordedIds = (files: readonly Records[], order: readonly string[], target: TargetName): string[] =>
  inOrder(new Set(files.flatMap((records) => [...records.keys()].filter((id) => records.get(id)!.has(target)))), order);

/** The file's text: ids in the given order, targets by name. */
export function renderRecords(records: Records, order: readonly string[]): string {
  const sorted = (byTarget: ReadonlyMap<string, unknown>) =>
    Object.fromEntries([...byTarget].sort(([a], [b]) => (a < b ? -1 : 1)));
  return toJson(
    Object.fromEntries(inOrder(new Set(records.keys()), order).map((id) => [id, sorted(records.get(id)!)])),
  );
}

function inOrder(ids: ReadonlySet<string>, order: readonly string[]): string[] {
  const known = order.filter((id) => ids.has(id));
  return [...known, ...[...ids].filter((id) => !order.includes(id)).sort()];
}
