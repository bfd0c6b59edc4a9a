/** A Keras module: functions with the proved derivative as their gradient, and a layer. */
import { tensorFunctions } from "../../codegen/python/functions.js";
import { argumentNames, rangeChecks, renamings, signature, type PythonNames } from "../../codegen/python/parameters.js";
import { documentation, indented } from "../../codegen/python/text.js";
import type { Expr } from "../../ir/expr.js";
import type { ActivationPlan } from "../../codegen/target.js";
import type { Flavour } from "./flavours.js";
import { layerClass } from "./layer.js";

export interface KerasModule {
  readonly plan: ActivationPlan;
  readonly names: PythonNames;
  readonly className: string;
  readonly flavour: Flavour;
  readonly expand: (expr: Expr) => Expr;
}

/** The text of a module in the explicit style, but for its head. */
export function explicitModule(of: KerasModule): string {
  const { plan, names, flavour, expand } = of;
  const { learnable } = argumentNames(names.parameters);
  return [
    ...tensorFunctions({ plan, names, dialect: flavour.dialect, expand, tensorType: undefined }),
    publicFunction(of),
    layerClass(of),
    ...(learnable.length > 0 ? [operationClass(of), sumTo(flavour), learnableGradient(of)] : fixedGradients(of)),
  ].join("\n\n\n");
}

/** Checks and types around the function with its gradient. */
function publicFunction({ plan: { definition }, names, className, flavour }: KerasModule): string {
  const { learnable, numbers } = argumentNames(names.parameters);
  const tensors = ["x", ...learnable];
  const given = numbers.map((name) => `${name}=${name}, `).join("");
  const symbolic =
    learnable.length === 0
      ? `${className}(${given}dtype=x.dtype)(x)`
      : `_${className}Operation()(${[...tensors, ...numbers].join(", ")})`;
  const wide = learnable.map((name) => flavour.cast(name, "wide.dtype"));
  const call = `_activation(${["wide", ...wide, ...numbers].join(", ")})`;
  return [
    `@${flavour.serializable}(package="nonlin")`,
    `def ${definition.id}(${signature("x", names.parameters, undefined)}):`,
    documentation(
      [
        `${definition.title} of every element of a floating-point tensor of any shape.`,
        "float16 and bfloat16 are computed in float32 and rounded once.",
        ...renamings(names.parameters),
      ],
      4,
    ),
    ...rangeChecks(names.parameters).map((check) => indented(check)),
    ...tensors.flatMap(flavour.taken).map((line) => indented(line)),
    `    if not ${flavour.isFloating("x")}:`,
    `        raise TypeError(f"${definition.id} is for floating-point tensors, not {x.dtype}")`,
    `    if ${tensors.map(flavour.isSymbolic).join(" or ")}:`,
    `        return ${symbolic}`,
    `    wide = ${flavour.cast("x", '"float32"')} if ${flavour.isHalf("x")} else x`,
    `    return ${flavour.cast(call, "x.dtype")}`,
  ].join("\n");
}

/** The function in functional models, of tensors learned elsewhere: a layer would learn numbers of its own. */
function operationClass({ plan: { definition }, names, className, flavour }: KerasModule): string {
  const given = ["x", ...names.parameters.map(({ name }) => name)].join(", ");
  return [
    `@${flavour.serializable}(package="nonlin")`,
    `class _${className}Operation(${flavour.operation}):`,
    `    """${definition.id} of tensors of a functional model."""`,
    "",
    `    def call(self, ${given}):`,
    `        return ${definition.id}(${given})`,
  ].join("\n");
}

/** f with f', and f' with f'': the gradient of each is a function with a gradient of its own. */
function fixedGradients({ names, flavour }: KerasModule): string[] {
  const { numbers } = argumentNames(names.parameters);
  const rest = numbers.map((name) => `, ${name}`).join("");
  const withGradient = (name: string, about: string, value: string, factor: string): string =>
    [
      `def ${name}(x${rest}):`,
      `    """${about}"""`,
      "",
      `    @${flavour.customGradient}`,
      "    def function(x):",
      ...flavour.gradientHead.map((line) => indented(line, 8)),
      `            return upstream * ${factor}(x${rest})`,
      "",
      `        return ${value}(x${rest}), gradient`,
      "",
      "    return function(x)",
    ].join("\n");
  return [
    withGradient("_activation", "f, with the gradient f'.", "value", "_derivative"),
    withGradient("_derivative", "f', with the gradient f''.", "derivative", "second_derivative"),
  ];
}

/** Sums a gradient over the axes along which a smaller tensor was repeated. */
const sumTo = (flavour: Flavour): string => `def _sum_to(gradient, shape):
    """A gradient summed over the axes along which a tensor of a smaller shape was repeated."""
    extra = len(gradient.shape) - len(shape)
    repeated = tuple(
        axis
        for axis in range(len(gradient.shape))
        if axis < extra or (shape[axis - extra] == 1 and gradient.shape[axis] != 1)
    )
    return ${flavour.reshape(flavour.sum("gradient", "repeated"), "shape")}`;

/** With learnable parameters the derivatives are differentiated further by the framework. */
function learnableGradient({ names, flavour }: KerasModule): string {
  const { learnable, numbers } = argumentNames(names.parameters);
  const tensors = ["x", ...learnable].join(", ");
  const all = ["x", ...names.parameters.map(({ name }) => name)].join(", ");
  const gradients = [
    `upstream * derivative(${all})`,
    ...learnable.map((name) => `_sum_to(upstream * _by_${name}(${all}), ${flavour.shapeOf(name)})`),
  ];
  return [
    `def _activation(${["x", ...learnable, ...numbers].join(", ")}):`,
    `    """f, with its derivatives as gradients."""`,
    "",
    `    @${flavour.customGradient}`,
    `    def function(${tensors}):`,
    ...flavour.gradientHead.map((line) => indented(line, 8)),
    "            return (",
    ...gradients.map((text) => `                ${text},`),
    "            )",
    "",
    `        return value(${all}), gradient`,
    "",
    `    return function(${tensors})`,
  ].join("\n");
}
