/** JavaScript for graphs: one ES module per definition, functions on typed arrays. */
import { generated } from "../../codegen/header.js";
import { integerText } from "../../codegen/javascript/integers.js";
import { writeModule, type ConstantText, type FunctionText, type ModuleText } from "../../codegen/module.js";
import type { Artifact, GraphPlan } from "../../codegen/target.js";
import { topological, type Expr } from "../../ir/expr.js";
import { allBlocks, blockExtent, type GraphFunction } from "../../ir/kernel.js";
import type { OperationName } from "../../ir/ops.js";
import { extentText, isPlain } from "./blocks.js";
import { PLACES_FUNCTION, REFUSE_FUNCTION, WHOLE_FUNCTION, checkSizesFunction, shapeFunctions } from "./checks.js";
import { CONTRACT_CONSTANTS, CONTRACT_FUNCTIONS } from "./contract.js";
import { helperFunctions, oneLine } from "../../codegen/javascript/helpers.js";
import { TABLES } from "./loops.js";
import { findPurposes, kernelLines } from "./kernels.js";
import { CHOOSE_FUNCTION, EITHER } from "./loops.js";
import { HELPERS } from "../../codegen/javascript/parameters.js";
import { ZERO } from "./places.js";
import { UNIFORM_FUNCTION } from "./random.js";
import { Signature, isSingle, workspaceFunction } from "./signatures.js";
import { functionDocumentation, interfacesOf, resultType } from "./types.js";

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
    const signature = new Signature(plan, of, single, names);
    const begin = signature.begin();
    const context = signature.context(uses);
    const purposes = findPurposes(of, context.flags);
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
  const lengths = plan.functions.map((of) => workspaceLines(new Signature(plan, of, single, names), of));
  const own = [
    ...functions,
    workspaceLengthFunction(plan, new Signature(plan, plan.functions[0]!, single, names)),
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
    header: header(plan),
    interfaces: interfacesOf(plan, single),
    constants: [savesConstant(plan, single), ...constantsIn(everything)],
    functions: everything,
  };
  return writeModule(module);
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

function workspaceLengthFunction(plan: GraphPlan, signature: Signature): FunctionText {
  const sizes = signature.sizeNames.join(", ");
  const which = signature.scope.claim("of", "functionName");
  return {
    name: "workspaceLength",
    exported: true,
    parameters: [
      { name: which, type: plan.functions.map(({ name }) => JSON.stringify(name)).join(" | ") },
      { ...signature.sizesParameter(), optional: false },
    ],
    returns: "number",
    documentation: "How many elements the `workspace` of a function must have at least, for these sizes.",
    body: [
      `checkSizes(${sizes});`,
      ...plan.functions.map((of) => {
        const length = new Signature(plan, of, false, []).hasWorkspace ? `${workspaceFunction(of)}(${sizes})` : "0";
        return `if (${which} === ${JSON.stringify(of.name)}) return ${length};`;
      }),
      `throw new RangeError(\`there is no function called \${${which}}\`);`,
    ],
  };
}

function savesConstant({ saves }: GraphPlan, single: boolean): ConstantText {
  const value = JSON.stringify(single && saves.length > 0 ? (saves[0] === "x" ? "input" : "output") : saves);
  return {
    name: "saves",
    type: value.startsWith("[") ? `readonly ${value}` : value,
    value,
    documentation: "Tensors of the forward pass that `backward` needs, beside the gradients of its outputs.",
    exported: true,
  };
}

const header = ({ definition, functions }: GraphPlan): string => {
  const counts = functions.map(({ name, kernels }) => `${name} ${kernels.length}`).join(", ");
  const kept = functions[0]!.outputs.filter(({ optional }) => optional).map(({ name }) => name);
  return [
    `// ${generated()}`,
    `// ${oneLine(definition.title)}: ${oneLine(definition.formula)}`,
    ...(definition.reference === "" ? [] : [`// ${oneLine(definition.reference)}`]),
    `// Kernels: ${counts}. Kept for backward alone: ${kept.length === 0 ? "nothing" : kept.join(", ")}.`,
  ].join("\n");
};
