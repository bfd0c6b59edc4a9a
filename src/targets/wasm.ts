/** WebAssembly: one ES module per activation, scalar functions in JavaScript and loops in 128-bit vectors. */
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
import { localNames } from "../codegen/javascript/parameters.js";
import { kernelsOf } from "../codegen/loops/activation.js";
import { elementwiseLoop, type Computed, type ElementwiseKernel } from "../codegen/loops/elementwise.js";
import { inLanes, type Schedule } from "../codegen/loops/lanes.js";
import { loopPlatform } from "../codegen/loops/platform.js";
import { writeModule, type ConstantText, type FunctionText } from "../codegen/module.js";
import type { ActivationPlan, Artifact, Target } from "../codegen/target.js";
import type { Expr } from "../ir/expr.js";
import type { LoopFunction } from "../ir/loops/loops.js";
import { FOR_CALLERS, memoryModule } from "./wasm/memory.js";
import { moduleBytes, moduleText } from "./wasm/text.js";

/** Measured: where a pass is short, two vectors share its end; a long one keeps the processor busy alone. */
const SCHEDULES: Readonly<Record<Computed, Schedule>> = { f64: { lanes: 2, unroll: 1 }, f32: { lanes: 4, unroll: 2 } };

/** A kernel as it runs. */
export const inVectors = (kernel: ElementwiseKernel): LoopFunction =>
  inLanes(elementwiseLoop(kernel), SCHEDULES[kernel.computed]);

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

const compiled = (id: string, bytes: Uint8Array): ConstantText[] => [
  {
    name: "CODE",
    type: "string",
    value: JSON.stringify(base64(bytes)),
    documentation: `The loops of ${id}.wat as bytes in base64.`,
    exported: false,
  },
  {
    name: "COMPILED",
    type: "object",
    value: "{ loops: undefined }",
    documentation: "The loops, once they are compiled.",
    exported: false,
  },
];

const COMPILE: FunctionText = {
  name: "compiledLoops",
  exported: false,
  parameters: [],
  returns: "object",
  documentation: "The loops, compiled at the first call.",
  body: ["COMPILED.loops ??= instantiate(CODE);", "return COMPILED.loops;"],
};

const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

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

export const wasm: Target = {
  name: "wasm",
  ...loopPlatform,
  emit,
  index: async (ids) => {
    const [code, types, ...others] = await folderIndex("wasm", ids, [
      `export { ${FOR_CALLERS.join(", ")} } from "./memory.mjs";`,
    ]);
    return [code!, types!, ...others, ...(await memoryModule())];
  },
  shared: memoryModule,
};
