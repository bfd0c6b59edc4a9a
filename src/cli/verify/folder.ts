/** Many files, verified on several threads, and those that were skipped, by their reasons. */
import { availableParallelism } from "node:os";
import { Diagnostic } from "../../diagnostic.js";
import type { Oracle } from "../../symbolic/oracle.js";
import { onThreads } from "../shell/threads.js";
import type { TimedProver } from "./claim.js";
import { claimsOfFile, filesIn, type Files, type Found, type Problem } from "./source.js";
import { reportOn, type Report, type Wishes } from "./work.js";

export interface FileTask {
  readonly file: string;
  /** The text of the file, where it may be another than on the disk. */
  readonly text?: string;
  readonly wishes: Wishes;
}

export interface FileReport {
  readonly report: Report;
  /** Why there is nothing to be said of the file. */
  readonly skipped?: string;
}

/** How many files were skipped, by their reasons. */
export type Skipped = ReadonlyMap<string, number>;

/** With fewer files for each, starting threads costs more than it saves. */
const WORTH_A_THREAD = 12;
const MOST_THREADS = 4;
/** A file may have many claims, each of which has a budget of its own. */
const LONGEST = 60_000;

export async function reportOnFile(
  { file, text, wishes }: FileTask,
  prover: TimedProver,
  oracle: Oracle,
): Promise<FileReport> {
  const found = await claimsOfFile(file, text);
  const nothing = found.problems.find(({ hasNone }) => hasNone === true);
  const problems = found.problems.filter(({ hasNone }) => hasNone !== true);
  const report = reportOn({ ...found, problems }, prover, oracle, wishes);
  if (report.hasNone)
    return { report: reportOn(onlyProblems([]), prover, oracle, wishes), skipped: "without a derivative" };
  return nothing === undefined ? { report } : { report, skipped: reasonOf(nothing) };
}

const reasonOf = ({ diagnostic }: Problem): string =>
  /^there is no (?:class and no )?function/.test(diagnostic.message) ? "without a function" : "without a derivative";

/** Reports on the files of a folder, or that there is nothing in them. */
export async function reportOnFolder(
  folder: string,
  wishes: Wishes,
  prover: TimedProver,
  oracle: Oracle,
  say: (report: Report) => void,
): Promise<Skipped> {
  let isEmpty = true;
  const skipped = await reportOnFiles(filesIn(folder), wishes, prover, oracle, (report) => {
    if (report.outcomes.length > 0) isEmpty = false;
    say(report);
  });
  if (isEmpty) say(reportOn(onlyProblems([NOTHING(folder)]), prover, oracle, wishes));
  return skipped;
}

/** Reports in the order of the files, each as soon as those before it are there. */
export async function reportOnFiles(
  { files, skipped }: Files,
  wishes: Wishes,
  prover: TimedProver,
  oracle: Oracle,
  say: (report: Report) => void,
): Promise<Skipped> {
  const reasons = new Map(skipped);
  const results = new Map<string, FileReport>();
  let said = 0;
  const settle = (file: string, result: FileReport): void => {
    results.set(file, result);
    if (result.skipped !== undefined) reasons.set(result.skipped, (reasons.get(result.skipped) ?? 0) + 1);
    for (let next = results.get(files[said] ?? ""); next !== undefined; next = results.get(files[said] ?? "")) {
      say(next.report);
      said += 1;
    }
  };
  const late = (file: string): Report => reportOn(onlyProblems([TOO_LONG(file)]), prover, oracle, wishes);
  const threads = Math.min(availableParallelism(), MOST_THREADS, Math.floor(files.length / WORTH_A_THREAD));
  if (threads < 2) for (const file of files) settle(file, await reportOnFile({ file, wishes }, prover, oracle));
  else
    await onThreads<FileTask, FileReport>({
      script: new URL("./worker.js", import.meta.url),
      threads,
      groups: files.map((file) => [{ file, wishes }]),
      settle: ({ file }, result) => settle(file, result),
      name: ({ file }) => file,
      limit: { milliseconds: LONGEST, answer: ({ file }) => ({ report: late(file) }) },
    });
  return reasons;
}

const onlyProblems = (problems: readonly Problem[]): Found => ({ claims: [], problems });
const TOO_LONG = (file: string): Problem => ({
  place: file,
  diagnostic: new Diagnostic(`its claims took longer than ${LONGEST / 1000} s together`, {
    hint: "verify it alone: nonlin verify <file>",
  }),
  label: { file },
});
const NOTHING = (folder: string): Problem => ({
  place: folder,
  diagnostic: new Diagnostic("there is no derivative in its files", { hint: "docs/readers.md shows what is found" }),
  label: { file: folder },
});

/** Such as "skipped: 12 files without a derivative, 1 file of declarations". */
export function skippedText(skipped: Skipped): string {
  const parts = [...skipped]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([reason, n]) => {
      const [what, rest] = reason.startsWith("folder ") ? ["folder", reason.slice(7)] : ["file", reason];
      return `${n} ${what}${n === 1 ? "" : "s"} ${rest}`;
    });
  return parts.length === 0 ? "" : `skipped: ${parts.join(", ")}\n`;
}
