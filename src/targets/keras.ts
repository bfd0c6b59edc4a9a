/** Keras 3 and Keras 2: functions and layers with the proved derivative, or with the framework's own functions. */
import { tensorComputations } from "../codegen/python/functions.js";
import { nativeFunction, nativeNotes } from "../codegen/python/native.js";
import { classNameFor, pythonNames } from "../codegen/python/parameters.js";
import { pythonTarget, type PythonFramework } from "../codegen/python/styles.js";
import { className, withoutDocumentation } from "../codegen/python/text.js";
import type { Target } from "../codegen/target.js";
import { builtInOf } from "../frameworks/find.js";
import { backendsOf, type FrameworkVersion } from "../frameworks/version.js";
import { KERAS_2, KERAS_3, type Flavour } from "./keras/flavours.js";
import { graphModule } from "./keras/graphs.js";
import { layerClass } from "./keras/layer.js";
import { explicitModule } from "./keras/module.js";
import { RESERVED } from "./keras/reserved.js";

function kerasAt(name: string, flavour: Flavour, version: string): Target {
  const at: FrameworkVersion = { framework: "keras", version };
  const backends = backendsOf(at);
  const versions = backends.length === 0 ? [at] : backends.map((backend) => ({ ...at, backend }));
  const { title, folder, dialect } = flavour;
  const own = { ...dialect, operations: { ...dialect.operations, ...flavour.ownOperations } };

  const activation: PythonFramework["activation"] = (plan, expand) => {
    const { id } = plan.definition;
    const names = pythonNames(plan.definition, RESERVED);
    const layer = classNameFor(id, className(id), RESERVED);
    const parts = { plan, names, className: layer, flavour };
    const explicit = {
      text: explicitModule({ ...parts, expand }),
      exported: [layer, id, "derivative", "second_derivative", "value"],
    };
    const builtIn = plan.standard === undefined ? undefined : builtInOf(plan.standard, at);
    const native = {
      plan,
      names,
      dialect: own,
      tensorType: undefined,
      builtIn,
      versions,
      short: (path: string) => path,
    };
    const function_ = nativeFunction(native);
    if (function_ === undefined) return { explicit, native: undefined };
    const text = [`@${flavour.serializable}(package="nonlin")\n${function_}`, layerClass(parts)].join("\n\n\n");
    const isSame = builtIn?.function?.arguments.length === 0 && builtIn.fixed === undefined;
    const alone = isSame && { same: { written: builtIn.function.path, notes: nativeNotes(native) } };
    return { explicit, native: { text, exported: [layer, id], ...alone } };
  };

  return pythonTarget({
    name,
    title: `${title} ${version}`,
    folder,
    version: {
      is: version,
      known: flavour.versions,
      without: flavour.without,
      at: (other) => kerasAt(name, flavour, other),
    },
    styles: ["explicit", "native"],
    keeps: "input",
    operations: dialect.operations,
    reserved: RESERVED,
    activation,
    computations: (plan, expand) =>
      tensorComputations({
        plan,
        names: pythonNames(plan.definition, RESERVED),
        dialect,
        expand,
        tensorType: undefined,
      }),
    graph: (definition, plan, same) => graphModule(definition, plan, same, flavour, version),
    layerClass: ({ id }) => className(id),
    imports: (text) => {
      const code = withoutDocumentation(text);
      return (/(?<![.\w])math\b/.test(code) ? "import math\n\n" : "") + flavour.imports(code);
    },
    // Keras finds a saved class by package and name. Each module is a package: several have an activation of one name.
    finish: (text, id, style) =>
      text.replaceAll('package="nonlin"', `package="nonlin${style === "native" ? ".native" : ""}.${id}"`),
    remark: (text) =>
      withoutDocumentation(text).includes(flavour.customGradient) ? flavour.withoutGradients[version] : undefined,
  });
}

const latest = ({ versions }: Flavour): string => versions[versions.length - 1]!;

export const keras3: Target = kerasAt("keras3", KERAS_3, latest(KERAS_3));
export const keras2: Target = kerasAt("keras2", KERAS_2, latest(KERAS_2));
