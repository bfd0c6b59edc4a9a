/** `value`, `derivative` and `second_derivative` of an activation as functions of tensors, for any framework. */
import { SURROGATE, meaningsOf, proofText, wrongText } from "../documentation.js";
import { withNames } from "../read-back.js";
import type { ActivationPlan, Computations } from "../target.js";
import { select } from "../../ir/build.js";
import { topological, variableOf, variables, type Expr } from "../../ir/expr.js";
import type { OperationName } from "../../ir/ops.js";
import { heldBranches } from "./branches.js";
import { bySizes, withMasks } from "./masks.js";
import { helperText, helpersFor, type Helper } from "./helpers.js";
import { inPython } from "./numbers.js";
import { signature, type PythonNames } from "./parameters.js";
import { numberLine, roundedBy, tensorLines, type Dialect, type FixedFunction } from "./tensors.js";
import { documentation } from "./text.js";

export interface TensorFunctions {
  readonly plan: ActivationPlan;
  readonly names: PythonNames;
  readonly dialect: Dialect;
  readonly expand: (expr: Expr) => Expr;
  /** The type of tensors in signatures; without one, signatures have no types. */
  readonly tensorType: string | undefined;
  /** A call of the framework that is the function, with its gradients: it stands for the formula. */
  readonly exact?: string | undefined;
}

/**
 * The names of the functions that backward multiplies by: the derivative in the input or in the output, and that one's
 * own derivative.
 */
export const backwardNames = ({
  saves,
}: ActivationPlan): { readonly kept: "x" | "y"; slope: string; curvature: string } =>
  saves === "output"
    ? { kept: "y", slope: "_derivative_from_output", curvature: "_second_derivative_from_output" }
    : { kept: "x", slope: "derivative", curvature: "second_derivative" };

/** A function that is written. */
interface Form {
  readonly name: string;
  readonly of: "x" | "y";
  /** The arguments that are tensors. */
  readonly tensors: ReadonlySet<string>;
  /** In Python's words, or a call of the framework. */
  readonly body: Expr | string;
  /** A form for certain numbers, and the condition that parameters are these. */
  readonly usual?: { readonly condition: Expr; readonly body: Expr };
  readonly documentation: readonly string[];
}

function formsOf({ plan, names, dialect, exact }: TensorFunctions): readonly Form[] {
  const { functions, loops, texts, proofs, accuracy } = plan;
  const learned = names.parameters.filter(({ parameter }) => parameter.learnable);
  const form = (name: string, of: Form["of"], expr: Expr, documentation: readonly string[]): Form => {
    const tensors = new Set([of, ...learned.map(({ parameter }) => parameter.name)]);
    if (name === "value" && exact !== undefined) return { name, of, tensors, body: exact, documentation };
    // Nothing calls the formulas of what the framework does itself; gradients told from the output are those of the input, bit for bit.
    const isMasked = dialect.step !== undefined && exact === undefined && tensors.size === 1 && plan.saves !== "output";
    const written = (part: Expr): Expr => {
      const held = heldBranches(isMasked ? bySizes(part) : part, tensors);
      return inPython(isMasked ? withMasks(held) : held, tensors);
    };
    const [condition, usual, general] = expr.args;
    if (expr.op !== "select" || variables(condition!).some((each) => tensors.has(variableOf(each).name)))
      return { name, of, tensors, body: written(expr), documentation };
    const atNumbers = { condition: inPython(condition!, tensors), body: written(usual!) };
    return { name, of, tensors, body: written(general!), usual: atNumbers, documentation };
  };
  const meanings = meaningsOf(plan.definition);
  const about = (notation: string, name: keyof typeof functions): string[] => [
    `${notation} = ${texts[name]}`,
    proofText(proofs[name]!, meanings[name]),
    // The search measures a model of float32 tensors: how accurate a framework is depends on its functions.
    wrongText(accuracy[name], "float32"),
  ];
  const { kept, slope, curvature } = backwardNames(plan);
  const inOutput = (): Form[] => [
    form(slope, "y", loops.backward, [
      "f'(x) in terms of the output y = f(x).",
      proofText(proofs["backward"]!, "the derivative"),
    ]),
    form(curvature, "y", plan.backwardDerivative, ["How f'(x) changes with the output y = f(x)."]),
  ];
  return [
    form("value", "x", functions.value, exact === undefined ? about("f(x)", "value") : [`f(x) = ${texts.value}`]),
    form("derivative", "x", functions.derivative, about("f'(x)", "derivative")),
    form("second_derivative", "x", functions.secondDerivative, about("f''(x)", "secondDerivative")),
    ...(exact === undefined && kept === "y" ? inOutput() : []),
    ...(exact === undefined ? learned : []).map(({ name, parameter }) =>
      form(`_by_${name}`, "x", plan.parameterDerivatives[parameter.name]!, [
        `The derivative of f(x) by ${name}.`,
        proofText(proofs[`by ${parameter.name}`]!, `df/d${parameter.name}`),
      ]),
    ),
  ];
}

const bodiesOf = ({ body, usual }: Form): readonly Expr[] =>
  typeof body === "string" ? [] : [...(usual === undefined ? [] : [usual.body]), body];

/** The functions that these call: of one argument, and those that are the same in every module. */
function calledBy(forms: readonly Form[], { dialect, expand }: TensorFunctions): [readonly Helper[], FixedFunction[]] {
  const nodes = topological(forms.flatMap((form) => bodiesOf(form)));
  const rounded = new Set(nodes.flatMap((node) => roundedBy(node, dialect)?.by ?? []));
  const inRounded = topological([...rounded].flatMap(({ ways }) => ways));
  const used = new Set([...nodes, ...inRounded].map(({ op }) => op));
  const others = Object.entries(dialect.helpers ?? {}).flatMap(([op, helper]) =>
    used.has(op as OperationName) ? [helper] : [],
  );
  return [helpersFor(used, expand, dialect), [...rounded, ...others]];
}

/** The texts of the functions that everything else calls. */
export function tensorFunctions(of: TensorFunctions): string[] {
  const forms = formsOf(of);
  const [helpers, fixed] = calledBy(forms, of);
  return [
    ...forms.map((form) => functionText(form, of)),
    ...helpers.map((helper) => helperText(helper, of.dialect, of.tensorType)),
    ...fixed.map(({ text }) => text),
  ];
}

/** Those of them that are expressions, with what they compute. */
export function tensorComputations(of: TensorFunctions): Computations {
  const forms = formsOf(of);
  const [helpers, fixed] = calledBy(forms, of);
  return new Map<string, readonly Expr[]>([
    ...forms.flatMap(({ name, body, usual }) => {
      if (typeof body === "string") return [];
      const whole = usual === undefined ? body : select(usual.condition, usual.body, body);
      return [[name, [withNames(whole, of.names.lines())]] as const];
    }),
    ...helpers.map(({ name, body }) => [name, [withNames(body)]] as const),
    ...fixed.map(({ name, ways }) => [name, ways.map((way) => withNames(way))] as const),
  ]);
}

function functionText(form: Form, { plan, names, dialect, tensorType }: TensorFunctions): string {
  const { name, of, tensors, body, usual, documentation: paragraphs } = form;
  const linesOf = (expr: Expr): string[] => {
    const { lines, result } = tensorLines(expr, { dialect, names: names.lines(), tensors, like: of });
    return [...lines, `return ${result}`];
  };
  return [
    ...(plan.definition.gradient === undefined || name === "value" ? [] : [`# ${SURROGATE}`]),
    `def ${name}(${signature(of, names.parameters, tensorType)})${tensorType === undefined ? "" : ` -> ${tensorType}`}:`,
    documentation(paragraphs, 4),
    ...(usual === undefined
      ? []
      : [
          `    if ${numberLine(usual.condition, names.lines())}:`,
          ...linesOf(usual.body).map((line) => `        ${line}`),
        ]),
    ...(typeof body === "string" ? [`return ${body}`] : linesOf(body)).map((line) => `    ${line}`),
  ].join("\n");
}
