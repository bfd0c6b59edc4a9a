/** The claims in a person's own file of JavaScript, TypeScript or Python. */
import { readFileSync, statSync } from "node:fs";
import { Diagnostic } from "../diagnostic.js";
import type { SourceProblem } from "../frontends/problems.js";
import type { SourcePair } from "../frontends/source/pairs.js";
import { fileFailure } from "./failure.js";
import { ofOutput, sentences, type Claim } from "./verify-claim.js";
import { javascriptLines } from "./verify-notation.js";

/** Something that could not be read, and where. */
export interface Problem {
  readonly place: string;
  readonly diagnostic: Diagnostic;
  readonly label: Readonly<Record<string, unknown>>;
}

export interface Found {
  readonly claims: readonly Claim[];
  readonly problems: readonly Problem[];
}

const EXTENSION = /\.[mc]?[jt]s$|\.[jt]sx$|\.py$/i;
const PYTHON = /\.py$/i;

/** Does the word name a file of source, rather than an activation? */
export const isFileName = (word: string): boolean => EXTENSION.test(word) || /[/\\]/.test(word);

/** The pairs of functions in a file; a file that cannot be read is a problem among others. */
export async function claimsOfFile(file: string): Promise<Found> {
  try {
    const text = readText(file);
    if (PYTHON.test(file)) {
      const { claimsOfPython } = await import("./verify-python.js");
      const { claims, problems } = await claimsOfPython(text, file);
      return { claims, problems: problems.map((problem) => problemOf(problem, text)) };
    }
    const { readPairs } = await import("../frontends/source/pairs.js");
    const { pairs, problems, functions } = await readPairs(text, file);
    if (pairs.length + problems.length === 0) throw noPairs(functions);
    const inOrder = [...pairs].sort((a, b) => a.place.start - b.place.start);
    return { claims: inOrder.map(claimOfPair), problems: problems.map((problem) => problemOf(problem, text)) };
  } catch (error) {
    if (!(error instanceof Diagnostic)) throw error;
    return { claims: [], problems: [{ place: file, diagnostic: error, label: { file } }] };
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

const noPairs = (functions: number): Diagnostic =>
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

const problemOf = ({ message, hint, place, function: name }: SourceProblem, source: string): Problem => ({
  place: `${place.file}:${place.line}:${place.column}`,
  diagnostic: new Diagnostic(message, { source, start: place.start, end: place.end, hint }),
  label: { file: place.file, line: place.line, column: place.column, function: name },
});
