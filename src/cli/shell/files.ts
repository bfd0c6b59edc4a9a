/** Files that appear whole or not at all. */
import {
  type Dirent,
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { Diagnostic } from "../../diagnostic.js";
import { fileFailure } from "./failure.js";

const TEMPORARY = /\.nonlin-tmp-\d+$/;
const ABANDONED_AFTER = 60_000;

/** The bytes of a file, or nothing when there is no such file. */
export function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw fileFailure("read", path, error);
  }
}

/** Writes beside the place, then renames: a reader sees the old bytes or the new ones, also after a power cut. */
export function writeWhole(path: string, text: string): void {
  const temporary = temporaryName(path);
  try {
    makeFolder(dirname(path));
    refuseSpecial(path);
    rmSync(temporary, { force: true });
    writeDurably(temporary, text);
    renameSync(temporary, path);
  } catch (error) {
    removeIfThere(temporary);
    throw fileFailure("write", path, error);
  }
}

/** The bytes are on the disk before a name points to them: some file systems keep the order of neither. */
function writeDurably(path: string, text: string): void {
  const file = openSync(path, "wx");
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Step by step: where a folder cannot be made although its parent is there (/proc), Node's recursive way never ends. */
function makeFolder(path: string): void {
  const missing: string[] = [];
  for (let at = path; !existsSync(at) && at !== dirname(at); at = dirname(at)) missing.push(at);
  for (const folder of missing.reverse())
    try {
      mkdirSync(folder);
    } catch (error) {
      // Another build may have been faster.
      if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error;
    }
}

/** Renaming would put a file in the place of a device, a pipe or a link. */
function refuseSpecial(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found !== undefined && !found.isFile())
    throw new Diagnostic(`cannot write ${path}: ${found.isDirectory() ? "it is a folder" : "it is no regular file"}`);
}

/** Removes a file if that is possible. */
export function removeIfThere(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Then it was never written.
  }
}

/** A path beside the given one that no other process uses, and that a later run knows as left behind. */
const temporaryName = (path: string): string => `${path}.nonlin-tmp-${process.pid}`;

/** Removes what killed runs left in a folder. */
export function removeAbandoned(folder: string): void {
  for (const { name } of entriesIn(folder)) {
    if (!TEMPORARY.test(name)) continue;
    const path = join(folder, name);
    const written = lstatSync(path, { throwIfNoEntry: false });
    if (written?.isFile() && Date.now() - written.mtimeMs > ABANDONED_AFTER) rmSync(path, { force: true });
  }
}

function entriesIn(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (isAbsence(error)) return [];
    throw fileFailure("read", folder, error);
  }
}

const isAbsence = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");

/** The paths of all files below a folder, relative to it, with forward slashes; links are not followed. */
export function filesBelow(folder: string): string[] {
  const found: string[] = [];
  const open = [""];
  for (let at = open.pop(); at !== undefined; at = open.pop())
    for (const entry of entriesIn(join(folder, at))) {
      const path = at === "" ? entry.name : `${at}/${entry.name}`;
      if (entry.isDirectory()) open.push(path);
      else if (entry.isFile()) found.push(path);
    }
  return found.sort();
}

/** The first bytes of a file as text; empty when it cannot be read. */
export function beginningOf(path: string, length: number): string {
  try {
    const file = openSync(path, "r");
    try {
      const bytes = Buffer.alloc(length);
      return bytes.toString("latin1", 0, readSync(file, bytes, 0, length, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return "";
  }
}
