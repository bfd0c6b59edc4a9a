/** `forward` and `backward`: loops over Float32Array. */
import { accuracyText, proofText } from "../../codegen/documentation.js";
import type { ConstantText, FunctionText, ParameterText } from "../../codegen/module.js";
import type { Names } from "../../codegen/names.js";
import { schedule } from "../../codegen/schedule.js";
import type { ActivationPlan } from "../../codegen/target.js";
import { variable, x, y } from "../../ir/build.js";
import { substitute, topological, variableOf, type Expr } from "../../ir/expr.js";
import { checks, parameterObject } from "./parameters.js";
import { writeBlock } from "./spelling.js";

/** In loops a mispredicted branch costs more than the work it saves. */
const LOOP_BRANCH_COST = 40;

export const EITHER: ConstantText = {
  name: "EITHER",
  type: "Float64Array",
  value: "new Float64Array(2)",
  documentation: "Where `choose` puts what it chooses from.",
  exported: false,
};

export const CHOOSE_FUNCTION: FunctionText = {
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

/** The polynomials and tables that stand for exp and the like are measured; what they are put into is proved. */
const FORM_OF_VALUE = "the definition (its exponentials and the like taken as exact)";
const FORM_OF_DERIVATIVE = "the derivative (its exponentials and the like taken as exact)";

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

export function forwardFunction(plan: ActivationPlan, note: (expr: Expr) => Expr, names: Names): FunctionText {
  const { parameters } = plan.definition;
  const body = note(plan.loops.forward);
  const lanes = lanesFor([body]);
  const roots = inLanes(body, x, lanes, names);
  return {
    name: "forward",
    exported: true,
    parameters: [array("x"), array("y", "new Float32Array(x.length)"), ...parameterObject(parameters)],
    returns: "Float32Array",
    documentation: [
      "y[i] = f(x[i]). `y` may be `x`.",
      proofText(plan.proofs["forward"]!, FORM_OF_VALUE),
      accuracyText(plan.accuracy.forward, "float32"),
    ].join("\n\n"),
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

export function backwardFunction(plan: ActivationPlan, note: (expr: Expr) => Expr, names: Names): FunctionText {
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
      `\n\n${proofText(plan.proofs["backward"]!, FORM_OF_DERIVATIVE)}` +
      learnable.map(([name]) => `\n${proofText(plan.proofs[`by ${name}`]!, `df/d${name}`)}`).join("") +
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
