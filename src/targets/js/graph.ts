/** JavaScript for graphs: one ES module per definition, functions on typed arrays. */
import { graphHeader, savesConstant } from "../../codegen/javascript/graph/heading.js";
import { integerText } from "../../codegen/javascript/integers.js";
import { writeModule, type ConstantText, type FunctionText, type ModuleText } from "../../codegen/module.js";
import type { Artifact, GraphPlan } from "../../codegen/target.js";
import { topological, type Expr } from "../../ir/expr.js";
import { allBlocks, blockExtent, isPlain, type Buffer, type GraphFunction } from "../../ir/kernel.js";
import type { OperationName } from "../../ir/ops.js";
import type { FunctionContext, Home } from "./blocks.js";
import {
  PLACES_FUNCTION,
  REFUSE_FUNCTION,
  WHOLE_FUNCTION,
  checkSizesFunction,
  shapeFunctions,
} from "../../codegen/javascript/graph/checks.js";
import { CONTRACT_CONSTANTS, CONTRACT_FUNCTIONS } from "./contract.js";
import { helperFunctions } from "../../codegen/javascript/helpers.js";
import { TABLES } from "./loops.js";
import { findPurposes } from "../../codegen/graph/purposes.js";
import { extentText } from "../../codegen/javascript/graph/extents.js";
import { kernelLines } from "./kernels.js";
import { CHOOSE_FUNCTION, EITHER } from "./loops.js";
import { HELPERS } from "../../codegen/javascript/parameters.js";
import { ZERO } from "../../codegen/loops/places.js";
import { UNIFORM_FUNCTION } from "./random.js";
import {
  Signature,
  isSingle,
  needsWorkspace,
  workspaceBase,
  workspaceFunction,
} from "../../codegen/javascript/graph/signatures.js";
import { workspaceLengthFunction } from "../../codegen/javascript/graph/workspace.js";
import { functionDocumentation, interfacesOf, resultType } from "../../codegen/javascript/graph/types.js";

/** The helpers that a module may need beside its functions, by the name that is called. */
const CALLED: readonly (readonly [name: string, functions: readonly FunctionText[]])[] = [
  ["choose", [CHOOSE_FUNCTION]],
  ["contract", CONTRACT_FUNCTIONS],
  ["uniform", [UNIFORM_FUNCTION]],
  ["checkPlaces", [PLACES_FUNCTION]],
  ["whole", [WHOLE_FUNCTION]],
  ["refuse", [REFUSE_FUNCTION]],
];

const CONSTANTS = [...CONTRACT_CONSTANTS, ...TABLES, EITHER];

/** Every name that a module of a plan may have at its top. */
const topNames = ({ functions }: GraphPlan): string[] => [
  ...HELPERS,
  ...CALLED.flatMap(([, rows]) => rows.map(({ name }) => name)),
  ...CONSTANTS.map(({ name }) => name),
  ...["saves", "workspaceLength", "checkSizes", "axisOf", "sizeBefore", "sizeAlong", "sizeAfter"],
  ...functions.flatMap((of) => [of.name, workspaceFunction(of)]),
];

export async function emitGraph(plan: GraphPlan, expand: (expr: Expr) => Expr): Promise<readonly Artifact[]> {
  const single = isSingle(plan);
  const names = topNames(plan);
  const used = new Set<OperationName>();
  const uses = (what: Expr | string): void => {
    if (typeof what !== "string") for (const { op } of topological([what])) used.add(op);
  };
  const functions = plan.functions.map((of): FunctionText => {
    const signature = new Signature(plan, of, single, names, needsWorkspace(of));
    const begin = signature.begin();
    const context = contextOf(signature, uses);
    const purposes = findPurposes(of, (output) => context.flags.has(output));
    const kernels = of.kernels.flatMap((kernel) => kernelLines(kernel, context, purposes, signature.kept));
    return {
      name: of.name,
      exported: true,
      parameters: signature.parameters(),
      returns: resultType(of, single),
      documentation: functionDocumentation(of, signature.hasWorkspace),
      body: withoutUnused([...begin, ...kernels, signature.end()]),
    };
  });
  const lengths = plan.functions.map((of) =>
    workspaceLines(new Signature(plan, of, single, names, needsWorkspace(of)), of),
  );
  const own = [
    ...functions,
    workspaceLengthFunction(plan, names, (of, sizes) =>
      needsWorkspace(of) ? `${workspaceFunction(of)}(${sizes})` : "0",
    ),
    ...lengths.filter((one) => one !== undefined),
    checkSizesFunction(plan.definition, names),
    ...(plan.definition.shaped === undefined ? [] : shapeFunctions(plan.definition.shaped)),
  ];
  const text = own.flatMap(({ body }) => body).join("\n");
  const called = CALLED.filter(([name]) => new RegExp(`\\b${name}\\(`).test(text)).flatMap(([, rows]) => rows);
  const helpers = helperFunctions(used, expand);
  const everything = [...own, ...called, ...helpers];
  const module: ModuleText = {
    path: `js/${plan.definition.id}`,
    header: graphHeader(plan),
    interfaces: interfacesOf(plan, single),
    constants: [savesConstant(plan, single), ...constantsIn(everything)],
    functions: everything,
  };
  return writeModule(module);
}

/** The context of a function's kernels; `uses` records the operations and helpers that the module needs. */
function contextOf(
  { scope, of, locals, flags, key, workspaceName }: Signature,
  uses: FunctionContext["uses"],
): FunctionContext {
  const homes = new Map<Buffer, Home>();
  for (const [buffer, array] of locals) homes.set(buffer, { kind: "array", array, base: ZERO });
  for (const [i, buffer] of of.workspace.entries())
    homes.set(buffer, { kind: "array", array: workspaceName, base: i === 0 ? ZERO : workspaceBase(buffer) });
  const inputs = new Map(of.inputs.map((buffer) => [buffer.name, buffer]));
  return { scope, homes, inputs, flags, key, uses };
}

/** The tables and panels that functions mention. */
function constantsIn(functions: readonly FunctionText[]): ConstantText[] {
  const words = new Set(functions.flatMap(({ body }) => body.join("\n").match(/\b[A-Z][A-Z]+\b/g) ?? []));
  return CONSTANTS.filter(
    ({ name }) =>
      words.has(name) || CONSTANTS.some((other) => words.has(other.name) && other.value.includes(`(${name})`)),
  );
}

/** Declarations that nothing mentions are left out. */
function withoutUnused(lines: readonly string[]): string[] {
  let kept = [...lines];
  for (;;) {
    const words = new Map<string, number>();
    for (const word of kept.join("\n").match(/[\w$]+/g) ?? []) words.set(word, (words.get(word) ?? 0) + 1);
    const next = kept.filter((line) => {
      const name = /^const ([\w$]+) = /.exec(line)?.[1];
      return name === undefined || words.get(name)! > 1;
    });
    if (next.length === kept.length) return next;
    kept = next;
  }
}

/** How long the workspace of a function is; undefined for one that needs none. */
function workspaceLines(signature: Signature, of: GraphFunction): FunctionText | undefined {
  if (!signature.hasWorkspace) return undefined;
  const { scope } = signature;
  const lines = [...signature.nameExtents(), ...signature.nameWorkspace()];
  const tiled = of.kernels.flatMap((kernel) => {
    const { tiles } = kernel;
    const blocks = allBlocks(kernel);
    const arrays = tiles.filter(({ axes }) => axes.length > 0);
    if (arrays.length === 0) return [];
    const inside = scope.nested();
    for (const block of blocks.filter((one) => !isPlain(one))) {
      const name = scope.claim(`${block.axis.name}Block`);
      lines.push(`const ${name} = ${extentText(block, blocks, inside.of)};`);
      inside.bind(blockExtent(block.axis), name);
    }
    return [arrays.map(({ length }) => integerText(length, inside.of, 12)).join(" + ")];
  });
  const { kept } = signature;
  const largest = tiled.length > 1 ? [`Math.max(${tiled.join(", ")})`] : tiled;
  const sum = [...(kept === ZERO ? [] : [integerText(kept, scope.of, 12)]), ...largest];
  return {
    name: workspaceFunction(of),
    exported: false,
    parameters: signature.sizeNames.map((name) => ({ name, type: "number" })),
    returns: "number",
    documentation: `How many numbers the workspace of \`${of.name}\` has.`,
    body: withoutUnused([...lines, `return ${sum.join(" + ")};`]),
  };
}
