/** Places in a person's file as editors count them, and what in it cannot be read. */
import type { Diagnostic } from "../diagnostic.js";
import { refusal, type Span } from "./place.js";

/** Lines and columns count from 1; the range of characters is half-open. */
export interface SourcePlace extends Span {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Why a pair, or the whole file, cannot be read. */
export interface SourceProblem {
  readonly message: string;
  readonly hint: string;
  readonly place: SourcePlace;
  readonly function: string;
  /** It belongs to a gradient that is declared to be no derivative. */
  readonly isSurrogate?: boolean;
}

export interface PlacesOfFile {
  readonly placeOf: (span: Span) => SourcePlace;
  /** A refusal of what belongs to this function. */
  readonly problemOf: (diagnostic: Diagnostic, name: string) => SourceProblem;
}

const LONGEST_TEXT = 1_000_000;

export function checkLength(text: string): void {
  if (text.length > LONGEST_TEXT)
    throw refusal(
      text,
      { start: LONGEST_TEXT, end: LONGEST_TEXT },
      {
        message: `the file has ${text.length} characters, and ${LONGEST_TEXT} are read`,
        hint: "move the functions and their derivatives to a file of their own",
      },
    );
}

/** `lineEnds` is global: what ends a line in the file's language. */
export function placesIn(text: string, file: string, lineEnds: RegExp): PlacesOfFile {
  const starts = [0, ...[...text.matchAll(lineEnds)].map(({ 0: end, index }) => index + end.length)];
  const placeOf = ({ start, end }: Span): SourcePlace => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (starts[middle]! <= start) low = middle;
      else high = middle;
    }
    return { file, line: low + 1, column: start - starts[low]! + 1, start, end };
  };
  const problemOf = ({ message, hint = "", start = 0, end = 0 }: Diagnostic, name: string): SourceProblem => ({
    message,
    hint,
    place: placeOf({ start, end }),
    function: name,
  });
  return { placeOf, problemOf };
}
