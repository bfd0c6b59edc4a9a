/** One source of claims, proved and put into words: what a thread of `nonlin verify` does. All of it is plain data. */
import type { Oracle } from "../../symbolic/oracle.js";
import { certificateOf, type ClaimCertificate } from "./certificate.js";
import { answer, verdictOf, type Answer, type Claim, type TimedProver } from "./claim.js";
import { findingsOf, type Finding, type Format } from "./format.js";
import { distanceOf, nearer } from "./gap.js";
import { answerFields, answersText, problemFields, problemText, type Tally } from "./report.js";
import { noPairs, type Found, type Problem } from "./source.js";
import { lookOf } from "./surrogate.js";

export interface Wishes {
  readonly tolerance: number;
  readonly explain: boolean;
  readonly format: Format;
  /** Proofs are wanted as data as well. */
  readonly certify: boolean;
}

export interface Report {
  /** For people: the answers, and what cannot be read. */
  readonly text: string;
  readonly complaints: string;
  readonly claims: readonly Readonly<Record<string, unknown>>[];
  readonly problems: readonly Readonly<Record<string, unknown>>[];
  readonly findings: readonly Finding[];
  readonly outcomes: readonly (keyof Tally)[];
  readonly certificates: readonly ClaimCertificate[];
  /** How many wrong ones were allowed or accepted. */
  readonly pardoned: number;
  /** Nothing that was found turned out to be a derivative. */
  readonly hasNone: boolean;
}

export function reportOn(found: Found, prover: TimedProver, oracle: Oracle, wishes: Wishes): Report {
  const { explain, format, tolerance, certify } = wishes;
  const all = found.claims.map((claim): Answer => {
    prover.begin();
    const answered = nearer(answer(claim, prover), oracle);
    const distance = distanceOf(answered, oracle);
    const accepted = distance !== undefined && distance.isEverywhere && distance.size <= tolerance;
    const look = lookOf(answered.claim, answered.proof, prover);
    return {
      ...answered,
      ...(look !== undefined && { look }),
      ...(distance !== undefined && { distance }),
      ...(accepted && { accepted }),
    };
  });
  const answers = withoutGuesses(all);
  const isText = format === "text";
  const isJson = format === "json";
  const hasNone = answers.length + found.problems.length === 0 && all.length > 0;
  const problems = hasNone ? [nothingIn(all[0]!.claim)] : found.problems;
  return {
    text: isText ? answersText(answers, prover, explain) : "",
    complaints: isText ? problems.map(problemText).join("") : "",
    claims: isJson ? answers.map((given) => answerFields(given, prover, explain)) : [],
    problems: isJson ? problems.map(problemFields) : [],
    findings: isText || isJson ? [] : findingsOf(answers, problems, prover),
    certificates: certify ? answers.map((given) => certificateOf(given, prover)) : [],
    outcomes: [
      ...answers.map(verdictOf),
      ...problems.map(({ isSurrogate }) => (isSurrogate === true ? "surrogate" : "unreadable") as keyof Tally),
    ],
    hasNone,
    pardoned: answers.filter((given) => verdictOf(given) !== "surrogate" && (given.allowed || given.accepted === true))
      .length,
  };
}

/** A list of two functions is taken for a function and its derivative where one of those beside it surely is. */
function withoutGuesses(answers: readonly Answer[]): readonly Answer[] {
  const proved = new Set(answers.flatMap(({ claim, proof }) => (proof.verdict === "proved" ? claim.guess : undefined)));
  return answers.filter(({ claim }) => claim.guess === undefined || proved.has(claim.guess));
}

const nothingIn = ({ label }: Claim): Problem => {
  const file = String(label["file"]);
  return { place: file, diagnostic: noPairs(2), label: { file } };
};
