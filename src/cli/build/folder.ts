/** Brings a folder to what it should hold, or says how it differs. */
import { MARKER } from "../../codegen/header.js";
import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { targets } from "../../registry.js";
import { sha256 } from "./cache.js";
import { fileFailure } from "../shell/failure.js";
import { beginningOf, filesBelow, readIfThere, removeAbandoned, writeWhole } from "../shell/files.js";
import type { Expected } from "./gather.js";
import type { Manifest } from "./manifest.js";

export type Status = "unchanged" | "missing" | "different" | "stale";

export interface FileStatus {
  readonly path: string;
  readonly status: Status;
}

/** How the folder differs from what it should hold. Stale is what nonlin wrote and would not write now. */
export function compareFolder(
  out: string,
  files: readonly Expected[],
  earlier: Manifest,
  whole: boolean,
): FileStatus[] {
  const expected = files.map(({ path, text }): FileStatus => {
    if (text === undefined) return { path, status: "unchanged" };
    const bytes = readIfThere(join(out, path));
    const status = bytes === undefined ? "missing" : bytes.equals(Buffer.from(text)) ? "unchanged" : "different";
    return { path, status };
  });
  return whole ? [...expected, ...staleFiles(out, new Set(files.map(({ path }) => path)), earlier)] : expected;
}

/** Writes and removes what a comparison found. */
export function updateFolder(out: string, files: readonly Expected[], found: readonly FileStatus[]): void {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  for (const folder of new Set(files.map(({ path }) => dirname(join(out, path))))) removeAbandoned(folder);
  for (const { path, status } of found) {
    if (status === "stale") remove(join(out, path));
    else if (status !== "unchanged") writeWhole(join(out, path), texts.get(path)!);
  }
}

function staleFiles(out: string, expected: ReadonlySet<string>, earlier: Manifest): FileStatus[] {
  const remembered = new Map([...earlier.values()].flatMap(({ files }) => Object.entries(files)));
  return Object.keys(targets)
    .sort()
    .flatMap((target) => filesBelow(join(out, target)).map((name) => `${target}/${name}`))
    .filter((path) => !expected.has(path) && isOurs(join(out, path), remembered.get(path)))
    .map((path) => ({ path, status: "stale" }));
}

/** A file is ours when it says so; one that cannot say so, when it is to the byte what we wrote. */
function isOurs(path: string, hash: string | undefined): boolean {
  if (beginningOf(path, 300).includes(MARKER) && !path.endsWith(".json")) return true;
  const bytes = hash === undefined ? undefined : readIfThere(path);
  return bytes !== undefined && sha256(bytes) === hash;
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    throw fileFailure("remove", path, error);
  }
}
