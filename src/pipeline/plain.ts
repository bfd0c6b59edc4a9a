/** The formula as it is typed and its derivative by the rules, as JavaScript: what the compiled loops are compared with. */
import type { Artifact, Target } from "../codegen/target.js";
import { KEEPS_NAN } from "../codegen/lower.js";
import { x } from "../ir/build.js";
import type { Definition } from "../ir/definition.js";
import { targets } from "../registry.js";
import { derivative } from "../symbolic/derivative.js";
import type { Oracle } from "../symbolic/oracle.js";
import { planActivation } from "./activation.js";

/** A module with plain loops; undefined where the formula as it stands gives nothing near the function. */
export async function compilePlain(definition: Definition, oracle: Oracle): Promise<Artifact | undefined> {
  const js: Target = targets.js;
  const { plan, forms } = planActivation(definition, js, oracle, "input");
  if (plan.composition === undefined) return undefined;
  const expand = forms.expand(false);
  const loops = {
    forward: plan.composition,
    backward: KEEPS_NAN[js.findsNaN](expand(derivative(plan.composition, x)), [x]),
  };
  const planFor = () => plan;
  const [module] = await js.emit({ ...plan, loops, parameterDerivatives: {} }, expand, { planFor });
  return module;
}
