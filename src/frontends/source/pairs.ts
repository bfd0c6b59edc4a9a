/** A file of JavaScript or TypeScript to pairs: a function, and the derivative that the file claims for it. */
import { Diagnostic } from "../../diagnostic.js";
import { variableOf, variables, type Expr } from "../../ir/expr.js";
import { refusal, type Reason, type Span } from "../place.js";
import { bindArguments, inputOf } from "./arguments.js";
import { namedFunctions, type NamedFunction } from "./functions.js";
import { pairUp, type Pairing } from "./pairing.js";
import { parseSource } from "./parse.js";
import { createReader, type Reader } from "./reader.js";
import { REALS } from "./reals.js";
import type { Source } from "./syntax.js";
import { asNumber, type Value } from "./values.js";

/** Lines and columns count from 1; the range of characters is half-open. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly start: number;
  readonly end: number;
}

export interface SourcePair {
  /** The function, and the function that claims to be its derivative. */
  readonly name: string;
  readonly derivativeName: string;
  /** Where the derivative is named. */
  readonly place: SourcePlace;
  /** In x and parameters. */
  readonly formula: Expr;
  /** In x, the parameters, the output y and the incoming gradient dy. */
  readonly claim: Expr;
  readonly order: number;
  /** What the function calls its input. */
  readonly input: string;
  /** What the derivative calls our variables, by our names. */
  readonly names: ReadonlyMap<string, string>;
}

/** Why a pair, or the whole file, cannot be read. */
export interface SourceProblem {
  readonly message: string;
  readonly hint: string;
  readonly place: SourcePlace;
  readonly function: string;
}

export interface SourceReport {
  readonly pairs: readonly SourcePair[];
  readonly problems: readonly SourceProblem[];
  /** How many functions the file has. */
  readonly functions: number;
}

export async function readPairs(text: string, fileName: string): Promise<SourceReport> {
  const placeOf = placesIn(text, fileName);
  const problemOf = (diagnostic: Diagnostic, name: string): SourceProblem => ({
    message: diagnostic.message,
    hint: diagnostic.hint ?? "",
    place: placeOf({ start: diagnostic.start ?? 0, end: diagnostic.end ?? 0 }),
    function: name,
  });
  try {
    const source = await parseSource(text, fileName);
    const functions = namedFunctions(source);
    const { pairings, lost } = pairUp(functions);
    const problems = new Map<string, SourceProblem>();
    const report = (problem: SourceProblem): void =>
      void problems.set(`${problem.place.start} ${problem.message}`, problem);
    for (const { derivative, place, reason } of lost) report(problemOf(refusal(text, place, reason), derivative.path));

    const reader = createReader(source, REALS);
    const pairs = pairings.flatMap((pairing): SourcePair[] => {
      // What cannot be read is a problem of its pair alone.
      let reading = pairing.derivative.path;
      try {
        const read = readPair(pairing, source, reader, (path) => (reading = path));
        return [{ ...read, place: placeOf(pairing.derivative.place) }];
      } catch (error) {
        if (!(error instanceof Diagnostic)) throw error;
        report(problemOf(error, reading));
        return [];
      }
    });
    return {
      pairs: pairs.sort((a, b) => a.place.start - b.place.start),
      problems: [...problems.values()].sort((a, b) => a.place.start - b.place.start),
      functions: new Set(functions.map(({ node }) => node)).size,
    };
  } catch (error) {
    if (!(error instanceof Diagnostic)) throw error;
    return { pairs: [], problems: [problemOf(error, "")], functions: 0 };
  }
}

function readPair(
  { base, derivative, order }: Pairing,
  source: Source,
  reader: Reader,
  begin: (path: string) => void,
): Omit<SourcePair, "place"> {
  const refuse = (place: Span, reason: Reason): never => {
    throw refusal(source.text, place, reason);
  };
  const read = ({ node, place, path }: NamedFunction, args: readonly (Value | undefined)[]): Expr => {
    begin(path);
    return asNumber(reader.call(node, args)) ?? refuse(place, NO_NUMBER);
  };
  const input = inputOf(base);
  if ("message" in input) {
    begin(base.path);
    return refuse(base.place, input);
  }
  const { ofBase, ofDerivative, names } = bindArguments(base, derivative, input, refuse);
  const formula = read(base, ofBase);
  const claim = read(derivative, ofDerivative);
  const used = new Set(["x", ...variables(formula, claim).map((leaf) => variableOf(leaf).name)]);
  return {
    name: base.path,
    derivativeName: derivative.path,
    formula,
    claim,
    order,
    input: input.name,
    names: new Map([...names].filter(([name]) => used.has(name))),
  };
}

const NO_NUMBER: Reason = { message: "this function does not return a number", hint: "return a number" };

/** Lines end as in JavaScript. */
function placesIn(text: string, file: string): (span: Span) => SourcePlace {
  const starts = [0, ...[...text.matchAll(/\r\n|[\n\r\u2028\u2029]/g)].map(({ 0: end, index }) => index + end.length)];
  return ({ start, end }) => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (starts[middle]! <= start) low = middle;
      else high = middle;
    }
    return { file, line: low + 1, column: start - starts[low]! + 1, start, end };
  };
}
