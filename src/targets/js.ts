/** JavaScript: one ES module per activation, scalar functions on numbers and loops over Float32Array. */
import { printExpr, call, infix, prefix, type Spelling } from "../codegen/print.js";
import { schedule, type Block } from "../codegen/schedule.js";
import { writeModule, formatSource, type FunctionText, type ParameterText } from "../codegen/module.js";
import { createNames, type Names } from "../codegen/names.js";
import { FLOAT32_LOWERINGS } from "../codegen/float32.js";
import type { Accuracy, ActivationPlan, Artifact, Target } from "../codegen/target.js";
import { constant, variable, x, y } from "../ir/build.js";
import { leafValue } from "../ir/evaluate.js";
import { substitute, topological, variableOf, type Expr } from "../ir/expr.js";
import { OPERATIONS, type OperationName } from "../ir/ops.js";
import type { Parameter } from "../ir/definition.js";

const SELECT: Spelling = { precedence: 3, operands: [4, 4, 3], write: (c, a, b) => `${c} ? ${a} : ${b}` };

const operations = {
  add: infix("+", 12),
  sub: infix("-", 12),
  mul: infix("*", 13),
  div: infix("/", 13),
  neg: prefix("-", 15),
  pow: call("Math.pow"),
  sqrt: call("Math.sqrt"),
  abs: call("Math.abs"),
  sign: call("Math.sign"),
  exp: call("Math.exp"),
  expm1: call("Math.expm1"),
  log: call("Math.log"),
  log1p: call("Math.log1p"),
  sin: call("Math.sin"),
  cos: call("Math.cos"),
  sinh: call("Math.sinh"),
  cosh: call("Math.cosh"),
  tanh: call("Math.tanh"),
  erf: call("erf"),
  erfc: call("erfc"),
  erfcx: call("erfcx"),
  productError: call("productError"),
  sumError: call("sumError"),
  lt: infix("<", 10),
  le: infix("<=", 10),
  eq: infix("===", 9),
  and: infix("&&", 5),
  or: infix("||", 4),
  not: prefix("!", 15),
  select: SELECT,
  round: { precedence: 12, operands: [12], write: (a) => `${a} + 6755399441055744 - 6755399441055744` },
  exp2Steps: { precedence: 13, operands: [11], write: (k) => `POWERS[(${k} >> 7) + 1075] * STEPS[${k} & 127]` },
} satisfies Target["operations"];

const HELPERS: ReadonlySet<OperationName> = new Set(["erf", "erfc", "erfcx", "productError", "sumError"]);

const HELPER_DOCUMENTATION: { readonly [K in OperationName]?: string } = {
  erf: "erf(u), within 4 ULP.",
  erfc: "erfc(u) = 1 - erf(u) with its own digits in the tail, within 6 ULP.",
  erfcx: "exp(u^2) * erfc(u) for u >= 0, within 3 ULP.",
  productError: "What a * b loses when it is rounded: a * b - fl(a * b), exactly (Dekker 1971).",
  sumError: "What a + b loses when it is rounded: a + b - fl(a + b), exactly (Knuth 1969).",
};

/** Branches cheaper than this are written as conditional expressions. */
const BRANCH_COST = 8;
/** In loops a mispredicted branch costs more than the work it saves. */
const LOOP_BRANCH_COST = 40;

/** The shortest text that reads back as the number; far powers of two as powers. */
function numberText(value: number): string {
  if (Object.is(value, -0)) return "-0";
  const exponent = Math.log2(Math.abs(value));
  const far = Math.abs(exponent) >= 40 && Number.isInteger(exponent) && 2 ** exponent === Math.abs(value);
  return far ? (value < 0 ? `-(2 ** ${exponent})` : `2 ** ${exponent}`) : String(value);
}

/** A branch between 1 and 0 as a number, so that V8 does not jump. */
const STEP: Spelling = { precedence: 6, operands: [7, 0, 0], write: (c) => `(${c}) | 0` };
const isStep = (expr: Expr): boolean =>
  expr.op === "select" && expr.args[1] === constant(1) && expr.args[2] === constant(0);

/** Inputs of an activation are rarely beyond this, so that a comparison with more is always predicted. */
const FAR = 20;
const isPredictable = ({ op, args: [a, b] }: Expr): boolean =>
  (op === "eq" && a === b) || [a, b].some((side) => side?.op === "rational" && Math.abs(leafValue(side)) >= FAR);

const CHOOSE = call("choose");
const AND_WITHOUT_JUMP = infix("&", 8);
const OR_WITHOUT_JUMP = infix("|", 6);

const spelling = (expr: Expr): Spelling => operations[expr.op as keyof typeof operations];

/** Jumps that go either way cost a loop more than computing both sides. */
function loopSpelling(expr: Expr): Spelling {
  if (expr.op === "and") return AND_WITHOUT_JUMP;
  if (expr.op === "or") return OR_WITHOUT_JUMP;
  if (isStep(expr)) return STEP;
  return expr.op === "select" && !isPredictable(expr.args[0]!) ? CHOOSE : spelling(expr);
}

/** Lines of code for a block; `sink` writes the results. */
function writeBlock(
  block: Block,
  names: Names,
  inLoop: boolean,
  sink: (results: readonly string[]) => string,
): string[] {
  const text = (expr: Expr): string =>
    printExpr(
      expr,
      {
        spelling: inLoop ? loopSpelling : spelling,
        leaf: (node) => {
          if (node.op === "variable") return { text: names.of(node)!, precedence: 100 };
          const value = leafValue(node);
          return {
            text: numberText(value),
            precedence: value < 0 || Object.is(value, -0) ? 15 : numberText(value).includes("**") ? 14 : 100,
          };
        },
      },
      (node) => names.of(node),
    );
  const lines: string[] = [];
  const last = block.statements[block.statements.length - 1];
  for (const statement of block.statements) {
    if (statement.kind === "assign") {
      const value = text(statement.value);
      lines.push(`const ${names.give(statement.target)} = ${value};`);
      continue;
    }
    const condition = text(statement.condition);
    const isResult = statement === last && block.results.length === 1 && block.results[0] === statement.target;
    const inner = names.nested();
    if (isResult) {
      lines.push(`if (${condition}) {`, ...writeBlock(statement.then, inner, inLoop, sink), "}");
      const rest = writeBlock(statement.otherwise, names.nested(), inLoop, sink);
      if (sink([""]).startsWith("return")) lines.push(...rest);
      else lines.push("else {", ...rest, "}");
      return lines;
    }
    const name = names.give(statement.target);
    const assign = ([result]: readonly string[]): string => `${name} = ${result};`;
    lines.push(`let ${name};`, `if (${condition}) {`, ...writeBlock(statement.then, inner, inLoop, assign));
    lines.push("} else {", ...writeBlock(statement.otherwise, names.nested(), inLoop, assign), "}");
  }
  lines.push(sink(block.results.map(text)));
  return lines;
}

const parameterObject = (parameters: readonly Parameter[]): ParameterText[] =>
  parameters.length === 0
    ? []
    : [
        {
          name: `{ ${parameters.map((p) => `${p.name} = ${numberText(p.default)}`).join(", ")} }`,
          type: "Parameters",
          initial: "{}",
        },
      ];

/** Refuses what the definition does not allow, before anything is computed. */
function checks(parameters: readonly Parameter[]): string[] {
  return parameters.map(({ name, range: [low, high] }) => {
    const tests = [
      ...(low === -Infinity ? [] : [`${name} >= ${numberText(low)}`]),
      ...(high === Infinity ? [] : [`${name} <= ${numberText(high)}`]),
    ];
    const holds = tests.length === 0 ? `${name} === ${name}` : tests.join(" && ");
    const wanted = tests.length === 0 ? "a number" : `in [${numberText(low)}, ${numberText(high)}]`;
    return `if (!(${holds})) throw new RangeError(\`${name} must be ${wanted}, got \${${name}}\`);`;
  });
}

const accuracyText = (accuracy: Accuracy, type: string): string => {
  const shown = (value: number): string =>
    value === 0 ? "0" : value < 0.01 ? value.toExponential(1) : value.toFixed(2);
  const near = accuracy.nearZeros;
  if (accuracy.ulp > 2 ** 60) return `Accuracy: no digits at x = ${accuracy.at}; elsewhere not measured.`;
  return (
    `Accuracy: at most ${shown(accuracy.ulp)} ULP of ${type} over the measured inputs` +
    (near === undefined
      ? "."
      : `; near ${near.zeros.map((zero) => zero.toPrecision(4)).join(", ")} within ${near.absolute.toExponential(1)}.`)
  );
};

async function emit(plan: ActivationPlan, expand: (expr: Expr) => Expr): Promise<readonly Artifact[]> {
  const { definition } = plan;
  const symbols = definition.parameters.map(({ name }) => name);
  const names = (): Names => createNames([...RESERVED, ...symbols, ...HELPERS, ...plannedNames(plan)], symbols);
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
  for (const name of ["value", "derivative", "secondDerivative"] as const) {
    const expr = note(plan.functions[name]);
    functions.push({
      name,
      exported: true,
      parameters: [{ name: "x", type: "number" }, ...parameterObject(definition.parameters)],
      returns: "number",
      documentation: `${notation[name]} = ${plan.texts[name]}\n\n${accuracyText(plan.accuracy[name], "float64")}`,
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
          createNames([...RESERVED, ...HELPERS, "u", "v"], ["u", "v"]),
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

const EITHER = {
  name: "EITHER",
  type: "Float64Array",
  value: "new Float64Array(2)",
  documentation: "Where `choose` puts what it chooses from.",
  exported: false,
};

const CHOOSE_FUNCTION: FunctionText = {
  name: "choose",
  exported: false,
  parameters: [
    { name: "condition", type: "boolean" },
    { name: "yes", type: "number" },
    { name: "no", type: "number" },
  ],
  returns: "number",
  documentation: "`condition ? yes : no` without a jump, because the processor mispredicts jumps that go either way.",
  body: ["EITHER[0] = no;", "EITHER[1] = yes;", "return EITHER[condition | 0];"],
};

const RESERVED = [
  "x",
  "y",
  "dy",
  "dx",
  "i",
  "j",
  "u",
  "h",
  "length",
  "saved",
  "gradients",
  "POWERS",
  "STEPS",
  "EITHER",
  "choose",
  "saves",
  "Math",
  "NaN",
  "Infinity",
];

const plannedNames = (plan: ActivationPlan): string[] => [
  "value",
  "derivative",
  "secondDerivative",
  "forward",
  "backward",
  ...Object.keys(plan.parameterDerivatives).map((name) => `d_${name}`),
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

const array = (name: string, initial?: string): ParameterText => ({
  name,
  type: "Float32Array",
  ...(initial !== undefined && { initial }),
});

const sameLength = (name: string, other: string): string =>
  `if (${name}.length !== ${other}.length) throw new RangeError(\`${name} has \${${name}.length} elements, ${other} \${${other}.length}\`);`;

/** An element of a pass: the names of its index, of what the loop reads there and of the incoming gradient. */
const LANES = [
  { index: "i", input: "v", gradient: "g" },
  { index: "j", input: "u", gradient: "h" },
] as const;
type Lane = (typeof LANES)[number];

/**
 * V8 writes every constant into each pass. Where there are many, as in an exponential, two elements to a pass share them
 * and the loop takes two thirds of the time.
 */
const lanesFor = (exprs: readonly Expr[]): readonly Lane[] =>
  topological(exprs).some((expr) => expr.op === "exp2Steps") ? LANES : LANES.slice(0, 1);

const SECOND_INPUT = variable("wildcard", "the second input");

/** The body once for each lane, with the lanes' inputs called as they are. */
function inLanes(body: Expr, input: Expr, lanes: readonly Lane[], names: Names): Expr[] {
  [input, SECOND_INPUT].forEach((place, which) => names.bind(variableOf(place).name, LANES[which]!.input));
  return lanes.map((_, which) => (which === 0 ? body : substitute(body, new Map([[input, SECOND_INPUT]]))));
}

/** A loop over all elements. Everything is read before anything is written, so the last element may be both of a pair. */
const loopOver = (array: string, lanes: readonly Lane[], body: readonly string[]): string[] =>
  lanes.length === 1
    ? [`for (let i = 0; i < ${array}.length; i++) {`, ...body, "}"]
    : [
        `for (let i = 0; i < ${array}.length; i += 2) {`,
        "// Two at a time; the last of an odd number twice.",
        `const j = i + 1 < ${array}.length ? i + 1 : i;`,
        ...body,
        "}",
      ];

function forwardFunction(plan: ActivationPlan, note: (expr: Expr) => Expr, names: Names): FunctionText {
  const { parameters } = plan.definition;
  const body = note(plan.loops.forward);
  const lanes = lanesFor([body]);
  const roots = inLanes(body, x, lanes, names);
  return {
    name: "forward",
    exported: true,
    parameters: [array("x"), array("y", "new Float32Array(x.length)"), ...parameterObject(parameters)],
    returns: "Float32Array",
    documentation: `y[i] = f(x[i]). \`y\` may be \`x\`.\n\n${accuracyText(plan.accuracy.forward, "float32")}`,
    body: [
      ...checks(parameters),
      sameLength("y", "x"),
      ...loopOver("x", lanes, [
        ...lanes.map(({ input, index }) => `const ${input} = x[${index}];`),
        ...writeBlock(schedule(roots, { branchCost: LOOP_BRANCH_COST }), names, true, (results) =>
          results.map((result, lane) => `y[${LANES[lane]!.index}] = ${result};`).join("\n"),
        ),
      ]),
      "return y;",
    ],
  };
}

function backwardFunction(plan: ActivationPlan, note: (expr: Expr) => Expr, names: Names): FunctionText {
  const { parameters } = plan.definition;
  const learnable = Object.entries(plan.parameterDerivatives);
  const saved = plan.saves === "input" ? "x" : "y";
  const body = note(plan.loops.backward);
  const sums = learnable.map(([, derivative]) => note(derivative));
  // The last element of an odd number may be computed twice, but not summed twice.
  const lanes = sums.length > 0 ? LANES.slice(0, 1) : lanesFor([body]);
  const roots = [...inLanes(body, saved === "x" ? x : y, lanes, names), ...sums];
  const namesGradient = sums.length > 0 || lanes.length > 1;
  const formula = plan.saves === "input" ? "f'(x[i])" : "f'(x[i]), recovered from y[i]";
  return {
    name: "backward",
    exported: true,
    parameters: [
      array("dy"),
      array(saved),
      array("dx", "new Float32Array(dy.length)"),
      ...parameterObject(parameters),
      ...(learnable.length === 0
        ? []
        : [
            {
              name: "gradients",
              type: `{ ${learnable.map(([name]) => `${name}: number`).join("; ")} }`,
              initial: `{ ${learnable.map(([name]) => `${name}: 0`).join(", ")} }`,
            },
          ]),
    ],
    returns: "Float32Array",
    documentation:
      `dx[i] = dy[i] * ${formula}. \`dx\` may be \`dy\`.` +
      (learnable.length === 0
        ? ""
        : `\nAdds the sum of dy[i] * df/dp to \`gradients\` for each learnable parameter p.`) +
      `\n\n${accuracyText(plan.accuracy.backward, "float32")}`,
    body: [
      ...checks(parameters),
      sameLength(saved, "dy"),
      sameLength("dx", "dy"),
      ...learnable.map(([name]) => `let d_${name} = 0;`),
      ...loopOver("dy", lanes, [
        ...lanes.map(({ input, index }) => `const ${input} = ${saved}[${index}];`),
        ...(namesGradient ? lanes.map(({ gradient, index }) => `const ${gradient} = dy[${index}];`) : []),
        ...writeBlock(schedule(roots, { branchCost: LOOP_BRANCH_COST }), names, true, (results) =>
          [
            ...results.slice(lanes.length).map((sum, i) => `d_${learnable[i]![0]} += g * ${parenthesised(sum)};`),
            ...lanes.map(({ index, gradient }, lane) => {
              const factor = namesGradient ? gradient : `dy[${index}]`;
              return `dx[${index}] = ${factor} * ${parenthesised(results[lane]!)};`;
            }),
          ].join("\n"),
        ),
      ]),
      ...learnable.map(([name]) => `gradients.${name} += d_${name};`),
      "return dx;",
    ],
  };
}

/** prettier takes away the parentheses that are not needed. */
const parenthesised = (text: string): string => (/^[\w.]+$/.test(text) ? text : `(${text})`);

async function index(ids: readonly string[]): Promise<readonly Artifact[]> {
  const lines = ["// Every activation under its id. Generated by nonlin; do not edit."];
  const text = [...lines, ...ids.map((id) => `export * as ${id} from "./${id}.js";`)].join("\n");
  return [
    { path: "js/index.js", text: await formatSource(text, "babel") },
    { path: "js/index.d.ts", text: await formatSource(text, "typescript") },
  ];
}

export const js: Target = { name: "js", operations, helpers: HELPERS, loopLowerings: FLOAT32_LOWERINGS, emit, index };
