/** A file of JavaScript or TypeScript to pairs: a function, and the derivative that the file claims for it. */
import { Diagnostic } from "../../diagnostic.js";
import type { Expr } from "../../ir/expr.js";
import { refusal } from "../place.js";
import { isDeclaredSurrogate } from "../surrogates.js";
import { placesIn, type SourcePlace, type SourceProblem } from "../problems.js";
import { customGrads, readCustomGrad } from "./custom-grad.js";
import { gradConfigs, readGradConfig } from "./grad-config.js";
import { importedFunctions, namedFunctions } from "./functions.js";
import { othersOf, type FindText } from "./imports.js";
import { pairUp } from "./pairing.js";
import { parseRegions } from "./parse.js";
import { readPair } from "./read-pair.js";
import { createReader } from "./reader.js";
import { reals } from "./reals.js";
import type { Source } from "./syntax.js";
import type { Others } from "./values.js";
import { methodsOfValues, readMethodOfValues } from "./value-class.js";

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
  /** The claim where the derivative's argument is the output, for one that may be written so. */
  readonly ofOutput?: Expr;
  readonly order: number;
  /** The function's name for its input. */
  readonly input: string;
  /** Values of arguments that both are read for alone, such as `name = "relu"`. */
  readonly notes: readonly string[];
  /** The derivative's names for our variables, by our names. */
  readonly names: ReadonlyMap<string, string>;
  /** Its author says that it is no derivative, on purpose. */
  readonly isSurrogate: boolean;
  /** Nothing but its place in a list says that it is a derivative: where others like it are. */
  readonly guess?: string;
}

export interface SourceReport {
  readonly pairs: readonly SourcePair[];
  readonly problems: readonly SourceProblem[];
  /** How many functions the file has. */
  readonly functions: number;
}

/** `find`: other files of the project, for what the file imports from them. */
export async function readPairs(text: string, fileName: string, find?: FindText): Promise<SourceReport> {
  const { placeOf, problemOf } = placesIn(text, fileName, LINE_ENDS);
  const problems = new Map<string, SourceProblem>();
  const report = (problem: SourceProblem): void =>
    void problems.set(`${problem.place.start} ${problem.message}`, problem);
  const pairs: SourcePair[] = [];
  const functions = new Set<number>();
  /** The places of the derivatives that have been read: those outside of a wrapper are there inside of it as well. */
  const seen = new Set<number>();

  const isSurrogate = (start: number): boolean => isDeclaredSurrogate(text, start);
  const fail = (error: unknown, name: string, start: number): void => {
    if (!(error instanceof Diagnostic)) throw error;
    report({ ...problemOf(error, name), ...(isSurrogate(start) && { isSurrogate: true }) });
  };

  const readSource = (source: Source, others: Others): void => {
    const dialect = reals();
    const reader = createReader(source, dialect, others);
    const all = [...namedFunctions(source, reader), ...importedFunctions(source, reader)];
    const { pairings, lost } = pairUp(all);
    for (const { node } of all) functions.add(node.start);
    for (const { derivative, place, reason } of lost) report(problemOf(refusal(text, place, reason), derivative.path));
    for (const pairing of pairings.filter(({ derivative }) => !seen.has(derivative.place.start))) {
      // A pair that cannot be read is a problem of its own: the others are read all the same.
      let reading = pairing.derivative.path;
      try {
        const place = placeOf(pairing.derivative.place);
        const found = readPair(pairing, source, reader, (path) => (reading = path));
        const { guess } = pairing;
        const more = { place, isSurrogate: isSurrogate(place.start), ...(guess !== undefined && { guess }) };
        pairs.push(...found.map((read) => ({ ...read, ...more })));
      } catch (error) {
        if (pairing.guess === undefined || !(error instanceof Diagnostic))
          fail(error, reading, pairing.derivative.place.start);
      }
    }
    const methods = methodsOfValues(all, source).filter(({ place }) => !seen.has(place.start));
    for (const method of methods) {
      try {
        const place = placeOf(method.place);
        pairs.push({ ...readMethodOfValues(method, source, reader), place, isSurrogate: isSurrogate(place.start) });
      } catch (error) {
        fail(error, method.path, method.place.start);
      }
    }
    const customs = customGrads(source).filter(({ place }) => !seen.has(place.start));
    for (const custom of customs) {
      try {
        const place = placeOf(custom.place);
        const read = readCustomGrad(custom, source, reader, dialect.partial!);
        pairs.push({ ...read, place, isSurrogate: isSurrogate(place.start) });
      } catch (error) {
        fail(error, custom.name, custom.place.start);
      }
    }
    for (const { place } of customs) seen.add(place.start);
    const configs = gradConfigs(source, reader).filter(({ place }) => !seen.has(place.start));
    for (const config of configs) {
      try {
        const place = placeOf(config.place);
        pairs.push({ ...readGradConfig(config, source, reader), place, isSurrogate: isSurrogate(place.start) });
      } catch (error) {
        fail(error, config.name, config.place.start);
      }
    }
    for (const { place } of configs) seen.add(place.start);
    for (const { derivative } of pairings) seen.add(derivative.place.start);
    for (const { place } of methods) seen.add(place.start);
  };

  try {
    const others: Others = find === undefined ? new Map() : await othersOf(text, find);
    for (const source of await parseRegions(text, fileName)) readSource(source, others);
  } catch (error) {
    if (!(error instanceof Diagnostic)) throw error;
    return { pairs: [], problems: [problemOf(error, "")], functions: 0 };
  }
  const byPlace = (a: { place: SourcePlace }, b: { place: SourcePlace }): number => a.place.start - b.place.start;
  return { pairs: pairs.sort(byPlace), problems: [...problems.values()].sort(byPlace), functions: functions.size };
}

const LINE_ENDS = /\r\n|[\n\r\u2028\u2029]/g;
