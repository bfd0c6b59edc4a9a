/** The claims that a file makes, in whatever language, and what of it cannot be read. */
import { Diagnostic } from "../diagnostic.js";
import type { Expr } from "../ir/expr.js";
import type { Span } from "./place.js";
import { placesIn, type SourcePlace, type SourceProblem } from "./problems.js";
import { isDeclaredSurrogate } from "./surrogates.js";
import type { Usual } from "./symbols.js";

/** A function, and what claims to be its derivative. */
export interface ReadClaim {
  readonly name: string;
  readonly derivativeName: string;
  /** Where the derivative is named; where the subject is, unless it is said. */
  readonly place?: Span;
  /** In x and parameters. */
  readonly formula: Expr;
  /** In x, the parameters, the output y and the incoming gradient dy. */
  readonly claim: Expr;
  /** The claim where the derivative's argument is the output, for one that may be written so. */
  readonly ofOutput?: Expr;
  /** The claim where that argument is the input all the same, for one that is called as outputs are. */
  readonly ofInput?: Expr;
  /** Values of arguments that both are read for alone, such as `name = "relu"`, and what is taken for granted. */
  readonly notes: readonly string[];
  /** The file's names for our variables, by our names. */
  readonly names: ReadonlyMap<string, string>;
  /** The values of parameters where callers leave them out. */
  readonly usual?: ReadonlyMap<Expr, Usual>;
}

/** The parts of a claim that are said of it, and not claimed. */
const SAID: ReadonlySet<string> = new Set(["notes", "names", "place", "usual"] satisfies (keyof ReadClaim)[]);

/** One claim for all kinds of a function that does not ask for them: the notes that differ are alternatives. */
function united<Claim extends ReadClaim>(claims: readonly Claim[]): readonly Claim[] {
  const [first, ...others] = claims;
  if (first === undefined || others.length === 0) return claims;
  const isAlike = (other: Claim): boolean =>
    (Object.keys({ ...first, ...other }) as (keyof Claim & string)[]).every(
      (key) => SAID.has(key) || first[key] === other[key],
    );
  if (!others.every(isAlike)) return claims;
  const isCommon = (note: string): boolean => claims.every(({ notes }) => notes.includes(note));
  const alternatives = new Set(claims.map(({ notes }) => notes.filter((note) => !isCommon(note)).join(" and ")));
  const differing = [...alternatives].join(" or ");
  return [{ ...first, notes: [...(differing === "" ? [] : [differing]), ...first.notes.filter(isCommon)] }];
}

export type Pair<Claim extends ReadClaim> = Omit<Claim, "place"> & {
  readonly place: SourcePlace;
  /** Its author says that it is no derivative, on purpose. */
  readonly isSurrogate: boolean;
  /** Nothing but its place in a list says that it is a derivative: where others like it are. */
  readonly guess?: string;
};

/** Something of which a file claims a derivative. */
export interface Subject {
  /** The name of the function that is being read. */
  readonly path: string;
  readonly place: Span;
  /** Where else a comment may say that it is no derivative. */
  readonly places?: readonly Span[];
  readonly guess?: string;
}

export interface Report<Claim extends ReadClaim> {
  readonly pairs: readonly Pair<Claim>[];
  readonly problems: readonly SourceProblem[];
  /** How many functions the file has, and in Python classes. */
  readonly definitions: number;
}

export interface Collector<Claim extends ReadClaim> {
  /** Reads one subject: if it cannot be read that is a problem of its own, and the others are read all the same. */
  readonly add: (subject: Subject, read: (begin: (path: string) => void) => readonly Claim[]) => void;
  readonly note: (subject: Subject, problem: Diagnostic) => void;
}

/** `collect` adds what the file has, and counts its definitions; `lineEnds` is global: what ends a line. */
export async function reportOn<Claim extends ReadClaim>(
  text: string,
  file: string,
  lineEnds: RegExp,
  collect: (collector: Collector<Claim>) => Promise<number>,
): Promise<Report<Claim>> {
  const { placeOf, problemOf } = placesIn(text, file, lineEnds);
  const problems = new Map<string, SourceProblem>();
  const pairs: Pair<Claim>[] = [];
  const isSurrogate = ({ place, places = [] }: Subject, at = place): boolean =>
    isDeclaredSurrogate(text, ...[at, place, ...places].map(({ start }) => start));
  const note: Collector<Claim>["note"] = (subject, error) => {
    const problem = { ...problemOf(error, subject.path), ...(isSurrogate(subject) && { isSurrogate: true }) };
    problems.set(`${problem.place.start} ${problem.message}`, problem);
  };
  const add: Collector<Claim>["add"] = (subject, read) => {
    const { guess } = subject;
    let { path } = subject;
    try {
      for (const claim of united(read((begun) => (path = begun)))) {
        const at = claim.place ?? subject.place;
        const more = { isSurrogate: isSurrogate(subject, at), ...(guess !== undefined && { guess }) };
        pairs.push({ ...claim, place: placeOf(at), ...more });
      }
    } catch (error) {
      if (!(error instanceof Diagnostic)) throw error;
      if (guess === undefined) note({ ...subject, path }, error);
    }
  };
  const byPlace = (a: { readonly place: Span }, b: { readonly place: Span }): number => a.place.start - b.place.start;
  try {
    const definitions = await collect({ add, note });
    return { pairs: pairs.sort(byPlace), problems: [...problems.values()].sort(byPlace), definitions };
  } catch (error) {
    if (!(error instanceof Diagnostic)) throw error;
    return { pairs: [], problems: [problemOf(error, "")], definitions: 0 };
  }
}
