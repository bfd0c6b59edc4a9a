/** The file that `verify --certificate` writes: for each claim what its proof used, for a checker that trusts none of it. */
import type { Prover } from "../../symbolic/prove/prove.js";
import type { ProofRecord } from "../../symbolic/prove/record.js";
import { toJson } from "../shell/text.js";
import { verdictOf, type Answer } from "./claim.js";

export interface ClaimCertificate {
  /** The sentence that is proved. */
  readonly says: string;
  readonly label: Readonly<Record<string, unknown>>;
  readonly verdict: string;
  /** All of them together are the claim; empty where there is nothing to be checked. */
  readonly proofs: readonly ProofRecord[];
}

/** A proof that is none by cells is left out, and so are those beside it. */
export function certificateOf(given: Answer, prover: Prover): ClaimCertificate {
  const { claim, goals } = given;
  const verdict = verdictOf(given);
  const proofs = verdict === "proved" ? goals.map((goal) => prover.record(goal)) : [];
  const isWhole = proofs.every((proof): proof is ProofRecord => proof !== undefined);
  const says = claim.place === "" ? claim.holds : `${claim.place}: ${claim.holds}`;
  return { says, label: claim.label, verdict, proofs: isWhole ? proofs : [] };
}

/** The words of a certificate about itself, the same in each. */
const ABOUT = {
  format: "nonlin certificate 1",
  checked: [
    "the derivative: the formula of each cell is differentiated anew",
    "the cases hold all parameters within their ranges, and the cells all inputs",
    "each condition has one truth in a cell, and is looked up at every place between two cells",
    "in each cell the derivative, the claim and the fraction are one",
    "the claim has a value wherever the formula has one",
    "at each place between two cells the claim is the derivative, or what the formula's conditions select where there is none",
  ],
  stated: [
    "that the formula and the claim are those of the source: the certificate has them as expressions over the reals",
    "the laws of exp, log, roots, erf, sine and cosine, which the checker has built in",
  ],
};

/** One claim a line. */
export const certificateFile = (claims: readonly ClaimCertificate[]): string =>
  `${toJson(ABOUT, 2).trimEnd().replace(/\n\}$/, "")},\n  "claims": [\n${claims
    .map((claim) => toJson(claim, 0).trimEnd())
    .join(",\n")}\n  ]\n}\n`;
