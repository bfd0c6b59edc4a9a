/** PyTorch: modules with the proved derivative, or with PyTorch's own functions. */
import { tensorComputations } from "../codegen/python/functions.js";
import { exactCall, nativeNotes, slopeOf } from "../codegen/python/native.js";
import { classNameFor, pythonNames, type PythonNames } from "../codegen/python/parameters.js";
import { pythonTarget, type PythonFramework } from "../codegen/python/styles.js";
import { className } from "../codegen/python/text.js";
import type { ActivationPlan, Target } from "../codegen/target.js";
import { builtInOf } from "../frameworks/find.js";
import { argumentFor, type BuiltIn, type Call } from "../frameworks/row.js";
import { versionsOf, type FrameworkVersion } from "../frameworks/version.js";
import type { Definition } from "../ir/definition.js";
import { explicitModule, explicitParts } from "./pytorch/explicit.js";
import { featuresOf } from "./pytorch/features.js";
import { graphModule, layerClass } from "./pytorch/graphs.js";
import { loopsOf } from "./pytorch/kernel.js";
import { imports, nativeModule, sameModule, short } from "./pytorch/native.js";
import { dialectForCompilers, dialectOf } from "./pytorch/operations.js";
import { RESERVED } from "./pytorch/reserved.js";

/** PyTorch's own name for the module, else the id as a class name. */
function classOf({ id, names }: Definition): string {
  const found = names.find((name) => name.startsWith("nn."));
  return classNameFor(id, found === undefined ? className(id) : found.slice("nn.".length), RESERVED);
}

function pytorchAt(version: string): Target {
  const features = featuresOf(version);
  const dialect = dialectForCompilers(features);
  const at: FrameworkVersion = { framework: "torch", version };

  /** PyTorch's own function of it, and the names of parameters: PyTorch's words where it has the same. */
  const namesOf = (plan: ActivationPlan): { names: PythonNames; builtIn: BuiltIn | undefined } => {
    const builtIn = plan.standard === undefined ? undefined : builtInOf(plan.standard, at);
    const names = pythonNames(plan.definition, RESERVED, ({ name, learnable }) => {
      const word = (call: Call | undefined): string | undefined => call && argumentFor(call, name);
      const [own, initial] = [word(builtIn?.function), word(builtIn?.layer)];
      const isIts = learnable || own === name;
      return own !== undefined && initial !== undefined && isIts ? { name: own, initial } : undefined;
    });
    return { names, builtIn };
  };

  const ownOf = (plan: ActivationPlan) => {
    const own = { plan, ...namesOf(plan), dialect: dialectOf(features), tensorType: "Tensor", versions: [at], short };
    return { own, exact: features.halfOnProcessors ? exactCall(own) : undefined };
  };

  const activation: PythonFramework["activation"] = (plan, expand) => {
    const { definition } = plan;
    const { own, exact } = ownOf(plan);
    const { names, builtIn } = own;
    const name = classOf(definition);
    const same = sameModule(own);
    const alone = same && { same: { written: same.made, notes: nativeNotes(own) } };
    const hasChecks = names.parameters.some(({ parameter }) => !parameter.learnable);
    const { chosenBy, lacks } = builtIn ?? {};
    const ownModule = exact === undefined || hasChecks || lacks !== undefined ? undefined : same?.name;
    const ownSlope = exact === undefined || !features.tracedFunctions ? undefined : slopeOf(own);
    const parts = explicitParts({
      ...{ plan, names, className: name, features },
      ...{ dialect, exact, ownSlope, ownModule, chosenBy },
    });
    const explicit = {
      text: explicitModule(parts, expand),
      exported: [name, definition.id, "derivative", "second_derivative", "value"],
      ...(exact !== undefined && { isFrameworks: true }),
      ...(ownModule !== undefined && alone),
    };
    const kernel: ReturnType<PythonFramework["activation"]>["kernel"] = (planFor) => {
      const loops = loopsOf(parts, planFor);
      return loops && { ...explicit, text: explicitModule(parts, expand, loops) };
    };
    const text = nativeModule(own, name);
    return {
      explicit,
      native: text === undefined ? undefined : { text, exported: [name, definition.id], ...alone },
      kernel,
    };
  };

  return pythonTarget({
    name: "pytorch",
    title: `PyTorch ${version}`,
    folder: "pytorch",
    version: { is: version, known: versionsOf("torch"), at: pytorchAt },
    styles: ["explicit", "native", "kernel"],
    keeps: "either",
    operations: dialect.operations,
    reserved: RESERVED,
    activation,
    computations: (plan, expand) => {
      const { own, exact } = ownOf(plan);
      return tensorComputations({ ...own, dialect, expand, exact });
    },
    graph: (definition, plan, made) =>
      graphModule(
        definition,
        plan && { names: namesOf(plan).names, className: classOf(plan.definition), made },
        features,
      ),
    layerClass,
    imports,
  });
}

export const pytorch: Target = pytorchAt(versionsOf("torch").at(-1)!);
