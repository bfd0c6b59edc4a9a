/** PyTorch: modules with the proved derivative, or with PyTorch's own functions. */
import { exactCall, nativeNotes } from "../codegen/python/native.js";
import { classNameFor, pythonNames } from "../codegen/python/parameters.js";
import { pythonTarget, type PythonFramework } from "../codegen/python/styles.js";
import { className } from "../codegen/python/text.js";
import type { Target } from "../codegen/target.js";
import { builtInOf } from "../frameworks/find.js";
import { versionsOf, type FrameworkVersion } from "../frameworks/version.js";
import type { Definition } from "../ir/definition.js";
import { explicitModule, explicitParts } from "./pytorch/explicit.js";
import { featuresOf } from "./pytorch/features.js";
import { graphModule } from "./pytorch/graphs.js";
import { imports, nativeModule, sameModule, short } from "./pytorch/native.js";
import { dialectOf } from "./pytorch/operations.js";
import { RESERVED } from "./pytorch/reserved.js";

/** PyTorch's own name for the module, else the id as a class name. */
function classOf({ id, names }: Definition): string {
  const found = names.find((name) => name.startsWith("nn."));
  return classNameFor(id, found === undefined ? className(id) : found.slice("nn.".length), RESERVED);
}

function pytorchAt(version: string): Target {
  const features = featuresOf(version);
  const dialect = dialectOf(features);
  const at: FrameworkVersion = { framework: "torch", version };

  const activation: PythonFramework["activation"] = (plan, expand) => {
    const { definition } = plan;
    const names = pythonNames(definition, RESERVED);
    const name = classOf(definition);
    const builtIn = plan.standard === undefined ? undefined : builtInOf(plan.standard, at);
    const own = { plan, names, dialect, tensorType: "Tensor", builtIn, versions: [at], short };
    const same = sameModule(own);
    const alone = same && { same: { written: same.made, notes: nativeNotes(own) } };
    const exact = features.halfOnProcessors ? exactCall(own) : undefined;
    const hasChecks = names.parameters.some(({ parameter }) => !parameter.learnable);
    const ownModule = exact === undefined || hasChecks ? undefined : same?.name;
    const parts = explicitParts({ plan, names, className: name, features, dialect, exact, ownModule });
    const explicit = {
      text: explicitModule(parts, expand),
      exported: [name, definition.id, "derivative", "second_derivative", "value"],
      ...(exact !== undefined && { isFrameworks: true }),
      ...(ownModule !== undefined && alone),
    };
    const text = nativeModule(own, name);
    if (text === undefined) return { explicit, native: undefined };
    return { explicit, native: { text, exported: [name, definition.id], ...alone } };
  };

  return pythonTarget({
    name: "pytorch",
    title: `PyTorch ${version}`,
    folder: "pytorch",
    version: { is: version, known: versionsOf("torch"), at: pytorchAt },
    keeps: "either",
    operations: dialect.operations,
    reserved: RESERVED,
    activation,
    graph: (definition, plan, made) =>
      graphModule(definition, plan && { plan, className: classOf(plan.definition), made }, features),
    imports,
  });
}

export const pytorch: Target = pytorchAt(versionsOf("torch").at(-1)!);
