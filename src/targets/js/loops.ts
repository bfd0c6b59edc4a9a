/** `forward` and `backward`: loops over Float32Array. */
import type { Note } from "../../codegen/javascript/activation.js";
import { backwardText, forwardText, learnableNames, savedName } from "../../codegen/javascript/loops.js";
import type { ConstantText, FunctionText } from "../../codegen/module.js";
import type { Names } from "../../codegen/names.js";
import { schedule } from "../../codegen/schedule.js";
import type { ActivationPlan } from "../../codegen/target.js";
import { variable, x, y } from "../../ir/build.js";
import { substitute, topological, variableOf, type Expr } from "../../ir/expr.js";
import { writeLoopBlock } from "./spelling.js";

/** In loops a mispredicted branch costs more than the work it saves. */
const LOOP_BRANCH_COST = 40;

export const TABLES: readonly ConstantText[] = [
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
  topological(exprs).some((expr) => expr.op === "expSingle" || expr.op === "expm1Single") ? LANES : LANES.slice(0, 1);

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

export function forwardFunction(plan: ActivationPlan, note: Note, names: Names): FunctionText {
  const body = note(plan.loops.forward);
  const lanes = lanesFor([body]);
  const roots = inLanes(body, x, lanes, names);
  return forwardText(plan, {
    loop: loopOver("x", lanes, [
      ...lanes.map(({ input, index }) => `const ${input} = x[${index}];`),
      ...writeLoopBlock(schedule(roots, { branchCost: LOOP_BRANCH_COST }), names, (results) =>
        results.map((result, lane) => `y[${LANES[lane]!.index}] = ${result};`).join("\n"),
      ),
    ]),
  });
}

export function backwardFunction(plan: ActivationPlan, note: Note, names: Names): FunctionText {
  const [learnable, saved] = [learnableNames(plan), savedName(plan)];
  const body = note(plan.loops.backward);
  const sums = learnable.map((name) => note(plan.parameterDerivatives[name]!));
  // The last element of an odd number may be computed twice, but not summed twice.
  const lanes = sums.length > 0 ? LANES.slice(0, 1) : lanesFor([body]);
  const roots = [...inLanes(body, saved === "x" ? x : y, lanes, names), ...sums];
  const namesGradient = sums.length > 0 || lanes.length > 1;
  return backwardText(plan, {
    loop: [
      ...learnable.map((name) => `let d_${name} = 0;`),
      ...loopOver("dy", lanes, [
        ...lanes.map(({ input, index }) => `const ${input} = ${saved}[${index}];`),
        ...(namesGradient ? lanes.map(({ gradient, index }) => `const ${gradient} = dy[${index}];`) : []),
        ...writeLoopBlock(schedule(roots, { branchCost: LOOP_BRANCH_COST }), names, (results) =>
          [
            ...results.slice(lanes.length).map((sum, i) => `d_${learnable[i]!} += g * ${parenthesised(sum)};`),
            ...lanes.map(({ index, gradient }, lane) => {
              const factor = namesGradient ? gradient : `dy[${index}]`;
              return `dx[${index}] = ${factor} * ${parenthesised(results[lane]!)};`;
            }),
          ].join("\n"),
        ),
      ]),
      ...learnable.map((name) => `gradients.${name} += d_${name};`),
    ],
  });
}

/** prettier takes away the parentheses that are not needed. */
const parenthesised = (text: string): string => (/^[\w.]+$/.test(text) ? text : `(${text})`);
