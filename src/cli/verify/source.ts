/** The claims in a person's own file of JavaScript, TypeScript or Python. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { Diagnostic } from "../../diagnostic.js";
import type { SourceProblem } from "../../frontends/problems.js";
import type { SourcePair } from "../../frontends/source/pairs.js";
import { fileFailure } from "../shell/failure.js";
import { ofOutput, sentences, type Claim } from "./claim.js";
import { javascriptLines } from "./notation.js";

/** Something that could not be read, and where. */
export interface Problem {
  readonly place: string;
  readonly diagnostic: Diagnostic;
  readonly label: Readonly<Record<string, unknown>>;
  /** The file has no derivative at all. */
  readonly hasNone?: boolean;
  /** It belongs to what is declared to be no derivative. */
  readonly isSurrogate?: boolean;
}

export interface Found {
  readonly claims: readonly Claim[];
  readonly problems: readonly Problem[];
}

const EXTENSION = /\.[mc]?[jt]s$|\.[jt]sx$|\.py$/i;
const PYTHON = /\.py$/i;

/** Does the name of a file end as those that are read? */
export const isSource = (file: string): boolean => EXTENSION.test(file);

/** Does the word name a file of source, rather than an activation? */
export const isFileName = (word: string): boolean => isSource(word) || /[/\\]/.test(word);

/** Folders of other people's code, and of what is made from one's own. */
const OTHERS = /^(?:node_modules|bower_components|dist|build|vendor|site-packages|__pycache__|\..*)$/;
const MOST_FILES = 10_000;

export interface Files {
  readonly files: readonly string[];
  /** How many were left out, by their reasons. */
  readonly skipped: ReadonlyMap<string, number>;
}

/** The source files in a folder and in the folders in it, in the order of the alphabet. */
export function filesIn(folder: string): Files {
  const files: string[] = [];
  const skipped = new Map<string, number>();
  const skip = (reason: string): void => void skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
  const waiting: string[] = [folder.replace(/[/\\]+$/, "")];
  while (waiting.length > 0) {
    const here = waiting.pop()!;
    for (const entry of readEntries(here)) {
      const path = here === "." ? entry.name : `${here}/${entry.name}`;
      if (entry.isDirectory() && OTHERS.test(entry.name)) skip("folder of other people's code, or made from one's own");
      else if (entry.isDirectory()) waiting.push(path);
      else if (!isSource(entry.name)) continue;
      else if (!entry.isFile()) skip("that are links or special");
      else if (/\.d\.[mc]?ts$/.test(entry.name)) skip("of declarations");
      else if (/\.min\.js$/.test(entry.name)) skip("made smaller");
      else files.push(path);
      if (files.length > MOST_FILES)
        throw new Diagnostic(`${folder} has more than ${MOST_FILES} files`, { hint: "name the folders that matter" });
    }
  }
  return { files: files.sort(), skipped };
}

function readEntries(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    throw fileFailure("read", folder, error);
  }
}

export const isFile = (word: string): boolean => statSync(word, { throwIfNoEntry: false })?.isFile() === true;
export const isFolder = (word: string): boolean => statSync(word, { throwIfNoEntry: false })?.isDirectory() === true;

/** The pairs of functions in a file, or in its text as an editor has it; what cannot be read is a problem among others. */
export async function claimsOfFile(file: string, unsaved?: string): Promise<Found> {
  try {
    const text = unsaved ?? readText(file);
    if (PYTHON.test(file)) {
      const { claimsOfPython } = await import("./python.js");
      const { claims, problems } = await claimsOfPython(text, file);
      return { claims, problems: problems.map((problem) => problemOf(problem, text)) };
    }
    const { readPairs } = await import("../../frontends/source/pairs.js");
    const { pairs, problems, functions } = await readPairs(text, file);
    if (pairs.length + problems.length === 0) throw noPairs(functions);
    const inOrder = [...pairs].sort((a, b) => a.place.start - b.place.start);
    return { claims: inOrder.map(claimOfPair), problems: problems.map((problem) => problemOf(problem, text)) };
  } catch (error) {
    if (!(error instanceof Diagnostic)) throw error;
    const hasNone = /^there is no /.test(error.message);
    return { claims: [], problems: [{ place: file, diagnostic: error, label: { file }, hasNone }] };
  }
}

const LARGEST_FILE = 1_000_000;

function readText(file: string): string {
  try {
    const found = statSync(file);
    if (found.isDirectory()) throw new Diagnostic("it is a folder", { hint: "name its files: folder/*.ts" });
    if (!found.isFile()) throw new Diagnostic("it is no regular file");
    if (found.size > LARGEST_FILE)
      throw new Diagnostic(`it has ${found.size} bytes, and source files of up to ${LARGEST_FILE} are read`);
    const text = new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file));
    if (text.includes("\0")) throw new Diagnostic("it is no text: it contains the character 0");
    return text;
  } catch (error) {
    if (error instanceof TypeError && "code" in error && error.code === "ERR_ENCODING_INVALID_ENCODED_DATA")
      throw new Diagnostic("it is no text in UTF-8");
    throw fileFailure("read", file, error);
  }
}

export const noPairs = (functions: number): Diagnostic =>
  new Diagnostic(
    functions === 0
      ? "there is no function in it"
      : `there is no derivative among its ${functions === 1 ? "only function" : `${functions} functions`}`,
    {
      hint:
        "beside a function f, its derivative is looked for as fPrime, fDerivative, dF, fGrad, fBackward, f_prime, ...; " +
        "for any other name, write /** @derivativeOf f */ above it",
    },
  );

function claimOfPair({ name, derivativeName, place, formula, claim, order, input, names, ...pair }: SourcePair): Claim {
  const theirs = new Map([["x", input], ...names]);
  const { file, line, column } = place;
  const conditions = pair.notes.length === 0 ? "" : ` with ${pair.notes.join(", ")}`;
  const said = sentences(derivativeName, name + conditions, order);
  return {
    place: `${file}:${line}:${column}`,
    ...said,
    goal: { formula, claim, order },
    ...(pair.ofOutput !== undefined && { otherwise: ofOutput({ formula, claim: pair.ofOutput, order }, said) }),
    names: theirs,
    ...(pair.isSurrogate && { isSurrogate: true }),
    ...(pair.guess !== undefined && { guess: pair.guess }),
    write: (expr) => javascriptLines(expr, theirs),
    kinks: [],
    label: {
      file,
      line,
      column,
      function: name,
      derivative: derivativeName,
      order,
      ...(pair.notes.length > 0 && { with: pair.notes }),
    },
  };
}

const problemOf = ({ message, hint, place, function: name, isSurrogate }: SourceProblem, source: string): Problem => ({
  ...(isSurrogate === true && { isSurrogate }),
  place: `${place.file}:${place.line}:${place.column}`,
  diagnostic: new Diagnostic(message, { source, start: place.start, end: place.end, hint }),
  label: { file: place.file, line: place.line, column: place.column, function: name },
});
