/**
 * The proof of a form that a search found: from what it should be to what it became, step by step. Exact steps in a row are
 * proved as one equality; between them stand the steps that are only as near as floats see, each with its certificate.
 */
import type { Expr } from "../../ir/expr.js";
import type { Step } from "../stabilise.js";
import { nearness, type Nearness } from "./approximate.js";
import type { Prover } from "./prove.js";
import type { Exception, Goal, Proof, Witness } from "./verdict.js";

export interface ChainProof {
  readonly verdict: Proof["verdict"];
  readonly at?: readonly Exception[];
  readonly witness?: Witness;
  readonly reason?: string;
  /** The approximating steps, each with where it changes the value and by how much at most. */
  readonly approximations: readonly Approximation[];
}

export interface Approximation extends Partial<Nearness> {
  readonly step: string;
  readonly where: string;
  readonly certified: boolean;
}

/** The proofs of one definition by what they are about: `derivative`, `backward`, `by slope`, ... */
export type ProofReport = Readonly<Record<string, ChainProof>>;

/** What the first form of a chain is to be: the derivative of some order of a formula. */
export type Origin = Omit<Goal, "claim">;

/**
 * `start` is what the search began with; the proof begins with it. `largest` bounds the finite inputs at which approximating
 * steps have to be near: an infinite input stands for a limit.
 */
export function proveChain(
  prover: Prover,
  origin: Origin,
  input: Expr,
  start: Expr,
  steps: readonly Step[],
  largest?: number,
): ChainProof {
  const proofs: Proof[] = [];
  const approximations: Approximation[] = [];
  let from = origin;
  /** The last form that is still to be proved, and the one that it began with. */
  let reached: Expr | undefined = start;
  let since = start;
  const approximate = (name: string, before: Expr, after: Expr): boolean => {
    const certificate = nearness(before, after, input, largest);
    if (certificate.certified) approximations.push({ step: name, certified: true, ...certificate.nearness });
    else approximations.push({ step: name, certified: false, where: certificate.where });
    return certificate.certified;
  };
  const proveReached = (name: string): void => {
    if (reached === undefined) return;
    const proof = prover.prove({ ...from, claim: reached });
    // What holds up to constants that underflow is no equality over the reals.
    const isNear = proof.verdict === "unknown" && reached !== since && approximate(name, since, reached);
    if (!isNear) proofs.push(proof);
  };
  let before = start;
  for (const { name, expr, exact } of steps) {
    if (exact) reached = expr;
    else {
      proveReached(name);
      approximate(name, before, expr);
      from = { formula: expr, order: 0 };
      since = expr;
      reached = undefined;
    }
    before = expr;
  }
  proveReached("rounded constants");
  return { ...combined(proofs), approximations };
}

const BY_WEIGHT = ["refuted", "unknown", "equal-except", "proved"] as const;

/** The gravest verdict, with its particulars. */
export function combined(proofs: readonly Proof[]): Omit<ChainProof, "approximations"> {
  const verdict = BY_WEIGHT.find((kind) => proofs.some((proof) => proof.verdict === kind)) ?? "proved";
  const proof = proofs.find((candidate) => candidate.verdict === verdict);
  switch (proof?.verdict) {
    case "refuted":
      return { verdict: "refuted", witness: proof.witness };
    case "unknown":
      return { verdict: "unknown", reason: proof.goal === undefined ? proof.reason : `${proof.reason}: ${proof.goal}` };
    case "equal-except":
      return {
        verdict: "equal-except",
        at: proofs.flatMap((other) => (other.verdict === "equal-except" ? other.at : [])),
      };
    default:
      return { verdict: "proved" };
  }
}
