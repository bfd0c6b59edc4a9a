/** The parts that modules of elementwise activations have in common, however their loops are written. */
import type { Definition } from "../../ir/definition.js";
import { topological, type Expr } from "../../ir/expr.js";
import type { OperationName } from "../../ir/ops.js";
import { SURROGATE, accuracyText, meaningsOf, proofText, surrogateLine } from "../documentation.js";
import { generated } from "../header.js";
import { formatSource, type ConstantText, type FunctionText, type ModuleText } from "../module.js";
import { schedule } from "../schedule.js";
import type { ActivationPlan, Artifact, FunctionName } from "../target.js";
import { BRANCH_COST, oneLine } from "./helpers.js";
import { checks, functionNames, parameterObject } from "./parameters.js";
import { numberText, writeBlock } from "./spelling.js";

/** Remembers which operations a module needs. */
export type Note = (expr: Expr) => Expr;

/** The operations of what was noted, and how to note more. */
export function notebook(): { readonly used: Set<OperationName>; readonly note: Note } {
  const used = new Set<OperationName>();
  const note = (expr: Expr): Expr => {
    for (const node of topological([expr])) used.add(node.op);
    return expr;
  };
  return { used, note };
}

const NOTATIONS: Readonly<Record<FunctionName, string>> = {
  value: "f(x)",
  derivative: "f'(x)",
  secondDerivative: "f''(x)",
};

/** The functions of one number. */
export const scalarFunctions = (plan: ActivationPlan, note: Note): FunctionText[] =>
  Object.entries(NOTATIONS).map(([key, notation]) => {
    const name = key as FunctionName;
    const { parameters } = plan.definition;
    const scheduled = schedule([note(plan.functions[name])], { branchCost: BRANCH_COST });
    return {
      name,
      exported: true,
      parameters: [{ name: "x", type: "number" }, ...parameterObject(parameters)],
      returns: "number",
      documentation: [
        `${notation} = ${plan.texts[name]}`,
        ...(name !== "value" && plan.definition.gradient !== undefined ? [SURROGATE] : []),
        proofText(plan.proofs[name]!, meaningsOf(plan.definition)[name]),
        accuracyText(plan.accuracy[name], "float64"),
      ].join("\n\n"),
      body: [
        ...checks(parameters),
        ...writeBlock(scheduled, functionNames(parameters), ([result]) => `return ${result};`),
      ],
    };
  });

/** The type of the parameters object. */
export const parameterInterfaces = ({ title, parameters }: Definition): ModuleText["interfaces"] =>
  parameters.length === 0
    ? []
    : [
        {
          name: "Parameters",
          documentation: `The parameters of ${title}.`,
          properties: parameters.map((p) => ({
            name: p.name,
            type: "number",
            documentation: `Default ${numberText(p.default)}, range [${p.range.map(numberText).join(", ")}].`,
          })),
        },
      ];

export const savesConstant = ({ saves }: ActivationPlan): ConstantText => ({
  name: "saves",
  type: JSON.stringify(saves),
  value: JSON.stringify(saves),
  documentation: `The tensor of the forward pass that \`backward\` needs: its ${saves}.`,
  exported: true,
});

/** The first lines, each behind the mark of a comment. */
export const header = ({ definition, texts }: ActivationPlan, mark = "//"): string =>
  [
    `${mark} ${generated()}`,
    `${mark} ${oneLine(definition.title)}: f(x) = ${oneLine(texts.value)}`,
    ...surrogateLine(definition).map((line) => `${mark} ${oneLine(line)}`),
    ...(definition.reference === "" ? [] : [`${mark} ${oneLine(definition.reference)}`]),
  ].join("\n");

/** Modules are modules in a project of CommonJS, too, and bundlers may leave out what is not used. */
const PACKAGE = `${JSON.stringify({ type: "module", sideEffects: false }, null, 2)}\n`;

/** A folder's index, which has every activation under its id. */
export async function folderIndex(
  folder: string,
  ids: readonly string[],
  further: readonly string[] = [],
): Promise<readonly Artifact[]> {
  const lines = [`// Every activation under its id. ${generated()}`];
  const text = [...lines, ...further, ...ids.map((id) => `export * as ${id} from "./${id}.js";`)].join("\n");
  return [
    { path: `${folder}/index.js`, text: await formatSource(text, "babel") },
    { path: `${folder}/index.d.ts`, text: await formatSource(text, "typescript") },
    { path: `${folder}/package.json`, text: PACKAGE },
  ];
}
