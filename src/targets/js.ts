/** JavaScript: one ES module per activation, scalar functions on numbers and loops over Float32Array. */
import { generated } from "../codegen/header.js";
import { accuracyText, proofText } from "../codegen/documentation.js";
import { FLOAT32_LOWERINGS } from "../codegen/float32.js";
import { formatSource, writeModule, type FunctionText } from "../codegen/module.js";
import type { Names } from "../codegen/names.js";
import { schedule } from "../codegen/schedule.js";
import type { ActivationPlan, Artifact, Target } from "../codegen/target.js";
import { topological, type Expr } from "../ir/expr.js";
import type { OperationName } from "../ir/ops.js";
import { CHOOSE_FUNCTION, EITHER, backwardFunction, forwardFunction } from "./js/loops.js";
import { emitGraph } from "./js/graph.js";
import { BRANCH_COST, TABLES, helperFunctions, oneLine } from "./js/helpers.js";
import { checks, functionNames, parameterObject } from "./js/parameters.js";
import { numberText, operations, writeBlock } from "./js/spelling.js";

async function emit(plan: ActivationPlan, expand: (expr: Expr) => Expr): Promise<readonly Artifact[]> {
  const { definition } = plan;
  const names = (): Names => functionNames(definition.parameters);
  const functions: FunctionText[] = [];
  const used = new Set<OperationName>();
  const note = (expr: Expr): Expr => {
    for (const node of topological([expr])) used.add(node.op);
    return expr;
  };

  const notation: Readonly<Record<keyof ActivationPlan["functions"], string>> = {
    value: "f(x)",
    derivative: "f'(x)",
    secondDerivative: "f''(x)",
  };
  const meaning: Readonly<Record<keyof ActivationPlan["functions"], string>> = {
    value: "the definition",
    derivative: "its derivative",
    secondDerivative: "its second derivative",
  };
  for (const name of ["value", "derivative", "secondDerivative"] as const) {
    const expr = note(plan.functions[name]);
    functions.push({
      name,
      exported: true,
      parameters: [{ name: "x", type: "number" }, ...parameterObject(definition.parameters)],
      returns: "number",
      documentation: [
        `${notation[name]} = ${plan.texts[name]}`,
        proofText(plan.proofs[name]!, meaning[name]),
        accuracyText(plan.accuracy[name], "float64"),
      ].join("\n\n"),
      body: [
        ...checks(definition.parameters),
        ...writeBlock(schedule([expr], { branchCost: BRANCH_COST }), names(), false, ([result]) => `return ${result};`),
      ],
    });
  }
  const loops = [forwardFunction(plan, note, names()), backwardFunction(plan, note, names())];
  const chooses = loops.some(({ body }) => body.some((line) => line.includes("choose(")));
  functions.push(...loops, ...(chooses ? [CHOOSE_FUNCTION] : []));

  const helpers = helperFunctions(used, expand);

  return writeModule({
    path: `js/${definition.id}`,
    header: header(plan),
    interfaces:
      definition.parameters.length === 0
        ? []
        : [
            {
              name: "Parameters",
              documentation: `The parameters of ${definition.title}.`,
              properties: definition.parameters.map((p) => ({
                name: p.name,
                type: "number",
                documentation: `Default ${numberText(p.default)}, range [${p.range.map(numberText).join(", ")}].`,
              })),
            },
          ],
    constants: [
      {
        name: "saves",
        type: JSON.stringify(plan.saves),
        value: JSON.stringify(plan.saves),
        documentation: `The tensor of the forward pass that \`backward\` needs: its ${plan.saves}.`,
        exported: true,
      },
      ...(used.has("exp2Steps") ? TABLES : []),
      ...(chooses ? [EITHER] : []),
    ],
    functions: [...functions, ...helpers],
  });
}

const header = ({ definition, texts }: ActivationPlan): string =>
  [
    `// ${generated()}`,
    `// ${oneLine(definition.title)}: f(x) = ${oneLine(texts.value)}`,
    ...(definition.reference === "" ? [] : [`// ${oneLine(definition.reference)}`]),
  ].join("\n");

/** Modules are modules in a project of CommonJS, too, and bundlers may leave out what is not used. */
const PACKAGE = `${JSON.stringify({ type: "module", sideEffects: false }, null, 2)}\n`;

async function index(ids: readonly string[]): Promise<readonly Artifact[]> {
  const lines = [`// Every activation under its id. ${generated()}`];
  const text = [...lines, ...ids.map((id) => `export * as ${id} from "./${id}.js";`)].join("\n");
  return [
    { path: "js/index.js", text: await formatSource(text, "babel") },
    { path: "js/index.d.ts", text: await formatSource(text, "typescript") },
    { path: "js/package.json", text: PACKAGE },
  ];
}

export const js: Target = {
  name: "js",
  computed: "float64",
  findsNaN: "by comparison",
  keeps: "either",
  operations,
  loopLowerings: FLOAT32_LOWERINGS,
  emit,
  graphs: { of: "kernels", machine: "sequential", emit: emitGraph },
  index,
};
