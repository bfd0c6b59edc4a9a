/** The record of files that earlier builds of a folder made, so that the next build need not make them again. */
import { sha256, type Cache } from "./cache.js";
import { list, mapOf, shape, text, type Check } from "../shell/schema.js";
import type { CompilationRecord } from "./task.js";
import { toJson } from "../shell/text.js";

export interface Remembered {
  /** The hash of everything that the result depends on. */
  readonly key: string;
  /** The hash of each file's bytes. */
  readonly files: Readonly<Record<string, string>>;
  readonly record?: CompilationRecord;
}

export type Manifest = ReadonlyMap<string, Remembered>;

const record: Check<CompilationRecord> = (value, place) => {
  const fields = mapOf((field) => field);
  if (typeof value === "object" && value !== null && "plan" in value)
    shape({ plan: fields, accuracy: list(fields) }, { proofs: fields })(value, place);
  else shape({ saves: text, accuracy: fields, rules: fields, proofs: fields }, {})(value, place);
  return value as CompilationRecord;
};

const manifest = mapOf(shape({ key: text, files: mapOf(text) }, { record }));

const nameOf = (out: string): string => `manifest-${sha256(out).slice(0, 32)}.json`;

/** The manifest of a folder; empty when it cannot be read or makes no sense. */
export function readManifest(cache: Cache, out: string): Manifest {
  try {
    return new Map(Object.entries(manifest(JSON.parse(cache.read(nameOf(out)) ?? "{}"), "manifest")));
  } catch {
    return new Map();
  }
}

/** Remembers, unless nothing changed. */
export function writeManifest(cache: Cache, out: string, entries: Manifest): void {
  const written = toJson(Object.fromEntries(entries));
  if (cache.read(nameOf(out)) !== written) cache.write(nameOf(out), written);
}
