/** A file of JavaScript or TypeScript to pairs: a function, and the derivative that the file claims for it. */
import { refusal, type Reason, type Span } from "../place.js";
import { reportOn, type Pair, type ReadClaim, type Report, type Subject } from "../report.js";
import { customGrads, readCustomGrad } from "./custom-grad.js";
import { gradConfigs, readGradConfig } from "./grad-config.js";
import { createStandIns, type StandIns } from "./foreign-class.js";
import { importedFunctions, namedFunctions, type NamedFunction } from "./functions.js";
import { othersOf, type FindText } from "./imports.js";
import { pairUp } from "./pairing.js";
import { parseRegions } from "./parse.js";
import { readPair } from "./read-pair.js";
import { createReader, type Reader } from "./reader.js";
import { reals, type Dialect } from "./reals.js";
import type { Source } from "./syntax.js";
import type { Others } from "./values.js";
import { methodsOfValues, readMethodOfValues } from "./value-class.js";

export interface SourceClaim extends ReadClaim {
  readonly order: number;
  /** The function's name for its input. */
  readonly input: string;
}
export type SourcePair = Pair<SourceClaim>;

/** `find`: other files of the project, for what the file imports from them. */
export const readPairs = (text: string, fileName: string, find?: FindText): Promise<Report<SourceClaim>> =>
  reportOn<SourceClaim>(text, fileName, LINE_ENDS, async ({ add, note }) => {
    const functions = new Set<number>();
    /** The places of what has been read: what is outside of a wrapper is there inside of it as well. */
    const seen = new Set<number>();
    const others: Others = find === undefined ? new Map() : await othersOf(text, find);
    for (const source of await parseRegions(text, fileName)) {
      const dialect = reals();
      const reader = createReader(source, dialect, others);
      const all = [...namedFunctions(source, reader), ...importedFunctions(source, reader)];
      for (const { node } of all) functions.add(node.start);
      const { pairings, lost } = pairUp(all);
      for (const { derivative, place, reason } of lost) note(derivative, refusal(text, place, reason));
      const subjects: readonly Readable[] = [
        ...pairings.map((each): Readable => {
          const { derivative, guess } = each;
          const subject = {
            path: derivative.path,
            place: derivative.place,
            ...(guess !== undefined && { guess }),
          };
          const report = (at: Span, reason: Reason): void => note(subject, refusal(text, at, reason));
          return { ...subject, read: (begin) => readPair(each, source, reader, begin, report) };
        }),
        ...besideNames(all, source, reader, await createStandIns(source, reader), dialect),
      ].filter(({ place }) => !seen.has(place.start));
      for (const { read, ...subject } of subjects) add(subject, read);
      for (const { place } of subjects) seen.add(place.start);
    }
    return functions.size;
  });

interface Readable extends Subject {
  readonly read: (begin: (path: string) => void) => readonly SourceClaim[];
}

/** Derivatives that are told by something else than names. */
function besideNames(
  all: readonly NamedFunction[],
  source: Source,
  reader: Reader,
  standIns: StandIns,
  { partial }: Dialect,
): readonly Readable[] {
  return [
    ...methodsOfValues(all, source, reader, standIns).map((each): Readable => ({
      ...each,
      read: () => [readMethodOfValues(each, source, reader, standIns)],
    })),
    ...customGrads(source).map((each): Readable => ({
      ...each,
      path: each.name,
      read: () => [readCustomGrad(each, source, reader, partial!)],
    })),
    ...gradConfigs(source, reader).map((each): Readable => ({
      ...each,
      path: each.name,
      read: () => [readGradConfig(each, source, reader)],
    })),
  ];
}

const LINE_ENDS = /\r\n|[\n\r\u2028\u2029]/g;
