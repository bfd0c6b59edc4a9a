/** JavaScript: one ES module per activation, scalar functions on numbers and loops over Float32Array. */
import { FLOAT32_LOWERINGS } from "../codegen/float32.js";
import { formatSource, writeModule, type FunctionText } from "../codegen/module.js";
import type { Names } from "../codegen/names.js";
import { schedule } from "../codegen/schedule.js";
import type { ActivationPlan, Artifact, Target } from "../codegen/target.js";
import { variable } from "../ir/build.js";
import { topological, variableOf, type Expr } from "../ir/expr.js";
import { OPERATIONS, type OperationName } from "../ir/ops.js";
import { CHOOSE_FUNCTION, EITHER, backwardFunction, forwardFunction } from "./js-loops.js";
import { HELPERS, accuracyText, checks, functionNames, parameterObject, proofText } from "./js-parameters.js";
import { numberText, operations, writeBlock } from "./js-spelling.js";

const HELPER_DOCUMENTATION: { readonly [K in OperationName]?: string } = {
  erf: "erf(u), within 4 ULP.",
  erfc: "erfc(u) = 1 - erf(u) with its own digits in the tail, within 6 ULP.",
  erfcx: "exp(u^2) * erfc(u) for u >= 0, within 3 ULP.",
  productError: "What a * b loses when it is rounded: a * b - fl(a * b), exactly (Dekker 1971).",
  sumError: "What a + b loses when it is rounded: a + b - fl(a + b), exactly (Knuth 1969).",
};

/** Branches cheaper than this are written as conditional expressions. */
const BRANCH_COST = 8;

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

  // Helpers may need helpers: go on until nothing new is used.
  const helpers: FunctionText[] = [];
  const written = new Set<OperationName>();
  for (let found = true; found;) {
    found = false;
    for (const op of HELPERS) {
      if (!used.has(op) || written.has(op)) continue;
      written.add(op);
      found = true;
      const places = ["u", "v"].slice(0, OPERATIONS[op].arity).map((name) => variable("wildcard", name));
      const body = note(expand(OPERATIONS[op].lowering!(...places)));
      helpers.push({
        name: op,
        exported: false,
        parameters: places.map((place) => ({ name: variableOf(place).name, type: "number" })),
        returns: "number",
        documentation: HELPER_DOCUMENTATION[op] ?? "",
        body: writeBlock(
          schedule([body], { branchCost: BRANCH_COST }),
          helperNames(places),
          false,
          ([result]) => `return ${result};`,
        ),
      });
    }
  }

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
        documentation: `What \`backward\` needs of the forward pass: its ${plan.saves}.`,
        exported: true,
      },
      ...(used.has("exp2Steps") ? TABLES : []),
      ...(chooses ? [EITHER] : []),
    ],
    functions: [...functions, ...helpers.reverse()],
  });
}

/** The arguments of a helper are called as its declaration says. */
function helperNames(places: readonly Expr[]): Names {
  const names = functionNames([]);
  for (const place of places) names.bind(variableOf(place).name, variableOf(place).name);
  return names;
}

const TABLES = [
  {
    name: "POWERS",
    type: "Float64Array",
    value: "Float64Array.from({ length: 2100 }, (_, i) => 2 ** (i - 1075))",
    documentation: "2^k for k from -1075 (which is 0) to 1024 (infinity).",
    exported: false,
  },
  {
    name: "STEPS",
    type: "Float64Array",
    value: "Float64Array.from({ length: 128 }, (_, i) => 2 ** (i / 128))",
    documentation: "2^(i/128).",
    exported: false,
  },
];

/** Text of the user's in a comment: one line that ends where it should. */
const oneLine = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ")
    .replaceAll("*/", "* /")
    .slice(0, 400);

const header = ({ definition, texts }: ActivationPlan): string =>
  [
    "// Generated by nonlin; do not edit.",
    `// ${oneLine(definition.title)}: f(x) = ${oneLine(texts.value)}`,
    ...(definition.reference === "" ? [] : [`// ${oneLine(definition.reference)}`]),
  ].join("\n");

async function index(ids: readonly string[]): Promise<readonly Artifact[]> {
  const lines = ["// Every activation under its id. Generated by nonlin; do not edit."];
  const text = [...lines, ...ids.map((id) => `export * as ${id} from "./${id}.js";`)].join("\n");
  return [
    { path: "js/index.js", text: await formatSource(text, "babel") },
    { path: "js/index.d.ts", text: await formatSource(text, "typescript") },
  ];
}

export const js: Target = { name: "js", operations, helpers: HELPERS, loopLowerings: FLOAT32_LOWERINGS, emit, index };
