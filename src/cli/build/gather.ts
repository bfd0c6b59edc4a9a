/** The files that a folder should hold: compiled, or known to be there from an earlier build. */
import { join } from "node:path";
import type { Artifact } from "../../pipeline/activation.js";
import { Diagnostic } from "../../diagnostic.js";
import type { TargetName } from "../../registry.js";
import { sha256 } from "./cache.js";
import { readIfThere } from "../shell/files.js";
import { compilerFingerprint, taskKey } from "./fingerprint.js";
import { isWrong, missesOf, type Miss } from "../shell/inaccurate.js";
import type { Manifest, Remembered } from "./manifest.js";
import type { Plan, Task } from "./plan.js";
import { compileAll } from "./pool.js";
import { RECORD_FILES, parseRecords, recordedIds, renderRecords, withRecord } from "./records.js";
import type { Subject } from "./subjects.js";
import type { CompilationRecord, Compiled } from "./task.js";

/** A file that should be there; without a text it is there already. */
export interface Expected {
  readonly path: string;
  readonly text?: string;
}

export interface Gathered {
  readonly files: readonly Expected[];
  readonly manifest: Manifest;
  readonly compiled: number;
  /** The definitions that could not be compiled. What an earlier build made of them stays. */
  readonly failures: readonly Failure[];
  /** The misses of activations of the configuration, and of layers with them. */
  readonly misses: readonly Miss[];
  /** Those that are not written for it: what an earlier build made of them stays, too. */
  readonly refused: readonly Task[];
}

export interface Failure {
  readonly task: Task;
  readonly mistake: Diagnostic;
}

/**
 * Compiles what the manifest does not know or the folder does not hold; `trust` it not and everything is compiled.
 * Code that is known to be wrong has to be `accepted`.
 */
export async function gather(
  plan: Plan,
  manifest: Manifest,
  { trust, accepted }: { readonly trust: boolean; readonly accepted: boolean },
  progress: (done: number, total: number, task: Task) => void,
): Promise<Gathered> {
  const compiler = compilerFingerprint();
  const remember = (name: string, key: string): Remembered | undefined => {
    const found = trust ? manifest.get(name) : undefined;
    return found?.key === key && isThere(plan.out, found) ? found : undefined;
  };
  const rows = plan.tasks.map((task) => {
    const [name, key] = [`${task.target}/${task.subject.id}`, taskKey(task, compiler)];
    return { task, name, key, known: remember(name, key) };
  });
  const missing = rows.filter(({ known }) => known?.record === undefined).map(({ task }) => task);
  const results = await compileAll(missing, (done, task) => progress(done, missing.length, task));
  const compiled = new Map<Task, Compiled>();
  const failures: Failure[] = [];
  missing.forEach((task, i) => {
    const result = results[i]!;
    if (result instanceof Diagnostic) failures.push({ task, mistake: result });
    else compiled.set(task, result);
  });
  const failed = new Set(failures.map(({ task }) => task));
  const made = rows
    .filter(({ task }) => !failed.has(task))
    .map((row) => ({ ...row, ...outcome(compiled.get(row.task), row.known) }));
  const missed = made.map(({ task, record }) => ({ task, misses: isOwn(task.subject) ? missesIn(task, record) : [] }));
  const refused = missed.filter(({ misses }) => !accepted && misses.some(isWrong)).map(({ task }) => task);
  const isWhole = !plan.partial && failed.size + refused.length === 0;

  const next = new Map<string, Remembered>(isWhole ? [] : manifest);
  const records = Object.entries(RECORD_FILES).map(([file, select]) => ({
    file,
    select,
    rows: isWhole ? new Map<string, Map<string, unknown>>() : rowsOnDisk(plan, file),
  }));
  const files: Expected[] = [];
  for (const { task, name, key, record, ...written } of made.filter((row) => !refused.includes(row.task))) {
    files.push(...written.files);
    next.set(name, { key, files: written.hashes, record });
    for (const { rows: into, select } of records) withRecord(into, task.subject.id, task.target, select(record));
  }
  for (const target of plan.targets) {
    const ids = recordedIds(
      records.map((record) => record.rows),
      plan.ids,
      target,
    );
    const [name, key] = [`index:${target}`, sha256(JSON.stringify([compiler, target, ids]))];
    const known = remember(name, key);
    const index = known === undefined ? fresh(await makeIndex(target, ids)) : kept(known);
    files.push(...index.files);
    next.set(name, { key, files: index.hashes });
  }
  for (const { file, rows: written } of records) files.push({ path: file, text: renderRecords(written, plan.ids) });
  checkPaths(files);
  const misses = missed.flatMap((row) => row.misses);
  return { files, manifest: next, compiled: missing.length, failures, misses, refused };
}

/** Whether the configuration has the formula: what the catalogue gets wrong stands in accuracy.json. */
const isOwn = (subject: Subject): boolean =>
  subject.kind === "activation"
    ? subject.config !== undefined
    : subject.kind === "layer" && subject.activation?.config !== undefined;

const missesIn = ({ subject, target }: Task, { accuracy }: CompilationRecord): Miss[] =>
  (Array.isArray(accuracy) ? accuracy : [accuracy]).flatMap((measured) => missesOf(subject.id, target, measured));

const isThere = (out: string, { files }: Remembered): boolean =>
  Object.entries(files).every(([path, hash]) => {
    const bytes = readIfThere(join(out, path));
    return bytes !== undefined && sha256(bytes) === hash;
  });

/** The records of what is not built now. */
function rowsOnDisk({ out }: Plan, file: string): Map<string, Map<string, unknown>> {
  const known = parseRecords(readIfThere(join(out, file))?.toString("utf8") ?? "");
  return new Map([...known].map(([id, byTarget]) => [id, new Map(byTarget)]));
}

interface Made {
  readonly files: readonly Expected[];
  readonly hashes: Readonly<Record<string, string>>;
}

const fresh = (artifacts: readonly Artifact[]): Made => ({
  files: artifacts,
  hashes: Object.fromEntries(artifacts.map(({ path, text }) => [path, sha256(text)])),
});

const kept = ({ files }: Remembered): Made => ({ files: Object.keys(files).map((path) => ({ path })), hashes: files });

function outcome(compiled: Compiled | undefined, known: Remembered | undefined): Made & { record: CompilationRecord } {
  if (compiled !== undefined) return { ...fresh(compiled.artifacts), record: compiled.record };
  if (known?.record === undefined) throw new Error("a task has neither been compiled nor is it known");
  return { ...kept(known), record: known.record };
}

async function makeIndex(target: TargetName, ids: readonly string[]): Promise<readonly Artifact[]> {
  const { targetIndex } = await import("../../pipeline/activation.js");
  return targetIndex(target, ids);
}

/** Nothing leaves the folder, and no two definitions share a file. */
function checkPaths(files: readonly Expected[]): void {
  const seen = new Set<string>();
  for (const { path } of files) {
    const plain = path.split("/").every((part) => /^[\w.-]+$/.test(part) && !/^\.+$/.test(part));
    if (!plain || seen.has(path.toLowerCase())) throw new Error(`the path ${JSON.stringify(path)} cannot be written`);
    seen.add(path.toLowerCase());
  }
}
