/** A file of Python to claims: a function of tensors, and the gradient that the file gives for each of its inputs. */
import { Diagnostic } from "../../diagnostic.js";
import type { Expr } from "../../ir/expr.js";
import { refusal, type Reason, type Span } from "../place.js";
import { isDeclaredSurrogate } from "../surrogates.js";
import { placesIn, type SourcePlace, type SourceProblem } from "../problems.js";
import { readClass } from "./autograd.js";
import { readCustomGradient } from "./custom-gradient.js";
import type { Gradient, Reading } from "./gradients.js";
import { readTangents } from "./jvp.js";
import { isKernel, readKernels } from "./kernel-pairs.js";
import { readNode } from "./node-pairs.js";
import { readNamed } from "./named.js";
import { LAYOUTS, type Layout } from "./parts.js";
import type { FoundModule } from "./imports.js";
import { pythonParser, type Source } from "./parse.js";
import { readRegistered } from "./registered.js";
import { createReader } from "./reader.js";
import type { Flavour } from "./reading.js";
import { findSubjects, type Subject } from "./subjects.js";
import { RESHAPES } from "./unreadable.js";
import { createSymbols } from "../symbols.js";

export interface PythonPair {
  /** The function, and what gives its gradient. */
  readonly name: string;
  readonly derivativeName: string;
  /** Where the gradient is named. */
  readonly place: SourcePlace;
  readonly formula: Expr;
  /** With the incoming gradient dy as a factor, but for functions of several results. */
  readonly claim: Expr;
  /** The claim where the argument of the gradient is the output, for one that may be written so. */
  readonly ofOutput?: Expr;
  /** By what the formula is differentiated, where it is another than the input x. */
  readonly variable?: Expr;
  /** The name of that input, where there are others. */
  readonly by?: string;
  /** For a function of several results, the gradients from above that are in the formula and in the claim. */
  readonly gradients?: readonly Expr[];
  /** Values of arguments that are read for these alone, such as `approximate = "none"`. */
  readonly notes: readonly string[];
  /** The file's names for our variables, by our names. */
  readonly names: ReadonlyMap<string, string>;
  readonly flavour: Flavour;
  /** Its author says that it is no derivative, on purpose. */
  readonly isSurrogate: boolean;
  /** Why it was read for a part of the inputs alone. */
  readonly part?: string;
  /** Nothing but its place in a pair says that it is a derivative: where others like it are. */
  readonly guess?: string;
}

export interface PythonReport {
  readonly pairs: readonly PythonPair[];
  readonly problems: readonly SourceProblem[];
  /** How many classes and functions the file has. */
  readonly definitions: number;
}

/** `find`: other files of the project, for what the file imports from them. */
export async function readPython(text: string, fileName: string, find?: FindText): Promise<PythonReport> {
  const { placeOf, problemOf } = placesIn(text, fileName, LINE_ENDS);
  try {
    const parse = await pythonParser();
    const source = parse(text);
    const reader = createReader(source, find && ((name) => foundModule(find(name), parse)));
    const symbols = createSymbols();
    const { subjects, definitions } = findSubjects(source.statements, reader, symbols, text);
    const problems = new Map<string, SourceProblem>();
    const note = (error: Diagnostic, subject: Subject): void => {
      const isSurrogate = isDeclaredSurrogate(text, ...placesOf(subject));
      const problem = { ...problemOf(error, subject.path), ...(isSurrogate && { isSurrogate }) };
      problems.set(`${problem.place.start} ${problem.message}`, problem);
    };
    const read = (subject: Subject): readonly PythonPair[] => {
      const guess = subject.kind === "pair" ? subject.guess : undefined;
      const report = (place: Span, reason: Reason): void => note(refusal(text, place, reason), subject);
      // A class that cannot be read is a problem of its own: the others are read all the same.
      try {
        const claims = inSomeLayout((layout) =>
          readSubject(subject, { text, reader, symbols, report, ...(layout && { layout }) }),
        );
        const isSurrogate = (place: Span): boolean => isDeclaredSurrogate(text, place.start, ...placesOf(subject));
        return claims.map((claim) => ({
          ...claim,
          ...(guess !== undefined && { guess }),
          place: placeOf(claim.place),
          isSurrogate: isSurrogate(claim.place),
        }));
      } catch (error) {
        if (!(error instanceof Diagnostic)) throw error;
        if (guess === undefined) note(error, subject);
        return [];
      }
    };
    return {
      pairs: subjects.flatMap(read).sort((a, b) => a.place.start - b.place.start),
      problems: [...problems.values()].sort((a, b) => a.place.start - b.place.start),
      definitions,
    };
  } catch (error) {
    if (!(error instanceof Diagnostic)) throw error;
    return { pairs: [], problems: [problemOf(error, "")], definitions: 0 };
  }
}

/** The text of a module of the project, by its name as an import says it. */
export type FindText = (name: string) => { readonly text: string; readonly isPackage: boolean } | undefined;

/** A file that is no Python is none to import from. */
function foundModule(found: ReturnType<FindText>, parse: (text: string) => Source): FoundModule | undefined {
  if (found === undefined) return undefined;
  try {
    return { source: parse(found.text), isPackage: found.isPackage };
  } catch (error) {
    if (!(error instanceof Diagnostic)) throw error;
    return undefined;
  }
}

function readSubject(subject: Subject, reading: Reading): readonly Gradient[] {
  switch (subject.kind) {
    case "class":
      return readClass(subject, reading);
    case "pair":
      return isKernel(subject.base) && isKernel(subject.derivative)
        ? readKernels(subject, reading)
        : readNamed(subject, reading);
    case "node":
      return readNode(subject, reading);
    case "registered":
      return readRegistered(subject, reading);
    case "tangents":
      return readTangents(subject, reading);
    case "function":
      return readCustomGradient(subject, reading);
  }
}

/** In one piece; where elements are moved, with tensors that are cut in one of the usual ways. */
function inSomeLayout<Result>(read: (layout: Layout | undefined) => Result): Result {
  const isMoving = (error: unknown): boolean => error instanceof Diagnostic && error.message === RESHAPES.message;
  let first: unknown;
  for (const layout of [undefined, ...LAYOUTS])
    try {
      return read(layout);
    } catch (error) {
      first ??= error;
      if (!(error instanceof Diagnostic) || !isMoving(first)) throw error;
    }
  throw first;
}

/** Where a subject is named, and what gives its gradient. */
function placesOf(subject: Subject): readonly number[] {
  switch (subject.kind) {
    case "node":
      return [subject.maker.node.place.start];
    case "pair":
      return [subject.derivative.node.place.start];
    case "registered":
      return [subject.forward.node.place.start, subject.backward.node.place.start];
    case "tangents":
      return [subject.forward.node.place.start, subject.rule.node.place.start];
    default:
      return [subject.value.node.place.start];
  }
}

const LINE_ENDS = /\r\n|[\n\r]/g;
