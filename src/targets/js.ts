/** JavaScript: one ES module per activation, scalar functions on numbers and loops over Float32Array. */
import {
  folderIndex,
  header,
  notebook,
  parameterInterfaces,
  savesConstant,
  scalarFunctions,
} from "../codegen/javascript/activation.js";
import { helperFunctions } from "../codegen/javascript/helpers.js";
import { functionNames } from "../codegen/javascript/parameters.js";
import { operations } from "../codegen/javascript/spelling.js";
import { writeModule } from "../codegen/module.js";
import type { ActivationPlan, Artifact, Target } from "../codegen/target.js";
import { dy, mul } from "../ir/build.js";
import type { Expr } from "../ir/expr.js";
import { NAMED, float32Lowerings } from "../math/float32.js";
import { CHOOSE_FUNCTION, EITHER, TABLES, backwardFunction, forwardFunction } from "./js/loops.js";

function emit(plan: ActivationPlan, expand: (expr: Expr) => Expr): Promise<readonly Artifact[]> {
  const { definition } = plan;
  const { used, note } = notebook();
  const scalars = scalarFunctions(plan, note);
  const names = () => functionNames(definition.parameters);
  const loops = [forwardFunction(plan, note, names()), backwardFunction(plan, note, names())];
  const chooses = loops.some(({ body }) => body.some((line) => line.includes("choose(")));
  const helpers = helperFunctions(used, expand);
  return writeModule({
    path: `js/${definition.id}`,
    header: header(plan),
    interfaces: parameterInterfaces(definition),
    constants: [savesConstant(plan), ...(used.has("exp2Steps") ? TABLES : []), ...(chooses ? [EITHER] : [])],
    functions: [...scalars, ...loops, ...(chooses ? [CHOOSE_FUNCTION] : []), ...helpers],
  });
}

/** The functions, the loops, and what each learned parameter's gradient sums. */
const computations: NonNullable<Target["computations"]> = ({ functions, loops, parameterDerivatives }) =>
  new Map<string, readonly Expr[]>([
    ...Object.entries(functions).map(([name, expr]) => [name, [expr]] as const),
    ["forward", [loops.forward]],
    ["backward", [mul(dy, loops.backward)]],
    ...Object.entries(parameterDerivatives).map(([name, expr]) => [`gradient of ${name}`, [mul(dy, expr)]] as const),
  ]);

export const js: Target = {
  name: "js",
  computed: "float64",
  findsNaN: "by comparison",
  keeps: "either",
  operations,
  loopLowerings: float32Lowerings(NAMED),
  emit,
  computations,
  graphs: {
    of: "kernels",
    machine: "sequential",
    // Loaded when a graph is written.
    emit: async (plan, expand) => (await import("./js/graph.js")).emitGraph(plan, expand),
  },
  index: (ids) => folderIndex("js", ids),
};
