/** A module of an activation: scalar functions in JavaScript, and loops in WebAssembly. */
import {
  header,
  notebook,
  parameterInterfaces,
  savesConstant,
  scalarFunctions,
} from "../../codegen/javascript/activation.js";
import { helperFunctions } from "../../codegen/javascript/helpers.js";
import { backwardText, forwardText, learnableNames, savedName } from "../../codegen/javascript/loops.js";
import { localNames } from "../../codegen/javascript/parameters.js";
import { kernelsOf } from "../../codegen/loops/activation.js";
import { elementwiseLoop, type ElementwiseKernel } from "../../codegen/loops/elementwise.js";
import type { Computed } from "../../codegen/loops/expressions.js";
import { inLanes, type Schedule } from "../../codegen/loops/lanes.js";
import { writeModule, type FunctionText } from "../../codegen/module.js";
import type { ActivationPlan, Artifact } from "../../codegen/target.js";
import type { Expr } from "../../ir/expr.js";
import type { LoopFunction } from "../../ir/loops/loops.js";
import { COMPILE, compiled } from "./compiled.js";
import { FOR_CALLERS } from "./memory.js";

/** Measured: where a pass is short, two vectors share its end; a long one keeps the processor busy alone. */
const SCHEDULES: Readonly<Record<Computed, Schedule>> = {
  f64: { unroll: 1, operations: Infinity },
  f32: { unroll: 2, operations: 12 },
};

/** A kernel as it runs. */
const inVectors = (kernel: ElementwiseKernel): LoopFunction =>
  inLanes(elementwiseLoop(kernel), SCHEDULES[kernel.computed]);

export async function emitActivation(plan: ActivationPlan, expand: (expr: Expr) => Expr): Promise<readonly Artifact[]> {
  const { definition } = plan;
  const { used, note } = notebook();
  const scalars = scalarFunctions(plan, note);
  const { text, constants } = await compiled(definition.id, kernelsOf(plan).map(inVectors), header(plan, ";;"));
  const [code, types] = await writeModule({
    path: `wasm/${definition.id}`,
    header: header(plan),
    imports: ['import { inMemory, instantiate, refuseOutgrown } from "./memory.mjs";'],
    reexports: [`export { ${FOR_CALLERS.join(", ")} } from "./memory.mjs";`],
    interfaces: parameterInterfaces(definition),
    constants: [savesConstant(plan), ...constants],
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
