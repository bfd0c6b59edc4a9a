/** Activations in expressions as calls of functions: what computes one stands in a module once, under its name. */
import type { ActivationFunction } from "../../../codegen/target.js";
import { variable, x, y } from "../../../ir/build.js";
import { substitute, topological, variableOf, variables, type Expr } from "../../../ir/expr.js";
import { match, wildcard } from "../../../codegen/patterns.js";
import { memberName } from "../names.js";
import { functionBody } from "../spelling.js";
import { comment } from "../text.js";
import { Locals } from "./names.js";

/** The largest number of operations of a function that is written in place instead of called. */
const SHORT = 4;

const SUFFIXES: Readonly<Record<ActivationFunction["of"], string>> = {
  value: "",
  derivative: "_derivative",
  derivativeOfOutput: "_derivative_of_output",
};

export interface CallableFunction {
  readonly name: string;
  /** Whether it is the derivative by way of the output. */
  readonly isOfOutput: boolean;
  /** Its comment and text. */
  readonly lines: readonly string[];
  /** With wildcards for its arguments, in order. */
  readonly pattern: Expr;
  readonly wildcards: readonly Expr[];
}

/** A function for each that is worth one; a module has those that it calls. */
export function callableFunctions(
  functions: readonly ActivationFunction[],
  taken: Set<string>,
): readonly CallableFunction[] {
  return functions.flatMap(({ activation, of, isNegated, value, learnable, documentation }) => {
    if (topological([value]).filter(({ args }) => args.length > 0).length <= SHORT) return [];
    const found = new Set(variables(value));
    const inputs = [x, y, ...learnable].filter((input) => found.has(input));
    const wildcards = inputs.map((_, i) => wildcard(`argument ${i}`));
    const called = new Locals(taken).fresh(`${activation}${SUFFIXES[of]}${isNegated ? "_negated" : ""}`);
    const locals = new Locals(new Set(["result"]));
    const parameters = inputs.map((input) => locals.fresh(variableOf(input).name));
    inputs.forEach((input, i) => locals.bind(input, parameters[i]!));
    for (const other of found)
      if (!inputs.includes(other)) locals.bind(other, `sizes.${memberName(variableOf(other).name)}`);
    return [
      {
        name: called,
        isOfOutput: of === "derivativeOfOutput",
        lines: [
          ...comment(documentation),
          `fn ${called}(${parameters.map((parameter) => `${parameter}: f32`).join(", ")}) -> f32 {`,
          ...functionBody(value, locals),
          "}",
        ],
        pattern: substitute(value, new Map(inputs.map((input, i) => [input, wildcards[i]!]))),
        wildcards,
      },
    ];
  });
}

export interface Call {
  readonly of: CallableFunction;
  readonly operands: readonly Expr[];
  /** The variable that takes the place of its result. */
  readonly place: Expr;
}

/**
 * Values with variables in place of calls, and the calls: outermost ones, whose operands may have calls in them again. Of two
 * functions that read the same, as the derivatives of relu by way of x and of y do, the operand says which is meant.
 */
export function withCalls(
  values: readonly Expr[],
  functions: readonly CallableFunction[],
  isOutput: (operand: Expr) => boolean,
): { readonly values: readonly Expr[]; readonly calls: readonly Call[] } {
  const calls: Call[] = [];
  let current = values;
  if (functions.length === 0) return { values, calls };
  for (const node of topological(values).reverse()) {
    const first = functions.find(({ pattern }) => pattern.op === node.op && match(pattern, node) !== undefined);
    if (first === undefined || !topological(current).includes(node)) continue;
    const bindings = match(first.pattern, node)!;
    const [input] = first.wildcards;
    const byOutput = input !== undefined && isOutput(bindings.get(input)!);
    const alike = functions.filter(({ pattern }) => pattern === first.pattern);
    const of = alike.find(({ isOfOutput }) => isOfOutput === byOutput) ?? first;
    const place = variable("wildcard", `result of call ${calls.length}`);
    calls.push({ of, operands: of.wildcards.map((one) => bindings.get(one)!), place });
    current = current.map((value) => substitute(value, new Map([[node, place]])));
  }
  return { values: current, calls };
}
