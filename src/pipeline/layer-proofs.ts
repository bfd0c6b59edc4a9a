/** The gradients of a graph, proved at small sizes: what `proofs.json` says of layers and row-wise activations. */
import { Diagnostic } from "../diagnostic.js";
import type { GraphDefinition } from "../ir/graph/definition.js";
import { combined } from "../symbolic/prove/chain.js";
import type { Goal, Proof, Prover } from "../symbolic/prove/prove.js";
import { SMALL_SIZES, unrolledClaims } from "../symbolic/unrolled.js";

/** The verdict on each gradient for every size at which there is one, with the reason where it stays open. */
export type GradientProofs = Readonly<Record<string, Readonly<Record<number, string>>>>;

/**
 * Undefined where the graph has no expressions of few elements; a wrong gradient is a `Diagnostic`. Where something stays open,
 * larger sizes are not tried.
 */
export function proveGradients(definition: GraphDefinition, prover: Prover): GradientProofs | undefined {
  const found: Record<string, Record<number, string>> = {};
  let isOpen = false;
  for (const size of SMALL_SIZES) {
    if (isOpen) break;
    for (const { input, goals } of unrolledClaims(definition, size) ?? []) {
      const { verdict, reason } = combined(untilOpen(goals, prover));
      if (verdict === "refuted")
        throw new Diagnostic(`the gradient of ${input} of ${definition.id} is refuted: nothing is emitted`, {
          hint: "this is a defect of nonlin; please report it with the graph",
        });
      isOpen ||= verdict === "unknown";
      (found[`gradient of ${input}`] ??= {})[size] = reason === undefined ? verdict : `${verdict}: ${reason}`;
    }
  }
  return Object.keys(found).length === 0 ? undefined : found;
}

/** The proofs of goals that only together are of any use: none after one that stays open. */
function untilOpen(goals: readonly Goal[], prover: Prover): readonly Proof[] {
  const proofs: Proof[] = [];
  for (const goal of goals) {
    proofs.push(prover.prove(goal));
    if (proofs[proofs.length - 1]!.verdict === "unknown") break;
  }
  return proofs;
}
