/**
 * The proof of a form that a search found: from what it should be to what it became, step by step. Exact steps in a row are
 * proved as one equality; between them stand the steps that are only as near as floats see, each with its certificate.
 */
import type { Expr } from "../../ir/expr.js";
import type { Step } from "../stabilise.js";
import { nearness, settled, type Nearness } from "./estimates/approximate.js";
import type { Sight } from "./estimates/bounds.js";
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
  /** Why it is not certified. */
  readonly reason?: string;
}

/** The proofs of one definition by what they are about: `derivative`, `backward`, `by slope`, ... */
export type ProofReport = Readonly<Record<string, ChainProof>>;

/** The goal that the first form of a chain has to meet: to be the derivative of some order of a formula. */
export type Origin = Omit<Goal, "claim">;

/**
 * `start` is what the search began with; the proof begins with it. `sight` says at which finite inputs approximating
 * steps have to be near, and how near: an infinite input stands for a limit.
 */
export function proveChain(
  prover: Prover,
  origin: Origin,
  input: Expr,
  start: Expr,
  steps: readonly Step[],
  sight?: Sight,
): ChainProof {
  const proofs: Proof[] = [];
  const approximations: Approximation[] = [];
  const certificate = (step: string, before: Expr, after: Expr): Approximation => {
    const found = nearness(before, after, input, sight);
    return found.certified
      ? { step, certified: true, ...found.nearness }
      : { step, certified: false, where: found.where, reason: found.reason };
  };
  const finite = (expr: Expr): Expr => (sight === undefined ? expr : settled(expr, input, sight));
  /** The goal of the next proof, and the expression that it begins with. */
  let from = origin;
  let since = start;
  const proveFrom = (reached: Expr): void => {
    const proof = prover.prove({ ...from, claim: reached });
    if (proof.verdict === "unknown" && reached !== since) {
      // Constants that underflow to 0 break exact equality; certify an error bound instead.
      const near = certificate("rounded constants", since, reached);
      if (near.certified) {
        approximations.push(near);
        proofs.push(prover.prove({ ...from, claim: since }));
        return;
      }
    }
    proofs.push(proof);
  };
  let reached = start;
  for (const { name, expr, exact } of steps) {
    if (!exact) {
      proveFrom(reached);
      approximations.push(certificate(name, reached, expr));
      // From here on about finite inputs, which nothing holds at the largest float.
      since = finite(expr);
      from = { formula: since, order: 0 };
    }
    reached = from === origin ? expr : finite(expr);
  }
  proveFrom(reached);
  const open = approximations.find(({ certified }) => !certified);
  const proved = combined(proofs);
  if (open === undefined || proved.verdict === "refuted") return { ...proved, approximations };
  const reason = `the step ${open.step} is not certified where ${open.where}`;
  return { verdict: "unknown", reason, approximations };
}

const BY_WEIGHT = ["refuted", "unknown", "equal-except", "proved"] as const;

/** The gravest verdict of one or more proofs, with its particulars. */
export function combined(proofs: readonly Proof[]): Omit<ChainProof, "approximations"> {
  const weight = ({ verdict }: Proof): number => BY_WEIGHT.indexOf(verdict);
  const proof = proofs.reduce((gravest, other) => (weight(other) < weight(gravest) ? other : gravest));
  switch (proof.verdict) {
    case "refuted":
      return { verdict: "refuted", witness: proof.witness };
    case "unknown":
      return { verdict: "unknown", reason: proof.goal === undefined ? proof.reason : `${proof.reason}: ${proof.goal}` };
    case "equal-except":
      return {
        verdict: "equal-except",
        at: proofs.flatMap((other) => (other.verdict === "equal-except" ? other.at : [])),
      };
    case "proved":
      return { verdict: "proved" };
  }
}
