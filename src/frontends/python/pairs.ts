/** A file of Python to claims: a function of tensors, and the gradient that the file gives for each of its inputs. */
import { Diagnostic } from "../../diagnostic.js";
import { ifRead } from "../interpreter/refusals.js";
import { refusal, type Reason, type Span } from "../place.js";
import { reportOn, type Report } from "../report.js";
import { createSymbols } from "../symbols.js";
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
import { findSubjects, type Subject } from "./subjects.js";
import { RESHAPES } from "./unreadable.js";
import { placeOf, readTold } from "./vjps.js";

/** `find`: other files of the project, for what the file imports from them. */
export const readPython = (text: string, fileName: string, find?: FindText): Promise<Report<Gradient>> =>
  reportOn<Gradient>(text, fileName, LINE_ENDS, async ({ add, note }) => {
    const parse = await pythonParser();
    const source = parse(text);
    const reader = createReader(source, find && ((name) => foundModule(find(name), parse)));
    const symbols = createSymbols();
    const { subjects, definitions } = findSubjects(source.statements, reader, symbols, text);
    for (const subject of subjects) {
      const [place, ...places] = placesOf(subject);
      const guess = subject.kind === "pair" ? subject.guess : undefined;
      const named = { path: subject.path, place, places, ...(guess !== undefined && { guess }) };
      const report = (at: Span, reason: Reason): void => note(named, refusal(text, at, reason));
      const reading: Reading = { text, reader, symbols, report };
      const read = (): readonly Gradient[] => {
        symbols.usual.clear();
        const found = inSomeLayout((layout) => readSubject(subject, { ...reading, ...(layout && { layout }) }));
        const usual = new Map(symbols.usual);
        return found.map((each) => ({ ...each, usual }));
      };
      add(named, () => reader.choices.forEach(place, read, report));
    }
    return definitions;
  });

/** The text of a module of the project, by its name as an import says it. */
export type FindText = (name: string) => { readonly text: string; readonly isPackage: boolean } | undefined;

/** A file that is no Python is none to import from. */
function foundModule(found: ReturnType<FindText>, parse: (text: string) => Source): FoundModule | undefined {
  const source = found && ifRead(() => parse(found.text));
  return source && { source, isPackage: found.isPackage };
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
    case "told":
      return readTold(subject, reading);
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
function placesOf(subject: Subject): readonly [Span, ...Span[]] {
  switch (subject.kind) {
    case "node":
      return [subject.maker.node.place];
    case "pair":
      return [subject.derivative.node.place];
    case "registered":
      return [subject.forward.node.place, subject.backward.node.place];
    case "tangents":
      return [subject.forward.node.place, subject.rule.node.place];
    case "told":
      return [placeOf(subject)];
    case "function":
      return [(subject.maker ?? subject.value).node.place, subject.value.node.place];
    default:
      return [subject.value.node.place];
  }
}

const LINE_ENDS = /\r\n|[\n\r]/g;
