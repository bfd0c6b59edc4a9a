/** How a mistake is shown: the message, the place with a caret under it, the hint. */
import { Diagnostic } from "../../diagnostic.js";
import { columns, withoutControls, withoutControlsInColumns } from "./text.js";

const LONGEST_LINE = 100;

/** The diagnostic for people. */
export function renderDiagnostic(diagnostic: Diagnostic): string {
  const lines = [withoutControls(`error: ${diagnostic.message}`)];
  if (diagnostic.source !== undefined && diagnostic.start !== undefined)
    lines.push(...renderPlace(diagnostic.source, diagnostic.start, diagnostic.end ?? diagnostic.start + 1));
  if (diagnostic.hint !== undefined) lines.push(withoutControls(`hint: ${diagnostic.hint}`));
  return lines.join("\n") + "\n";
}

/** The diagnostic for machines. */
export function diagnosticFields(diagnostic: Diagnostic): { message: string } & Details {
  return { message: diagnostic.message, ...details(diagnostic) };
}

/** The diagnostic under another message. */
export const reworded = (diagnostic: Diagnostic, message: string): Diagnostic =>
  new Diagnostic(message, details(diagnostic));

/** A mistake of ours, in one line. */
export function internalError(error: unknown): Diagnostic {
  const message = error instanceof Error ? error.message : String(error);
  if (process.env["NONLIN_DEBUG"] && error instanceof Error) process.stderr.write(`${error.stack ?? ""}\n`);
  return new Diagnostic(`internal error: ${withoutControls(message).split("\n")[0]}`);
}

type Details = NonNullable<ConstructorParameters<typeof Diagnostic>[1]>;

/** The most of a source that is repeated with a place in it. */
const LONGEST_EXCERPT = 400;

function details({ source, start, end, hint }: Diagnostic): Details {
  return { ...excerpt(source, start, end), ...(hint === undefined ? {} : { hint }) };
}

/** The lines of a source that a place is in: a file has many places, and they are not told with all of it each. */
function excerpt(source: string | undefined, start: number | undefined, end = (start ?? 0) + 1): Details {
  if (source === undefined) return {};
  if (start === undefined) return { source: source.slice(0, LONGEST_EXCERPT) };
  const lineStart = source.lastIndexOf("\n", start - 1) + 1;
  const lineEnd = source.indexOf("\n", Math.max(start, end - 1));
  const from = Math.max(lineStart, start - LONGEST_EXCERPT / 2);
  const to = Math.min(lineEnd < 0 ? source.length : lineEnd, from + LONGEST_EXCERPT);
  return { source: source.slice(from, to), start: start - from, end: Math.min(end, to) - from };
}

function renderPlace(source: string, from: number, to: number): string[] {
  const start = Math.min(Math.max(0, from), source.length);
  const lineStart = source.lastIndexOf("\n", start - 1) + 1;
  const lineEnd = source.indexOf("\n", start);
  const line = withoutControlsInColumns(source.slice(lineStart, lineEnd < 0 ? source.length : lineEnd));
  const { text, offset } = window(line, start - lineStart);
  const caretStart = start - lineStart - offset.cut + offset.added;
  const caretEnd = Math.min(text.length, Math.max(caretStart + 1, to - lineStart - offset.cut + offset.added));
  const marked = columns(text.slice(caretStart, caretEnd));
  return [`  ${text}`, `  ${" ".repeat(columns(text.slice(0, caretStart)))}${"^".repeat(Math.max(1, marked))}`];
}

/** The part of a long line around a place. */
function window(line: string, place: number): { text: string; offset: { cut: number; added: number } } {
  if (line.length <= LONGEST_LINE) return { text: line, offset: { cut: 0, added: 0 } };
  let cut = Math.max(0, Math.min(place - 30, line.length - LONGEST_LINE));
  let end = Math.min(line.length, cut + LONGEST_LINE);
  if (isSecondHalf(line, cut)) cut++;
  if (isSecondHalf(line, end)) end--;
  const before = cut > 0 ? "..." : "";
  return {
    text: before + line.slice(cut, end) + (end < line.length ? "..." : ""),
    offset: { cut, added: before.length },
  };
}

const isSecondHalf = (text: string, index: number): boolean => {
  const code = text.charCodeAt(index);
  return code >= 0xdc00 && code <= 0xdfff;
};

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENOENT: "no such file or folder",
  ENOTDIR: "a part of the path is a file, not a folder",
  EISDIR: "it is a folder",
  EEXIST: "something else is already there",
  ENOSPC: "no space is left on the device",
  ENAMETOOLONG: "the name is too long",
  ELOOP: "too many symbolic links",
  EMFILE: "too many files are open",
};

/** A refusal of the file system, as a mistake that the user can act on; other errors are returned unchanged. */
export function fileFailure(action: string, path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return error;
  return new Diagnostic(`cannot ${action} ${path}: ${REASONS[error.code] ?? error.code}`);
}
