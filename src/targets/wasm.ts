/** WebAssembly: one ES module per definition, scalar functions in JavaScript and loops in 128-bit vectors. */
import {
  folderIndex,
  header,
  notebook,
  parameterInterfaces,
  savesConstant,
  scalarFunctions,
} from "../codegen/javascript/activation.js";
import { helperFunctions } from "../codegen/javascript/helpers.js";
import { backwardText, forwardText, learnableNames, savedName } from "../codegen/javascript/loops.js";
import { HELPERS, localNames } from "../codegen/javascript/parameters.js";
import { operations } from "../codegen/javascript/spelling.js";
import { elementwiseLoop, type ElementwiseKernel } from "../codegen/loops/elementwise.js";
import type { Computed } from "../codegen/loops/expressions.js";
import { inLanes, type Schedule } from "../codegen/loops/lanes.js";
import { writeModule, type FunctionText } from "../codegen/module.js";
import type { ActivationPlan, Artifact, Target } from "../codegen/target.js";
import { dy, mul, x, y } from "../ir/build.js";
import type { Expr } from "../ir/expr.js";
import type { LoopFunction } from "../ir/loops/loops.js";
import { OPERATIONS, type OperationName } from "../ir/ops.js";
import { WHOLE, float32Lowerings, type Lowerings } from "../math/float32.js";
import { COMPILE, compiled } from "./wasm/compiled.js";
import { emitGraph, lacks } from "./wasm/graph.js";
import { FOR_CALLERS, memoryModule } from "./wasm/memory.js";
import { moduleBytes, moduleText } from "./wasm/text.js";

/** Measured: where a pass is short, two vectors share its end; a long one keeps the processor busy alone. */
const SCHEDULES: Readonly<Record<Computed, Schedule>> = {
  f64: { lanes: 2, unroll: 1, operations: Infinity },
  f32: { lanes: 4, unroll: 2, operations: Infinity },
};
const COMPUTED: Readonly<Record<ActivationPlan["computed"]["forward"], Computed>> = { float64: "f64", float32: "f32" };

/** A kernel as it runs. */
export const inVectors = (kernel: ElementwiseKernel): LoopFunction =>
  inLanes(elementwiseLoop(kernel), SCHEDULES[kernel.computed]);

/** The loops of an activation, one element after the other. */
export function kernelsOf(plan: ActivationPlan): readonly ElementwiseKernel[] {
  const { definition, loops, parameterDerivatives, computed } = plan;
  const parameters = definition.parameters.map(({ name }) => name);
  const isSummed = Object.keys(parameterDerivatives).length > 0;
  const saved = savedName(plan);
  return [
    {
      name: "forward",
      computed: COMPUTED[computed.forward],
      parameters,
      reads: new Map([[x, "x"]]),
      writes: { array: "y", value: loops.forward },
      sums: new Map(),
    },
    {
      name: "backward",
      // Sums of many numbers are kept in float64.
      computed: isSummed ? "f64" : COMPUTED[computed.backward],
      parameters,
      reads: new Map([
        [dy, "dy"],
        [saved === "x" ? x : y, saved],
      ]),
      writes: { array: "dx", value: mul(dy, loops.backward) },
      sums: new Map(Object.entries(parameterDerivatives).map(([name, expr]) => [name, mul(dy, expr)])),
    },
  ];
}

async function emit(plan: ActivationPlan, expand: (expr: Expr) => Expr): Promise<readonly Artifact[]> {
  const { definition } = plan;
  const { used, note } = notebook();
  const scalars = scalarFunctions(plan, note);
  const text = moduleText(kernelsOf(plan).map(inVectors), header(plan, ";;"));
  const [code, types] = await writeModule({
    path: `wasm/${definition.id}`,
    header: header(plan),
    imports: ['import { inMemory, instantiate, refuseOutgrown } from "./memory.mjs";'],
    reexports: [`export { ${FOR_CALLERS.join(", ")} } from "./memory.mjs";`],
    interfaces: parameterInterfaces(definition),
    constants: [savesConstant(plan), ...compiled(definition.id, await moduleBytes(text))],
    functions: [...scalars, ...loopFunctions(plan), COMPILE, ...helperFunctions(used, expand)],
  });
  return [code!, types!, { path: `wasm/${definition.id}.wat`, text }];
}

function loopFunctions(plan: ActivationPlan): FunctionText[] {
  const [saved, learnable] = [savedName(plan), learnableNames(plan)];
  const parameters = localNames(plan.definition.parameters);
  const call = (name: string, ...places: string[]): string =>
    `compiledLoops().${name}(${[...places, "count", ...parameters].join(", ")})`;
  const backward = call("backward", "dyAt", "savedAt", "dxAt");
  const sums = learnable.map((name) => `d_${name}`);
  const added =
    sums.length === 1
      ? [`gradients.${learnable[0]!} += ${backward};`]
      : [
          `const [${sums.join(", ")}] = ${backward};`,
          ...learnable.map((name, i) => `gradients.${name} += ${sums[i]!};`),
        ];
  return [
    forwardText(plan, {
      first: ["refuseOutgrown({ x, y });"],
      loop: [`inMemory([x], y, (xAt, yAt, count) => ${call("forward", "xAt", "yAt")});`],
    }),
    backwardText(plan, {
      first: [`refuseOutgrown({ dy, ${saved}, dx });`],
      loop: [
        `inMemory([dy, ${saved}], dx, (dyAt, savedAt, dxAt, count) => {`,
        ...(sums.length === 0 ? [`${backward};`] : added),
        "});",
      ],
    }),
  ];
}

/** Operations that JavaScript has as helpers are made of simpler ones here. */
const asLowered: Lowerings = Object.fromEntries(
  [...HELPERS, "sign" as const].map((op: OperationName) => [op, OPERATIONS[op].lowering!]),
);

export const wasm: Target = {
  name: "wasm",
  computed: "float64",
  hasSingles: true,
  findsNaN: "by comparison",
  keeps: "either",
  operations,
  loopLowerings: { ...asLowered, ...float32Lowerings(WHOLE) },
  emit,
  graphs: { of: "kernels", machine: "roomy", lacks, emit: emitGraph },
  index: async (ids) => {
    const [code, types, ...others] = await folderIndex("wasm", ids, [
      `export { ${FOR_CALLERS.join(", ")} } from "./memory.mjs";`,
    ]);
    return [code!, types!, ...others, ...(await memoryModule())];
  },
  shared: memoryModule,
};
