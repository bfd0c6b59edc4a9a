/** The forms in which graphs have the activations in them. */
import { accuracyText } from "../codegen/documentation.js";
import type { ActivationFunction } from "../codegen/target.js";
import type { ActivationForms } from "./forms.js";
import { neg, x } from "../ir/build.js";
import type { Definition } from "../ir/definition.js";
import type { Expr } from "../ir/expr.js";
import { formulaText } from "../ir/print.js";
import { derivative } from "../symbolic/derivative.js";
import { normalForm } from "../symbolic/simplify.js";

/** Characters of a formula in documentation. */
const TEXT = 160;

/** How the activation's formula and derivatives are written in loops, by what graphs have in their place. */
export function writtenForms(activation: Definition, forms: ActivationForms): WrittenForm[] {
  const { formula } = activation;
  const { output } = forms;
  return [
    { of: "value", key: formula, value: forms.forward, isNegated: false },
    ...writtenSlope(formula, x, forms.backward).map((slope) => ({ of: "derivative" as const, ...slope })),
    ...(output === undefined
      ? []
      : [{ of: "derivativeOfOutput" as const, key: output.form.form, value: output.form.expr, isNegated: false }]),
  ];
}

interface WrittenSlope {
  readonly key: Expr;
  readonly value: Expr;
  readonly isNegated: boolean;
}

interface WrittenForm extends WrittenSlope, Pick<ActivationFunction, "of"> {}

/** The derivative by a variable; none where it is a number. f' = -g is written as g, and negated by what uses it. */
function writtenSlope(formula: Expr, by: Expr, value: Expr): readonly WrittenSlope[] {
  const slope = normalForm(derivative(formula, by));
  const isNegated = slope.op === "neg";
  if (slope.args.length === 0) return [];
  return [{ key: isNegated ? slope.args[0]! : slope, value: isNegated ? neg(value) : value, isNegated }];
}

/** The derivatives by what is learned. */
export const writtenByParameter = (
  { formula, parameters }: Definition,
  { byParameter }: ActivationForms,
): WrittenSlope[] =>
  parameters
    .filter(({ learnable }) => learnable !== false)
    .flatMap(({ name, symbol }) => writtenSlope(formula, symbol, byParameter.get(name)!.written));

export function activationFunctions(
  activation: Definition,
  forms: ActivationForms,
  modelled: boolean,
): ActivationFunction[] {
  const slope = formulaText(forms.exact.derivative, TEXT);
  const accuracy = (of: "forward" | "backward"): string => `\n${accuracyText(forms.accuracy[of], "float32", modelled)}`;
  const meanings: Readonly<Record<ActivationFunction["of"], string>> = {
    value: `f(x) = ${formulaText(activation.formula, TEXT)}${accuracy("forward")}`,
    derivative: `f'(x) = ${slope}${accuracy("backward")}`,
    derivativeOfOutput: `f'(x) = ${slope} where y = f(x)`,
  };
  const learnable = activation.parameters.filter((parameter) => parameter.learnable).map(({ symbol }) => symbol);
  return writtenForms(activation, forms).map(({ of, value, isNegated }) => ({
    activation: activation.id,
    of,
    value,
    isNegated,
    learnable,
    documentation: `${isNegated ? "-" : ""}${meanings[of]}`,
  }));
}
