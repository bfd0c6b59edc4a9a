/** A file of JavaScript or TypeScript to pairs: a function, and the derivative that the file claims for it. */
import { Diagnostic } from "../../diagnostic.js";
import { x, y } from "../../ir/build.js";
import { substitute, variableOf, variables, type Expr } from "../../ir/expr.js";
import { refusal, type Reason, type Span } from "../place.js";
import { placesIn, type SourcePlace, type SourceProblem } from "../problems.js";
import { bindArguments, inputOf } from "./arguments.js";
import { namedFunctions, type NamedFunction } from "./functions.js";
import { pairUp, type Pairing } from "./pairing.js";
import { parseSource } from "./parse.js";
import { createReader, type Reader } from "./reader.js";
import { reals } from "./reals.js";
import type { Source } from "./syntax.js";
import { FALSE, TRUE, asNumber, type Value } from "./values.js";

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
  /** The derivative's names for our variables, by our names. */
  readonly names: ReadonlyMap<string, string>;
}

export interface SourceReport {
  readonly pairs: readonly SourcePair[];
  readonly problems: readonly SourceProblem[];
  /** How many functions the file has. */
  readonly functions: number;
}

export async function readPairs(text: string, fileName: string): Promise<SourceReport> {
  const { placeOf, problemOf } = placesIn(text, fileName, LINE_ENDS);
  try {
    const source = await parseSource(text, fileName);
    const reader = createReader(source, reals());
    const functions = namedFunctions(source, reader);
    const { pairings, lost } = pairUp(functions);
    const problems = new Map<string, SourceProblem>();
    const report = (problem: SourceProblem): void =>
      void problems.set(`${problem.place.start} ${problem.message}`, problem);
    for (const { derivative, place, reason } of lost) report(problemOf(refusal(text, place, reason), derivative.path));

    const pairs = pairings.flatMap((pairing): SourcePair[] => {
      // A pair that cannot be read is a problem of its own: the others are read all the same.
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
  { base, derivative, order, flag }: Pairing,
  source: Source,
  reader: Reader,
  begin: (path: string) => void,
): Omit<SourcePair, "place"> {
  const refuse = (place: Span, reason: Reason): never => {
    throw refusal(source.text, place, reason);
  };
  const read = ({ value, place, path }: NamedFunction, args: readonly (Value | undefined)[]): Expr => {
    begin(path);
    return asNumber(reader.call(value, args)) ?? refuse(place, NO_NUMBER);
  };
  reader.standIns();
  const input = inputOf(base);
  if ("message" in input) {
    begin(base.path);
    return refuse(base.place, input);
  }
  const { ofBase, ofDerivative, names, mayBeOfOutput } = bindArguments(base, derivative, input, refuse, reader.peek);
  const asked = (args: readonly (Value | undefined)[], answer: Value) =>
    args.map((arg, index) => (index === flag ? answer : arg));
  const formula = read(base, asked(ofBase, FALSE));
  const claim = read(derivative, asked(ofDerivative, TRUE));
  if (flag !== undefined && formula === claim) refuse(derivative.place, NO_FLAG);
  for (const value of reader.standIns().values())
    if (value.kind === "refused") return refuse(derivative.place, value.reason);
  const used = new Set(["x", ...variables(formula, claim).map((leaf) => variableOf(leaf).name)]);
  const flagName =
    flag === undefined
      ? undefined
      : source.text.slice(derivative.node.args[flag]!.start, derivative.node.args[flag]!.end);
  const occurring = variables(claim);
  return {
    name: base.path,
    derivativeName: flagName === undefined ? derivative.path : `${derivative.path} with ${flagName} = true`,
    formula,
    claim,
    ...(order === 1 &&
      mayBeOfOutput &&
      occurring.includes(x) &&
      !occurring.includes(y) && { ofOutput: substitute(claim, new Map([[x, y]])) }),
    order,
    input: input.name,
    names: new Map([...names].filter(([name]) => used.has(name))),
  };
}

const NO_FLAG: Reason = {
  message: "this gives the same with its flag and without it",
  hint: "give the function and its derivative names of their own",
};
const NO_NUMBER: Reason = { message: "this function does not return a number", hint: "return a number" };

const LINE_ENDS = /\r\n|[\n\r\u2028\u2029]/g;
