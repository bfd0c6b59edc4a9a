/** The derivative in the output that may be emitted: measured to be near, and proved. */
import type { Definition } from "../ir/definition.js";
import { combined, type ChainProof } from "./prove/chain.js";
import type { Goal, Prover } from "./prove/prove.js";
import { normalForm } from "./simplify.js";
import type { OutputForm } from "./workbench.js";

/** The best form in the output that is proved, kinks of the definition apart. */
export function provedOutput(
  definition: Definition,
  forms: readonly OutputForm[],
  prover: Prover,
): { readonly form: OutputForm; readonly proof: ChainProof } | undefined {
  const kinks = new Set(definition.kinks.map((kink) => normalForm(kink)));
  for (const form of forms) {
    const goal: Goal = { formula: definition.formula, claim: form.form, order: 1 };
    const proof = prover.prove(goal);
    const onlyKinks =
      proof.verdict === "equal-except" &&
      proof.places.every(
        ({ input, forSpecialParameters }) =>
          input !== undefined && !forSpecialParameters && kinks.has(normalForm(input)),
      );
    if (proof.verdict === "proved" || onlyKinks) return { form, proof: { ...combined([proof]), approximations: [] } };
  }
  return undefined;
}
